#pragma once

#include <QtCore/QList>

#include "ui/style/state_words.h"
#include "ui/widgets/item_widget.h"

namespace sluice::widgets {

/// Found → Cause named → Decide → Carry out → Verify → Close, with what is done, what is now and what is to
/// come.
class PhaseBar : public ItemWidget {
    Q_OBJECT

public:
    explicit PhaseBar(const style::Theme& theme, QWidget* parent = nullptr);

    /// @param phase of a case row: found, "cause named", decide, "carry out", verify, closed
    void setPhase(const QString& phase);
    QString phase() const { return m_phase; }
    /// The present phase ran into trouble: its shape is that of a failed step.
    void setFailed(bool failed);

    int partCount() const override;
    QRect partRect(int part) const override;
    QString partName(int part) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    int presentPart() const;
    qreal partWidth(int part) const;
    style::StateWord stateOf(int part) const;

    QString m_phase{};
    bool m_failed{false};
};

}  // namespace sluice::widgets
