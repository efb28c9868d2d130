#include "ui/widgets/time_strip.h"

#include <QtGui/QPainter>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "ui/style/paint.h"
#include "ui/widgets/age_label.h"

namespace sluice::widgets {

using namespace style;

namespace {

constexpr int kSpanLabel = 20;
constexpr int kLineTop = 26;
constexpr int kSpanHeight = 5;
constexpr int kTickReach = 6;
constexpr int kLabelTop = 38;
constexpr int kLabelRow = 36;
constexpr int kRows = 2;
constexpr int kLabelGap = 12;
constexpr int kHit = 6;

}  // namespace

TimeStrip::TimeStrip(const Theme& theme, QWidget* parent) : ItemWidget(theme, parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setInteractive(true);
    setAccessibleName(tr("When it happened"));
}

void TimeStrip::setEvents(const QList<TimeMark>& marks, const QList<TimeSpan>& spans)
{
    m_marks = marks;
    m_spans = spans;
    std::stable_sort(m_marks.begin(), m_marks.end(),
                     [](const TimeMark& a, const TimeMark& b) { return a.atMs < b.atMs; });
    m_fromMs = std::numeric_limits<qint64>::max();
    m_toMs = 0;
    const auto take = [this](qint64 atMs) {
        m_fromMs = std::min(m_fromMs, atMs);
        m_toMs = std::max(m_toMs, atMs);
    };
    for (const TimeMark& mark : std::as_const(m_marks)) {
        take(mark.atMs);
    }
    for (const TimeSpan& span : std::as_const(m_spans)) {
        take(span.fromMs);
        take(span.toMs);
    }
    partsChanged();
}

int TimeStrip::partCount() const
{
    return int(m_marks.size());
}

double TimeStrip::xOf(qint64 atMs) const
{
    if (m_toMs <= m_fromMs) {
        return width() - 2;
    }
    // The first mark stands a little inside, so that the line is seen to begin before it.
    const double lead = std::min(28.0, width() * 0.04);
    return lead + double(atMs - m_fromMs) / double(m_toMs - m_fromMs) * (width() - 2 - lead);
}

QList<TimeStrip::Label> TimeStrip::labels() const
{
    QList<Label> labels(m_marks.size());
    std::array<double, kRows> taken{};
    taken.fill(-1e9);
    const QFont bold = theme().font(Type::Small, Weight::Medium);
    const QFont tiny = theme().font(Type::Tiny);
    const auto widthOf = [&](const TimeMark& mark) {
        return std::ceil(std::max(textWidth(bold, mark.text), textWidth(tiny, clockText(mark.atMs)))) + 1;
    };
    // The last one is placed first, at the right edge: it is the present.
    double lastLeft = width();
    if (!m_marks.isEmpty()) {
        const double own = widthOf(m_marks.last());
        const double x = xOf(m_marks.last().atMs);
        const double left = x + own > width() ? width() - own : x;
        labels.last() = {QRectF(left, kLabelTop, own, kLabelRow), true};
        lastLeft = left;
    }
    for (qsizetype i = 0; i + 1 < m_marks.size(); ++i) {
        const double own = widthOf(m_marks.at(i));
        const double x = xOf(m_marks.at(i).atMs);
        for (size_t row = 0; row < kRows; ++row) {
            const double limit = row == 0 ? lastLeft - kLabelGap : width();
            double left = x;
            if (left + own > limit) {
                left = std::min(x + 1, limit) - own;
            }
            if (left >= 0 && left >= taken[row] && x - left <= own) {
                labels[i] = {QRectF(left, kLabelTop + double(row) * kLabelRow, own, kLabelRow), true};
                taken[row] = left + own + kLabelGap;
                break;
            }
        }
    }
    return labels;
}

QRect TimeStrip::partRect(int part) const
{
    const double x = xOf(m_marks.at(part).atMs);
    QRectF rect(x - kHit, kLineTop - kTickReach - 4, 2 * kHit, 2 * (kTickReach + 4) + kSpanHeight);
    const Label label = labels().at(part);
    if (label.shown && label.rect.top() < kLabelTop + kLabelRow) {
        rect = rect.united(label.rect);
    }
    return rect.toAlignedRect().intersected(this->rect());
}

QString TimeStrip::partName(int part) const
{
    return tr("%1, %2").arg(m_marks.at(part).text, clockText(m_marks.at(part).atMs));
}

QString TimeStrip::partToolTip(int part) const
{
    return partName(part);
}

int TimeStrip::labelRows() const
{
    int rows = 1;
    const QList<Label> placed = labels();
    for (const Label& label : placed) {
        if (label.shown && label.rect.top() > kLabelTop) {
            rows = 2;
        }
    }
    return rows;
}

QSize TimeStrip::sizeHint() const
{
    return {560, kLabelTop + labelRows() * kLabelRow};
}

QSize TimeStrip::minimumSizeHint() const
{
    return {320, sizeHint().height()};
}

void TimeStrip::resizeEvent(QResizeEvent* event)
{
    ItemWidget::resizeEvent(event);
    updateGeometry();
}

void TimeStrip::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    const double middle = kLineTop + kSpanHeight / 2.0;
    painter.fillRect(QRectF(0, middle - 0.5, width(), 1), theme().line(Line::Strong));
    paintSpans(painter);
    const QList<Label> labels = this->labels();
    for (int i = 0; i < partCount(); ++i) {
        const double x = std::round(xOf(m_marks.at(i).atMs));
        painter.fillRect(QRectF(x, kLineTop - kTickReach, 1.5, kSpanHeight + 2 * kTickReach),
                         theme().ink(Ink::Primary));
        const Label& label = labels.at(i);
        if (label.shown) {
            const bool last = i + 1 == partCount();
            const Qt::Alignment side = last || label.rect.left() < x - 2 ? Qt::AlignRight : Qt::AlignLeft;
            paintText(painter, QRectF(label.rect.left(), label.rect.top(), label.rect.width(), 18),
                      m_marks.at(i).text, theme().font(Type::Small, Weight::Medium),
                      theme().ink(Ink::Primary), side, Qt::ElideNone);
            paintText(painter, QRectF(label.rect.left(), label.rect.top() + 16, label.rect.width(), 16),
                      clockText(m_marks.at(i).atMs), theme().font(Type::Tiny), theme().ink(Ink::Tertiary),
                      side, Qt::ElideNone);
        }
        if (i == currentPart() && hasFocus()) {
            paintFocusRing(painter, theme(),
                           QRectF(x - 3, kLineTop - kTickReach + 2, 7, kSpanHeight + 2 * kTickReach - 4),
                           kRadiusMark);
        }
    }
}

void TimeStrip::paintSpans(QPainter& painter) const
{
    double taken = 0;
    for (const TimeSpan& span : m_spans) {
        const double from = xOf(span.fromMs);
        const double to = xOf(span.toMs);
        painter.fillRect(QRectF(from, kLineTop, std::max(2.0, to - from), kSpanHeight),
                         theme().shape(span.tone));
        const QFont font = theme().font(Type::Small, isQuiet(span.tone) ? Weight::Regular : Weight::Medium);
        const double left = std::max(from + (taken > 0 ? 8 : 0), taken);
        const QColor ink = isQuiet(span.tone) ? theme().ink(Ink::Tertiary) : theme().word(span.tone);
        const double width =
            paintText(painter, QRectF(left, 0, this->width() - left, kSpanLabel), span.text, font, ink);
        taken = left + width + kLabelGap;
    }
}

}  // namespace sluice::widgets
