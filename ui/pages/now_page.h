#pragma once

#include "ui/pages/live_page.h"

class QStackedLayout;

namespace sluice::session {
class LiveTable;
}
namespace sluice::widgets {
class EmptyState;
class NoteBar;
class Section;
class TableView;
class TextLabel;
}  // namespace sluice::widgets

namespace sluice::pages {

class CaseCard;
class GateCard;
class Skeleton;
class TwoColumns;

/// What needs a person now, what moves, how everything is, what was done last.
class NowPage final : public LivePage {
    Q_OBJECT

public:
    explicit NowPage(const PageContext& context, QWidget* parent = nullptr);

    QString title() const override;
    QString subtitle() const override;
    QList<shell::KeyHint> keyHints() const override;
    void activate() override;

protected:
    void refresh() override;
    void tick() override;
    QList<shell::PageBanner> pageBanners() const override;

private:
    void buildLeft();
    void buildRight();
    /// Cases and gates, or that there is none.
    void refreshNeeds();
    void refreshCards();
    void refreshGates();
    void refreshQuiet();
    void approve(const QJsonObject& task);
    void refreshRuns();
    void refreshHealth();
    void refreshHealthNote();
    void refreshActions();
    QString refutedAlert() const;

    TwoColumns* m_columns{};
    widgets::Section* m_needs{};
    QList<CaseCard*> m_cards{};
    QList<GateCard*> m_gates{};
    QString m_subtitle{};
    widgets::EmptyState* m_quiet{};
    Skeleton* m_casesLoading{};
    widgets::Section* m_runsSection{};
    session::LiveTable* m_runs{};
    widgets::TableView* m_runsView{};
    widgets::TextLabel* m_noRuns{};
    Skeleton* m_runsLoading{};
    widgets::Section* m_healthSection{};
    session::LiveTable* m_health{};
    widgets::TableView* m_healthView{};
    widgets::NoteBar* m_healthNote{};
    widgets::EmptyState* m_noConnections{};
    Skeleton* m_healthLoading{};
    QWidget* m_troubles{};
    widgets::Section* m_actionsSection{};
    session::LiveTable* m_actions{};
    widgets::TableView* m_actionsView{};
    widgets::TextLabel* m_noActions{};
};

}  // namespace sluice::pages
