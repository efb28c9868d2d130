#include "ui/widgets/segmented.h"

#include <QtGui/QPainter>
#include <cmath>

#include "ui/style/paint.h"

namespace sluice::widgets {

using namespace style;

namespace {

constexpr int kPad = 10;

}  // namespace

Segmented::Segmented(const Theme& theme, const QStringList& choices, QWidget* parent)
    : ItemWidget(theme, parent), m_choices(choices)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setInteractive(true);
    setSingleClick(true);
    setCurrentPart(0);
    connect(this, &ItemWidget::currentPartChanged, this, [this](int part) {
        if (part >= 0) {
            choose(part);
        }
    });
}

void Segmented::setChoice(int choice)
{
    if (choice >= 0 && choice < m_choices.size()) {
        m_choice = choice;
        setCurrentPart(choice);
        update();
    }
}

void Segmented::choose(int part)
{
    if (part != m_choice) {
        m_choice = part;
        update();
        Q_EMIT chosen(part);
    }
}

void Segmented::activatePart(int part)
{
    setCurrentPart(part);
    ItemWidget::activatePart(part);
}

int Segmented::partCount() const
{
    return int(m_choices.size());
}

int Segmented::partWidth(int part) const
{
    return int(std::ceil(textWidth(theme().font(Type::Small, Weight::Medium), m_choices.at(part)))) +
           2 * kPad;
}

QRect Segmented::partRect(int part) const
{
    int left = 0;
    for (int i = 0; i < part; ++i) {
        left += partWidth(i);
    }
    return {left, 0, partWidth(part), height()};
}

QString Segmented::partName(int part) const
{
    return part == m_choice ? tr("%1, chosen").arg(m_choices.at(part)) : m_choices.at(part);
}

QSize Segmented::sizeHint() const
{
    int width = 0;
    for (int i = 0; i < partCount(); ++i) {
        width += partWidth(i);
    }
    return {width, kButton};
}

QSize Segmented::minimumSizeHint() const
{
    return sizeHint();
}

void Segmented::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    const QRectF box(rect());
    paintBox(painter, box, kRadiusControl, theme().surface(Surface::Raised), {}, 1);
    for (int i = 0; i < partCount(); ++i) {
        const QRectF part(partRect(i));
        if (i == m_choice) {
            painter.fillRect(part.adjusted(1, 1, -1, -1), theme().surface(Surface::Selected));
        } else if (i == hoveredPart()) {
            painter.fillRect(part.adjusted(1, 1, -1, -1), theme().surface(Surface::Hover));
        }
        if (i > 0) {
            painter.fillRect(QRectF(part.left(), part.top(), 1, part.height()), theme().line(Line::Strong));
        }
        paintText(painter, part, m_choices.at(i), theme().font(Type::Small, Weight::Medium),
                  theme().ink(i == m_choice ? Ink::Primary : Ink::Secondary), Qt::AlignHCenter,
                  Qt::ElideNone);
        if (i == m_choice && hasFocus()) {
            paintPartFocus(painter, part, kRadiusMark);
        }
    }
    paintBox(painter, box, kRadiusControl, {}, theme().line(Line::Strong), 1);
}

}  // namespace sluice::widgets
