#include "ui/widgets/class_mark.h"

#include <QtGui/QPainter>
#include <array>
#include <cmath>

#include "ui/style/paint.h"

namespace sluice::widgets {

using namespace style;

namespace {

constexpr int kMarks = 3;
constexpr int kMarkWidth = 5;
constexpr int kMarkHeight = 9;
constexpr int kMarkStep = 7;
constexpr int kGap = 6;

}  // namespace

ClassMark::ClassMark(const Theme& theme, QWidget* parent) : ThemedWidget(theme, parent)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setActionClass(0);
}

void ClassMark::setActionClass(int actionClass)
{
    m_class = std::clamp(actionClass, 0, kMarks);
    const std::array<QString, kMarks + 1> meanings{tr("class 0 read"), tr("class 1 reversible"),
                                                   tr("class 2 disruptive"), tr("class 3 destructive")};
    setAccessibleName(meanings[static_cast<size_t>(m_class)]);
    updateGeometry();
    update();
}

QSize ClassMark::sizeHint() const
{
    const qreal text = textWidth(theme().font(Type::Small, Weight::Medium), accessibleName());
    return {kMarks * kMarkStep + kGap + int(std::ceil(text)) + 1, 20};
}

QSize ClassMark::minimumSizeHint() const
{
    return sizeHint();
}

void ClassMark::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    const QColor ink = theme().ink(Ink::Secondary);
    for (int i = 0; i < kMarks; ++i) {
        const QRectF mark(i * kMarkStep, std::round((height() - kMarkHeight) / 2.0), kMarkWidth, kMarkHeight);
        paintBox(painter, mark, 1, i < m_class ? ink : QColor(), ink, 1);
    }
    paintText(painter, QRectF(rect()).adjusted(kMarks * kMarkStep + kGap, 0, 0, 0), accessibleName(),
              theme().font(Type::Small, Weight::Medium), ink, Qt::AlignLeft, Qt::ElideNone);
}

}  // namespace sluice::widgets
