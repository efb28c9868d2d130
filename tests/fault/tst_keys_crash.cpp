
#include "patience.h"
#include "tests/unit/keys_walk.h"

using namespace sluice;
using namespace sluice::keys;
using namespace sluice::keys::test;

/// The rotation dies, and each call fails, at every single point of its way. However it goes, a working key
/// is never missing and the end is the same.
class TestKeysCrash : public QObject {
    Q_OBJECT

private:
    static constexpr int kMostStarts = 6;

    /// Wires a check into each turn of the loop: at every moment one accepted key is in the secret store.
    static bool aKeyWorks(const World& world)
    {
        for (auto it = world.entities.begin(); it != world.entities.end(); ++it) {
            const QString number = it.key().section(".g", 1);
            if (!number.isEmpty() && world.secrets.value("cephx/vega/ingest.g" + number) == it->key) {
                return true;
            }
        }
        return false;
    }
    static void checkEnd(const World& world, Program& program, const QByteArray& context)
    {
        QVERIFY2(toString(program->state()) == "done", context + ": " + program->error().toLine().toUtf8());
        QVERIFY2(world.entities.size() == 1, context);
        QVERIFY2(world.secrets.last() == world.entities.first().key, context);
        QVERIFY2(world.files["/run/sidecar/keyring"].contains(world.entities.first().key), context);
        QVERIFY2(world.blocklisted == QStringList{"10.0.0.9:0/1"}, context);
        QVERIFY2(world.durable["state"].toString() == "done", context);
    }
    static void checkEndOfOne(const World& world, Program& program, const QByteArray& context)
    {
        checkEnd(world, program, context);
        QVERIFY2(world.entities.keys() == QStringList{"client.ingest.g2"}, context);
        QVERIFY2(world.secrets.keys() == QStringList{"cephx/vega/ingest.g2"}, context);
        QVERIFY2(world.keysMade == 1, context);  // one key made, however often it was asked for
        QVERIFY2(program->role().generation(1)->state == GenerationState::Revoked, context);
        QVERIFY2(program->role().current() && program->role().current()->number == 2, context);
    }
    static void prepare(World& world)
    {
        world.sessions = {
            {.mon = "a", .entity = "client.ingest.g1", .client = "client.1", .address = "10.0.0.9:0/1"}};
    }
    static int callsOfAQuietRun()
    {
        World world;
        prepare(world);
        Program program(world);
        program.begin(roleWithFirstKey(world));
        return program.turn() ? world.calls : 0;
    }

private Q_SLOTS:
    void everyPoint_data()
    {
        QTest::addColumn<int>("fault");
        QTest::addColumn<bool>("forgetful");
        QTest::newRow("dies before the effect") << int(Fault::CrashBefore) << false;
        QTest::newRow("dies after the effect") << int(Fault::CrashAfter) << false;
        QTest::newRow("dies after the effect, sessions of the removed are not listed")
            << int(Fault::CrashAfter) << true;
        QTest::newRow("fails, may pass") << int(Fault::Unavailable) << false;
        QTest::newRow("outcome unknown, not done") << int(Fault::UnknownNotDone) << false;
        QTest::newRow("outcome unknown, done") << int(Fault::UnknownDone) << true;
        QTest::newRow("refused") << int(Fault::Refused) << false;
    }
    void everyPoint()
    {
        QFETCH(int, fault);
        QFETCH(bool, forgetful);
        const int quiet = callsOfAQuietRun();
        QVERIFY(quiet > 40);
        int struck = 0;
        for (int at = 1; at <= quiet; ++at) {
            const QByteArray context = "call " + QByteArray::number(at);
            World world;
            prepare(world);
            world.forgetsSessionsOfTheRemoved = forgetful;
            world.faultAt = at;
            world.fault = Fault(fault);
            Program program(world);
            program.begin(roleWithFirstKey(world));
            bool keyMissing = false;
            bool again = false;
            for (int start = 0; start < kMostStarts; ++start) {
                const bool over = program.turn([&] {
                    keyMissing = keyMissing || !aKeyWorks(world);
                    return program.over();
                });
                QVERIFY2(over, context);
                if (world.dead) {
                    ++struck;
                    QVERIFY(program.turn([&] { return !program; }));
                    program.resume();
                } else if (toString(program->state()) == "failed") {
                    ++struck;
                    // A person asks once more.
                    again = true;
                    program.again();
                } else {
                    break;
                }
            }
            QVERIFY2(!keyMissing, context);
            const QByteArray where = context + ' ' + world.journal.value(at - 1).toUtf8();
            if (again) {
                checkEnd(world, program, where);
            } else {
                checkEndOfOne(world, program, where);
            }
        }
        if (Fault(fault) == Fault::CrashBefore || Fault(fault) == Fault::CrashAfter) {
            QVERIFY(struck >= quiet - 1);
        }
    }

    /// Two deaths at once, far apart and close together.
    void twice()
    {
        const int quiet = callsOfAQuietRun();
        for (int at = 1; at <= quiet; at += 3) {
            for (int later = 1; later <= 12; later += 4) {
                const QByteArray context =
                    "calls " + QByteArray::number(at) + " and " + QByteArray::number(later) + " later";
                World world;
                prepare(world);
                world.faultAt = at;
                world.fault = Fault::CrashAfter;
                Program program(world);
                program.begin(roleWithFirstKey(world));
                QVERIFY2(program.turn(), context);
                if (world.dead) {
                    QVERIFY(program.turn([&] { return !program; }));
                    world.faultAt = world.calls + later;
                    world.fault = Fault::CrashBefore;
                    program.resume();
                    QVERIFY2(program.turn(), context);
                    if (world.dead) {
                        QVERIFY(program.turn([&] { return !program; }));
                        program.resume();
                        QVERIFY2(program.turn(), context);
                    }
                }
                checkEndOfOne(world, program, context);
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestKeysCrash)
#include "tst_keys_crash.moc"
