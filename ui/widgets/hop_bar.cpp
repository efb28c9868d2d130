#include "ui/widgets/hop_bar.h"

#include <QtGui/QPainter>
#include <algorithm>
#include <cmath>

#include "ui/style/glyphs.h"
#include "ui/style/paint.h"

namespace sluice::widgets {

using namespace style;

namespace {

constexpr int kTop = 4;
constexpr int kNameHeight = 24;
constexpr int kChannel = 14;
constexpr int kFigureGap = 6;
constexpr int kFigureLine = 16;
constexpr int kBottom = 8;
constexpr int kPad = 8;
constexpr int kNarrowest = 80;
constexpr int kGateWidth = 4;
constexpr int kGateReach = 5;

}  // namespace

HopBar::HopBar(const Theme& theme, QWidget* parent) : ItemWidget(theme, parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setInteractive(true);
    setAccessibleName(tr("Where it stands"));
}

void HopBar::setHops(const QList<Hop>& hops)
{
    m_hops = hops;
    partsChanged();
}

void HopBar::setStale(bool stale)
{
    m_stale = stale;
    update();
}

int HopBar::partCount() const
{
    return int(m_hops.size());
}

int HopBar::figureLines() const
{
    qsizetype lines = 0;
    for (const Hop& hop : m_hops) {
        lines = std::max(lines, hop.figures.size());
    }
    return int(lines);
}

QRect HopBar::partRect(int part) const
{
    const int count = partCount();
    const int left = width() * part / count;
    return {left, 0, width() * (part + 1) / count - left, height()};
}

QString HopBar::partName(int part) const
{
    const Hop& hop = m_hops.at(part);
    QString name = hop.name;
    if (hop.water == Hop::Water::Closed) {
        name += QStringLiteral(", ") + tr("the gate is closed here");
    }
    for (const auto& [label, value] : hop.figures) {
        name += QStringLiteral(", %1 %2").arg(value, label);
    }
    return name;
}

QString HopBar::partToolTip(int part) const
{
    return partName(part);
}

QSize HopBar::sizeHint() const
{
    const int count = std::max(1, partCount());
    return {count * 110, kTop + kNameHeight + kChannel + kFigureGap + figureLines() * kFigureLine + kBottom};
}

QSize HopBar::minimumSizeHint() const
{
    return {std::max(1, partCount()) * kNarrowest, sizeHint().height()};
}

void HopBar::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    for (int i = 0; i < partCount(); ++i) {
        paintHop(painter, i);
    }
    // The gate stands above its neighbours.
    for (int i = 0; i < partCount(); ++i) {
        if (m_hops.at(i).water == Hop::Water::Closed) {
            const QRectF box(partRect(i));
            const QRectF gate(box.right() - kGateWidth / 2.0 - 1, kTop + kNameHeight - kGateReach, kGateWidth,
                              kChannel + 2 * kGateReach);
            paintBox(painter, gate, 1, theme().ink(Ink::Primary), {});
        }
        if (i == currentPart() && hasFocus()) {
            paintPartFocus(painter, QRectF(partRect(i)), kRadiusControl);
        }
    }
}

void HopBar::paintHop(QPainter& painter, int part) const
{
    const Hop& hop = m_hops.at(part);
    const QRectF box(partRect(part));
    const bool closed = hop.water == Hop::Water::Closed;
    const Tone tone = m_stale ? Tone::Neutral : closed ? hop.tone : Tone::Ok;
    if (closed) {
        paintBox(painter, box.adjusted(0, 0, -1, 0), kRadiusControl, theme().wash(hop.tone), {});
    } else if (part == hoveredPart()) {
        paintBox(painter, box.adjusted(0, 0, -1, 0), kRadiusControl, theme().surface(Surface::Hover), {});
    }
    const QRectF name(box.left() + kPad, kTop, box.width() - 2 * kPad, kNameHeight);
    paintText(painter, name, hop.name, theme().font(Type::Small, Weight::Medium), theme().ink(Ink::Primary));
    if (closed) {
        const Glyph glyph = hop.tone == Tone::Crit ? Glyph::SquareX : Glyph::DiamondBang;
        paintGlyph(painter, theme(), glyph, hop.tone,
                   QRectF(name.right() - kGlyphState, name.top(), kGlyphState, name.height()), kGlyphState);
    }

    const QRectF channel(box.left(), kTop + kNameHeight, box.width() - 2, kChannel);
    if (hop.water == Hop::Water::Dry) {
        paintBox(painter, channel, kRadiusMark, theme().wash(tone), theme().shape(tone), 1);
    } else {
        paintBox(painter, channel, kRadiusMark, theme().shape(tone), {});
    }

    QRectF line(name.left(), channel.bottom() + kFigureGap, name.width(), kFigureLine);
    const QFont tiny = theme().font(Type::Tiny);
    for (const auto& [label, value] : hop.figures) {
        const qreal width = paintText(painter, line, value, theme().font(Type::Tiny, Weight::Medium),
                                      theme().ink(Ink::Primary), Qt::AlignRight, Qt::ElideNone);
        paintText(painter, line.adjusted(0, 0, -width - 4, 0), label, tiny, theme().ink(Ink::Tertiary));
        line.moveTop(line.bottom());
    }
}

}  // namespace sluice::widgets
