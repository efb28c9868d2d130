#include "ui/widgets/osd_tiles.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ui/style/english_forms.h"
#include "ui/style/paint.h"

namespace sluice::widgets {

using namespace style;

namespace {

constexpr int kMostCards = 9;
constexpr int kMostTiles = 200;
constexpr int kMostHosts = 2000;

constexpr int kCardMin = 132;
constexpr int kCardMax = 200;
constexpr int kCardHeight = 78;
constexpr int kCardGap = 10;

constexpr int kTileWidth = 32;
constexpr int kTileHeight = 28;
constexpr int kTileGap = 2;
constexpr int kGroupHead = 17;
constexpr int kGroupGap = 10;
constexpr int kRackColumn = 48;

constexpr int kBarRow = 26;
constexpr int kLegend = 26;

}  // namespace

OsdTiles::OsdTiles(const Theme& theme, QWidget* parent) : ItemWidget(theme, parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setInteractive(true);
    setAccessibleName(tr("OSDs"));
}

void OsdTiles::setOsds(const QList<OsdTile>& osds)
{
    m_osds = osds;
    std::stable_sort(m_osds.begin(), m_osds.end(), [](const OsdTile& a, const OsdTile& b) {
        return std::tie(a.rack, a.host, a.osdId) < std::tie(b.rack, b.host, b.osdId);
    });
    regroup();
    m_placed = place(width());
    partsChanged();
}

void OsdTiles::setStale(bool stale)
{
    m_stale = stale;
    update();
}

OsdTiles::Form OsdTiles::form() const
{
    return m_osds.size() <= kMostCards ? Form::Cards : m_osds.size() <= kMostTiles ? Form::Tiles : Form::Bars;
}

void OsdTiles::regroup()
{
    m_groups.clear();
    const bool byRack = m_osds.size() > kMostHosts;
    for (int i = 0; i < m_osds.size(); ++i) {
        const OsdTile& osd = m_osds.at(i);
        const QString name = byRack ? osd.rack : osd.host;
        if (m_groups.isEmpty() || m_groups.last().name != name || m_groups.last().rack != osd.rack) {
            m_groups.append({.name = name, .rack = osd.rack});
        }
        m_groups.last().tiles.append(i);
    }
}

int OsdTiles::partCount() const
{
    return int(form() == Form::Bars ? m_groups.size() : m_osds.size());
}

QRect OsdTiles::partRect(int part) const
{
    return m_placed.parts.value(part);
}

StateWord OsdTiles::stateOf(const OsdTile& tile) const
{
    if (tile.up && tile.in && tile.full) {
        return stateWord(Domain::Osd, u"full");
    }
    if (tile.up && tile.in && tile.nearFull) {
        return stateWord(Domain::Osd, u"nearfull");
    }
    return osdWord(tile.up, tile.in);
}

QString OsdTiles::partName(int part) const
{
    if (form() == Form::Bars) {
        const Group& group = m_groups.at(part);
        return tr("%1, %2 OSDs, %3 % used, %4 not up and in", nullptr, formOf(group.tiles.size()))
            .arg(group.name, QString::number(group.tiles.size()),
                 QString::number(std::lround(meanUse(group))), QString::number(exceptionsIn(group)));
    }
    const OsdTile& tile = m_osds.at(part);
    QString name = QStringLiteral("osd.%1, %2, ").arg(tile.osdId).arg(tile.host);
    name += m_stale ? tr("was %1").arg(stateOf(tile).word) : stateOf(tile).word;
    return tile.usedPercent < 0 ? name : name + tr(", %1 % used").arg(std::lround(tile.usedPercent));
}

QString OsdTiles::partToolTip(int part) const
{
    return partName(part);
}

double OsdTiles::meanUse(const Group& group) const
{
    double sum = 0;
    int known = 0;
    for (const int index : group.tiles) {
        const double used = m_osds.at(index).usedPercent;
        if (used >= 0) {
            sum += used;
            ++known;
        }
    }
    return known == 0 ? -1 : sum / known;
}

int OsdTiles::exceptionsIn(const Group& group) const
{
    return int(std::count_if(group.tiles.cbegin(), group.tiles.cend(),
                             [this](int index) { return !m_osds.at(index).up || !m_osds.at(index).in; }));
}

OsdTiles::Placed OsdTiles::place(int width) const
{
    switch (form()) {
        case Form::Cards:
            return placeCards(width);
        case Form::Tiles:
            return placeTiles(width);
        case Form::Bars:
            return placeBars(width);
    }
    return {};
}

OsdTiles::Placed OsdTiles::placeCards(int width) const
{
    Placed placed;
    const int count = int(m_osds.size());
    if (count == 0) {
        return placed;
    }
    const int fit = std::clamp((width + kCardGap) / (kCardMin + kCardGap), 1, count);
    const int rows = (count + fit - 1) / fit;
    const int columns = (count + rows - 1) / rows;
    const int card = std::min(kCardMax, (width - (columns - 1) * kCardGap) / columns);
    for (int i = 0; i < count; ++i) {
        placed.parts.append(QRect(i % columns * (card + kCardGap), i / columns * (kCardHeight + kCardGap),
                                  card, kCardHeight));
    }
    placed.height = rows * (kCardHeight + kCardGap) - kCardGap;
    return placed;
}

OsdTiles::Placed OsdTiles::placeTiles(int width) const
{
    Placed placed;
    placed.parts.resize(m_osds.size());
    const bool racks = std::any_of(m_groups.cbegin(), m_groups.cend(),
                                   [](const Group& group) { return !group.rack.isEmpty(); });
    const int left = racks ? kRackColumn : 0;
    const int perLine = std::max(1, (width - left + kTileGap) / (kTileWidth + kTileGap));
    int x = left;
    int y = 0;
    int lineHeight = 0;
    QString rack;
    for (const Group& group : m_groups) {
        const int count = int(group.tiles.size());
        const int columns = std::min(perLine, count);
        const int lines = (count + columns - 1) / columns;
        const int own = std::max(columns * (kTileWidth + kTileGap) - kTileGap, 3 * kTileWidth);
        const int height = kGroupHead + lines * (kTileHeight + kTileGap);
        const bool newRack = racks && group.rack != rack;
        if (x > left && (newRack || x + own > width)) {
            x = left;
            y += lineHeight + kGroupGap;
            lineHeight = 0;
        }
        rack = group.rack;
        placed.groups.append(QRect(x, y, own, height));
        for (int i = 0; i < count; ++i) {
            placed.parts[group.tiles.at(i)] =
                QRect(x + i % columns * (kTileWidth + kTileGap),
                      y + kGroupHead + i / columns * (kTileHeight + kTileGap), kTileWidth, kTileHeight);
        }
        x += own + kGroupGap;
        lineHeight = std::max(lineHeight, height);
    }
    placed.legendTop = y + lineHeight + 6;
    placed.height = placed.legendTop + kLegend;
    return placed;
}

OsdTiles::Placed OsdTiles::placeBars(int width) const
{
    Placed placed;
    for (int i = 0; i < m_groups.size(); ++i) {
        placed.parts.append(QRect(0, i * kBarRow, width, kBarRow));
    }
    placed.height = int(m_groups.size()) * kBarRow;
    return placed;
}

int OsdTiles::heightForWidth(int width) const
{
    return place(width).height;
}

QSize OsdTiles::sizeHint() const
{
    return {440, heightForWidth(width() > 140 ? width() : 440)};
}

QSize OsdTiles::minimumSizeHint() const
{
    return {220, sizeHint().height()};
}

void OsdTiles::resizeEvent(QResizeEvent* event)
{
    ItemWidget::resizeEvent(event);
    m_placed = place(width());
    updateGeometry();
}

int OsdTiles::neighbour(int from, int key) const
{
    if (key == Qt::Key_Home || key == Qt::Key_End || from < 0) {
        return ItemWidget::neighbour(from, key);
    }
    const QPointF start = QRectF(partRect(from)).center();
    const bool vertical = key == Qt::Key_Up || key == Qt::Key_Down;
    const int sign = key == Qt::Key_Down || key == Qt::Key_Right ? 1 : -1;
    int best = from;
    double nearest = std::numeric_limits<double>::max();
    for (int i = 0; i < partCount(); ++i) {
        const QPointF way = QRectF(partRect(i)).center() - start;
        const double along = sign * (vertical ? way.y() : way.x());
        const double across = std::abs(vertical ? way.x() : way.y());
        const double distance = along + 3 * across;
        if (i != from && along > 1 && (vertical || across < kTileHeight) && distance < nearest) {
            nearest = distance;
            best = i;
        }
    }
    return best;
}

}  // namespace sluice::widgets
