#include <QtCore/QJsonArray>

#include "ceph/access_facts.h"
#include "ceph/lock_info.h"
#include "ceph/quorum.h"
#include "ceph/status_facts.h"
#include "ceph/storage_facts.h"
#include "ceph_fixtures.h"
#include "core/clock.h"
#include "core/error.h"
#include "luigi/facts.h"
#include "patience.h"
#include "systems/ceph/entity_kinds.h"
#include "systems/luigi/entity_kinds.h"

using namespace sluice;
using estate::EntityKind;
using estate::EntityKinds;
using estate::FieldType;

namespace {

EntityKinds allKinds()
{
    EntityKinds kinds;
    kinds.add(estate::generalKinds());
    kinds.add(systems::ceph::entityKinds());
    kinds.add(systems::luigi::entityKinds());
    return kinds;
}

QJsonObject recordedTasks(const char* name)
{
    QFile file(QStringLiteral(CEPH_FIXTURES "/../luigid_recordings/") + QString::fromLatin1(name));
    return file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll())["response"].toObject()
                                          : QJsonObject();
}

/// What the observer of a cluster makes of recorded answers.
QList<ceph::Fact> cephFacts()
{
    const QString vega = QStringLiteral("vega");
    QList<ceph::Fact> facts;
    for (const char* state : {"healthy", "degraded"}) {
        const QString name = QString::fromLatin1(state);
        const QJsonObject status = cephJson(QStringLiteral("status.") + name);
        facts += ceph::clusterFact(vega, status, true,
                                   {.version = "16.2.15",
                                    .mgrName = "x",
                                    .flags = ceph::clusterFlags(cephJson("osd_dump." + name)),
                                    .sessionState = "connected"});
        facts += ceph::pgSummary(vega, status);
        facts += ceph::healthChecks(cephJson("health." + name));
        facts += ceph::osdFacts(cephJson("osd_tree." + name), cephJson("osd_df.healthy"));
        facts += ceph::cephPoolFacts(cephJson("osd_dump." + name), cephJson("df.healthy"), 1'767'237'248'000);
        const QJsonObject quorum = cephJson("quorum_status." + name);
        ceph::QuorumEvidence evidence{.monmap = ceph::monmapFromJson(quorum["monmap"].toObject()),
                                      .quorumStatus = quorum};
        evidence.answers.insert("a", {.answers = true, .probeMs = 1});
        evidence.answers.insert("b", {.refused = true, .error = "Connection refused"});
        facts += ceph::quorumFacts(vega, evidence, ceph::judgeQuorum(evidence), toRfc3339(1));
    }
    facts += ceph::authEntities(cephJson("auth_ls.healthy"));
    facts += ceph::lockFact("train", "part-1", *ceph::decodeLockInfo("train", cephBytes("lock_info.bin")), 7,
                            toRfc3339(1), {}, 3, 3);
    facts += ceph::objectPg("landing", "part-0001", cephJson("osd_map.healthy"),
                            cephJson("pg_brief.degraded"), cephJson("osd_dump.healthy"));
    return facts;
}

QStringList undeclared(const EntityKinds& kinds, const QString& kind, const QJsonObject& facts)
{
    QStringList keys = facts.keys();
    const EntityKind* row = kinds.find(kind);
    for (const estate::EntityField& field : row ? row->fields : QList<estate::EntityField>()) {
        keys.removeAll(field.key);
    }
    return keys;
}

}  // namespace

/// The rows of the systems say what the observers really send.
class TestEntityKinds : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatACephClusterSaysFitsItsRows()
    {
        const EntityKinds kinds = allKinds();
        QSet<QString> seen;
        for (const ceph::Fact& fact : cephFacts()) {
            seen.insert(fact.kind);
            QCOMPARE(kinds.mistakes(fact.kind, fact.facts), QStringList());
            QVERIFY2(undeclared(kinds, fact.kind, fact.facts).isEmpty(),
                     qPrintable(fact.kind + ": " + undeclared(kinds, fact.kind, fact.facts).join(", ")));
            QVERIFY(kinds.find(fact.kind) != nullptr);
        }
        for (const char* kind : {"cluster", "mon-quorum", "mon", "osd", "ceph-pool", "pg-summary",
                                 "health-check", "auth-entity", "lock", "object-pg"}) {
            QVERIFY2(seen.contains(kind), kind);
        }
    }

    void whatLuigidSaysFitsItsRows()
    {
        const EntityKinds kinds = allKinds();
        QList<QJsonObject> rows;
        const QJsonObject graph = recordedTasks("graph.json");
        rows += luigi::graphEntities("luigid", graph, 1);
        const auto tasks = recordedTasks("task_list_failed.json");
        for (auto it = tasks.begin(); it != tasks.end(); ++it) {
            rows += luigi::taskEntity("luigid", it.key(), it->toObject(), 1);
        }
        rows += luigi::workerEntity("luigid", {{"name", "w"}, {"state", "active"}, {"pid", 4}}, 1);
        QVERIFY(rows.size() > 3);
        for (const QJsonObject& row : std::as_const(rows)) {
            const QString kind = row["kind"].toString();
            const QJsonObject facts = row["facts"].toObject();
            QVERIFY(kinds.find(kind) != nullptr);
            QCOMPARE(kinds.mistakes(kind, facts), QStringList());
            QCOMPARE(undeclared(kinds, kind, facts), QStringList());
        }
    }

    void aDeclaredFieldOfAnotherTypeIsAMistake_data()
    {
        QTest::addColumn<FieldType>("type");
        QTest::addColumn<QJsonValue>("right");
        QTest::addColumn<QJsonValue>("wrong");
        const auto row = [](const char* name, FieldType type, const QJsonValue& right,
                            const QJsonValue& wrong) { QTest::newRow(name) << type << right << wrong; };
        row("text", FieldType::Text, "a", 1);
        row("flag", FieldType::Flag, false, "yes");
        row("count", FieldType::Count, 0, -1);
        row("count, part", FieldType::Count, 3, 1.5);
        row("number", FieldType::Number, -1.5, "1");
        row("bytes", FieldType::Bytes, 1e15, "1 GiB");
        row("milliseconds", FieldType::Milliseconds, 0.3, -1);
        row("time", FieldType::Time, "2026-05-01T03:14:08.000Z", "yesterday");
        row("no time yet", FieldType::Time, "", 1'767'237'248'000.0);
        row("words", FieldType::Words, QJsonArray{"a", "b"}, QJsonArray{"a", 1});
        row("list", FieldType::List, QJsonArray{1, "a"}, QJsonObject{});
        row("object", FieldType::Object, QJsonObject{{"a", 1}}, QJsonArray{});
        row("tally", FieldType::Tally, QJsonObject{{"a", 1}}, QJsonObject{{"a", "1"}});
        row("error", FieldType::Error, Error{.message = "no"}.toJson(), "no");
    }
    void aDeclaredFieldOfAnotherTypeIsAMistake()
    {
        QFETCH(FieldType, type);
        QFETCH(QJsonValue, right);
        QFETCH(QJsonValue, wrong);
        EntityKinds kinds;
        kinds.add({{.kind = "thing", .fields = {{"it", type, "a field"}}}});
        QCOMPARE(kinds.mistakes("thing", {{"it", right}}), QStringList());
        QCOMPARE(kinds.mistakes("thing", {{"it", wrong}}),
                 QStringList{QStringLiteral("it of a thing is no ") + estate::toString(type)});
        // Not known is no mistake, and neither is what no row speaks of.
        QCOMPARE(kinds.mistakes("thing", {{"it", QJsonValue()}, {"other", wrong}}), QStringList());
        QCOMPARE(kinds.mistakes("nothing", {{"it", wrong}}), QStringList());
        QVERIFY(!estate::toString(type).isEmpty());
    }

    void aSecondSystemAddsItsFields()
    {
        const EntityKinds kinds = allKinds();
        QStringList keys;
        for (const estate::EntityField& field : kinds.find("connection")->fields) {
            keys.append(field.key);
        }
        QCOMPARE(keys.first(), QStringLiteral("type"));
        QVERIFY(keys.contains("lease"));
        QVERIFY(keys.contains("graphError"));
        QCOMPARE(kinds.find("connection")->system, QStringLiteral("sluice"));
    }

    void theWireSaysAllOfIt()
    {
        EntityKinds kinds;
        kinds.add({{.kind = "volume",
                    .system = "example",
                    .one = "Volume",
                    .many = "Volumes",
                    .meaning = "A volume.",
                    .listed = true,
                    .fields = {{"state", FieldType::Text, "its word", "State"},
                               {"speed", FieldType::Number, "of its disk", "Speed", "MB/s"},
                               {"note", FieldType::Text, "hidden | here"}},
                    .state = "state",
                    .states = {{"mounted", "ok", "in use"}}}});
        QCOMPARE(
            kinds.toJson(),
            (QJsonArray{QJsonObject{
                {"kind", "volume"},
                {"system", "example"},
                {"title", QJsonObject{{"one", "Volume"}, {"many", "Volumes"}}},
                {"meaning", "A volume."},
                {"listed", true},
                {"fields",
                 QJsonArray{
                     QJsonObject{
                         {"key", "state"}, {"type", "text"}, {"meaning", "its word"}, {"title", "State"}},
                     QJsonObject{{"key", "speed"},
                                 {"type", "number"},
                                 {"meaning", "of its disk"},
                                 {"title", "Speed"},
                                 {"unit", "MB/s"}},
                     QJsonObject{{"key", "note"}, {"type", "text"}, {"meaning", "hidden | here"}}}},
                {"state", "state"},
                {"states",
                 QJsonArray{QJsonObject{{"word", "mounted"}, {"tone", "ok"}, {"meaning", "in use"}}}}}}));
        const QString page = kinds.toMarkdown();
        QVERIFY(page.contains("\n### volume\n\nVolumes: A volume.\n"));
        QVERIFY(page.contains("| speed | number (MB/s) | of its disk |\n"));
        QVERIFY(page.contains("hidden \\| here"));
    }
};

QTEST_GUILESS_MAIN(TestEntityKinds)
#include "tst_entity_kinds.moc"
