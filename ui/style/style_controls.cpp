#include <QtGui/QPainter>
#include <QtGui/QPainterPath>

#include "ui/style/icons.h"
#include "ui/style/paint.h"
#include "ui/style/style_parts.h"
#include "ui/style/theme.h"

namespace sluice::style {

namespace {

bool has(const QStyleOption& option, QStyle::StateFlag flag)
{
    return option.state.testFlag(flag);
}

bool isPressed(const QStyleOption& option)
{
    return has(option, QStyle::State_Sunken) || has(option, QStyle::State_On);
}

}  // namespace

void drawPushButton(const Theme& theme, const QStyleOptionButton& option, QPainter& painter)
{
    const bool enabled = has(option, QStyle::State_Enabled);
    const bool hover = enabled && has(option, QStyle::State_MouseOver);
    const bool flat = option.features.testFlag(QStyleOptionButton::Flat);
    const bool primary = option.features.testFlag(QStyleOptionButton::DefaultButton);
    const QRectF rect(option.rect);
    if (flat) {
        if (hover || isPressed(option)) {
            paintBox(painter, rect, kRadiusControl,
                     theme.surface(isPressed(option) ? Surface::Selected : Surface::Hover), {});
        }
        return;
    }
    if (!enabled) {
        paintBox(painter, rect, kRadiusControl, theme.line(Line::Hairline), {});
        return;
    }
    if (primary) {
        paintBox(painter, rect, kRadiusControl,
                 theme.accent(hover || isPressed(option) ? Accent::Hover : Accent::Base), {});
        return;
    }
    const Surface fill = isPressed(option) ? Surface::Selected : hover ? Surface::Hover : Surface::Raised;
    paintBox(painter, rect, kRadiusControl, theme.surface(fill), theme.line(Line::Strong), 1);
}

void drawPushButtonLabel(const Theme& theme, const QStyleOptionButton& option, QPainter& painter)
{
    const bool primary = option.features.testFlag(QStyleOptionButton::DefaultButton);
    const bool flat = option.features.testFlag(QStyleOptionButton::Flat);
    const Ink ink = !has(option, QStyle::State_Enabled) ? Ink::Tertiary
                    : primary && !flat                  ? Ink::OnAccent
                                                        : Ink::Primary;
    QString text = option.text;
    text.remove(QLatin1Char('&'));
    paintText(painter, option.rect, text, theme.font(Type::Body, Weight::Medium), theme.ink(ink),
              Qt::AlignHCenter);
}

void drawCheckIndicator(const Theme& theme, const QStyleOption& option, QPainter& painter, bool radio)
{
    const QRectF rect = QRectF(option.rect).adjusted(1, 1, -1, -1);
    const bool on = has(option, QStyle::State_On);
    const bool partly = has(option, QStyle::State_NoChange);
    const bool enabled = has(option, QStyle::State_Enabled);
    const QColor accent = enabled ? theme.accent(Accent::Base) : theme.ink(Ink::Disabled);
    const qreal radius = radio ? rect.width() / 2 : 3;
    if (!on && !partly) {
        paintBox(painter, rect, radius, theme.surface(enabled ? Surface::Raised : Surface::Inset),
                 enabled ? theme.line(Line::Control) : theme.line(Line::Strong), 1);
        return;
    }
    paintBox(painter, rect, radius, accent, {});
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor mark = theme.ink(Ink::OnAccent);
    const QPointF c = rect.center();
    if (radio) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(mark);
        painter.drawEllipse(c, 2.5, 2.5);
    } else {
        painter.setPen(QPen(mark, 1.75, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        if (partly) {
            painter.drawLine(c - QPointF(3, 0), c + QPointF(3, 0));
        } else {
            painter.drawPolyline(
                QPolygonF({c + QPointF(-3.2, 0.2), c + QPointF(-0.9, 2.5), c + QPointF(3.4, -2.4)}));
        }
    }
    painter.restore();
}

void drawInputFrame(const Theme& theme, const QStyleOption& option, QPainter& painter)
{
    const bool enabled = has(option, QStyle::State_Enabled);
    const bool focus = enabled && has(option, QStyle::State_HasFocus);
    const bool readOnly = has(option, QStyle::State_ReadOnly);
    const QColor border = focus      ? theme.accent(Accent::Focus)
                          : !enabled ? theme.line(Line::Hairline)
                                     : theme.line(readOnly ? Line::Strong : Line::Control);
    paintBox(painter, option.rect, kRadiusControl, theme.surface(enabled ? Surface::Raised : Surface::Inset),
             border, focus ? kFocusRing : 1);
}

void drawComboBox(const Theme& theme, const QStyleOptionComboBox& option, QPainter& painter)
{
    const bool enabled = has(option, QStyle::State_Enabled);
    if (option.editable) {
        drawInputFrame(theme, option, painter);
    } else {
        const bool focus = enabled && has(option, QStyle::State_HasFocus);
        const bool hover = enabled && has(option, QStyle::State_MouseOver);
        paintBox(painter, option.rect, kRadiusControl,
                 theme.surface(!enabled ? Surface::Inset
                               : hover  ? Surface::Hover
                                        : Surface::Raised),
                 focus ? theme.accent(Accent::Focus) : theme.line(Line::Strong), focus ? kFocusRing : 1);
    }
    const QRectF arrow(option.rect.right() - 24, option.rect.top(), 20, option.rect.height());
    paintIcon(painter, QStringLiteral("chevron-down"), theme.ink(enabled ? Ink::Secondary : Ink::Disabled),
              arrow, kIconButton);
}

void drawToolButton(const Theme& theme, const QStyleOptionToolButton& option, QPainter& painter)
{
    const bool enabled = has(option, QStyle::State_Enabled);
    const bool hover = enabled && has(option, QStyle::State_MouseOver);
    if (hover || isPressed(option)) {
        paintBox(painter, option.rect, kRadiusControl,
                 theme.surface(isPressed(option) ? Surface::Selected : Surface::Hover), {});
    }
    QRectF text = QRectF(option.rect).adjusted(6, 0, -6, 0);
    if (!option.icon.isNull()) {
        const QRect icon =
            QStyle::alignedRect(option.direction, Qt::AlignCenter, option.iconSize, option.rect);
        option.icon.paint(&painter, icon, Qt::AlignCenter, enabled ? QIcon::Normal : QIcon::Disabled);
        return;
    }
    paintText(painter, text, option.text, theme.font(Type::Body, Weight::Medium),
              theme.ink(enabled ? Ink::Primary : Ink::Disabled), Qt::AlignHCenter);
}

void drawScrollBar(const Theme& theme, const QStyleOptionSlider& option, const QRect& handle,
                   QPainter& painter)
{
    if (option.maximum <= option.minimum) {
        return;
    }
    const bool active = option.activeSubControls.testFlag(QStyle::SC_ScrollBarSlider) &&
                        (has(option, QStyle::State_MouseOver) || has(option, QStyle::State_Sunken));
    const QRectF thumb = QRectF(handle).adjusted(2, 2, -2, -2);
    const qreal radius = std::min(thumb.width(), thumb.height()) / 2;
    paintBox(painter, thumb, radius, theme.line(active ? Line::Control : Line::Strong), {});
}

void drawProgressBar(const Theme& theme, const QStyleOptionProgressBar& option, QPainter& painter)
{
    const bool known = option.maximum > option.minimum;
    const double fraction =
        known ? double(option.progress - option.minimum) / double(option.maximum - option.minimum) : -1;
    QRectF bar(option.rect);
    constexpr qreal kThickness = 4;
    bar.setTop(bar.center().y() - kThickness / 2);
    bar.setHeight(kThickness);
    paintBar(painter, theme, bar, fraction, theme.shape(Tone::Progress));
}

}  // namespace sluice::style
