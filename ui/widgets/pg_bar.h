#pragma once

#include <QtCore/QList>
#include <utility>

#include "ui/widgets/item_widget.h"

namespace sluice::widgets {

/// How one PG state is drawn.
struct PgPart {
    QString state{};
    int count{};
    style::Tone tone{style::Tone::Neutral};
    /// Full: serves. Outline: a scrub. Hatch: it waits.
    enum class Fill { Full, Outline, Hatch } fill{Fill::Full};
};

/// All PGs of a cluster as one bar with a legend below; each state at least 10 px wide. Parts are the states.
class PgBar : public ItemWidget {
    Q_OBJECT

public:
    explicit PgBar(const style::Theme& theme, QWidget* parent = nullptr);

    /// @param byState Ceph's own words with their count; sorted by this widget, the healthy ones first
    void setStates(const QList<std::pair<QString, int>>& byState);
    /// Old facts: one grey hatch, "was active+clean 193".
    void setStale(bool stale);
    const QList<PgPart>& pgParts() const { return m_parts; }

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

private:
    QList<QRect> barRects(int width) const;
    QList<QRect> legendRects(int width) const;
    QString legendText(int part) const;
    void paintPart(QPainter& painter, const PgPart& part, const QRectF& rect) const;

    QList<PgPart> m_parts{};
    bool m_stale{false};
};

}  // namespace sluice::widgets
