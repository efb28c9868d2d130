#pragma once

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QTemporaryDir>
#include <QtSql/QSqlQuery>

#include "actions/action_runner.h"
#include "engine/recorded_link.h"
#include "engine/reset_service.h"
#include "flow_fakes.h"
#include "patience.h"
#include "store/database.h"
#include "support/task_kinds.h"
#include "systems/ceph/remains.h"

/// A run that stalls, a cluster it writes to, and all that a reset of it goes through.
namespace sluice::test {

inline constexpr auto kObject = "in/part-0";

/// One Ceph pool with objects and locks that can be looked at and changed.
class FakeCluster final : public connect::Link {
public:
    void call(const QString&, const QString& method, const QJsonObject& params, int, bool mutating,
              Reply reply) override
    {
        const QString object = params["object"].toString();
        if (mutating) {
            changes.append(method);
            if (journal) {
                journal->append(method);
            }
        }
        if (before) {
            before(method);
        }
        if (held && !mutating) {
            held->prepend([=, this] { answer(method, object, reply); });
        } else {
            answer(method, object, reply);
        }
    }
    void answer(const QString& method, const QString& object, const Reply& reply)
    {
        if (method == QLatin1String("object.stat")) {
            reply(objects.value(object, {{"exists", false}}));
        } else if (method == QLatin1String("lock.list")) {
            reply(QJsonObject{{"locks", locks.value(object)}});
        } else if (refusal) {
            reply(fail(*refusal));
        } else if (method == QLatin1String("lock.break")) {
            if (!keepsLocks) {
                locks.remove(object);
            }
            reply(QJsonObject{});
        } else if (method == QLatin1String("object.remove")) {
            objects.remove(object);
            reply(QJsonObject{});
        } else {
            reply(QJsonObject{});
        }
    }
    Result<void> mayAct(const QString&) const override { return {}; }

    void put(const QString& object, qint64 size, const QStringList& xattrs)
    {
        objects[object] = {{"exists", true},
                           {"sizeBytes", size},
                           {"version", 7},
                           {"omapKeys", 0},
                           {"xattrs", QJsonArray::fromStringList(xattrs)}};
    }
    void lock(const QString& object, const QJsonValue& sessionSeen)
    {
        const QJsonObject holder{{"client", "client.9"},
                                 {"cookie", "c"},
                                 {"address", "1.2.3.4:0/9"},
                                 {"sessionSeen", sessionSeen}};
        locks[object] = QJsonArray{QJsonObject{{"lock", "l"}, {"holders", QJsonArray{holder}}}};
    }

    QHash<QString, QJsonObject> objects{};
    QHash<QString, QJsonArray> locks{};
    QStringList changes{};
    QStringList* journal{};
    std::function<void(const QString& method)> before{};
    /// Names the holder of a lock that was broken all the same.
    bool keepsLocks{false};
    /// Of every change.
    std::optional<Error> refusal{};
    /// Answers that wait, the newest first.
    std::optional<QList<std::function<void()>>> held{};
};

inline model::TaskSpec copyTask()
{
    return {.name = "a",
            .kind = "move",
            .stallAfterMs = 10'000,
            .body = moveBody("file:/a", "rados://vega/train/in/")};
}

struct ResetScene {
    std::unique_ptr<QTemporaryDir> m_dir{};
    std::unique_ptr<store::Database> m_database{};
    std::unique_ptr<audit::AuditLog> m_audit{};
    std::unique_ptr<actions::RequestBook> m_requests{};
    std::unique_ptr<actions::KeptActions> m_kept{};
    std::unique_ptr<actions::ActionRunner> m_actions{};
    std::unique_ptr<engine::CaseBook> m_cases{};
    std::unique_ptr<flow::FlowEngine> m_flow{};
    std::unique_ptr<engine::RecordedLink> m_recorded{};
    std::unique_ptr<engine::ResetService> m_resets{};
    FakeClock m_clock{};
    FakeExecutor m_executor{};
    FakeFencer m_fencer{};
    FakeCluster m_cluster{};
    /// What was done to anything outside, in its order.
    QStringList m_journal{};
    QObject m_context{};
    int m_asked{};

    void begin()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_clock.ms = 0;
        m_executor = {};
        m_fencer = {};
        m_cluster = {};
        m_journal.clear();
        m_executor.journal = m_fencer.journal = m_cluster.journal = &m_journal;
        load();
        start();
    }

    void load()
    {
        const QList<store::PartSchema> schema{flow::RunStore::schema(), engine::CaseBook::schema(),
                                              engine::ResetService::schema(), actions::RequestBook::schema(),
                                              actions::KeptActions::schema()};
        m_database =
            std::move(*store::Database::open({.file = m_dir->filePath("state.db"), .parts = schema}));
        m_audit = std::move(*audit::AuditLog::open(m_dir->filePath("audit.db"), m_clock));
        m_requests = std::make_unique<actions::RequestBook>(*m_database);
        m_kept = std::make_unique<actions::KeptActions>(*m_database);
        m_actions = std::make_unique<actions::ActionRunner>(*m_audit, *m_requests, m_clock, m_kept.get());
        m_cases = std::make_unique<engine::CaseBook>(*m_database, m_clock);
        m_flow = std::make_unique<flow::FlowEngine>(
            flow::FlowEngine::Options{.manifestFolder = m_dir->filePath("runs"),
                                      .logFolder = m_dir->filePath("logs"),
                                      .lossBackoffMs = 5,
                                      .fenceRetryMs = 20},
            *m_database, m_fencer, taskKinds(), m_clock);
        m_flow->addExecutor(QStringLiteral("move"), m_executor);
        m_recorded = std::make_unique<engine::RecordedLink>(m_cluster, *m_audit, m_clock);
        m_resets = std::make_unique<engine::ResetService>(*m_flow, m_fencer, *m_cases, m_clock);
        m_resets->planner().setRemains({systems::ceph::remainsFinder(*m_recorded)});
        m_actions->add(engine::resetAction(m_resets.get()));
        for (const auto& loaded : {m_flow->load(), m_cases->load(), m_requests->load(m_clock.nowMs()),
                                   m_kept->load(), m_resets->load(*m_database, *m_kept, *m_requests)}) {
            QVERIFY2(loaded.has_value(), loaded ? "" : qPrintable(loaded.error().toLine()));
        }
    }

    void close()
    {
        m_actions.reset();
        m_resets.reset();
        m_recorded.reset();
        m_flow.reset();
        m_cases.reset();
        m_kept.reset();
        m_requests.reset();
        m_audit.reset();
        m_database.reset();
    }

    /// As a kill and a new engine would.
    void restart()
    {
        close();
        m_executor.orders.clear();
        load();
        start();
    }

    void start()
    {
        m_flow->start();
        m_resets->start();
        m_actions->carryOn();
    }

    flow::Task& task() { return const_cast<flow::Task&>(m_flow->run("R-1")->tasks[0]); }
    flow::AttemptKey key() { return m_executor.orders.last().key; }

    /// Run R-1, whose only task waits for kObject until it stalls.
    void stall()
    {
        bool submitted = false;
        m_flow->submit({.name = "f", .tasks = {copyTask()}}, "text", "anna",
                       [&submitted](const Result<QString>&) { submitted = true; });
        QTRY_VERIFY(submitted);
        QTRY_COMPARE(m_executor.orders.size(), 1);
        m_executor.sink->blocked(key(), {{"what", "lock"}, {"connection", "vega"}, {"object", kObject}});
        m_clock.ms += 11'000;
        QTRY_VERIFY(task().state == model::TaskState::Stalled);
    }

    static rpc::Request request(const QString& requestId, const QString& planHash)
    {
        return {.method = "flow.reset",
                .params = {{"run", "R-1"}, {"planHash", planHash}},
                .principal = {.name = "anna", .role = rpc::Role::Operator, .via = "test"},
                .requestId = requestId};
    }

    Result<QJsonObject> plan()
    {
        std::optional<Result<QJsonObject>> made;
        m_actions->plan("flow.reset", request({}, {}),
                        [&made](const Result<QJsonObject>& plan) { made = plan; });
        return sluice::test::waitUntil([&made] { return made.has_value(); })
                   ? *made
                   : Result<QJsonObject>(fail(Error{.message = "no plan"}));
    }
    QJsonObject planned() { return plan().value_or(QJsonObject()); }

    QJsonArray dropped()
    {
        return planned()["plan"].toObject()["tasks"].toArray().first()["dropped"].toArray();
    }

    /// How often a reset looks at the cluster before its first step: for the plan that its hash is compared
    /// with, and once more when it is recorded that it was asked for.
    static constexpr int kLooks = 2;

    struct Outcome {
        bool begun{};
        QString action{};
        /// Of the steps that change something: the error of one that failed, or there as soon as it is
        /// watched whether it moves.
        std::optional<Result<void>> result{};
        /// How it ended.
        std::optional<Result<QString>> verified{};
    };
    std::shared_ptr<Outcome> reset() { return reset(planned()["planHash"].toString()); }
    std::shared_ptr<Outcome> reset(const QString& planHash)
    {
        auto outcome = std::make_shared<Outcome>();
        const QString requestId = QStringLiteral("reset-%1").arg(++m_asked);
        QObject::connect(
            m_actions.get(), &LiveTopic::changed, &m_context,
            [this, outcome, requestId] { follow(*outcome, requestId); }, Qt::QueuedConnection);
        m_actions->request("flow.reset", request(requestId, planHash),
                           [outcome](const Result<QJsonObject>& answer) {
                               if (answer) {
                                   outcome->begun = true;
                                   outcome->action = (*answer)["action"].toString();
                               } else {
                                   outcome->result = fail(answer.error());
                               }
                           });
        return outcome;
    }
    void follow(Outcome& outcome, const QString& requestId)
    {
        const QJsonObject row = m_actions ? m_actions->full(outcome.action) : QJsonObject();
        if (row.isEmpty() || outcome.verified) {
            return;
        }
        if (!outcome.result && row["steps"].toArray().last()["state"].toString() != "waiting") {
            outcome.result = Result<void>();
        }
        const auto request = m_requests->find(requestId);
        if (request && request->stage == actions::RequestBook::Stage::Succeeded) {
            outcome.verified = row["detail"].toString();
        } else if (request && request->stage == actions::RequestBook::Stage::Failed) {
            const Error error = Error::fromJson(request->answer);
            outcome.verified = fail(error);
            outcome.result = outcome.result ? outcome.result : Result<void>(fail(error));
        }
    }

    qint64 count(const QString& sql)
    {
        qint64 number = -1;
        const auto read = m_database->readNow([&](store::Tx& tx) {
            return tx.query(sql, {}, [&number](const QSqlQuery& row) {
                number = row.value(0).toLongLong();
                return false;
            });
        });
        return read ? number : -1;
    }

    bool write(store::Database& database, const QString& sql, const QVariantList& values = {})
    {
        std::optional<bool> written;
        database.write([sql, values](store::Tx& tx) { return tx.exec(sql, values); }, &m_context,
                       [&written](const Result<void>& result) { written = result.has_value(); });
        return sluice::test::waitUntil([&written] { return written.has_value(); }) && *written;
    }

    /// The outcomes of the records of flow.reset, oldest first.
    QStringList outcomes()
    {
        std::optional<QStringList> found;
        m_audit->list(0, 100, m_audit.get(), [&found](const Result<QList<audit::Record>>& records) {
            QStringList list;
            for (const audit::Record& record : *records) {
                if (record.action == QLatin1String("flow.reset")) {
                    list.prepend(record.outcome);
                }
            }
            found = list;
        });
        return sluice::test::waitUntil([&found] { return found.has_value(); }) ? *found : QStringList();
    }

    /// All records but those of flow.reset, oldest first: "principal action outcome".
    QStringList told()
    {
        std::optional<QStringList> found;
        m_audit->list(0, 100, m_audit.get(), [&found](const Result<QList<audit::Record>>& records) {
            QStringList list;
            for (const audit::Record& record : *records) {
                if (record.action != QLatin1String("flow.reset")) {
                    list.prepend(record.principal + ' ' + record.action + ' ' + record.outcome);
                }
            }
            found = list;
        });
        return sluice::test::waitUntil([&found] { return found.has_value(); }) ? *found : QStringList();
    }

    void keepPlan()
    {
        const QJsonObject body{{"plan", planned()["plan"]},
                               {"principal", "anna"},
                               {"role", "operator"},
                               {"via", "test"},
                               {"requestId", "q1"}};
        const QString text = QString::fromUtf8(QJsonDocument(body).toJson(QJsonDocument::Compact));
        QVERIFY(write(*m_database, "INSERT INTO reset (run, body) VALUES (?, ?)", {"R-1", text}));
    }
};

}  // namespace sluice::test
