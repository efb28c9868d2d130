#include "ui/widgets/cause_list.h"

#include <QtGui/QPainter>
#include <algorithm>
#include <cmath>

#include "ui/style/paint.h"
#include "ui/widgets/text_block.h"

namespace sluice::widgets {

using namespace style;

namespace {

constexpr int kClosedRow = 34;
constexpr int kHeadRow = 36;
constexpr int kLine = 20;
constexpr int kLineGap = 2;
constexpr int kOpenPad = 12;
constexpr int kGap = 16;
constexpr int kAgeColumn = 96;

}  // namespace

/// Where the columns stand, in logical pixels from the left edge.
struct CauseList::Columns {
    int rank{};
    int verdict{};
    int title{};
    int summary{};
    int source{};
    int rule{};
    int age{};
    int right{};
};

CauseList::CauseList(const Theme& theme, QWidget* parent) : ItemWidget(theme, parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setInteractive(true);
    setSingleClick(true);
    setAccessibleName(tr("Causes"));
}

void CauseList::setCauses(const QList<CauseRow>& causes)
{
    m_causes = causes;
    partsChanged();
}

int CauseList::partCount() const
{
    return int(m_causes.size());
}

bool CauseList::isOpen(int part) const
{
    const CauseRow& cause = m_causes.at(part);
    const bool byItself = cause.verdict.glyph != Glyph::RingSlash;
    return byItself != m_turned.contains(cause.rule + cause.title);
}

CauseList::Columns CauseList::columns(int width) const
{
    Columns columns;
    columns.rank = kPagePadding;
    columns.verdict = kPagePadding + 32;
    columns.right = width - kPagePadding;
    columns.age = columns.right - kAgeColumn;
    columns.title = columns.verdict + 112;
    columns.summary = columns.title + std::max(150, (width - columns.title) / 4);
    columns.source = columns.verdict + std::max(220, (width - columns.verdict) * 45 / 100);
    columns.rule = columns.right - 56 - 48;
    return columns;
}

QRect CauseList::partRect(int part) const
{
    int top = 0;
    for (int i = 0; i < part; ++i) {
        top += rowHeight(i, width());
    }
    return {0, top, width(), rowHeight(part, width())};
}

QString CauseList::partName(int part) const
{
    const CauseRow& cause = m_causes.at(part);
    QString name = tr("cause %1: %2, %3").arg(part + 1).arg(cause.title, cause.verdict.word);
    if (!cause.rule.isEmpty()) {
        name += QStringLiteral(", ") + cause.rule;
    }
    if (!isOpen(part)) {
        return cause.summary.isEmpty() ? name : name + QStringLiteral(", ") + cause.summary;
    }
    for (const CauseEvidence& evidence : cause.evidence) {
        name += QStringLiteral("; %1, %2, %3").arg(evidence.text, evidence.source, evidence.age);
    }
    return name;
}

QString CauseList::partToolTip(int part) const
{
    const CauseRow& cause = m_causes.at(part);
    const Columns columns = this->columns(width());
    const bool cut =
        textWidth(theme().font(Type::Small), cause.summary) > columns.rule - kGap - columns.summary;
    return !isOpen(part) && cut ? cause.summary : cause.verdict.meaning;
}

void CauseList::activatePart(int part)
{
    if (part < 0 || part >= partCount()) {
        return;
    }
    const CauseRow& cause = m_causes.at(part);
    const QString key = cause.rule + cause.title;
    if (!m_turned.removeOne(key)) {
        m_turned.append(key);
    }
    updateGeometry();
    update();
    ItemWidget::activatePart(part);
}

int CauseList::evidenceHeight(const CauseEvidence& evidence, const Columns& columns) const
{
    const int text =
        TextBlock(theme(), Type::Small).add(evidence.text).height(columns.source - kGap - columns.verdict);
    const int source =
        TextBlock(theme(), Type::Small).add(evidence.source).height(columns.age - kGap - columns.source);
    return std::max({text, source, Theme::lineHeight(Type::Small)}) + kLine - Theme::lineHeight(Type::Small) +
           kLineGap;
}

int CauseList::rowHeight(int part, int width) const
{
    if (!isOpen(part)) {
        return kClosedRow;
    }
    const CauseRow& cause = m_causes.at(part);
    const Columns columns = this->columns(width);
    int height = kHeadRow;
    for (const CauseEvidence& evidence : cause.evidence) {
        height += evidenceHeight(evidence, columns);
    }
    if (!cause.correction.isEmpty()) {
        height +=
            4 + TextBlock(theme(), Type::Body).add(cause.correction).height(columns.right - columns.verdict);
    }
    return height + kOpenPad;
}

int CauseList::heightForWidth(int width) const
{
    int height = 0;
    for (int i = 0; i < partCount(); ++i) {
        height += rowHeight(i, width);
    }
    return height;
}

QSize CauseList::sizeHint() const
{
    return {720, heightForWidth(width() > 200 ? width() : 720)};
}

QSize CauseList::minimumSizeHint() const
{
    return {560, sizeHint().height()};
}

void CauseList::resizeEvent(QResizeEvent* event)
{
    ItemWidget::resizeEvent(event);
    updateGeometry();
}

void CauseList::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    int top = 0;
    for (int i = 0; i < partCount(); ++i) {
        const QRect row(0, top, width(), rowHeight(i, width()));
        if (i == hoveredPart()) {
            painter.fillRect(row, theme().surface(Surface::Hover));
        }
        if (isOpen(i)) {
            paintOpen(painter, i, row);
        } else {
            paintClosed(painter, i, row);
        }
        paintHairline(painter, row, i == 0 ? Qt::TopEdge : Qt::BottomEdge, theme().line(Line::Hairline));
        paintHairline(painter, row, Qt::BottomEdge, theme().line(Line::Hairline));
        if (i == currentPart() && hasFocus()) {
            paintPartFocus(painter, row, kRadiusControl);
        }
        top += row.height();
    }
}

void CauseList::paintVerdict(QPainter& painter, const CauseRow& cause, const QRectF& line,
                             const Columns& columns) const
{
    const StateWord& verdict = cause.verdict;
    paintGlyph(painter, theme(), verdict.glyph, verdict.tone,
               QRectF(columns.verdict, line.top(), kGlyphState, line.height()), kGlyphState);
    const Weight weight = isQuiet(verdict.tone) ? Weight::Regular : Weight::Medium;
    const qreal left = columns.verdict + kGlyphState + kGlyphToWord;
    paintText(painter, QRectF(left, line.top(), columns.title - 4 - left, line.height()), verdict.word,
              theme().font(Type::Body, weight), theme().word(verdict.tone));
}

void CauseList::paintOpen(QPainter& painter, int part, const QRect& rect) const
{
    const CauseRow& cause = m_causes.at(part);
    const Columns columns = this->columns(rect.width());
    QRectF line(0, rect.top() + 8, rect.width(), kLine);
    const QFont small = theme().font(Type::Small);
    const QColor quiet = theme().ink(Ink::Tertiary);
    paintText(painter, QRectF(columns.rank, line.top(), columns.verdict - columns.rank - 10, line.height()),
              QString::number(part + 1), small, quiet, Qt::AlignHCenter);
    paintVerdict(painter, cause, line, columns);
    const qreal rule = textWidth(small, cause.rule);
    paintText(painter,
              QRectF(columns.title, line.top(), columns.right - rule - kGap - columns.title, line.height()),
              cause.title, theme().font(Type::Body, Weight::SemiBold), theme().ink(Ink::Primary));
    paintText(painter, QRectF(columns.title, line.top(), columns.right - columns.title, line.height()),
              cause.rule, small, quiet, Qt::AlignRight);

    qreal y = rect.top() + kHeadRow;
    for (const CauseEvidence& evidence : cause.evidence) {
        const qreal inset = (kLine - Theme::lineHeight(Type::Small)) / 2.0;
        TextBlock(theme(), Type::Small)
            .add(evidence.text, Ink::Primary)
            .paint(painter, {qreal(columns.verdict), y + inset}, columns.source - kGap - columns.verdict);
        TextBlock(theme(), Type::Small)
            .add(evidence.source, Ink::Tertiary)
            .paint(painter, {qreal(columns.source), y + inset}, columns.age - kGap - columns.source);
        paintText(painter, QRectF(columns.age, y, kAgeColumn, kLine), evidence.age, small,
                  evidence.stale ? theme().word(Tone::Warn) : quiet, Qt::AlignRight);
        y += evidenceHeight(evidence, columns);
    }
    if (!cause.correction.isEmpty()) {
        TextBlock(theme(), Type::Body)
            .add(cause.correction, Ink::Secondary)
            .paint(painter, {qreal(columns.verdict), y + 2}, columns.right - columns.verdict);
    }
}

void CauseList::paintClosed(QPainter& painter, int part, const QRect& rect) const
{
    const CauseRow& cause = m_causes.at(part);
    const Columns columns = this->columns(rect.width());
    const QRectF line(rect);
    paintVerdict(painter, cause, line, columns);
    paintText(painter,
              QRectF(columns.title, line.top(), columns.summary - kGap - columns.title, line.height()),
              cause.title, theme().font(Type::Body), theme().ink(Ink::Secondary));
    const QFont small = theme().font(Type::Small);
    paintText(painter,
              QRectF(columns.summary, line.top(), columns.rule - kGap - columns.summary, line.height()),
              cause.summary, small, theme().ink(Ink::Secondary));
    const QString& rule = cause.ruleId.isEmpty() ? cause.rule : cause.ruleId;
    paintText(painter, QRectF(columns.rule, line.top(), 44, line.height()), rule, small,
              theme().ink(Ink::Tertiary));
    paintText(painter,
              QRectF(columns.rule + 44, line.top(), columns.right - columns.rule - 44, line.height()),
              cause.age, small, theme().ink(Ink::Tertiary), Qt::AlignRight);
}

}  // namespace sluice::widgets
