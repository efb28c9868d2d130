#pragma once

#include <QtCore/QJsonObject>

#include "ui/pages/need_card.h"

namespace sluice::widgets {
class Button;
class TextLabel;
}  // namespace sluice::widgets

namespace sluice::pages {

/// A task that waits for a person's approval, on the page Now: what it asks, for how long, what waits behind
/// it.
class GateCard final : public NeedCard {
    Q_OBJECT

public:
    explicit GateCard(const style::Theme& theme, QWidget* parent = nullptr);

    /// @param first the one that key A approves
    /// @param primary it has the primary button if it is the first
    /// @param whyNot why it cannot be approved now; empty: it can
    void setTask(const QJsonObject& task, const QJsonObject& run, bool first, bool primary,
                 const QString& whyNot, qint64 nowMs);
    const QJsonObject& task() const { return m_task; }
    bool canApprove() const;

Q_SIGNALS:
    void approveRequested(const QJsonObject& task);
    void openRequested(const QString& taskId);

private:
    QJsonObject m_task{};
    widgets::TextLabel* m_step{};
    widgets::Button* m_open{};
    widgets::Button* m_approve{};
};

}  // namespace sluice::pages
