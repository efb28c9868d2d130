#pragma once

#include <QtCore/QJsonArray>
#include <QtCore/QTemporaryDir>
#include <memory>

#include "engine/doctor.h"
#include "engine/key_service.h"
#include "keys/secret_store.h"
#include "support/task_kinds.h"
#include "systems/ceph/rules/rules.h"
#include "tests/unit/authorities.h"
#include "tests/unit/engine_fakes.h"
#include "tests/unit/flow_fakes.h"

namespace sluice::test {

/// A flow engine with a doctor, and one full Ceph pool that stops as many tasks as one likes.
class OutageScene {
public:
    OutageScene()
    {
        const QList<store::PartSchema> schema{flow::RunStore::schema(), engine::CaseBook::schema(),
                                              engine::KeyService::schema()};
        database = std::move(*store::Database::open({.file = dir.filePath("s.db"), .parts = schema}));
        vault = std::make_unique<keys::ThreadedKeyVault>(
            std::make_unique<keys::FileSecretStore>(*keys::FileSecretStore::open(dir.filePath("secrets"))));
        keys = std::make_unique<engine::KeyService>(link, cephAuthorities(), *vault, *database, clock);
        estate = std::make_unique<estate::Estate>(clock);
        flow = std::make_unique<flow::FlowEngine>(
            flow::FlowEngine::Options{.maxAttempts = 5000,
                                      .manifestFolder = dir.filePath("runs"),
                                      .logFolder = dir.filePath("logs")},
            *database, fencer, taskKinds(), clock);
        flow->addExecutor(QStringLiteral("move"), executor);
        cases = std::make_unique<engine::CaseBook>(*database, clock);
        doctor = std::make_unique<engine::Doctor>(rules, *flow, *estate, link, *cases, *keys, *vault, clock);
        flow->start();
    }

    /// `runs` runs of `tasks` tasks each. @return all of them were started
    bool start(int runs, int tasks)
    {
        const qsizetype before = executor.orders.size();
        qsizetype submitted = 0;
        for (int i = 0; i < runs; ++i) {
            QList<model::TaskSpec> specs;
            for (int k = 0; k < tasks; ++k) {
                specs.append(
                    {.name = QStringLiteral("t%1").arg(k),
                     .kind = QStringLiteral("move"),
                     .stallAfterMs = 10'000,
                     .body = moveBody("file:/a", QStringLiteral("rados://vega/train/%1-%2/").arg(i).arg(k))});
            }
            flow->submit({.name = "f", .tasks = specs}, "text", "anna",
                         [&submitted](const Result<QString>& run) { submitted += run ? 1 : 0; });
        }
        return waitUntil(
            [&] { return submitted == runs && executor.orders.size() == before + qsizetype(runs) * tasks; });
    }

    /// What every task waits for, and that none has moved since its deadline.
    void stopAll(const QString& cephPool = QStringLiteral("train"))
    {
        clock.ms += 11'000;
        for (const QString& name : {QStringLiteral("train"), QStringLiteral("landing")}) {
            estate->upsert({.id = "vega/ceph-pool/" + name,
                            .connection = "vega",
                            .kind = "ceph-pool",
                            .name = name,
                            .source = "test",
                            .observedAtMs = clock.nowMs(),
                            .facts = {{"fullQuota", true}}});
        }
        for (; told < executor.orders.size(); ++told) {
            executor.sink->blocked(executor.orders[told].key, {{"what", "quota"},
                                                               {"connection", "vega"},
                                                               {"cephPool", cephPool},
                                                               {"object", "part-1"},
                                                               {"op", "write"}});
        }
    }

    /// Runs that are in an open case.
    int inCases() const
    {
        int count = 0;
        for (const auto& [number, run] : flow->runs()) {
            count += cases->openCaseOf(run->id) ? 1 : 0;
        }
        return count;
    }

    /// Every question the doctor asked, with how often.
    QMap<QString, int> asked() const
    {
        QMap<QString, int> counts;
        for (const FakeLink::Call& call : link.calls) {
            ++counts[diagnosis::Probe{call.method, call.connection, call.params}.id()];
        }
        return counts;
    }

    QTemporaryDir dir;
    const diagnosis::RuleBook rules{{diagnosis::generalRules(), systems::ceph::rules()}};
    FakeClock clock;
    FakeLink link;
    FakeExecutor executor;
    FakeFencer fencer;
    qsizetype told{};
    std::unique_ptr<store::Database> database;
    std::unique_ptr<keys::ThreadedKeyVault> vault;
    std::unique_ptr<engine::KeyService> keys;
    std::unique_ptr<estate::Estate> estate;
    std::unique_ptr<flow::FlowEngine> flow;
    std::unique_ptr<engine::CaseBook> cases;
    std::unique_ptr<engine::Doctor> doctor;
};

}  // namespace sluice::test
