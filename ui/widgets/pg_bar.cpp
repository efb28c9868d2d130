#include "ui/widgets/pg_bar.h"

#include <QtGui/QPainter>
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "core/units.h"
#include "ui/style/paint.h"
#include "ui/style/state_words.h"

namespace sluice::widgets {

using namespace style;

namespace {

constexpr int kBar = 18;
constexpr int kPartMin = 10;
constexpr int kPartGap = 1;
constexpr int kLegendTop = 10;
constexpr int kLegendLine = 22;
constexpr int kSwatch = 10;
constexpr int kLegendGap = 20;

PgPart partOf(const QString& state, int count)
{
    const StateWord word = stateWord(Domain::Pg, state);
    PgPart part{.state = state, .count = count, .tone = word.tone};
    if (state.contains(QLatin1String("_wait"))) {
        part.fill = PgPart::Fill::Hatch;
        part.tone = word.tone == Tone::Progress ? Tone::Progress : Tone::Warn;
    } else if (state.contains(QLatin1String("scrubbing"))) {
        part.fill = PgPart::Fill::Outline;
    }
    return part;
}

}  // namespace

PgBar::PgBar(const Theme& theme, QWidget* parent) : ItemWidget(theme, parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setInteractive(true);
    setAccessibleName(tr("Placement groups by state"));
}

void PgBar::setStates(const QList<std::pair<QString, int>>& byState)
{
    m_parts.clear();
    for (const auto& [state, count] : byState) {
        if (count > 0) {
            m_parts.append(partOf(state, count));
        }
    }
    static constexpr std::array<int, 5> kOrder{0, 2, 3, 4, 1};  // ok progress warn crit neutral
    std::stable_sort(m_parts.begin(), m_parts.end(), [](const PgPart& a, const PgPart& b) {
        const int left = kOrder[static_cast<size_t>(a.tone)];
        const int right = kOrder[static_cast<size_t>(b.tone)];
        return left != right ? left < right : a.count > b.count;
    });
    partsChanged();
}

void PgBar::setStale(bool stale)
{
    m_stale = stale;
    partsChanged();
}

int PgBar::partCount() const
{
    return int(m_parts.size());
}

QList<QRect> PgBar::barRects(int width) const
{
    const qint64 total = std::accumulate(m_parts.cbegin(), m_parts.cend(), qint64(0),
                                         [](qint64 sum, const PgPart& part) { return sum + part.count; });
    // What the smallest parts are given beyond their share is taken from the larger ones.
    const int room = width - kPartGap * std::max(0, partCount() - 1);
    double free = room;
    double shares = 0;
    for (const PgPart& part : m_parts) {
        if (double(part.count) / double(total) * room < kPartMin) {
            free -= kPartMin;
        } else {
            shares += part.count;
        }
    }
    QList<QRect> rects;
    double left = 0;
    for (const PgPart& part : m_parts) {
        const bool small = double(part.count) / double(total) * room < kPartMin;
        const double own = small ? kPartMin : free * part.count / shares;
        const int from = int(std::lround(left));
        const int to = int(std::lround(left + own));
        rects.append(QRect(from, 0, to - from, kBar));
        left += own + kPartGap;
    }
    return rects;
}

QString PgBar::legendText(int part) const
{
    const QString& state = m_parts.at(part).state;
    return m_stale ? tr("was %1").arg(state) : state;
}

QList<QRect> PgBar::legendRects(int width) const
{
    const QFont font = theme().font(Type::Small);
    QList<QRect> rects;
    int x = 0;
    int y = kBar + kLegendTop;
    for (int i = 0; i < partCount(); ++i) {
        const qreal text =
            textWidth(font, legendText(i)) + 6 + textWidth(font, formatCount(m_parts.at(i).count));
        const int own = kSwatch + 7 + int(std::ceil(text));
        if (x > 0 && x + own > width) {
            x = 0;
            y += kLegendLine;
        }
        rects.append(QRect(x, y, own, kLegendLine));
        x += own + kLegendGap;
    }
    return rects;
}

QRect PgBar::partRect(int part) const
{
    return legendRects(width()).value(part).adjusted(-3, 0, 3, 0);
}

QString PgBar::partName(int part) const
{
    return QStringLiteral("%1 %2").arg(formatCount(m_parts.at(part).count), legendText(part));
}

QString PgBar::partToolTip(int part) const
{
    return stateWord(Domain::Pg, m_parts.at(part).state).meaning;
}

int PgBar::heightForWidth(int width) const
{
    const QList<QRect> legend = legendRects(width);
    return legend.isEmpty() ? kBar : legend.last().bottom() + 1;
}

QSize PgBar::sizeHint() const
{
    return {480, heightForWidth(width() > 120 ? width() : 480)};
}

QSize PgBar::minimumSizeHint() const
{
    return {200, sizeHint().height()};
}

void PgBar::resizeEvent(QResizeEvent* event)
{
    ItemWidget::resizeEvent(event);
    updateGeometry();
}

void PgBar::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    if (m_stale || m_parts.isEmpty()) {
        const QRectF bar(0, 0, width(), kBar);
        paintHatch(painter, bar, theme().line(Line::Control), theme().surface(Surface::Inset));
        paintBox(painter, bar, 0, {}, theme().line(Line::Control), 1);
    }
    const QList<QRect> bars = m_parts.isEmpty() ? QList<QRect>() : barRects(width());
    const QList<QRect> legend = legendRects(width());
    const QFont font = theme().font(Type::Small);
    for (int i = 0; i < partCount(); ++i) {
        const PgPart& part = m_parts.at(i);
        if (!m_stale) {
            paintPart(painter, part, QRectF(bars.at(i)));
        }
        const QRectF line(legend.at(i));
        const QRectF swatch(line.left(), std::round(line.center().y() - kSwatch / 2.0), kSwatch, kSwatch);
        if (m_stale) {
            paintHatch(painter, swatch, theme().line(Line::Control), theme().surface(Surface::Inset));
        } else {
            paintPart(painter, part, swatch);
        }
        QRectF text(swatch.right() + 7, line.top(), line.width(), line.height());
        const bool exception = !m_stale && !isQuiet(part.tone) && part.tone != Tone::Progress;
        const qreal width = paintText(
            painter, text, legendText(i), font,
            exception ? theme().word(part.tone) : theme().ink(m_stale ? Ink::Secondary : Ink::Primary),
            Qt::AlignLeft, Qt::ElideNone);
        text.setLeft(text.left() + width + 6);
        paintText(painter, text, formatCount(part.count), font, theme().ink(Ink::Tertiary), Qt::AlignLeft,
                  Qt::ElideNone);
        if (i == currentPart() && hasFocus()) {
            paintPartFocus(painter, QRectF(partRect(i)).adjusted(-2, 0, 2, 0), kRadiusMark);
        }
    }
}

void PgBar::paintPart(QPainter& painter, const PgPart& part, const QRectF& rect) const
{
    const QColor shape = theme().shape(part.tone);
    switch (part.fill) {
        case PgPart::Fill::Full:
            painter.fillRect(rect, shape);
            return;
        case PgPart::Fill::Outline:
            paintBox(painter, rect, 0, theme().wash(part.tone), shape, 1);
            return;
        case PgPart::Fill::Hatch:
            paintHatch(painter, rect, shape, theme().wash(part.tone));
            paintBox(painter, rect, 0, {}, shape, 1);
            return;
    }
}

}  // namespace sluice::widgets
