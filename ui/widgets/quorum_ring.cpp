#include "ui/widgets/quorum_ring.h"

#include <QtGui/QPainter>
#include <QtGui/QPainterPath>
#include <cmath>
#include <numbers>

#include "ui/style/paint.h"

namespace sluice::widgets {

using namespace style;

namespace {

constexpr int kSide = 196;
constexpr int kGlyph = 20;
constexpr qreal kLabelReach = 21;
constexpr qreal kArcWidth = 2.5;
/// Free space between a monitor and the arcs beside it, in logical pixels along the ring.
constexpr qreal kArcGap = 18;
constexpr int kMost = 9;

qreal degrees(qreal radians)
{
    return radians * 180 / std::numbers::pi;
}

}  // namespace

QuorumRing::QuorumRing(const Theme& theme, QWidget* parent) : ItemWidget(theme, parent)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setInteractive(true);
    setAccessibleName(tr("Monitor quorum"));
}

void QuorumRing::setMonitors(const QList<MonMark>& monitors, int needed, bool quorate)
{
    m_monitors = monitors.mid(0, kMost);
    m_needed = needed;
    m_quorate = quorate;
    setAccessibleDescription(
        tr("%1 of %2 in the mon quorum, %3 needed").arg(inQuorum()).arg(monitors.size()).arg(needed));
    partsChanged();
}

void QuorumRing::setStale(bool stale)
{
    m_stale = stale;
    update();
}

int QuorumRing::inQuorum() const
{
    int count = 0;
    for (const MonMark& mon : m_monitors) {
        count += mon.inQuorum ? 1 : 0;
    }
    return count;
}

int QuorumRing::partCount() const
{
    return int(m_monitors.size());
}

qreal QuorumRing::radius() const
{
    return std::min(width(), height()) / 2.0 - 34;
}

qreal QuorumRing::angleOf(int part) const
{
    return 2 * std::numbers::pi * part / double(m_monitors.size()) - std::numbers::pi / 2;
}

QPointF QuorumRing::place(int part) const
{
    const qreal angle = angleOf(part);
    return QPointF(width() / 2.0, height() / 2.0) + radius() * QPointF(std::cos(angle), std::sin(angle));
}

QRect QuorumRing::partRect(int part) const
{
    const qreal angle = angleOf(part);
    const QPointF label = place(part) + kLabelReach * QPointF(std::cos(angle), std::sin(angle));
    const QRectF glyph(place(part) - QPointF(kGlyph / 2.0, kGlyph / 2.0), QSizeF(kGlyph, kGlyph));
    return glyph.united(QRectF(label - QPointF(10, 9), QSizeF(20, 18))).adjusted(-4, -4, 4, 4).toRect();
}

QString QuorumRing::partName(int part) const
{
    const MonMark& mon = m_monitors.at(part);
    return tr("mon %1, %2, %3 of %4 needed")
        .arg(mon.name, mon.state.word, QString::number(m_needed), QString::number(m_monitors.size()));
}

QString QuorumRing::partToolTip(int part) const
{
    const MonMark& mon = m_monitors.at(part);
    return tr("mon %1: %2").arg(mon.name, mon.state.word);
}

QSize QuorumRing::sizeHint() const
{
    return {kSide, kSide};
}

QSize QuorumRing::minimumSizeHint() const
{
    return sizeHint();
}

void QuorumRing::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    if (m_monitors.isEmpty()) {
        return;
    }
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    paintArcs(painter);
    paintMonitors(painter);
    paintCount(painter);
}

void QuorumRing::paintArcs(QPainter& painter) const
{
    const QRectF circle(width() / 2.0 - radius(), height() / 2.0 - radius(), 2 * radius(), 2 * radius());
    const qreal gap = degrees(kArcGap / radius());
    const int count = partCount();
    for (int i = 0; i < count; ++i) {
        const int next = (i + 1) % count;
        if (count == 2 && i == 1) {
            break;
        }
        const bool agree =
            m_quorate && m_monitors.at(i).inQuorum && m_monitors.at(next).inQuorum && count > 1;
        // Qt counts angles anticlockwise.
        const qreal start = -degrees(angleOf(i)) - gap;
        const qreal span = -(count > 1 ? 360.0 / count : 360.0) + 2 * gap;
        QPen pen(theme().line(Line::Strong), 1.5, Qt::CustomDashLine, Qt::FlatCap);
        if (agree) {
            pen = QPen(theme().shape(m_stale ? Tone::Neutral : Tone::Ok), kArcWidth, Qt::SolidLine,
                       Qt::RoundCap);
        } else {
            pen.setDashPattern({2.5, 2.5});
        }
        painter.setPen(pen);
        painter.drawArc(circle, int(std::lround(start * 16)), int(std::lround(span * 16)));
    }
}

void QuorumRing::paintMonitors(QPainter& painter) const
{
    const QFont font = theme().font(Type::Body, Weight::SemiBold);
    for (int i = 0; i < partCount(); ++i) {
        const MonMark& mon = m_monitors.at(i);
        const QPointF centre = place(i);
        const QRectF box(centre - QPointF(kGlyph / 2.0, kGlyph / 2.0), QSizeF(kGlyph, kGlyph));
        if (i == currentPart() && hasFocus()) {
            paintFocusRing(painter, theme(), box, kGlyph / 2.0);
        }
        paintGlyph(painter, theme(), mon.state.glyph, m_stale ? Tone::Neutral : mon.state.tone, box, kGlyph);
        const qreal angle = angleOf(i);
        const QPointF label = centre + kLabelReach * QPointF(std::cos(angle), std::sin(angle));
        const qreal side = std::cos(angle);
        const qreal text = std::min(textWidth(font, mon.name), 64.0) + 2;
        const qreal left = side > 0.3    ? label.x() - 4
                           : side < -0.3 ? label.x() - text + 4
                                         : label.x() - text / 2;
        paintText(painter, QRectF(left, label.y() - 10, text, 20), mon.name, font, theme().ink(Ink::Primary),
                  Qt::AlignHCenter, Qt::ElideMiddle);
    }
}

void QuorumRing::paintCount(QPainter& painter) const
{
    const QPointF centre(width() / 2.0, height() / 2.0);
    const QColor ink = m_stale     ? theme().ink(Ink::Secondary)
                       : m_quorate ? theme().ink(Ink::Primary)
                                   : theme().word(Tone::Crit);
    const qreal reach = radius() * 1.5;
    paintText(painter, QRectF(centre.x() - reach / 2, centre.y() - 24, reach, 28),
              tr("%1 of %2").arg(inQuorum()).arg(m_monitors.size()), theme().font(Type::Figure), ink,
              Qt::AlignHCenter);
    paintText(painter, QRectF(centre.x() - reach / 2, centre.y() + 4, reach, 16),
              tr("%n are needed", nullptr, m_needed), theme().font(Type::Tiny), theme().ink(Ink::Secondary),
              Qt::AlignHCenter);
}

}  // namespace sluice::widgets
