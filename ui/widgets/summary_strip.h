#pragma once

#include <QtCore/QList>

#include "ui/style/state_words.h"
#include "ui/widgets/item_widget.h"

namespace sluice::widgets {

class TextBlock;

/// One cell of the strip: a state in words or a figure, and why below.
struct SummaryCell {
    /// Its word is the head; without a word it is a figure cell.
    style::StateWord state{};
    /// "42 % recovered": number strong, unit grey. Used when there is no state.
    QString figure{};
    QString detail{};
    /// What the accessible name starts with: "Availability".
    QString label{};
    /// A figure that is old: "as of 03:41:07, 2 min 14 s old"; empty: it is fresh.
    QString asOf{};
};

/// Availability, redundancy and posture as words, then figures; 68 px, more where a reason needs a second
/// line. An old figure is hatched at its left edge and says as of when it was. Parts are the cells.
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
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

protected:
    QString partToolTip(int part) const override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    QRect partRect(int part, int width) const;
    TextBlock detailOf(const SummaryCell& cell) const;

    QList<SummaryCell> m_cells{};
    QList<int> m_stretches{};
};

}  // namespace sluice::widgets
