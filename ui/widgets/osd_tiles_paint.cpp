#include <QtGui/QPainter>
#include <cmath>

#include "ui/style/english_forms.h"
#include "ui/style/paint.h"
#include "ui/widgets/osd_tiles.h"

namespace sluice::widgets {

using namespace style;

namespace {

constexpr int kRackColumn = 48;
constexpr int kGroupHead = 17;
constexpr int kBarName = 140;
constexpr int kLegendStep = 18;

QString percent(double used)
{
    return used < 0 ? QStringLiteral("–") : QString::number(std::lround(used));
}

}  // namespace

void OsdTiles::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    if (form() == Form::Bars) {
        for (int i = 0; i < m_groups.size(); ++i) {
            paintGroupBar(painter, m_groups.at(i), QRectF(m_placed.parts.value(i)));
        }
    } else if (form() == Form::Cards) {
        for (int i = 0; i < m_osds.size(); ++i) {
            paintCard(painter, m_osds.at(i), QRectF(m_placed.parts.value(i)));
        }
    } else {
        QString rack;
        for (int i = 0; i < m_groups.size(); ++i) {
            const Group& group = m_groups.at(i);
            const QRectF box(m_placed.groups.value(i));
            paintGroupHead(painter, group, box);
            if (group.rack != rack && !group.rack.isEmpty()) {
                paintText(painter, QRectF(0, box.top() + kGroupHead, kRackColumn - 6, 28), group.rack,
                          theme().font(Type::Small, Weight::Medium), theme().ink(Ink::Primary));
            }
            rack = group.rack;
            for (const int index : group.tiles) {
                paintTile(painter, m_osds.at(index), QRectF(m_placed.parts.value(index)));
            }
        }
        paintLegend(painter);
    }
    if (currentPart() >= 0 && hasFocus()) {
        paintPartFocus(painter, QRectF(partRect(currentPart())).adjusted(-2, -2, 2, 2), kRadiusMark);
    }
}

void OsdTiles::paintCard(QPainter& painter, const OsdTile& tile, const QRectF& rect) const
{
    const StateWord state = stateOf(tile);
    const bool exception = state.isException() && !m_stale;
    paintBox(painter, rect, kRadiusControl, exception ? theme().wash(state.tone) : QColor(),
             exception ? theme().shape(state.tone) : theme().line(Line::Hairline), 1);
    const QRectF inner = rect.adjusted(12, 8, -12, -8);
    QRectF line(inner.left(), inner.top(), inner.width(), 20);
    const Tone tone = m_stale ? Tone::Neutral : state.tone;
    paintGlyph(painter, theme(), state.glyph, tone,
               QRectF(line.right() - kGlyphState, line.top(), kGlyphState, 20), kGlyphState);
    const qreal name = paintText(painter, line, QStringLiteral("osd.%1").arg(tile.osdId),
                                 theme().font(Type::Body, Weight::Medium), theme().ink(Ink::Primary));
    paintText(painter, line.adjusted(name + 6, 0, -kGlyphState - 6, 0), tile.host, theme().font(Type::Small),
              theme().ink(Ink::Tertiary), Qt::AlignLeft, Qt::ElideMiddle);

    line.moveTop(line.bottom());
    const QString used =
        tile.usedPercent < 0 ? tr("unknown") : percent(tile.usedPercent) + QStringLiteral(" %");
    const qreal figure = paintFigure(painter, theme(), line, used, theme().font(Type::Small),
                                     theme().ink(Ink::Primary), Qt::AlignRight);
    const QColor fill =
        m_stale || !state.isException() ? theme().shape(Tone::Neutral) : theme().shape(state.tone);
    paintBar(painter, theme(),
             QRectF(line.left(), std::round(line.center().y()) - 2, line.width() - figure - 12, 4),
             tile.usedPercent / 100, fill);

    line.moveTop(line.bottom() + 1);
    const QString word = m_stale ? tr("was %1").arg(state.word) : state.word;
    paintText(painter, line, word, theme().font(Type::Small, exception ? Weight::Medium : Weight::Regular),
              m_stale ? theme().ink(Ink::Secondary) : theme().word(state.tone));
}

void OsdTiles::paintTile(QPainter& painter, const OsdTile& tile, const QRectF& rect) const
{
    const StateWord state = stateOf(tile);
    const bool plain = tile.up && tile.in && !tile.full;
    if (!plain && !m_stale) {
        paintBox(painter, rect, kRadiusMark, theme().wash(state.tone), theme().shape(state.tone), 1);
        paintGlyph(painter, theme(), state.glyph, state.tone, rect, kGlyphState);
        return;
    }
    if (m_stale) {
        paintBox(painter, rect, kRadiusMark, theme().surface(Surface::Inset), theme().line(Line::Strong), 1);
        paintText(painter, rect, percent(tile.usedPercent), theme().font(Type::Tiny, Weight::Medium),
                  theme().ink(Ink::Tertiary), Qt::AlignHCenter);
        return;
    }
    const HeatStep step = theme().heat(tile.usedPercent);
    paintBox(painter, rect, kRadiusMark, step.fill, tile.nearFull ? theme().shape(Tone::Warn) : QColor(), 2);
    paintText(painter, rect, percent(tile.usedPercent), theme().font(Type::Tiny, Weight::Medium), step.text,
              Qt::AlignHCenter);
}

void OsdTiles::paintGroupHead(QPainter& painter, const Group& group, const QRectF& rect) const
{
    const QRectF line(rect.left(), rect.top(), rect.width(), kGroupHead - 2);
    const QFont tiny = theme().font(Type::Tiny);
    const int first = m_osds.at(group.tiles.first()).osdId;
    const int last = m_osds.at(group.tiles.last()).osdId;
    const bool run = group.tiles.size() > 1 && last - first == group.tiles.size() - 1;
    const QString range = run                       ? tr("osd.%1 to %2").arg(first).arg(last)
                          : group.tiles.size() == 1 ? QStringLiteral("osd.%1").arg(first)
                                                    : QString();
    const qreal width = paintText(painter, line, range, tiny, theme().ink(Ink::Tertiary), Qt::AlignRight);
    paintText(painter, line.adjusted(0, 0, -width - 6, 0), group.name, tiny, theme().ink(Ink::Secondary),
              Qt::AlignLeft, Qt::ElideMiddle);
}

void OsdTiles::paintGroupBar(QPainter& painter, const Group& group, const QRectF& rect) const
{
    const double used = meanUse(group);
    paintText(painter, QRectF(rect.left(), rect.top(), kBarName - 8, rect.height()), group.name,
              theme().font(Type::Small), theme().ink(Ink::Primary), Qt::AlignLeft, Qt::ElideMiddle);
    const int trouble = exceptionsIn(group);
    const QString right = trouble == 0 ? tr("%n OSDs", nullptr, formOf(group.tiles.size()))
                                       : tr("%1 of %2 not up and in").arg(trouble).arg(group.tiles.size());
    const QRectF line = rect.adjusted(kBarName, 0, 0, 0);
    const Tone tone = m_stale || trouble == 0 ? Tone::Neutral : Tone::Warn;
    constexpr qreal kWords = 170;
    paintText(painter, line, right,
              theme().font(Type::Small, trouble == 0 ? Weight::Regular : Weight::Medium),
              tone == Tone::Warn ? theme().word(tone) : theme().ink(Ink::Tertiary), Qt::AlignRight);
    const QRectF figure(line.right() - kWords - 48, line.top(), 44, line.height());
    paintFigure(painter, theme(), figure, used < 0 ? percent(used) : percent(used) + QStringLiteral(" %"),
                theme().font(Type::Small), theme().ink(Ink::Primary), Qt::AlignRight);
    paintBar(painter, theme(),
             QRectF(line.left(), std::round(line.center().y()) - 3, figure.left() - line.left() - 8, 6),
             used / 100, theme().shape(tone));
    paintHairline(painter, rect, Qt::BottomEdge, theme().line(Line::Hairline));
}

void OsdTiles::paintLegend(QPainter& painter) const
{
    if (m_stale) {
        return;
    }
    QRectF swatch(0, m_placed.legendTop + 6, kLegendStep - 2, 9);
    for (int i = 0; i < theme().heatSteps(); ++i) {
        painter.fillRect(swatch, theme().heatStep(i).fill);
        swatch.translate(kLegendStep, 0);
    }
    const QRectF line(swatch.left() + 4, m_placed.legendTop, width() - swatch.left(), 20);
    const int low = int(theme().heatStep(0).from);
    const int high = int(theme().heatStep(theme().heatSteps() - 1).from);
    const qreal width = paintText(painter, line, tr("%1 % to %2 % used").arg(low).arg(high),
                                  theme().font(Type::Small), theme().ink(Ink::Tertiary));
    QStringList troubled;
    StateWord worst;
    for (const OsdTile& tile : m_osds) {
        if (!tile.up || !tile.in || tile.full) {
            worst = troubled.isEmpty() || stateOf(tile).tone == Tone::Crit ? stateOf(tile) : worst;
            troubled.append(QStringLiteral("osd.%1").arg(tile.osdId));
        }
    }
    if (troubled.isEmpty()) {
        return;
    }
    const QString text = troubled.size() == 1 ? troubled.first() + QLatin1Char(' ') + worst.word
                                              : tr("%n OSDs not up and in", nullptr, formOf(troubled.size()));
    const QRectF right(line.left() + width + 12, line.top(), line.right() - line.left() - width - 16,
                       line.height());
    const qreal words = paintText(painter, right, text, theme().font(Type::Small, Weight::Medium),
                                  theme().word(worst.tone), Qt::AlignRight);
    paintGlyph(painter, theme(), worst.glyph, worst.tone,
               QRectF(right.right() - words - 20, right.top(), kGlyphState, right.height()), kGlyphState);
}

}  // namespace sluice::widgets
