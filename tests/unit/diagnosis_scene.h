#pragma once

#include <QtCore/QJsonArray>
#include <QtCore/QMap>
#include <algorithm>

#include "core/clock.h"
#include "diagnosis/diagnose.h"
#include "diagnosis/rule.h"
#include "systems/ceph/rules/rules.h"

/// A Ceph cluster "vega" as facts, healthy to begin with, and a copy task on it. Tests bend one thing at a
/// time.
namespace sluice::diagnosis::test {

inline constexpr qint64 kNow = 1'767'237'248'000;  // 2026-01-01T03:14:08Z

inline const RuleBook& ruleBook()
{
    static const RuleBook book({generalRules(), systems::ceph::rules()});
    return book;
}

inline Diagnosis diagnose(const TaskView& task, const FactSource& facts, qint64 nowMs)
{
    return diagnosis::diagnose(ruleBook(), task, facts, nowMs);
}

inline QList<Probe> probesFor(const TaskView& task, const FactSource& facts)
{
    return ruleBook().probesFor(task, facts);
}

inline QList<Probe> followUpProbes(const TaskView& task, const FactSource& facts)
{
    return ruleBook().followUpProbes(task, facts);
}

class FakeFacts final : public FactSource {
public:
    std::optional<Fact> fact(const QString& id) const override
    {
        const auto it = m_facts.find(id);
        return it == m_facts.end() ? std::nullopt : std::optional<Fact>(*it);
    }
    QList<Fact> ofKind(const QString& connection, const QString& kind) const override
    {
        QList<Fact> found;
        for (const Fact& fact : m_facts) {
            if (fact.kind == kind && (connection.isEmpty() || fact.connection == connection)) {
                found.append(fact);
            }
        }
        return found;
    }
    void put(const QString& connection, const QString& kind, const QString& name, const QJsonObject& facts,
             qint64 at = kNow - 2'000)
    {
        const QString id = idOf(connection, kind, name);
        m_facts.insert(id, {id, connection, kind, name, QStringLiteral("test"), at, facts});
    }
    void change(const QString& id, const QJsonObject& changes)
    {
        Fact& fact = m_facts[id];
        for (auto it = changes.begin(); it != changes.end(); ++it) {
            fact.facts[it.key()] = it.value();
        }
    }
    void age(const QString& id, qint64 ms) { m_facts[id].observedAtMs = kNow - ms; }
    void ageAll(qint64 ms)
    {
        for (Fact& fact : m_facts) {
            fact.observedAtMs = kNow - ms;
        }
    }
    void drop(const QString& id) { m_facts.remove(id); }
    QStringList ids() const { return m_facts.keys(); }

private:
    QMap<QString, Fact> m_facts;
};

inline const QString kObject = QStringLiteral("part-05120");
inline const QString kPgId = QStringLiteral("vega/object-pg/train/part-05120");
inline const QString kPool = QStringLiteral("vega/ceph-pool/train");
inline const QString kQuorum = QStringLiteral("vega/mon-quorum/vega");
inline const QString kSessionsId = QStringLiteral("vega/sessions/vega");
inline const QString kLockList = QStringLiteral("vega/lock-list/train/part-05120");
inline const QString kAuth = QStringLiteral("vega/auth-entity/client.ingest.g1");
inline const QString kHolder = QStringLiteral("client.48213");
inline const QString kAddress = QStringLiteral("10.20.4.17:0/3318240915");

inline QJsonObject lockFact()
{
    return {{"cephPool", "train"},
            {"object", kObject},
            {"lock", "compact"},
            {"exclusive", true},
            {"tag", ""},
            {"objectChangedAt", toRfc3339(kNow - 937'000)},
            {"holders", QJsonArray{QJsonObject{{"client", kHolder},
                                               {"cookie", "c1"},
                                               {"address", kAddress},
                                               {"onMons", QJsonArray{}},
                                               {"sessionSeen", QJsonValue()}}}}};
}

inline QJsonArray monsAnswered(const QStringList& yes, const QStringList& no = {})
{
    QJsonArray mons;
    for (const QString& mon : yes) {
        mons.append(QJsonObject{{"mon", mon}, {"answered", true}});
    }
    for (const QString& mon : no) {
        mons.append(QJsonObject{{"mon", mon}, {"answered", false}});
    }
    return mons;
}

inline FakeFacts healthyVega()
{
    FakeFacts facts;
    facts.put("vega", "cluster", "vega",
              {{"health", "HEALTH_OK"},
               {"healthBelieved", true},
               {"mgrAvailable", true},
               {"osdsUp", 3},
               {"osdsIn", 3},
               {"osdsTotal", 3},
               {"flags", QJsonArray{}}});
    facts.put("vega", "mon-quorum", "vega",
              {{"quorate", true},
               {"needed", 2},
               {"total", 3},
               {"leader", "a"},
               {"quorumAgeS", 600},
               {"inQuorum", QJsonArray{"a", "b", "c"}},
               {"outside", QJsonArray{}}});
    for (const QString& mon : {QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c")}) {
        facts.put("vega", "mon", mon, {{"name", mon}, {"answers", true}, {"inQuorum", true}});
    }
    for (int osd = 0; osd < 3; ++osd) {
        facts.put("vega", "osd", QString::number(osd),
                  {{"osdId", osd},
                   {"up", true},
                   {"in", true},
                   {"host", QStringLiteral("host-%1").arg(osd)},
                   {"usedBytes", 100.0 * (osd + 1)},
                   {"totalBytes", 1000.0}});
    }
    for (const QString& cephPool : {QStringLiteral("landing"), QStringLiteral("train")}) {
        facts.put("vega", "ceph-pool", cephPool,
                  {{"size", 2},
                   {"minSize", 2},
                   {"storedBytes", 610.0},
                   {"objects", 10},
                   {"quotaBytes", 0},
                   {"quotaObjects", 0},
                   {"maxAvailBytes", 4096.0 * 1024 * 1024},
                   {"full", false},
                   {"fullQuota", false},
                   {"internal", false}});
    }
    facts.put(
        "vega", "pg-summary", "vega",
        {{"total", 64}, {"inactive", 0}, {"undersized", 0}, {"degradedObjects", 0}, {"unfoundObjects", 0}});
    facts.put("vega", "object-pg", "train/part-05120",
              {{"cephPool", "train"},
               {"object", kObject},
               {"pgId", "7.1c"},
               {"state", "active+clean"},
               {"acting", QJsonArray{1, 2}},
               {"up", QJsonArray{1, 2}},
               {"size", 2},
               {"minSize", 2}});
    facts.put("vega", "lock-list", "train/part-05120",
              {{"cephPool", "train"}, {"object", kObject}, {"locks", QJsonArray{}}});
    facts.put("vega", "sessions", "vega",
              {{"mons", monsAnswered({"a", "b", "c"})},
               {"sessions", QJsonArray{QJsonObject{{"mon", "a"},
                                                   {"entity", "client.sluice"},
                                                   {"client", "client.4100"},
                                                   {"address", "10.0.0.1:0/1"}}}}});
    facts.put(
        "vega", "auth-entity", "client.ingest.g1",
        {{"entity", "client.ingest.g1"},
         {"caps", QJsonObject{{"mon", "allow r"}, {"osd", "allow rwx pool=landing, allow rwx pool=train"}}}});
    return facts;
}

inline TaskView copyTask(const QString& what = {}, const QString& message = {})
{
    TaskView task{.id = QStringLiteral("R-1/copy-train"),
                  .run = QStringLiteral("R-1"),
                  .task = QStringLiteral("copy-train"),
                  .kind = QStringLiteral("move"),
                  .state = QStringLiteral("stalled"),
                  .phase = QStringLiteral("copying"),
                  .role = QStringLiteral("ingest"),
                  .entity = QStringLiteral("client.ingest.g1"),
                  .touched = {{"ceph-pool", "vega", "landing", false}, {"ceph-pool", "vega", "train", true}},
                  .connections = {QStringLiteral("vega")},
                  .lastProgressAtMs = kNow - 372'000,
                  .stallAfterMs = 30'000,
                  .tasksBehind = 4};
    if (!what.isEmpty()) {
        task.blocked = {
            {"what", what},       {"connection", "vega"},
            {"op", "write"},      {"tries", 9},
            {"sinceMs", 372'000}, {"error", QJsonObject{{"code", "Aborted"}, {"message", message}}}};
        if (what != QLatin1String("connect")) {
            task.blocked["cephPool"] = "train";
            task.blocked["object"] = kObject;
        }
        if (what == QLatin1String("lock")) {
            task.blocked["lock"] = QJsonObject{
                {"name", "compact"}, {"client", kHolder}, {"cookie", "c1"}, {"address", kAddress}};
        }
    }
    return task;
}

/// The first finding of a rule; a default one (rule empty) if there is none.
inline Finding findingOf(const Diagnosis& diagnosis, const QString& rule)
{
    for (const Finding& finding : diagnosis.findings) {
        if (finding.rule == rule) {
            return finding;
        }
    }
    return {};
}

inline QString textOf(const Finding& finding)
{
    QStringList lines{finding.title, finding.correction};
    for (const Evidence& item : finding.evidence) {
        lines.append(item.text);
    }
    return lines.join('\n');
}

}  // namespace sluice::diagnosis::test
