#pragma once

#include <QtCore/QList>

#include "ui/style/state_words.h"
#include "ui/widgets/item_widget.h"

namespace sluice::widgets {

struct OsdTile {
    int osdId{};
    QString host{};
    /// May be empty: then hosts are not grouped.
    QString rack{};
    bool up{true};
    bool in{true};
    bool nearFull{false};
    bool full{false};
    /// 0 to 100; negative: not known.
    double usedPercent{-1};
};

/// The CRUSH tree as tiles: a row of tiles per host, hosts side by side where they fit, use in percent as six
/// steps of one colour, and a shape instead of the figure where an OSD is not up and in. Up to nine OSDs are
/// small cards with words, above 200 there is a bar per host, above 2,000 a bar per rack. Parts are the
/// cards, tiles or bars.
class OsdTiles : public ItemWidget {
    Q_OBJECT

public:
    explicit OsdTiles(const style::Theme& theme, QWidget* parent = nullptr);

    void setOsds(const QList<OsdTile>& osds);
    /// Old facts: grey tiles.
    void setStale(bool stale);

    int partCount() const override;
    QRect partRect(int part) const override;
    QString partName(int part) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

protected:
    QString partToolTip(int part) const override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    int neighbour(int from, int key) const override;

private:
    enum class Form { Cards, Tiles, Bars };
    struct Group {
        QString name{};
        QString rack{};
        QList<int> tiles{};
    };
    /// Where everything stands at one width. `parts` are tiles or, for bars, groups.
    struct Placed {
        QList<QRect> groups{};
        QList<QRect> parts{};
        int legendTop{};
        int height{};
    };
    Form form() const;
    void regroup();
    Placed place(int width) const;
    Placed placeCards(int width) const;
    Placed placeTiles(int width) const;
    Placed placeBars(int width) const;
    style::StateWord stateOf(const OsdTile& tile) const;
    double meanUse(const Group& group) const;
    int exceptionsIn(const Group& group) const;
    void paintCard(QPainter& painter, const OsdTile& tile, const QRectF& rect) const;
    void paintTile(QPainter& painter, const OsdTile& tile, const QRectF& rect) const;
    void paintGroupHead(QPainter& painter, const Group& group, const QRectF& rect) const;
    void paintGroupBar(QPainter& painter, const Group& group, const QRectF& rect) const;
    void paintLegend(QPainter& painter) const;

    QList<OsdTile> m_osds{};
    QList<Group> m_groups{};
    Placed m_placed{};
    bool m_stale{false};
};

}  // namespace sluice::widgets
