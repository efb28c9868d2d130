#pragma once

#include <QtCore/QList>

#include "ui/style/state_words.h"
#include "ui/widgets/item_widget.h"

namespace sluice::widgets {

/// One cell of the strip: a state in words or a figure, and why below.
struct SummaryCell {
    /// Its word is the head; without a word it is a figure cell.
    style::StateWord state{};
    /// "42 % recovered": number strong, unit grey. Used when there is no state.
    QString figure{};
    QString detail{};
    /// What the accessible name starts with: "Availability".
    QString label{};
};

/// Availability, redundancy and posture as words, then figures; 68 px. Parts are the cells.
class SummaryStrip : public ItemWidget {
    Q_OBJECT

public:
    explicit SummaryStrip(const style::Theme& theme, QWidget* parent = nullptr);

    void setCells(const QList<SummaryCell>& cells);
    /// Weights of the columns; equal without.
    void setStretches(const QList<int>& stretches);

    int partCount() const override;
    QRect partRect(int part) const override;
    QString partName(int part) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    QString partToolTip(int part) const override;
    void paintEvent(QPaintEvent* event) override;

private:
    QList<SummaryCell> m_cells{};
    QList<int> m_stretches{};
};

}  // namespace sluice::widgets
