#pragma once

#include <QtCore/QList>

#include "ui/style/state_words.h"
#include "ui/widgets/item_widget.h"

namespace sluice::widgets {

class TextBlock;

struct StepRow {
    style::StateWord state{};
    /// Calls and ids between backquotes are set in mono.
    QString title{};
    /// "checked by: entry in the OSD map"
    QString detail{};
    /// At the right: a time, "11 of 14", "class 2".
    QString right{};
    bool running{false};
};

/// Steps of a plan, a rotation or a verification, each with how it is checked. Parts are the steps.
class StepList : public ItemWidget {
    Q_OBJECT

public:
    explicit StepList(const style::Theme& theme, QWidget* parent = nullptr);

    void setSteps(const QList<StepRow>& steps);
    /// A border round all of it; on at the start.
    void setBoxed(bool on);

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
    int side() const;
    int textWidthOf(int part, int width) const;
    int stepHeight(int part, int width) const;
    TextBlock titleOf(int part) const;
    TextBlock detailOf(int part) const;

    QList<StepRow> m_steps{};
    bool m_boxed{true};
};

}  // namespace sluice::widgets
