#include <QtGui/QPainter>
#include <algorithm>
#include <cmath>

#include "ui/style/icons.h"
#include "ui/style/paint.h"
#include "ui/style/style_parts.h"
#include "ui/style/theme.h"

namespace sluice::style {

namespace {

constexpr int kMenuPadding = 12;
constexpr int kMenuRow = 28;
constexpr int kMenuCheckColumn = 24;
constexpr int kMenuShortcutGap = 32;

bool has(const QStyleOption& option, QStyle::StateFlag flag)
{
    return option.state.testFlag(flag);
}

std::pair<QString, QString> textAndShortcut(const QString& text)
{
    const qsizetype tab = text.indexOf(QLatin1Char('\t'));
    QString label = tab < 0 ? text : text.left(tab);
    label.remove(QLatin1Char('&'));
    return {label, tab < 0 ? QString() : text.mid(tab + 1)};
}

}  // namespace

QSize menuItemSize(const Theme& theme, const QStyleOptionMenuItem& option)
{
    if (option.menuItemType == QStyleOptionMenuItem::Separator) {
        return {10, 9};
    }
    const auto [label, shortcut] = textAndShortcut(option.text);
    qreal width = 2 * kMenuPadding + textWidth(theme.font(Type::Body), label);
    if (option.menuHasCheckableItems || option.maxIconWidth > 0) {
        width += kMenuCheckColumn;
    }
    if (!shortcut.isEmpty()) {
        width += kMenuShortcutGap + textWidth(theme.font(Type::Small), shortcut);
    }
    if (option.menuItemType == QStyleOptionMenuItem::SubMenu) {
        width += kMenuCheckColumn;
    }
    return {int(std::ceil(width)), kMenuRow};
}

void drawMenuItem(const Theme& theme, const QStyleOptionMenuItem& option, QPainter& painter)
{
    const QRectF rect(option.rect);
    if (option.menuItemType == QStyleOptionMenuItem::Separator) {
        paintHairline(painter, rect.adjusted(kMenuPadding, 4, -kMenuPadding, -4), Qt::TopEdge,
                      theme.line(Line::Hairline));
        return;
    }
    const bool enabled = has(option, QStyle::State_Enabled);
    if (has(option, QStyle::State_Selected) && enabled) {
        painter.fillRect(rect, theme.surface(Surface::Selected));
    }
    QRectF text = rect.adjusted(kMenuPadding, 0, -kMenuPadding, 0);
    const QColor ink = theme.ink(enabled ? Ink::Primary : Ink::Disabled);
    if (option.menuHasCheckableItems || option.maxIconWidth > 0) {
        const QRectF mark(text.left() - 2, text.top(), kIconButton, text.height());
        if (option.checked) {
            paintIcon(painter, QStringLiteral("check"), ink, mark, kIconButton);
        } else if (!option.icon.isNull()) {
            option.icon.paint(&painter, mark.toRect(), Qt::AlignCenter,
                              enabled ? QIcon::Normal : QIcon::Disabled);
        }
        text.setLeft(text.left() + kMenuCheckColumn);
    }
    const auto [label, shortcut] = textAndShortcut(option.text);
    if (option.menuItemType == QStyleOptionMenuItem::SubMenu) {
        const QRectF arrow(text.right() - kIconButton, text.top(), kIconButton, text.height());
        paintIcon(painter, QStringLiteral("chevron-right"), ink, arrow, kIconButton);
    }
    paintText(painter, text, label, theme.font(Type::Body), ink);
    paintText(painter, text, shortcut, theme.font(Type::Small), theme.ink(Ink::Tertiary), Qt::AlignRight);
}

void drawHeaderSection(const Theme& theme, const QStyleOptionHeader& option, QPainter& painter)
{
    painter.fillRect(option.rect, theme.surface(Surface::Pane));
    if (option.orientation == Qt::Horizontal) {
        paintHairline(painter, option.rect, Qt::BottomEdge, theme.line(Line::Hairline));
    }
}

void drawHeaderLabel(const Theme& theme, const QStyleOptionHeader& option, QPainter& painter)
{
    QRectF rect = QRectF(option.rect);
    const bool right = option.textAlignment.testFlag(Qt::AlignRight);
    const QFont font = theme.font(Type::Small, Weight::Medium);
    const bool sorted = option.sortIndicator != QStyleOptionHeader::None;
    constexpr qreal kArrow = 12;
    if (sorted) {
        const qreal width = textWidth(font, option.text);
        const qreal x =
            right ? rect.right() - kArrow : std::min(rect.left() + width + 2, rect.right() - kArrow);
        QRectF arrow(x, rect.top(), kArrow, rect.height());
        painter.save();
        if (option.sortIndicator == QStyleOptionHeader::SortUp) {
            painter.translate(arrow.center());
            painter.rotate(180);
            painter.translate(-arrow.center());
        }
        painter.drawPixmap(arrow.center() - QPointF(kArrow / 2, kArrow / 2),
                           iconPixmap(QStringLiteral("chevron-down"), theme.ink(Ink::Tertiary), int(kArrow),
                                      painter.device()->devicePixelRatioF()));
        painter.restore();
        if (right) {
            rect.setRight(arrow.left() - 2);
        } else {
            rect.setRight(std::max(rect.left(), arrow.left() - 2));
        }
    }
    paintText(painter, rect, option.text, font, theme.ink(Ink::Tertiary),
              right ? Qt::AlignRight : Qt::AlignLeft);
}

void drawTab(const Theme& theme, const QStyleOptionTab& option, QPainter& painter)
{
    const QRectF rect(option.rect);
    if (has(option, QStyle::State_Selected)) {
        painter.fillRect(
            QRectF(rect.left(), rect.bottom() - kSelectionLine + 1, rect.width(), kSelectionLine),
            theme.accent(Accent::Base));
    } else if (has(option, QStyle::State_MouseOver) && has(option, QStyle::State_Enabled)) {
        painter.fillRect(
            QRectF(rect.left(), rect.bottom() - kSelectionLine + 1, rect.width(), kSelectionLine),
            theme.line(Line::Strong));
    }
}

void drawTabLabel(const Theme& theme, const QStyleOptionTab& option, QPainter& painter)
{
    const bool selected = has(option, QStyle::State_Selected);
    const Ink ink = !has(option, QStyle::State_Enabled) ? Ink::Disabled
                    : selected                          ? Ink::Primary
                                                        : Ink::Secondary;
    QString text = option.text;
    text.remove(QLatin1Char('&'));
    paintText(painter, QRectF(option.rect), text, theme.font(Type::Body, Weight::Medium), theme.ink(ink),
              Qt::AlignHCenter);
    if (has(option, QStyle::State_HasFocus)) {
        paintFocusRing(painter, theme, QRectF(option.rect).adjusted(5, 9, -5, -9), kRadiusControl);
    }
}

void drawItemPanel(const Theme& theme, const QStyleOptionViewItem& option, QPainter& painter)
{
    if (option.backgroundBrush.style() != Qt::NoBrush) {
        painter.fillRect(option.rect, option.backgroundBrush);
    }
    if (has(option, QStyle::State_Selected)) {
        painter.fillRect(option.rect, theme.surface(Surface::Selected));
    } else if (has(option, QStyle::State_MouseOver) && has(option, QStyle::State_Enabled)) {
        painter.fillRect(option.rect, theme.surface(Surface::Hover));
    }
}

void drawBranch(const Theme& theme, const QStyleOption& option, QPainter& painter)
{
    if (!has(option, QStyle::State_Children)) {
        return;
    }
    paintIcon(
        painter,
        has(option, QStyle::State_Open) ? QStringLiteral("chevron-down") : QStringLiteral("chevron-right"),
        theme.ink(Ink::Secondary), option.rect, kIconButton);
}

}  // namespace sluice::style
