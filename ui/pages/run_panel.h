#pragma once

#include <QtCore/QHash>
#include <QtCore/QPointer>
#include <QtWidgets/QWidget>

#include "ui/pages/page_context.h"
#include "ui/session/live_rows.h"
#include "ui/widgets/dag_view.h"

class QStackedWidget;

namespace sluice::session {
class LiveTable;
}
namespace sluice::widgets {
class Button;
class Chip;
class TableView;
class TextLabel;
}  // namespace sluice::widgets

namespace sluice::pages {

/// One run: its head with the counts of its states, and its tasks as graph or table.
class RunPanel final : public QWidget {
    Q_OBJECT

public:
    explicit RunPanel(const PageContext& context, QWidget* parent = nullptr);

    /// Empty: nothing is shown. The task that needs a person is picked, or the one that moves; one that comes
    /// to need a person later is picked too, as long as nobody chose another.
    void setRun(const QString& run);
    const QString& run() const { return m_run; }
    void setCurrentTask(const QString& task);
    const QString& currentTask() const { return m_task; }
    void showTable(bool on);
    /// Rows of the run or its tasks changed.
    void refresh();
    void tick();
    void focusTasks();
    widgets::DagView* graph() const { return m_graph; }

Q_SIGNALS:
    /// Task id, e.g. "R-1/land"; empty when none.
    void taskPicked(const QString& task);
    void taskActivated(const QString& task);
    /// Rows of its tasks changed and are shown.
    void tasksShown();
    void cancelRequested();

private:
    QWidget* buildHead();
    void followTasks();
    void refreshChips(const QJsonObject& run);
    void refreshGraph();
    /// What its moves could not carry along.
    void refreshLeftOut();
    /// Shows what the lit chips let through; all without one.
    void applyChips();
    /// The task that needs a person before the others; a person's choice is `setCurrentTask`.
    void pick();
    void showTask(const QString& task);
    /// A view says that another task is current.
    void currentChanged(const QString& task);

    PageContext m_context;
    QString m_run{};
    QString m_task{};
    bool m_chosen{false};    ///< by a person
    bool m_byItself{false};  ///< views change what is current, and no person does
    QPointer<session::LiveRows> m_tasks{};
    widgets::TextLabel* m_flow{};
    widgets::TextLabel* m_about{};
    widgets::TextLabel* m_leftOut{};
    widgets::Button* m_cancel{};
    QWidget* m_chipRow{};
    QHash<QString, widgets::Chip*> m_chips{};
    QStackedWidget* m_stack{};
    widgets::DagView* m_graph{};
    session::LiveTable* m_table{};
    widgets::TableView* m_view{};
};

}  // namespace sluice::pages
