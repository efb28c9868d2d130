#include "ui/widgets/zoom_bar.h"

#include <QtGui/QPainter>
#include <array>
#include <cmath>

#include "ui/style/icons.h"
#include "ui/style/paint.h"

namespace sluice::widgets {

using namespace style;

namespace {

constexpr std::array<int, 4> kWidths{28, 56, 28, 28};

}  // namespace

ZoomBar::ZoomBar(const Theme& theme, QWidget* parent) : ItemWidget(theme, parent)
{
    setInteractive(true);
    setSingleClick(true);
    setFocusPolicy(Qt::NoFocus);
    setFixedSize(sizeHint());
    setAccessibleName(tr("Zoom"));
}

void ZoomBar::setZoom(double zoom)
{
    m_zoom = zoom;
    update();
}

int ZoomBar::partCount() const
{
    return int(kWidths.size());
}

QRect ZoomBar::partRect(int part) const
{
    int left = 0;
    for (int i = 0; i < part; ++i) {
        left += kWidths[size_t(i)];
    }
    return {left, 0, kWidths[size_t(part)], height()};
}

QString ZoomBar::partName(int part) const
{
    switch (part) {
        case Out:
            return tr("Smaller");
        case In:
            return tr("Larger");
        case Fit:
            return tr("Fit all");
        default:
            return tr("%1 %").arg(std::lround(m_zoom * 100));
    }
}

QString ZoomBar::partToolTip(int part) const
{
    return part == Figure ? tr("Back to 100 %") : partName(part);
}

QSize ZoomBar::sizeHint() const
{
    return {kWidths[0] + kWidths[1] + kWidths[2] + kWidths[3], kButton};
}

void ZoomBar::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    paintBox(painter, QRectF(rect()), kRadiusControl, theme().surface(Surface::Raised),
             theme().line(Line::Strong), 1);
    const std::array<QString, 4> icons{QStringLiteral("minus"), QString(), QStringLiteral("plus"),
                                       QStringLiteral("fit")};
    for (int i = 0; i < partCount(); ++i) {
        const QRectF box(partRect(i));
        if (i == hoveredPart()) {
            painter.fillRect(box.adjusted(1, 1, -1, -1), theme().surface(Surface::Hover));
        }
        if (i > 0) {
            painter.fillRect(QRectF(box.left(), 1, 1, box.height() - 2), theme().line(Line::Hairline));
        }
        if (icons[size_t(i)].isEmpty()) {
            paintText(painter, box, partName(i), theme().font(Type::Small, Weight::Medium),
                      theme().ink(Ink::Primary), Qt::AlignHCenter);
        } else {
            paintIcon(painter, icons[size_t(i)], theme().ink(Ink::Secondary), box, kIconButton);
        }
    }
}

}  // namespace sluice::widgets
