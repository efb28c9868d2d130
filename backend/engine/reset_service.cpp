#include "engine/reset_service.h"

#include <QtCore/QJsonArray>
#include <QtCore/QSet>
#include <memory>

#include "core/log.h"
#include "store/database.h"
#include "store/row_reader.h"

namespace sluice::engine {
namespace {

QStringList takeStrings(QJsonObject& from, const QString& member)
{
    return QVariant(from.take(member).toArray().toVariantList()).toStringList();
}

QStringList objectsOf(const QString& run, const QJsonObject& plan)
{
    QStringList objects{run};
    const QJsonArray tasks = plan["tasks"].toArray();
    for (const QJsonValue& task : tasks) {
        objects.append(run + '/' + task["task"].toString());
    }
    return objects;
}

QString titleOf(const QString& run)
{
    return QStringLiteral("Reset %1").arg(run);
}

}  // namespace

store::PartSchema ResetService::schema()
{
    return {.part = QStringLiteral("resets"),
            .steps = {{.version = 1,
                       .statements = {QStringLiteral(
                           "CREATE TABLE reset (run TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID")},
                       .inFileSince = 1}}};
}

ResetService::ResetService(flow::FlowEngine& flow, flow::Fencer& fencer, CaseBook& cases, const Clock& clock,
                           QObject* parent)
    : QObject(parent),
      m_flow(flow),
      m_fencer(fencer),
      m_cases(cases),
      m_clock(clock),
      m_watch(flow, cases, clock),
      m_planner(flow)
{
}

Result<void> ResetService::load(store::Database& database, actions::KeptActions& kept,
                                actions::RequestBook& requests)
{
    QHash<QString, QJsonObject> before;
    auto read = database.readNow([&](store::Tx& tx) {
        return store::readRows(
            tx, database.file(), QStringLiteral("reset"), QStringLiteral("SELECT run, body FROM reset"), {},
            [&before](store::RowReader& row) { before.insert(row.name(0), row.object(1)); });
    });
    if (!read) {
        return read;
    }
    for (auto it = before.cbegin(); it != before.cend(); ++it) {
        const QString run = it.key();
        const QString requestId = it.value()["requestId"].toString();
        const auto request = requests.find(requestId);
        QJsonObject asker = it.value();
        asker["paramsHash"] = request ? request->params : QString();
        actions::Call call{.params = {{"run", run}},
                           .plan = it.value()["plan"].toObject(),
                           .asker = actions::Asker::fromJson(asker),
                           .carriedOn = true};
        QJsonArray shown;
        const QList<actions::Step> all = steps(call);
        for (const actions::Step& step : all) {
            shown.append(step.toJson());
        }
        call.plan["steps"] = shown;
        kept.adopt(request ? request->action : requests.nextActionId(),
                   {{"method", QStringLiteral("flow.reset")},
                    {"title", titleOf(run)},
                    {"params", call.params},
                    {"plan", call.plan},
                    {"planHash", it.value()["planHash"]},
                    {"objects", QJsonArray::fromStringList(objectsOf(run, call.plan))},
                    {"asker", call.asker.toJson()}},
                   [run](store::Tx& tx) {
                       return tx.exec(QStringLiteral("DELETE FROM reset WHERE run = ?"), {run});
                   });
    }
    for (const QJsonObject& action : kept.left()) {
        const auto request = requests.find(action["asker"]["requestId"].toString());
        if (action["method"].toString() != QLatin1String("flow.reset") ||
            (request && request->stage != actions::RequestBook::Stage::Begun)) {
            continue;
        }
        const QList<Target> targets =
            targetsOf({.params = action["params"].toObject(), .plan = action["plan"].toObject()});
        // One that had failed is only ended: what it had not begun stays as it is.
        for (const Target& target : actions::KeptActions::hadFailed(action) ? QList<Target>() : targets) {
            m_flow.claimForReset(target.run, target.index, target.attempt, target.fence);
        }
        m_carriedOn += targets;
    }
    return {};
}

void ResetService::start()
{
    QSet<std::pair<QString, int>> held;
    QStringList runs;
    for (const Target& target : std::as_const(m_carriedOn)) {
        runs.append(target.run);
        if (const flow::Task* task = taskOf(target); task && target.holds(*task)) {
            held.insert({target.run, target.index});
        }
    }
    for (const auto& [run, task] : m_flow.resetting()) {
        if (!held.contains({run, task})) {
            m_flow.abortReset(run, task,
                              Error{.code = ErrorCode::Aborted,
                                    .message = QStringLiteral("A reset was begun and its plan is gone"),
                                    .cause = QStringLiteral("the engine ended before the plan was kept"),
                                    .correction = QStringLiteral("Reset the run again."),
                                    .source = QStringLiteral("reset")},
                              [](const Result<void>&) {});
        }
    }
    m_cases.reopenInterrupted(runs);
    m_carriedOn.clear();
}

void ResetService::plan(const actions::Call& call, actions::Description::Planned done)
{
    const QString run = call.params["run"].toString();
    m_planner.plan(run, [run, done = std::move(done)](const Result<QJsonObject>& planned) {
        if (!planned) {
            done(fail(planned.error()));
            return;
        }
        QJsonObject decided = (*planned)["plan"].toObject();
        const QStringList touches = takeStrings(decided, QStringLiteral("touches"));
        const QStringList cannotUndo = takeStrings(decided, QStringLiteral("cannotUndo"));
        done(actions::Plan{.title = titleOf(run),
                           .objects = objectsOf(run, decided),
                           .decided = decided,
                           .state = {{"hash", (*planned)["stateHash"]}},
                           .touches = touches,
                           .cannotUndo = cannotUndo});
    });
}

void ResetService::tellCase(const actions::Call& call)
{
    const Case* open = m_cases.openCaseOf(call.params["run"].toString());
    if (open && open->phase != QLatin1String("carry out")) {
        m_cases.setPhase(open->id, QStringLiteral("carry out"),
                         QStringLiteral("reset by %1").arg(call.asker.principal));
    }
}

void ResetService::over(const actions::Call& call, const Result<QJsonObject>& result,
                        std::function<void()> then)
{
    if (result) {
        then();
        return;
    }
    const QString runId = call.params["run"].toString();
    const Error error = result.error();
    if (const Case* open = m_cases.openCaseOf(runId); open && open->phase == QLatin1String("carry out")) {
        m_cases.setPhase(open->id, QStringLiteral("decide"),
                         QStringLiteral("the reset was not carried out: %1").arg(error.message));
    }
    QList<int> held;
    for (const Target& target : targetsOf(call)) {
        if (const flow::Task* task = taskOf(target); task && target.holds(*task)) {
            held.append(target.index);
        }
    }
    auto open = std::make_shared<qsizetype>(held.size());
    if (held.isEmpty()) {
        then();
    }
    for (const int index : std::as_const(held)) {
        m_flow.abortReset(runId, index, error, [open, then](const Result<void>&) {
            if (--*open == 0) {
                then();
            }
        });
    }
}

actions::Description resetAction(ResetService* resets)
{
    return {.method = QStringLiteral("flow.reset"),
            .actionClass = 2,
            .params = {{"run", "string", true, "id of a run"}},
            .planMembers = QStringLiteral("{action, class, run, tasks: [{task, attempt, fence, kept, "
                                          "dropped, locks, fenced, proof}], steps: "
                                          "[{id, title, checkedBy}], touches, cannotUndo}"),
            .doc = QStringLiteral(
                "Carries a reset plan out; void if the state changed since. Answers when it is begun."),
            .planDoc = QStringLiteral(
                "What a reset of the run's stalled and failed tasks would keep, drop, unlock and fence. "
                "Changes nothing."),
            .plan = [resets](const actions::Call& call,
                             actions::Description::Planned done) { resets->plan(call, std::move(done)); },
            .steps = [resets](const actions::Call& call) { return resets->steps(call); },
            .resumes = true,
            .alone = true,
            .over = [resets](const actions::Call& call, const Result<QJsonObject>& result,
                             std::function<void()> then) { resets->over(call, result, std::move(then)); }};
}

}  // namespace sluice::engine
