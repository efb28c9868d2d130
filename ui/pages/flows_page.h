#pragma once

#include "ui/pages/live_page.h"

class QStackedWidget;

namespace sluice::models {
class RunGroups;
}
namespace sluice::widgets {
class EmptyState;
class SearchField;
class Segmented;
class SideList;
}  // namespace sluice::widgets

namespace sluice::pages {

class RunPanel;
class TaskDock;

/// Runs at the left, the picked run as graph or table, the picked task below.
class FlowsPage final : public LivePage {
    Q_OBJECT

public:
    explicit FlowsPage(const PageContext& context, QWidget* parent = nullptr);

    /// By value: what is shown may be what was waited for, and that is forgotten here.
    void showRun(QString run);
    /// "R-1/land"
    void showTask(const QString& task);
    void submitFlow();

    QString title() const override;
    QWidget* headWidget() override { return m_headWidget; }
    QList<shell::PageAction> actions() const override;
    QList<shell::KeyHint> keyHints() const override;
    void activate() override;

protected:
    void refresh() override;
    void tick() override;

private:
    void build();
    void makeActions();
    void refreshDock();
    void openCase();
    void resetRun();
    void cancelRun();
    void approveTask();
    QJsonObject currentTask() const;

    QWidget* m_headWidget{};
    widgets::SearchField* m_search{};
    widgets::Segmented* m_view{};
    models::RunGroups* m_groups{};
    widgets::SideList* m_list{};
    QStackedWidget* m_stack{};
    widgets::EmptyState* m_empty{};
    RunPanel* m_run{};
    TaskDock* m_dock{};
    QAction* m_submit{};
    QString m_wanted{};
};

}  // namespace sluice::pages
