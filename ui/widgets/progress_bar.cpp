#include "ui/widgets/progress_bar.h"

#include <QtGui/QPainter>
#include <cmath>

#include "ui/style/paint.h"

namespace sluice::widgets {

using namespace style;

ProgressBar::ProgressBar(const Theme& theme, QWidget* parent) : ThemedWidget(theme, parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void ProgressBar::setFraction(double fraction)
{
    if (fraction == m_fraction) {
        return;
    }
    m_fraction = fraction;
    update();
}

void ProgressBar::setTone(Tone tone)
{
    m_tone = tone;
    update();
}

void ProgressBar::setThickness(int px)
{
    m_thickness = px;
    updateGeometry();
}

void ProgressBar::setWords(const QString& words)
{
    setAccessibleName(words);
    setToolTip(words);
}

QSize ProgressBar::sizeHint() const
{
    return {96, std::max(8, m_thickness)};
}

QSize ProgressBar::minimumSizeHint() const
{
    return {40, sizeHint().height()};
}

void ProgressBar::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    const qreal top = std::round((height() - m_thickness) / 2.0);
    paintBar(painter, theme(), QRectF(0, top, width(), m_thickness), m_fraction, theme().shape(m_tone));
}

}  // namespace sluice::widgets
