#include "engine/reset_service.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <utility>

#include "core/log.h"
#include "engine/reset_under_way.h"
#include "store/database.h"
#include "store/row_reader.h"

namespace sluice::engine {

namespace {

constexpr int kRetryMs = 2000;
constexpr qint64 kPatienceMs = 60'000;

}  // namespace

store::PartSchema ResetService::schema()
{
    return {.part = QStringLiteral("resets"),
            .steps = {{.version = 1,
                       .statements = {QStringLiteral(
                           "CREATE TABLE reset (run TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID")},
                       .inFileSince = 1}}};
}

ResetService::ResetService(flow::FlowEngine& flow, flow::Fencer& fencer, connect::Link& link, CaseBook& cases,
                           actions::ActionRunner& actions, store::Database& database, const Clock& clock,
                           QObject* parent)
    : QObject(parent),
      m_flow(flow),
      m_fencer(fencer),
      m_link(link),
      m_cases(cases),
      m_actions(actions),
      m_database(database),
      m_clock(clock),
      m_watch(flow, cases, clock),
      m_planner(flow)
{
}

Result<void> ResetService::load()
{
    auto read = m_database.readNow([this](store::Tx& tx) {
        return store::readRows(tx, m_database.file(), QStringLiteral("reset"),
                               QStringLiteral("SELECT run, body FROM reset"), {},
                               [this](store::RowReader& row) { m_left.insert(row.name(0), row.object(1)); });
    });
    for (auto it = m_left.cbegin(); it != m_left.cend(); ++it) {
        for (const QJsonValue& task : it.value()["plan"]["tasks"].toArray()) {
            m_flow.claimForReset(it.key(), task["index"].toInt(), task["attempt"].toInt(),
                                 task["fence"].toInteger());
        }
    }
    return read;
}

void ResetService::start()
{
    for (const auto& [run, task] : m_flow.resetting()) {
        if (!m_left.contains(run)) {
            m_flow.abortReset(run, task,
                              Error{.code = ErrorCode::Aborted,
                                    .message = QStringLiteral("A reset was begun and its plan is gone"),
                                    .cause = QStringLiteral("the engine ended before the plan was kept"),
                                    .correction = QStringLiteral("Reset the run again."),
                                    .source = QStringLiteral("reset")},
                              [](const Result<void>&) {});
        }
    }
    m_cases.reopenInterrupted(m_left.keys());
    const auto left = std::exchange(m_left, {});
    for (auto it = left.cbegin(); it != left.cend(); ++it) {
        const flow::Run* run = m_flow.run(it.key());
        if (!run || run->endedAtMs > 0) {
            log::info(
                "reset",
                QStringLiteral("%1: a reset was left in the middle, and the run has ended").arg(it.key()));
            forget(it.key());
            continue;
        }
        const QJsonObject body = it.value();
        auto reset = std::make_shared<Reset>();
        reset->run = it.key();
        reset->plan = body["plan"].toObject();
        reset->planHash = body["planHash"].toString();
        reset->asker = {body["principal"].toString(), body["role"].toString(), body["via"].toString(),
                        body["requestId"].toString()};
        reset->carriedOn = true;
        reset->done = [this, run = it.key(), asker = reset->asker](const Result<QJsonObject>& result) {
            const auto close = [this, run, asker](const QString& outcome, const QJsonObject& detail) {
                m_actions.appendRecord(asker, QStringLiteral("flow.reset"), 2, {run}, outcome, detail);
            };
            if (!result) {
                close(QStringLiteral("failed"), {{"error", result.error().toJson()}});
                return;
            }
            verify(run, *result, [close](const Result<QString>& by) {
                close(by ? QStringLiteral("verified") : QStringLiteral("not verified"),
                      by ? QJsonObject{{"by", *by}} : QJsonObject{{"error", by.error().toJson()}});
            });
        };
        log::info("reset",
                  QStringLiteral("%1: carrying on a reset that was left in the middle").arg(it.key()));
        m_underWay.insert(it.key());
        carryOn(reset);
    }
}

/// No record, no act: that holds for the second beginning as for the first.
void ResetService::carryOn(std::shared_ptr<Reset> reset)
{
    const auto written = [this, reset](const Result<void>& result) {
        if (result) {
            executeSteps(reset);
        } else {
            QTimer::singleShot(kRetryMs, this, [this, reset] { carryOn(reset); });
        }
    };
    m_actions.appendRecord(reset->asker, QStringLiteral("flow.reset"), 2, {reset->run},
                           QStringLiteral("carried on after a restart"),
                           {{"plan", reset->plan}, {"planHash", reset->planHash}}, written);
}

void ResetService::execute(const QString& run, const QString& planHash, const actions::Asker& asker,
                           actions::Action::Started started, Done done)
{
    if (m_underWay.contains(run)) {
        done(fail(Error{.code = ErrorCode::FailedPrecondition,
                        .message = QStringLiteral("A reset of %1 is under way").arg(run),
                        .cause = QStringLiteral("somebody asked for it a moment ago"),
                        .correction = QStringLiteral("Wait for it: sluicectl flow show %1 --watch.").arg(run),
                        .source = QStringLiteral("reset")}));
        return;
    }
    m_underWay.insert(run);
    m_planner.plan(run, [this, run, planHash, asker, started, done](const Result<QJsonObject>& planned) {
        if (!planned || (*planned)["planHash"].toString() != planHash) {
            m_underWay.remove(run);
            done(planned ? fail(Error{
                               .code = ErrorCode::FailedPrecondition,
                               .message = QStringLiteral("The plan is void"),
                               .cause = QStringLiteral("the state of %1 changed after it was shown").arg(run),
                               .correction = QStringLiteral("Look at the new plan and decide again."),
                               .source = QStringLiteral("reset")})
                         : fail(planned.error()));
            return;
        }
        auto reset = std::make_shared<Reset>();
        reset->run = run;
        reset->plan = (*planned)["plan"].toObject();
        reset->planHash = planHash;
        reset->asker = asker;
        reset->done = done;
        if (const Case* open = m_cases.openCaseOf(run)) {
            m_cases.setPhase(open->id, QStringLiteral("carry out"),
                             QStringLiteral("reset by %1").arg(asker.principal));
        }
        keep(reset, [this, reset, started](const Result<void>& kept) {
            if (kept) {
                started();
                executeSteps(reset);
            } else {
                giveUp(reset, kept.error());
            }
        });
    });
}

void ResetService::keep(std::shared_ptr<Reset> reset, std::function<void(const Result<void>&)> then)
{
    const QJsonObject body{
        {"plan", reset->plan},       {"planHash", reset->planHash}, {"principal", reset->asker.principal},
        {"role", reset->asker.role}, {"via", reset->asker.via},     {"requestId", reset->asker.requestId}};
    const QString text = QString::fromUtf8(QJsonDocument(body).toJson(QJsonDocument::Compact));
    m_database.write(
        [run = reset->run, text](store::Tx& tx) {
            return tx.exec(QStringLiteral("INSERT OR REPLACE INTO reset (run, body) VALUES (?, ?)"),
                           {run, text});
        },
        this, std::move(then));
}

void ResetService::forget(const QString& run)
{
    m_underWay.remove(run);
    m_database.write(
        [run](store::Tx& tx) { return tx.exec(QStringLiteral("DELETE FROM reset WHERE run = ?"), {run}); },
        this,
        [run](const Result<void>& gone) {
            // Harmless: the next start finds every task let go.
            if (!gone) {
                log::warn("reset",
                          QStringLiteral("the plan of %1 is still kept: %2").arg(run, gone.error().toLine()));
            }
        });
}

QJsonObject ResetService::currentTask(const Reset& reset) const
{
    return reset.plan["tasks"].toArray()[reset.task].toObject();
}

void ResetService::executeSteps(std::shared_ptr<Reset> reset)
{
    const QJsonArray tasks = reset->plan["tasks"].toArray();
    if (reset->task >= tasks.size()) {
        forget(reset->run);
        reset->done(QJsonObject{{"run", reset->run}, {"tasks", tasks}, {"carriedOut", true}});
        return;
    }
    const QJsonObject task = currentTask(*reset);
    reset->locks.clear();
    reset->drops.clear();
    for (const QJsonValue& lock : task["locks"].toArray()) {
        if (lock["alive"].isBool() && !lock["alive"].toBool()) {
            reset->locks.append(lock.toObject());
        }
    }
    for (const QJsonValue& object : task["dropped"].toArray()) {
        reset->drops.append(object.toObject());
    }
    reset->locksPlanned = reset->locks.size();
    reset->dropsPlanned = reset->drops.size();
    reset->todo = QStringList{"begin", "fence", "kill"};
    reset->todo += QStringList(reset->locks.size(), QStringLiteral("lock"));
    reset->todo += QStringList(reset->drops.size(), QStringLiteral("drop"));
    reset->todo.append(QStringLiteral("start"));
    step(reset);
}

void ResetService::step(std::shared_ptr<Reset> reset)
{
    if (reset->todo.isEmpty()) {
        ++reset->task;
        executeSteps(reset);
        return;
    }
    const QString what = reset->todo.first();
    const QJsonObject task = currentTask(*reset);
    const int index = task["index"].toInt();
    if (what == QLatin1String("begin")) {
        const flow::Task& now = m_flow.run(reset->run)->tasks[static_cast<size_t>(index)];
        if (reset->carriedOn && !now.resetting && now.fence > task["fence"].toInteger()) {
            // This task was let go before the restart.
            reset->todo.clear();
            step(reset);
            return;
        }
    }
    if (!reset->begun) {
        m_actions.recordStep(reset->asker, note(*reset, QStringLiteral("intent"), {}),
                             [this, reset](const Result<void>& written) {
                                 reset->begun = written.has_value();
                                 if (written) {
                                     step(reset);
                                     return;
                                 }
                                 Error error = written.error();
                                 error.retryable = true;
                                 stepDone(reset, fail(error));
                             });
        return;
    }
    const auto simply = [this, reset](const QString& outcome = QStringLiteral("done"),
                                      const QString& by = {}) {
        return [=, this](const Result<void>& result) { stepDone(reset, result, outcome, by); };
    };
    if (what == QLatin1String("begin")) {
        m_flow.beginReset(reset->run, index, task["attempt"].toInt(), task["fence"].toInteger(), simply());
    } else if (what == QLatin1String("fence")) {
        m_flow.lastAttempt(
            reset->run, index, [this, reset, simply](const Result<flow::AttemptRecord>& attempt) {
                if (attempt) {
                    const QString proof = m_fencer.describe(*attempt).proof;
                    m_fencer.fence(*attempt, proof.isEmpty()
                                                 ? simply(QStringLiteral("not needed"),
                                                          QStringLiteral("it had nothing to write with yet"))
                                                 : simply(QStringLiteral("verified"), proof));
                } else {
                    stepDone(reset,
                             attempt.error().code == ErrorCode::NotFound
                                 ? Result<void>()
                                 : Result<void>(fail(attempt.error())),
                             QStringLiteral("not needed"), QStringLiteral("it never had an attempt"));
                }
            });
    } else if (what == QLatin1String("kill")) {
        m_flow.killAttempt(reset->run, index,
                           simply(QStringLiteral("verified"), QStringLiteral("its process is reaped")));
    } else if (what == QLatin1String("lock")) {
        breakLock(reset, reset->locks.first());
    } else if (what == QLatin1String("drop")) {
        dropObject(reset, reset->drops.first());
    } else {
        m_flow.finishReset(reset->run, index, simply());
    }
}

/// The present step, for the record and the topic.
actions::StepNote ResetService::note(const Reset& reset, const QString& outcome, const QString& by) const
{
    static const QHash<QString, QPair<QString, QString>> names{
        {"begin", {"attempt.fence", "fence"}},  {"fence", {"client.blocklist", "fence"}},
        {"kill", {"attempt.kill", "dead"}},     {"lock", {"lock.break", "lock.%1"}},
        {"drop", {"object.remove", "drop.%1"}}, {"start", {"attempt.start", "start"}}};
    const QString what = reset.todo.first();
    const QJsonObject task = currentTask(reset);
    QStringList objects{reset.run + '/' + task["task"].toString()};
    QJsonObject detail;
    qsizetype number = 0;
    if (what == QLatin1String("lock")) {
        detail = reset.locks.first();
        number = reset.locksPlanned - reset.locks.size() + 1;
        objects.append(QStringLiteral("%1/lock/%2/%3/%4")
                           .arg(detail["connection"].toString(), detail["cephPool"].toString(),
                                detail["object"].toString(), detail["lock"].toString()));
    } else if (what == QLatin1String("drop")) {
        detail = reset.drops.first();
        number = reset.dropsPlanned - reset.drops.size() + 1;
        objects.append(detail["object"].toString());
    } else if (what == QLatin1String("fence")) {
        detail["addresses"] = task["fenced"];
    }
    if (!by.isEmpty()) {
        detail["by"] = by;
    }
    const auto [name, step] = names.value(what);
    return {.step = task["task"].toString() + '.' + (number > 0 ? step.arg(number) : step),
            .name = name,
            .objects = objects,
            .outcome = outcome,
            .detail = detail};
}

void ResetService::stepDone(std::shared_ptr<Reset> reset, const Result<void>& result, const QString& outcome,
                            const QString& by)
{
    if (!result) {
        const qint64 now = m_clock.monotonicMs();
        if (reset->troubleSinceMs == 0) {
            reset->troubleSinceMs = now;
        }
        // A reset carried on after a restart has nobody to report to, so it keeps trying.
        if (actions::mayPass(result.error()) &&
            (reset->carriedOn || now - reset->troubleSinceMs < kPatienceMs)) {
            QTimer::singleShot(kRetryMs, this, [this, reset] { step(reset); });
        } else {
            if (reset->begun) {
                actions::StepNote failed = note(*reset, QStringLiteral("failed"), {});
                failed.detail["error"] = result.error().toJson();
                m_actions.recordStep(reset->asker, failed);
            }
            giveUp(reset, result.error());
        }
        return;
    }
    reset->troubleSinceMs = 0;
    reset->acted = false;
    m_actions.recordStep(reset->asker, note(*reset, outcome, by));
    reset->begun = false;
    const QString what = reset->todo.takeFirst();
    if (what == QLatin1String("lock")) {
        reset->locks.removeFirst();
    } else if (what == QLatin1String("drop")) {
        reset->drops.removeFirst();
    }
    step(reset);
}

void ResetService::giveUp(std::shared_ptr<Reset> reset, const Error& error)
{
    const QJsonArray tasks = reset->plan["tasks"].toArray();
    for (qsizetype i = reset->task; i < tasks.size(); ++i) {
        const int index = tasks[i].toObject()["index"].toInt();
        const flow::Run* run = m_flow.run(reset->run);
        if (run->tasks[static_cast<size_t>(index)].resetting) {
            m_flow.abortReset(reset->run, index, error, [](const Result<void>&) {});
        }
    }
    forget(reset->run);
    if (const Case* open = m_cases.openCaseOf(reset->run)) {
        m_cases.setPhase(open->id, QStringLiteral("decide"),
                         QStringLiteral("the reset was not carried out: %1").arg(error.message));
    }
    reset->done(fail(error));
}

}  // namespace sluice::engine
