#include "ui/widgets/step_list.h"

#include <QtGui/QPainter>
#include <algorithm>
#include <cmath>

#include "ui/style/paint.h"
#include "ui/widgets/text_block.h"

namespace sluice::widgets {

using namespace style;

namespace {

constexpr int kPad = 9;
constexpr int kGlyphColumn = 32;
constexpr int kBoxPad = 16;
constexpr int kRightGap = 12;

}  // namespace

StepList::StepList(const Theme& theme, QWidget* parent) : ItemWidget(theme, parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Steps"));
}

void StepList::setSteps(const QList<StepRow>& steps)
{
    m_steps = steps;
    partsChanged();
}

void StepList::setBoxed(bool on)
{
    m_boxed = on;
    partsChanged();
}

int StepList::partCount() const
{
    return int(m_steps.size());
}

int StepList::side() const
{
    return m_boxed ? kBoxPad : 0;
}

int StepList::textWidthOf(int part, int width) const
{
    const QString& right = m_steps.at(part).right;
    const int taken =
        right.isEmpty() ? 0 : int(std::ceil(textWidth(theme().font(Type::Small), right))) + kRightGap;
    return width - 2 * side() - kGlyphColumn - taken;
}

TextBlock StepList::titleOf(int part) const
{
    const StepRow& step = m_steps.at(part);
    // Steps to come are quieter than the one that is current and those that are done.
    const bool future = step.state.glyph == Glyph::Ring && !m_boxed;
    TextBlock block(theme(), Type::Body);
    block.add(step.title, future ? Ink::Secondary : Ink::Primary, future ? Weight::Regular : Weight::Medium);
    return block;
}

TextBlock StepList::detailOf(int part) const
{
    TextBlock block(theme(), Type::Small);
    block.add(m_steps.at(part).detail, Ink::Tertiary);
    return block;
}

int StepList::stepHeight(int part, int width) const
{
    const int room = textWidthOf(part, width);
    return 2 * kPad + titleOf(part).height(room) + detailOf(part).height(room);
}

QRect StepList::partRect(int part) const
{
    int top = 0;
    for (int i = 0; i < part; ++i) {
        top += stepHeight(i, width());
    }
    return {0, top, width(), stepHeight(part, width())};
}

QString StepList::partName(int part) const
{
    const StepRow& step = m_steps.at(part);
    QString name = tr("step %1: %2, %3").arg(part + 1).arg(titleOf(part).text(), step.state.word);
    for (const QString& more : {step.detail, step.right}) {
        if (!more.isEmpty()) {
            name += QStringLiteral(", ") + more;
        }
    }
    return name;
}

QString StepList::partToolTip(int part) const
{
    const StepRow& step = m_steps.at(part);
    return step.state.meaning.isEmpty() ? step.state.word
                                        : QStringLiteral("%1: %2").arg(step.state.word, step.state.meaning);
}

int StepList::heightForWidth(int width) const
{
    int height = 0;
    for (int i = 0; i < partCount(); ++i) {
        height += stepHeight(i, width);
    }
    return height;
}

QSize StepList::sizeHint() const
{
    return {360, heightForWidth(width() > 160 ? width() : 360)};
}

QSize StepList::minimumSizeHint() const
{
    return {200, sizeHint().height()};
}

void StepList::resizeEvent(QResizeEvent* event)
{
    ItemWidget::resizeEvent(event);
    updateGeometry();
}

void StepList::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    if (m_boxed) {
        paintBox(painter, QRectF(rect()), kRadiusControl, {}, theme().line(Line::Hairline), 1);
    }
    for (int i = 0; i < partCount(); ++i) {
        const StepRow& step = m_steps.at(i);
        const QRectF row(partRect(i));
        const QRectF inner = row.adjusted(side(), 0, -side(), 0);
        const qreal line = Theme::lineHeight(Type::Body);
        paintGlyph(painter, theme(), step.state.glyph, step.state.tone,
                   QRectF(inner.left(), row.top() + kPad, kGlyphState, line), kGlyphState);
        const int room = textWidthOf(i, width());
        const QPointF corner(inner.left() + kGlyphColumn, row.top() + kPad);
        const int title = titleOf(i).paint(painter, corner, room);
        detailOf(i).paint(painter, corner + QPointF(0, title), room);
        const bool exception = step.state.isException();
        const QColor ink =
            step.running || exception ? theme().word(step.state.tone) : theme().ink(Ink::Tertiary);
        paintText(painter, QRectF(inner.left(), row.top() + kPad, inner.width(), line), step.right,
                  theme().font(Type::Small, step.running ? Weight::Medium : Weight::Regular), ink,
                  Qt::AlignRight);
        if (i + 1 < partCount()) {
            paintHairline(painter, inner, Qt::BottomEdge, theme().line(Line::Hairline));
        }
        if (i == currentPart() && hasFocus()) {
            paintPartFocus(painter, row, kRadiusControl);
        }
    }
}

}  // namespace sluice::widgets
