#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

#include "keys/role_book.h"
#include "patience.h"

using namespace sluice;
using namespace sluice::keys;

class TestKeysRoleBook : public QObject {
    Q_OBJECT

private:
    static RoleKeys role(const QList<std::pair<int, GenerationState>>& generations)
    {
        RoleKeys keys{
            .spec = {.role = "ingest", .connection = "vega", .entity = "client.ingest", .overlapMs = 10'000}};
        for (const auto& [number, state] : generations) {
            Generation one = keys.named(number);
            one.state = state;
            one.firstUseAtMs = 1;
            keys.generations.append(one);
        }
        return keys;
    }

private Q_SLOTS:
    void capsWordByWord_data()
    {
        QTest::addColumn<QString>("a");
        QTest::addColumn<QString>("b");
        QTest::addColumn<bool>("same");
        QTest::newRow("equal") << "allow rw pool=a"
                               << "allow rw pool=a" << true;
        QTest::newRow("blanks") << "allow  rw pool=a"
                                << " allow rw pool=a " << true;
        QTest::newRow("commas") << "allow r pool=a,allow rw pool=b"
                                << "allow r pool=a, allow rw pool=b" << true;
        QTest::newRow("letters") << "allow rw pool=a"
                                 << "allow rwx pool=a" << false;
        QTest::newRow("order") << "allow r pool=a, allow rw pool=b"
                               << "allow rw pool=b, allow r pool=a" << false;
        QTest::newRow("more") << "allow r"
                              << "allow r, allow rw pool=b" << false;
        QTest::newRow("empty") << ""
                               << " " << true;
    }
    void capsWordByWord()
    {
        QFETCH(QString, a);
        QFETCH(QString, b);
        QFETCH(bool, same);
        QCOMPARE(sameCaps({{"osd", a}, {"mon", "allow r"}}, {{"mon", "allow r"}, {"osd", b}}), same);
        QCOMPARE(sameCaps({{"osd", b}}, {{"osd", a}}), same);
    }
    void capsOfMoreServicesDiffer()
    {
        QVERIFY(!sameCaps({{"osd", "allow r"}}, {{"osd", "allow r"}, {"mgr", "allow r"}}));
        QVERIFY(sameCaps({{"osd", "allow r"}}, {{"osd", "allow r"}, {"mgr", ""}}));
    }
    void probeReplies()
    {
        const auto outcome = [](const char* json) {
            return probeOutcome(QJsonDocument::fromJson(json).object());
        };
        QVERIFY(outcome(R"({"ok":true})") == ProbeOutcome::Accepted);
        QVERIFY(outcome(R"({"ok":false,"error":{"code":"PermissionDenied"}})") == ProbeOutcome::Refused);
        QVERIFY(outcome(R"({"ok":false,"error":{"code":"Unauthenticated"}})") == ProbeOutcome::Refused);
        QVERIFY(outcome(R"({"ok":false,"error":{"code":"DeadlineExceeded"}})") == ProbeOutcome::Unreachable);
        QVERIFY(outcome(R"({"ok":false})") == ProbeOutcome::Unreachable);
        QVERIFY(outcome("{}") == ProbeOutcome::Unreachable);
    }

    void names()
    {
        const Generation one = role({}).named(3);
        QCOMPARE(one.entity, QStringLiteral("client.ingest.g3"));
        QCOMPARE(one.secretName, QStringLiteral("cephx/vega/ingest.g3"));
        QCOMPARE(role({}).id(), QStringLiteral("vega/role/ingest"));
    }
    void nextNumber()
    {
        QCOMPARE(role({}).nextNumber({}), 1);
        QCOMPARE(role({{1, GenerationState::Revoked}, {2, GenerationState::Current}}).nextNumber({}), 3);
        const QStringList existing{"client.ingest",     "client.ingest.g4",  "client.ingest.g04",
                                   "client.ingest.gx",  "client.ingest2.g9", "client.other.g8",
                                   "client.ingest.g-7", "client.ingest.g0"};
        QCOMPARE(role({{2, GenerationState::Current}}).nextNumber(existing), 5);
        QCOMPARE(role({}).highestExisting(existing), 4);
    }
    void theLastLiveKeyIsNeverRevoked_data()
    {
        using G = GenerationState;
        QTest::addColumn<QList<int>>("states");
        QTest::addColumn<int>("number");
        QTest::addColumn<bool>("allowed");
        QTest::newRow("only one") << QList<int>{int(G::Current)} << 1 << false;
        QTest::newRow("current of two") << QList<int>{int(G::Previous), int(G::Current)} << 2 << false;
        QTest::newRow("previous of two") << QList<int>{int(G::Previous), int(G::Current)} << 1 << true;
        QTest::newRow("retiring of two") << QList<int>{int(G::Retiring), int(G::Current)} << 1 << true;
        QTest::newRow("other not in use yet") << QList<int>{int(G::Previous), int(G::Next)} << 1 << false;
        QTest::newRow("other revoked") << QList<int>{int(G::Retiring), int(G::Revoked)} << 1 << false;
        QTest::newRow("unknown") << QList<int>{int(G::Current)} << 9 << false;
    }
    void theLastLiveKeyIsNeverRevoked()
    {
        QFETCH(QList<int>, states);
        QFETCH(int, number);
        QFETCH(bool, allowed);
        RoleKeys keys = role({});
        for (const int state : states) {
            Generation one = keys.named(int(keys.generations.size()) + 1);
            one.state = GenerationState(state);
            one.firstUseAtMs = 1;
            keys.generations.append(one);
        }
        const Result<void> may = keys.mayRevoke(number);
        QCOMPARE(may.has_value(), allowed);
        if (!may) {
            QVERIFY(!may.error().cause.isEmpty());
            QVERIFY(!may.error().correction.isEmpty());
        }
        for (Generation& one : keys.generations) {
            one.firstUseAtMs = 0;
        }
        QVERIFY(!keys.mayRevoke(number));  // never seen to work: it cannot stand in for the other
    }
    void rows()
    {
        const RoleKeys keys =
            role({{1, GenerationState::Revoked}, {2, GenerationState::Current}, {3, GenerationState::Next}});
        const QJsonObject row = keys.row({}, {});
        QVERIFY(row["rotation"].isNull());
        QCOMPARE(row["generations"].toArray().size(), 2);  // one that is only being made is no generation yet
        QCOMPARE(row["overlapMs"].toInt(), 10'000);
        QCOMPARE(row["entity"].toString(), QStringLiteral("client.ingest.g2"));
    }
    void bookOfRoles()
    {
        RoleBook book;
        book.add({.role = "ingest", .connection = "vega", .entity = "client.ingest"});
        book.add({.role = "train", .connection = "atlas", .entity = "client.train"});
        QCOMPARE(book.withoutKey(), (QStringList{"ingest", "train"}));
        QCOMPARE(int(book.currentOf("ingest").error().code), int(ErrorCode::FailedPrecondition));
        QVERIFY(book.currentOf("ingest").error().retryable);
        QCOMPARE(int(book.currentOf("nope").error().code), int(ErrorCode::NotFound));
        book.replace(role({{1, GenerationState::Current}}));
        QCOMPARE(book.currentOf("ingest")->entity, QStringLiteral("client.ingest.g1"));
        QCOMPARE(book.withoutKey(), (QStringList{"train"}));

        RoleBook again;
        again.add({.role = "ingest", .connection = "vega", .entity = "client.ingest", .overlapMs = 5});
        again.restore(QJsonDocument::fromJson(QJsonDocument(book.toJson()).toJson()).object());
        QCOMPARE(again.roles(), (QStringList{"ingest"}));
        QCOMPARE(again.currentOf("ingest")->entity, QStringLiteral("client.ingest.g1"));
        QCOMPARE(again.role("ingest").spec.overlapMs, 5);  // the configuration rules

        RoleBook elsewhere;
        elsewhere.add({.role = "ingest", .connection = "atlas", .entity = "client.ingest"});
        elsewhere.restore(book.toJson());
        QCOMPARE(elsewhere.withoutKey(),
                 (QStringList{"ingest"}));  // keys of another cluster are not its keys
    }
    void generationsSurviveJson()
    {
        Generation one{.number = 2,
                       .entity = "e",
                       .secretName = "s",
                       .state = GenerationState::Retiring,
                       .createdAtMs = 1'767'237'248'001,
                       .firstUseAtMs = 2,
                       .revokedAtMs = 3};
        const auto back = Generation::fromJson(one.toJson());
        QVERIFY(back);
        QCOMPARE(back->toJson(), one.toJson());
        QVERIFY(back->live());
        QVERIFY(!Generation::fromJson({}));
    }

    void aStateThatIsNotKnownIsNotTakenForAnother()
    {
        RoleKeys keys{.spec = {.role = "ingest", .connection = "vega"}};
        keys.generations = {{.number = 1, .entity = "e", .state = GenerationState::Current}};
        QJsonObject json = keys.toJson();
        QVERIFY(keys.restore(json));
        QCOMPARE(keys.generations.size(), 1);
        QJsonObject one = json["generations"][0].toObject();
        one["state"] = "escrowed";
        json["generations"] = QJsonArray{json["generations"][0], one};
        QVERIFY(!keys.restore(json));
        QVERIFY(keys.generations.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestKeysRoleBook)
#include "tst_keys_role_book.moc"
