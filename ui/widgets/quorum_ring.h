#pragma once

#include <QtCore/QList>

#include "ui/style/state_words.h"
#include "ui/widgets/item_widget.h"

namespace sluice::widgets {

struct MonMark {
    QString name{};
    style::StateWord state{};
    bool inQuorum{false};
};

/// The monitors on a ring, with arcs only between those that agree, and the count in the middle: crit when
/// there is no mon quorum. Parts are the monitors.
class QuorumRing : public ItemWidget {
    Q_OBJECT

public:
    explicit QuorumRing(const style::Theme& theme, QWidget* parent = nullptr);

    /// @param needed how many make a quorum
    void setMonitors(const QList<MonMark>& monitors, int needed, bool quorate);
    /// The facts are old: the ring is drawn in grey.
    void setStale(bool stale);

    int partCount() const override;
    QRect partRect(int part) const override;
    QString partName(int part) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    QString partToolTip(int part) const override;
    void paintEvent(QPaintEvent* event) override;

private:
    QPointF place(int part) const;
    qreal angleOf(int part) const;
    qreal radius() const;
    int inQuorum() const;
    void paintArcs(QPainter& painter) const;
    void paintMonitors(QPainter& painter) const;
    void paintCount(QPainter& painter) const;

    QList<MonMark> m_monitors{};
    int m_needed{};
    bool m_quorate{false};
    bool m_stale{false};
};

}  // namespace sluice::widgets
