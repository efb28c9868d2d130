#pragma once

#include <QtCore/QList>
#include <utility>

#include "ui/style/theme.h"
#include "ui/widgets/item_widget.h"

namespace sluice::widgets {

/// One reach of the way of the data.
struct Hop {
    QString name{};
    /// Passed: full. Dry: nothing has come this far. Closed: the gate stands at its end and nothing passes.
    enum class Water { Dry, Passed, Closed } water{Water::Dry};
    /// Figures below: {"passed", "7,439"}, {"p99", "9 ms"}, {"refused", "1"}
    QList<std::pair<QString, QString>> figures{};
    /// Amber for a stall, red for a failure; only read when Closed.
    style::Tone tone{style::Tone::Warn};
};

/// Where the data stands, hop by hop; the gate is drawn where it is closed. Parts are the hops.
class HopBar : public ItemWidget {
    Q_OBJECT

public:
    explicit HopBar(const style::Theme& theme, QWidget* parent = nullptr);

    void setHops(const QList<Hop>& hops);
    /// Old facts: grey instead of green.
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
    int figureLines() const;
    void paintHop(QPainter& painter, int part) const;

    QList<Hop> m_hops{};
    bool m_stale{false};
};

}  // namespace sluice::widgets
