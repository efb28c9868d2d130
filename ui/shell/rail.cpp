#include "ui/shell/rail.h"

#include <QtCore/QCoreApplication>
#include <QtGui/QPainter>
#include <algorithm>

#include "ui/style/icons.h"
#include "ui/style/paint.h"

namespace sluice::shell {

using namespace style;

namespace {

struct Item {
    const char* icon{};
    const char* title{};
};

constexpr std::array<Item, kPlaceCount> kItems{{
    {"now", QT_TRANSLATE_NOOP("Rail", "Now")},
    {"flows", QT_TRANSLATE_NOOP("Rail", "Flows")},
    {"storage", QT_TRANSLATE_NOOP("Rail", "Storage")},
    {"routes", QT_TRANSLATE_NOOP("Rail", "Routes")},
    {"keys", QT_TRANSLATE_NOOP("Rail", "Keys")},
    {"observe", QT_TRANSLATE_NOOP("Rail", "Observe")},
    {"audit", QT_TRANSLATE_NOOP("Rail", "Audit")},
    {"settings", QT_TRANSLATE_NOOP("Rail", "Settings")},
}};

constexpr int kLeastItem = 44;

size_t at(Place place)
{
    return static_cast<size_t>(place);
}

}  // namespace

Rail::Rail(const Theme& theme, QWidget* parent) : ItemWidget(theme, parent)
{
    setFixedWidth(kRail);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Expanding);
    setInteractive(true);
    setSingleClick(true);
    setAccessibleName(tr("Pages"));
}

QString Rail::title(Place place)
{
    return QCoreApplication::translate("Rail", kItems[at(place)].title);
}

void Rail::setPlace(Place place)
{
    m_place = place;
    setCurrentPart(int(place));
    update();
}

void Rail::setMissing(Place place, const QString& reason)
{
    m_missing[at(place)] = reason;
    update();
}

QString Rail::whyMissing(Place place) const
{
    return m_missing[at(place)];
}

int Rail::partCount() const
{
    return kPlaceCount;
}

int Rail::itemHeight() const
{
    return std::clamp(height() / kPlaceCount, kLeastItem, kRailItem);
}

QRect Rail::partRect(int part) const
{
    return {0, part * itemHeight(), width(), itemHeight()};
}

QString Rail::partName(int part) const
{
    const Place place = static_cast<Place>(part);
    QString name = tr("%1, key %2").arg(title(place)).arg(part + 1);
    if (place == m_place) {
        name += tr(", shown");
    }
    return whyMissing(place).isEmpty() ? name : name + QStringLiteral(", ") + whyMissing(place);
}

QString Rail::partToolTip(int part) const
{
    return m_missing[static_cast<size_t>(part)];
}

void Rail::activatePart(int part)
{
    Q_EMIT chosen(static_cast<Place>(part));
}

QSize Rail::sizeHint() const
{
    return {kRail, kPlaceCount * kRailItem};
}

QSize Rail::minimumSizeHint() const
{
    return {kRail, kPlaceCount * kLeastItem};
}

void Rail::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    painter.fillRect(rect(), theme().surface(Surface::Window));
    paintHairline(painter, QRectF(rect()), Qt::RightEdge, theme().line(Line::Hairline));
    for (int i = 0; i < kPlaceCount; ++i) {
        const Item& item = kItems[static_cast<size_t>(i)];
        const Place place = static_cast<Place>(i);
        const QRectF box = QRectF(partRect(i)).adjusted(0, 0, -1, 0);
        const bool shown = place == m_place;
        const bool missing = !whyMissing(place).isEmpty();
        if (shown) {
            painter.fillRect(box, theme().surface(Surface::Selected));
            painter.fillRect(QRectF(box.left(), box.top(), kSelectionBar, box.height()),
                             theme().accent(Accent::Base));
        } else if (i == hoveredPart() && !missing) {
            painter.fillRect(box, theme().surface(Surface::Hover));
        }
        const Ink ink = missing ? Ink::Disabled : shown ? Ink::Primary : Ink::Secondary;
        const qreal top = box.top() + (box.height() - 40) / 2;
        paintIcon(painter, QLatin1String(item.icon), theme().ink(ink),
                  QRectF(box.left(), top, box.width(), 22), kIconRail);
        paintText(painter, QRectF(box.left() + 1, top + 23, box.width() - 2, 16), title(place),
                  theme().font(Type::Tiny, shown ? Weight::Medium : Weight::Regular), theme().ink(ink),
                  Qt::AlignHCenter);
        paintText(painter, QRectF(box.left(), box.top() + 4, box.width() - 6, 14), QString::number(i + 1),
                  theme().font(Type::Tiny), theme().ink(missing ? Ink::Disabled : Ink::Tertiary),
                  Qt::AlignRight);
        if (i == currentPart() && hasFocus()) {
            paintPartFocus(painter, box, kRadiusControl);
        }
    }
}

}  // namespace sluice::shell
