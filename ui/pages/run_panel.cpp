#include "ui/pages/run_panel.h"

#include <QtCore/QScopedValueRollback>
#include <QtWidgets/QStackedWidget>
#include <algorithm>

#include "ui/models/columns.h"
#include "ui/models/marks.h"
#include "ui/models/task_kind.h"
#include "ui/models/words.h"
#include "ui/pages/layout.h"
#include "ui/session/live_table.h"
#include "ui/session/row.h"
#include "ui/session/session.h"
#include "ui/widgets/button.h"
#include "ui/widgets/chip.h"
#include "ui/widgets/table_view.h"
#include "ui/widgets/text_label.h"

namespace sluice::pages {

using session::num;
using session::str;
using style::Ink;
using style::Type;
using widgets::ButtonLook;

namespace {

constexpr int kHeadHeight = 44;

widgets::DagNode nodeOf(const QJsonObject& task, qint64 nowMs)
{
    const QString state = str(task, u"state");
    const bool active = state == QLatin1String("running") || state == QLatin1String("verifying") ||
                        state == QLatin1String("stalled");
    // The same figure as everywhere, in the few words that a node has room for: how long without progress.
    const qint64 progress = session::time(task, u"lastProgressAt");
    const qint64 since = progress > 0 ? progress : session::time(task, u"stateSince");
    const QString line = state == QLatin1String("stalled")
                             ? RunPanel::tr("stalled %1").arg(models::ageText(since, nowMs))
                             : models::taskLine(task, nowMs);
    return {.id = str(task, u"id"),
            .name = str(task, u"task"),
            .state = state,
            .detail = line,
            .fraction = active ? models::bytesFraction(task) : -1,
            .needs = {}};
}

/// What needs a person stands first: a gate, then what failed or stalled.
int rankOf(const QJsonObject& task)
{
    return models::asksNow(task) ? -1 : style::stateRank(str(task, u"state"));
}

bool needsPerson(const QJsonObject& task)
{
    return rankOf(task) <= style::stateRank(u"stalled");
}

}  // namespace

RunPanel::RunPanel(const PageContext& context, QWidget* parent) : QWidget(parent), m_context(context)
{
    auto* column = plain<QVBoxLayout>(this);
    column->addWidget(buildHead());
    m_leftOut = new widgets::TextLabel(context.theme, Type::Body, Ink::Secondary, this);
    m_leftOut->setTone(style::Tone::Warn);
    m_leftOut->setElide(Qt::ElideRight);
    m_leftOut->setObjectName(QStringLiteral("leftOut"));
    m_leftOut->setContentsMargins(style::kPagePadding, 0, style::kPagePadding, 8);
    m_leftOut->hide();
    column->addWidget(m_leftOut);
    m_stack = new QStackedWidget(this);
    m_graph = new widgets::DagView(context.theme, m_stack);
    m_graph->setObjectName(QStringLiteral("graph"));
    connect(m_graph, &widgets::DagView::currentNodeChanged, this,
            [this](const QString& id) { currentChanged(id); });
    connect(m_graph, &widgets::DagView::nodeActivated, this, &RunPanel::taskActivated);
    m_stack->addWidget(m_graph);
    m_table = new session::LiveTable(nullptr, context.session.ticker(), models::taskColumns(), {}, this);
    m_view = new widgets::TableView(context.theme, m_stack);
    m_view->setObjectName(QStringLiteral("tasks"));
    // Before the view follows: where the current row goes, the view makes its neighbour current.
    connect(m_table, &QAbstractItemModel::rowsAboutToBeRemoved, this, [this] { m_byItself = true; });
    connect(m_table, &QAbstractItemModel::rowsRemoved, this, [this] { m_byItself = false; });
    bindTable(*m_view, *m_table, context.dialogs);
    connect(m_view->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& index) { currentChanged(index.data(session::IdRole).toString()); });
    connect(m_view, &QAbstractItemView::clicked, this, [this](const QModelIndex& index) {
        currentChanged(index.siblingAtColumn(0).data(session::IdRole).toString());
    });
    connect(m_view, &widgets::TableView::rowActivated, this, [this](const QModelIndex& index) {
        Q_EMIT taskActivated(index.data(session::IdRole).toString());
    });
    m_stack->addWidget(m_view);
    column->addWidget(m_stack, 1);
}

QWidget* RunPanel::buildHead()
{
    auto* head = new QWidget(this);
    head->setFixedHeight(kHeadHeight);
    auto* row = plain<QHBoxLayout>(head);
    row->setContentsMargins(style::kPagePadding, 0, style::kPagePadding, 0);
    row->setSpacing(8);
    m_flow = new widgets::TextLabel(m_context.theme, Type::Body, Ink::Primary, head);
    m_flow->setWeight(style::Weight::SemiBold);
    m_about = new widgets::TextLabel(m_context.theme, Type::Body, Ink::Secondary, head);
    m_chipRow = new QWidget(head);
    plain<QHBoxLayout>(m_chipRow)->setSpacing(6);
    m_cancel = new widgets::Button(m_context.theme, tr("Cancel run…"), ButtonLook::Quiet, head);
    m_cancel->setObjectName(QStringLiteral("cancelRun"));
    connect(m_cancel, &QPushButton::clicked, this, &RunPanel::cancelRequested);
    row->addWidget(m_flow);
    row->addWidget(m_about);
    row->addStretch(1);
    row->addWidget(m_chipRow);
    row->addWidget(m_cancel);
    return head;
}

void RunPanel::setRun(const QString& run)
{
    if (run == m_run) {
        return;
    }
    if (m_tasks != nullptr) {
        m_tasks->disconnect(this);
    }
    m_run = run;
    m_task.clear();
    m_chosen = false;
    m_graph->setNodes({});
    followTasks();
    refresh();
}

void RunPanel::followTasks()
{
    m_tasks = m_run.isEmpty() ? nullptr : &m_context.session.tasks(m_run);
    m_table->setRows(m_tasks);
    if (m_tasks != nullptr) {
        connect(m_tasks, &session::LiveRows::changed, this, [this] {
            refresh();
            Q_EMIT tasksShown();
        });
    }
}

void RunPanel::setCurrentTask(const QString& task)
{
    m_chosen = true;
    showTask(task);
}

void RunPanel::currentChanged(const QString& task)
{
    if (!m_byItself && !task.isEmpty()) {
        setCurrentTask(task);
    }
}

void RunPanel::showTask(const QString& task)
{
    const bool other = task != m_task;
    m_task = task;
    {
        const QScopedValueRollback byItself(m_byItself, true);
        m_graph->setCurrentNode(task);
        const int row = m_table->rowOf(task);
        if (row >= 0 && m_view->currentIndex().row() != row) {
            m_view->selectRow(row);
        }
    }
    if (other) {
        Q_EMIT taskPicked(task);
    }
}

void RunPanel::pick()
{
    const QList<QJsonObject> tasks = m_tasks->rows();
    const auto best =
        std::min_element(tasks.begin(), tasks.end(),
                         [](const QJsonObject& a, const QJsonObject& b) { return rankOf(a) < rankOf(b); });
    if (best == tasks.end()) {
        return;
    }
    const bool gone = !m_tasks->contains(m_task);
    const bool asksNow = needsPerson(*best) && !needsPerson(m_tasks->row(m_task));
    if (gone || (asksNow && !m_chosen)) {
        showTask(str(*best, u"id"));
    }
}

void RunPanel::showTable(bool on)
{
    m_stack->setCurrentIndex(on ? 1 : 0);
    focusTasks();
}

void RunPanel::focusTasks()
{
    m_stack->currentWidget()->setFocus();
}

void RunPanel::refresh()
{
    if (m_tasks == nullptr && !m_run.isEmpty()) {
        followTasks();
    }
    const QJsonObject run = m_context.session.runs().row(m_run);
    m_flow->setText(str(run, u"flow"));
    const qint64 started = session::time(run, u"startedAt");
    m_about->setText(
        run.isEmpty() ? QString()
        : started > 0
            ? tr("%1, started %2 by %3").arg(m_run, session::clockText(started), str(run, u"submittedBy"))
            : tr("%1, submitted by %2").arg(m_run, str(run, u"submittedBy")));
    const QString state = str(run, u"state");
    const bool over = state == QLatin1String("done") || state == QLatin1String("cancelled");
    m_cancel->setVisible(!run.isEmpty() && !over);
    const QString whyNot = m_context.session.whyNoChanges();
    m_cancel->setAvailable(whyNot.isEmpty(), whyNot);
    refreshChips(run);
    refreshGraph();
    refreshLeftOut();
    if (m_tasks != nullptr) {
        pick();
    }
}

void RunPanel::refreshChips(const QJsonObject& run)
{
    const QJsonObject counts = session::obj(run, u"counts");
    QStringList states = counts.keys();
    std::sort(states.begin(), states.end(),
              [](const QString& a, const QString& b) { return style::stateRank(a) < style::stateRank(b); });
    bool litOneGone = false;
    for (auto it = m_chips.begin(); it != m_chips.end();) {
        if (states.contains(it.key())) {
            ++it;
        } else {
            litOneGone = litOneGone || it.value()->isChecked();
            delete it.value();
            it = m_chips.erase(it);
        }
    }
    if (litOneGone) {
        applyChips();
    }
    for (const QString& state : states) {
        widgets::Chip*& chip = m_chips[state];
        if (chip == nullptr) {
            chip = new widgets::Chip(m_context.theme, m_chipRow);
            chip->setCheckable(true);
            chip->setState(style::stateWord(style::Domain::Task, state));
            chip->setObjectName(QStringLiteral("chip-") + state);
            connect(chip, &QAbstractButton::toggled, this, &RunPanel::applyChips);
        }
        chip->setCount(QString::number(num(counts, state)));
        m_chipRow->layout()->removeWidget(chip);
        m_chipRow->layout()->addWidget(chip);
    }
}

void RunPanel::applyChips()
{
    QStringList lit;
    for (auto it = m_chips.cbegin(); it != m_chips.cend(); ++it) {
        if (it.value()->isChecked()) {
            lit << it.key();
        }
    }
    m_graph->setHighlightedStates(lit);
    m_table->setFilter(lit.isEmpty() ? session::LiveTable::Filter() : [lit](const QJsonObject& task) {
        return lit.contains(str(task, u"state"));
    });
}

void RunPanel::refreshGraph()
{
    if (m_tasks == nullptr) {
        return;
    }
    QList<widgets::DagNode> nodes;
    const qint64 now = m_context.session.nowMs();
    for (const QJsonObject& task : m_tasks->rows()) {
        widgets::DagNode node = nodeOf(task, now);
        for (const QString& need : session::strings(task, u"needs")) {
            node.needs << m_run + '/' + need;
        }
        nodes.append(node);
    }
    m_graph->setNodes(nodes);
}

void RunPanel::refreshLeftOut()
{
    QStringList lines;
    for (const QJsonObject& task : m_tasks != nullptr ? m_tasks->rows() : QList<QJsonObject>()) {
        if (const QStringList kinds = models::leftOutTexts(task); !kinds.isEmpty()) {
            lines << (models::comparesOnly(task) ? tr("%1 did not compare %2") : tr("%1 left out %2"))
                         .arg(str(task, u"task"), kinds.join(QStringLiteral(", ")));
        }
    }
    m_leftOut->setText(lines.join(QStringLiteral("; ")));
    m_leftOut->setVisible(!lines.isEmpty());
}

void RunPanel::tick()
{
    if (m_tasks == nullptr) {
        return;
    }
    // Only what says how long it lasts changes with the second.
    QList<widgets::DagNode> nodes;
    for (const QJsonObject& task : m_tasks->rows()) {
        const QString state = str(task, u"state");
        if (state != QLatin1String("stalled") && state != QLatin1String("running") &&
            state != QLatin1String("verifying")) {
            continue;
        }
        widgets::DagNode node = nodeOf(task, m_context.session.nowMs());
        for (const QString& need : session::strings(task, u"needs")) {
            node.needs << m_run + '/' + need;
        }
        nodes.append(node);
    }
    m_graph->updateNodes(nodes);
}

}  // namespace sluice::pages
