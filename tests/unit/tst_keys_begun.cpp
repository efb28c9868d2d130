#include <QtTest/QTest>

#include "patience.h"
#include "tests/unit/keys_walk.h"

using namespace sluice;
using namespace sluice::keys;
using namespace sluice::keys::test;

/// First keys, and rotations that take up where another one was broken off.
class TestKeysBegun : public QObject {
    Q_OBJECT

private:
    static QStringList states(const RoleKeys& role)
    {
        QStringList list;
        for (const Generation& one : role.generations) {
            list.append(QStringLiteral("g%1 %2").arg(one.number).arg(toString(one.state)));
        }
        return list;
    }
    static QString stepState(Program& program, const QString& id)
    {
        for (const WalkedStep& step : program->steps()) {
            if (step.step.id == id) {
                return toString(step.state) + ": " + step.detail;
            }
        }
        return {};
    }
    /// Turns the loop until the step says the text, time standing still.
    static bool waitsWith(Program& program, const QString& id, const QString& text)
    {
        return program.turn([&] { return stepState(program, id).contains(text); }, 0);
    }
    static LiveSession session(const QString& entity, const QString& address)
    {
        return {.mon = "a", .entity = entity, .client = "client.1", .address = address};
    }

private Q_SLOTS:
    void theFirstKey()
    {
        World world;
        Program program(world);
        program.first({.spec = ingestSpec()});
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("done"));
        QCOMPARE(states(program->role()), (QStringList{"g1 current"}));
        QCOMPARE(program->steps().size(), 3);
        QVERIFY(sameCaps(world.entities["client.ingest.g1"].caps, ingestSpec().caps));
        QVERIFY(world.secrets.contains("cephx/vega/ingest.g1"));
        QVERIFY(world.files.contains("/run/sidecar/keyring"));
    }
    void theFirstKeyIsFoundAgainAfterTheStateWasLost()
    {
        World world;
        world.entities["client.ingest.g1"] = {ingestSpec().caps, "old"};
        world.entities["client.ingest.g3"] = {ingestSpec().caps, "in use"};
        Program program(world);
        program.first({.spec = ingestSpec()});
        QVERIFY(program.turn());
        QCOMPARE(states(program->role()), (QStringList{"g3 current"}));
        QCOMPARE(world.secrets["cephx/vega/ingest.g3"], QByteArray("in use"));
    }
    void aFoundKeyWithOtherCapsIsNotTaken()
    {
        World world;
        world.entities["client.ingest.g1"] = {{{"osd", "allow *"}}, "x"};
        Program program(world);
        program.first({.spec = ingestSpec()});
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("failed"));
        QVERIFY2(program->error().cause.contains("allow *"), qPrintable(program->error().toLine()));
        QVERIFY(world.secrets.isEmpty());
    }
    void aFirstKeyAfterARevokedOneHasANewNumber()
    {
        World world;
        RoleKeys role{.spec = ingestSpec()};
        Generation old = role.named(1);
        old.state = GenerationState::Revoked;
        role.generations = {old};
        Program program(world);
        program.first(role);
        QVERIFY(program.turn());
        QCOMPARE(states(program->role()), (QStringList{"g1 revoked", "g2 current"}));
    }

    void brokenOffBeforeTheNewKeyWasUsed()
    {
        World world;
        const RoleKeys role = roleWithFirstKey(world);
        world.refusedEntities.insert("client.ingest.g2");
        Program program(world);
        program.begin(role);
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("failed"));
        const RoleKeys left = program->role();
        world.refusedEntities.clear();
        program.begin(left);
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("done"));
        QCOMPARE(states(program->role()), (QStringList{"g1 revoked", "g2 current"}));
        QCOMPARE(world.keysMade, 1);
        QCOMPARE(world.entities.keys(), (QStringList{"client.ingest.g2"}));
    }
    void brokenOffWhileBothKeysWork()
    {
        World world;
        Program program(world);
        program.begin(roleWithFirstKey(world));
        QVERIFY(waitsWith(program, "overlap", "both keys"));
        const RoleKeys left = program->role();
        QCOMPARE(states(left), (QStringList{"g1 previous", "g2 current"}));
        program.begin(left);
        QCOMPARE(program->from(), 1);
        QCOMPARE(program->to(), 2);
        QVERIFY(program.turn());
        QCOMPARE(states(program->role()), (QStringList{"g1 revoked", "g2 current"}));
        QCOMPARE(world.entities.keys(), (QStringList{"client.ingest.g2"}));
    }
    void brokenOffAfterTheOldKeyWasRemoved()
    {
        World world;
        world.sessions = {session("client.ingest.g1", "10.0.0.9:0/1")};
        Program program(world);
        program.begin(roleWithFirstKey(world));
        QVERIFY(program.turn([&] {
            if (world.journal.last() == "remove client.ingest.g1" && world.faultAt == 0) {
                // removal, its check, the sessions, the save, then the blocklist
                world.faultAt = world.calls + 4;
                world.fault = Fault::Refused;
            }
            return program.over();
        }));
        QCOMPARE(world.journal.filter("blocklist").size(), 1);
        QCOMPARE(toString(program->state()), QStringLiteral("failed"));
        QVERIFY(world.blocklisted.isEmpty());
        const RoleKeys left = program->role();
        QCOMPARE(states(left), (QStringList{"g1 retiring", "g2 current"}));
        world.secrets.remove("cephx/vega/ingest.g2");  // and the store lost the key in use
        program.begin(left);
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("done"));
        QCOMPARE(states(program->role()), (QStringList{"g1 revoked", "g2 current"}));
        QCOMPARE(world.blocklisted, (QStringList{"10.0.0.9:0/1"}));
        QCOMPARE(world.secrets.value("cephx/vega/ingest.g2"), world.entities["client.ingest.g2"].key);
    }
    void whoMayNotBegin()
    {
        World world;
        QVERIFY(!courseOfRotation({.spec = ingestSpec()}, {}));
        RoleKeys three = roleWithFirstKey(world);
        for (const int number : {2, 3}) {
            Generation other = three.named(number);
            other.state = GenerationState::Previous;
            three.generations.append(other);
        }
        const auto refused = courseOfRotation(three, world.entities.keys());
        QVERIFY(!refused);
        QCOMPARE(int(refused.error().code), int(ErrorCode::FailedPrecondition));
        QVERIFY(refused.error().cause.contains("more than two"));
        QVERIFY(!refused.error().correction.isEmpty());
        // there is nothing to rotate from, and waiting would be for a key that nobody can prove
        const RoleKeys one = roleWithFirstKey(world);
        const auto removed = courseOfRotation(one, {one.named(2).entity});
        QVERIFY(!removed);
        QCOMPARE(int(removed.error().code), int(ErrorCode::FailedPrecondition));
        QVERIFY(removed.error().cause.contains("somebody removed client.ingest.g1"));
        QVERIFY(removed.error().correction.contains("sluicectl keys renew ingest"));
        QVERIFY(!courseOfFirstKey(roleWithFirstKey(world), {}));
    }
};

QTEST_GUILESS_MAIN(TestKeysBegun)
#include "tst_keys_begun.moc"
