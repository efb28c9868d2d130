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

/// The CRUSH tree as tiles: a row of tiles per host, hosts side by side where they fit, use in percent as six steps
/// of one colour, and a shape instead of the figure where an OSD is not up and in. Above 200 OSDs a bar per host,
/// above 2,000 a bar per rack. Parts are the tiles, or the bars.
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
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    int neighbour(int from, int key) const override;

private:
    struct Group {
        QString name{};
        QString rack{};
        QList<int> tiles{};
    };
    struct Placed {
        QList<QRect> groups{};
        QList<QRect> parts{};
        int height{};
    };
    bool asBars() const;
    Placed place(int width) const;
    void paintTile(QPainter& painter, const OsdTile& tile, const QRectF& rect) const;
    void paintGroupBar(QPainter& painter, const Group& group, const QRectF& rect) const;
    void paintLegend(QPainter& painter, const QRectF& rect) const;

    QList<OsdTile> m_osds{};
    QList<Group> m_groups{};
    Placed m_placed{};
    bool m_stale{false};
};

}  // namespace sluice::widgets
