#pragma once

#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>

#include "ui/pages/need_card.h"
#include "ui/pages/page_context.h"

namespace sluice::widgets {
class Button;
class ChainView;
class TextLabel;
struct ChainCard;
}  // namespace sluice::widgets

namespace sluice::pages {

/// The cards of a case's chain, for ChainView.
QList<widgets::ChainCard> chainCards(const QJsonObject& caseRow, const QList<SystemView>& systems);

/// An open case on the page Now: what is wrong, the way from the task to the cause, the cause, the next safe
/// step.
class CaseCard final : public NeedCard {
    Q_OBJECT

public:
    explicit CaseCard(const PageContext& context, QWidget* parent = nullptr);

    /// @param first the one that key C opens
    void setCase(const QJsonObject& caseRow, const QJsonObject& run, int waitingBehind, bool first,
                 qint64 nowMs);
    const QString& caseId() const { return m_id; }

Q_SIGNALS:
    void openRequested(const QString& caseId);

private:
    const QList<SystemView>& m_systems;
    QString m_id{};
    QJsonArray m_links{};
    widgets::ChainView* m_chain{};
    widgets::TextLabel* m_cause{};
    widgets::TextLabel* m_rule{};
    widgets::TextLabel* m_step{};
    widgets::Button* m_open{};
};

}  // namespace sluice::pages
