#include "ui/pages/flows_page.h"

#include <QtGui/QAction>
#include <QtWidgets/QSplitter>
#include <QtWidgets/QStackedWidget>

#include "ui/dialogs/dialogs.h"
#include "ui/models/run_groups.h"
#include "ui/models/task_kind.h"
#include "ui/pages/change_requests.h"
#include "ui/pages/layout.h"
#include "ui/pages/run_panel.h"
#include "ui/pages/storage_view.h"
#include "ui/pages/task_dock.h"
#include "ui/session/column.h"
#include "ui/session/row.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/search_field.h"
#include "ui/widgets/segmented.h"
#include "ui/widgets/table_view.h"

namespace sluice::pages {

using session::str;

FlowsPage::FlowsPage(const PageContext& context, QWidget* parent) : LivePage(context, parent)
{
    setObjectName(QStringLiteral("flows"));
    build();
    makeActions();
    for (session::LiveRows* rows :
         {&session().runs(), &session().cases(), &session().engine(), &session().estate()}) {
        follow(*rows);
    }
}

void FlowsPage::build()
{
    m_headWidget = new QWidget(this);
    auto* head = plain<QHBoxLayout>(m_headWidget);
    head->setSpacing(8);
    m_search = new widgets::SearchField(theme(), QStringLiteral("filter"), QStringLiteral("/"), m_headWidget);
    m_search->setObjectName(QStringLiteral("filter"));
    m_search->setPlaceholderText(tr("flow, run or state"));
    m_search->setAccessibleName(tr("Filter the runs"));
    m_search->setFixedWidth(240);
    m_view = new widgets::Segmented(theme(), {tr("Graph"), tr("Table")}, m_headWidget);
    m_view->setObjectName(QStringLiteral("view"));
    head->addWidget(m_search);
    head->addWidget(m_view);

    m_groups = new models::RunGroups(session().runs(), session().ticker(), this);
    m_list = new widgets::SideList(theme(), this);
    m_list->setObjectName(QStringLiteral("runList"));
    m_list->setModel(m_groups);
    m_list->setAccessibleName(tr("Runs"));
    m_list->setMinimumWidth(200);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this,
            [this](const QModelIndex& index) {
                const QString run = index.data(session::IdRole).toString();
                if (!run.isEmpty() && run != m_run->run()) {
                    m_run->setRun(run);
                    refreshDock();
                    Q_EMIT headChanged();
                }
            });
    connect(m_list, &widgets::SideList::rowActivated, this, [this] { m_run->focusTasks(); });
    connect(m_search, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_groups->setSearch(text);
        m_search->setNote(text.isEmpty() ? QString() : tr("%1 shown").arg(m_groups->shownRuns()));
    });
    connect(m_search, &QLineEdit::returnPressed, this, [this] {
        showRun(m_groups->firstRun());
        m_list->setFocus();
    });

    m_run = new RunPanel(context(), this);
    m_dock = new TaskDock(context(), this);
    connect(m_view, &widgets::Segmented::chosen, this, [this](int choice) { m_run->showTable(choice == 1); });
    connect(m_run, &RunPanel::taskPicked, this, &FlowsPage::refreshDock);
    connect(m_run, &RunPanel::tasksShown, this, &FlowsPage::refreshDock);
    connect(m_run, &RunPanel::taskActivated, m_dock, &TaskDock::focusLog);
    connect(m_run, &RunPanel::cancelRequested, this, &FlowsPage::cancelRun);
    connect(m_dock, &TaskDock::openCaseRequested, this, &FlowsPage::openCase);
    connect(m_dock, &TaskDock::resetRequested, this, &FlowsPage::resetRun);
    connect(m_dock, &TaskDock::approveRequested, this, &FlowsPage::approveTask);

    auto* right = new QSplitter(Qt::Vertical, this);
    right->addWidget(m_run);
    right->addWidget(m_dock);
    right->setStretchFactor(0, 1);
    right->setCollapsible(0, false);
    right->setCollapsible(1, false);
    right->setSizes({396, 416});
    auto* all = new QSplitter(Qt::Horizontal, this);
    all->addWidget(m_list);
    all->addWidget(right);
    all->setStretchFactor(1, 1);
    all->setCollapsible(0, false);
    all->setCollapsible(1, false);
    all->setSizes({style::kSideList, 1100});

    m_empty = new widgets::EmptyState(theme(), this);
    m_empty->setObjectName(QStringLiteral("noRuns"));
    m_empty->setBoxed(false);
    connect(m_empty, &widgets::EmptyState::actionTriggered, this, &FlowsPage::submitFlow);
    auto* empty = new QWidget(this);
    auto* emptyColumn = plain<QVBoxLayout>(empty);
    emptyColumn->setContentsMargins(style::kPagePadding, style::kPagePadding, style::kPagePadding, 0);
    emptyColumn->addWidget(m_empty);
    emptyColumn->addStretch(1);

    auto* loading = new QWidget(this);
    auto* loadingColumn = plain<QVBoxLayout>(loading);
    auto* bars = new Skeleton(theme(), 6, style::kListRow, loading);
    bars->setFixedWidth(style::kSideList);
    loadingColumn->addWidget(bars);
    loadingColumn->addStretch(1);

    m_stack = new QStackedWidget(this);
    m_stack->addWidget(all);
    m_stack->addWidget(empty);
    m_stack->addWidget(loading);
    plain<QVBoxLayout>(this)->addWidget(m_stack);
}

void FlowsPage::makeActions()
{
    m_submit = addAction(tr("Submit flow…"), QKeySequence(Qt::CTRL | Qt::Key_N), [this] { submitFlow(); });
    addAction(tr("Filter"), QKeySequence(Qt::Key_Slash), [this] { m_search->setFocus(); });
    addAction(tr("Open case"), QKeySequence(Qt::Key_C), [this] { openCase(); });
    addAction(tr("Reset task"), QKeySequence(Qt::Key_R), [this] { resetRun(); });
    addAction(tr("Approve"), QKeySequence(Qt::Key_A), [this] { approveTask(); });
    addAction(tr("Log"), QKeySequence(Qt::Key_L), [this] { m_dock->focusLog(); });
}

QString FlowsPage::title() const
{
    return tr("Flows");
}

QList<shell::PageAction> FlowsPage::actions() const
{
    return {{.action = m_submit,
             .look = widgets::ButtonLook::Outline,
             .icon = QStringLiteral("plus"),
             .keyCap = {}}};
}

QList<shell::KeyHint> FlowsPage::keyHints() const
{
    QList<shell::KeyHint> hints;
    const QJsonObject task = currentTask();
    const QString state = str(task, u"state");
    if (!session().openCaseOf(m_run->run()).isEmpty()) {
        hints.append({QStringLiteral("C"), tr("case of this run")});
    }
    if (state == QLatin1String("stalled") || state == QLatin1String("failed")) {
        hints.append({QStringLiteral("R"), tr("reset…")});
    }
    if (models::asksNow(task)) {
        hints.append({QStringLiteral("A"), tr("approve…")});
    }
    hints.append({QStringLiteral("L"), tr("log")});
    hints.append({tr("Arrows"), tr("walk the graph")});
    hints.append({QStringLiteral("0"), tr("fit")});
    hints.append({QStringLiteral("/"), tr("filter")});
    return hints;
}

void FlowsPage::activate()
{
    if (!m_list->isVisible()) {
        m_empty->setFocus();
        return;
    }
    m_run->focusTasks();
}

void FlowsPage::showRun(QString run)
{
    const bool known = m_groups->indexOf(run).isValid();
    m_wanted = known ? QString() : run;
    if (known) {
        m_list->setCurrentIndex(m_groups->indexOf(run));
        m_run->setRun(run);
    }
    refreshDock();
}

void FlowsPage::showTask(const QString& task)
{
    showRun(task.section('/', 0, 0));
    m_run->setCurrentTask(task);
}

QJsonObject FlowsPage::currentTask() const
{
    const QString run = m_run->run();
    return run.isEmpty() ? QJsonObject() : session().tasks(run).row(m_run->currentTask());
}

void FlowsPage::refresh()
{
    const bool loaded = session().runs().isLoaded();
    const bool none = loaded && session().runs().size() == 0;
    m_stack->setCurrentIndex(!loaded ? 2 : none ? 1 : 0);
    m_empty->setHeadline(tr("No run yet"));
    m_empty->setChecked(tr("The engine was asked for all its runs. Write a flow as YAML and submit it:"));
    m_empty->setCode(exampleOf(context(), &SystemView::exampleFlow));
    const QString whyNot = session().whyNoChanges();
    m_empty->setAction(whyNot.isEmpty() ? tr("Submit flow…") : QString());
    setAvailable(m_submit, whyNot);
    if (!m_wanted.isEmpty()) {
        showRun(m_wanted);
    } else if (loaded && !none && !session().runs().contains(m_run->run())) {
        showRun(m_groups->firstRun());
    }
    m_run->refresh();
    refreshDock();
}

void FlowsPage::refreshDock()
{
    const QJsonObject task = currentTask();
    m_dock->setVisible(!task.isEmpty());
    if (task.isEmpty()) {
        return;
    }
    const QString state = str(task, u"state");
    const QString whyNot = session().whyNoChanges();
    TaskDock::Offers offers;
    const QJsonObject open = session().openCaseOf(m_run->run());
    if (session::strings(open, u"tasks").contains(str(task, u"id"))) {
        offers.caseId = str(open, u"id");
    }
    offers.approve = models::asksNow(task);
    offers.whyNotApprove = whyNot;
    offers.reset = state == QLatin1String("stalled") || state == QLatin1String("failed");
    offers.whyNotReset = whyNot.isEmpty() ? whyNoReset(session(), m_run->run()) : whyNot;
    m_dock->setTask(task, offers);
    Q_EMIT headChanged();
}

void FlowsPage::tick()
{
    m_run->tick();
    m_dock->tick();
}

void FlowsPage::submitFlow()
{
    if (m_submit->isEnabled()) {
        dialogs().submitFlow(this, [this](const QJsonObject& reply) { showRun(str(reply, u"run")); });
    }
}

void FlowsPage::openCase()
{
    const QJsonObject open = session().openCaseOf(m_run->run());
    if (!open.isEmpty()) {
        Q_EMIT openRequested(QStringLiteral("case"), str(open, u"id"));
    }
}

void FlowsPage::resetRun()
{
    const QString state = str(currentTask(), u"state");
    const bool wanted = state == QLatin1String("stalled") || state == QLatin1String("failed");
    if (wanted && session().whyNoChanges().isEmpty() && whyNoReset(session(), m_run->run()).isEmpty()) {
        dialogs().confirmChange(this, resetRequest(session(), m_run->run()), [](const QJsonObject&) {});
    }
}

void FlowsPage::cancelRun()
{
    dialogs().confirmChange(this, cancelRequest(session(), m_run->run()), [](const QJsonObject&) {});
}

void FlowsPage::approveTask()
{
    const QJsonObject task = currentTask();
    if (models::asksNow(task) && session().whyNoChanges().isEmpty()) {
        dialogs().confirmChange(this, approveRequest(session(), task), [](const QJsonObject&) {});
    }
}

}  // namespace sluice::pages
