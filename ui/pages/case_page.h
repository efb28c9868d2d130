#pragma once

#include <QtCore/QJsonArray>

#include "ui/models/reset_progress.h"
#include "ui/pages/live_page.h"

namespace sluice::session {
class FollowedAction;
class LiveRows;
class LiveTable;
}  // namespace sluice::session
namespace sluice::widgets {
class CauseList;
struct CauseRow;
class ChainView;
class CodeBlock;
class NoteBar;
class PhaseBar;
class Section;
class TableView;
class TextLabel;
class TimeStrip;
}  // namespace sluice::widgets

namespace sluice::pages {

class CaseStepPanel;

/// One case from found to closed: the phases, the way from the task to the cause, the causes with their
/// evidence, what happened when; at the right the next safe step and how it went.
class CasePage final : public LivePage {
    Q_OBJECT

public:
    explicit CasePage(const PageContext& context, QWidget* parent = nullptr);

    void showCase(const QString& id);
    const QString& caseId() const { return m_id; }

    QString title() const override;
    QString subtitle() const override;
    QString parentTitle() const override { return tr("Now"); }
    QList<shell::PageAction> actions() const override;
    QList<shell::KeyHint> keyHints() const override;
    void activate() override;

protected:
    void refresh() override;
    void tick() override;

private:
    QWidget* buildLeft();
    QJsonObject row() const;
    void refreshChain(const QJsonObject& item);
    widgets::CauseRow causeRow(const QJsonObject& finding, bool past) const;
    void refreshCauses(const QJsonObject& item);
    void refreshOthers(const QJsonObject& item);
    void refreshTimes(const QJsonObject& item);
    void refreshOutcome(const QJsonObject& item);
    void refreshHandOver(const QJsonObject& item);
    void lookAgain();
    void handOver();
    void openCard(int card);

    QString m_id{};
    session::FollowedAction* m_action{};
    models::CarriedReset m_reset{};
    bool m_looking{false};
    bool m_handOver{false};

    widgets::PhaseBar* m_phases{};
    widgets::Section* m_chainSection{};
    widgets::ChainView* m_chain{};
    QJsonArray m_links{};
    widgets::TextLabel* m_summary{};
    widgets::NoteBar* m_lookError{};
    widgets::Section* m_outcomeSection{};
    session::LiveRows* m_outcomeRows{};
    session::LiveTable* m_outcome{};
    widgets::TableView* m_outcomeView{};
    widgets::Section* m_causeSection{};
    widgets::CauseList* m_causes{};
    widgets::Section* m_otherSection{};
    widgets::CauseList* m_others{};
    widgets::Section* m_timeSection{};
    widgets::TimeStrip* m_times{};
    widgets::Section* m_handOverSection{};
    widgets::CodeBlock* m_handOverText{};
    CaseStepPanel* m_step{};
    QAction* m_again{};
    QAction* m_hand{};
};

}  // namespace sluice::pages
