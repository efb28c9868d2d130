#include <QtCore/QJsonArray>
#include <QtTest/QTest>

#include "patience.h"
#include "tests/unit/keys_walk.h"

using namespace sluice;
using namespace sluice::keys;
using namespace sluice::keys::test;

class TestKeysRotation : public QObject {
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
    void fromOneToTwo()
    {
        World world;
        Program program(world);
        program.begin(roleWithFirstKey(world));
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("done"));
        QCOMPARE(states(program->role()), (QStringList{"g1 revoked", "g2 current"}));
        QCOMPARE(world.entities.keys(), (QStringList{"client.ingest.g2"}));
        QVERIFY(sameCaps(world.entities["client.ingest.g2"].caps, ingestSpec().caps));
        QCOMPARE(world.secrets.keys(), (QStringList{"cephx/vega/ingest.g2"}));
        QCOMPARE(world.secrets.first(), world.entities.first().key);
        QCOMPARE(world.files["/run/sidecar/keyring"],
                 "[client.ingest.g2]\n\tkey = " + world.entities.first().key + "\n");
        QVERIFY(world.blocklisted.isEmpty());
        for (const WalkedStep& step : program->steps()) {
            QCOMPARE(toString(step.state), QStringLiteral("done"));
            QVERIFY2(!step.detail.isEmpty() && !step.step.title.isEmpty() && !step.step.checkedBy.isEmpty(),
                     qPrintable(step.step.id));
            QVERIFY(step.atMs > 0);
            QVERIFY2(step.end == StepEnd::Kind::Seen, qPrintable(step.step.id));
        }
        QVERIFY(stepState(program, "create").contains("caps equal to g1, compared word by word"));
    }
    void theOrderOfEffects()
    {
        World world;
        Program program(world);
        world.sessions = {session("client.ingest.g1", "10.0.0.9:0/1")};
        program.begin(roleWithFirstKey(world));
        QVERIFY(program.turn());
        QStringList effects;
        const QStringList quiet{"save", "record", "keep", "get", "caps", "sessions"};
        for (const QString& entry : world.journal) {
            if (!quiet.contains(entry.section(' ', 0, 0)) && !(effects.size() && effects.last() == entry)) {
                effects.append(entry);
            }
        }
        QCOMPARE(effects,
                 (QStringList{"create client.ingest.g2", "put cephx/vega/ingest.g2",
                              "deliver /run/sidecar/keyring", "read /run/sidecar/keyring",
                              "probe client.ingest.g2", "remove client.ingest.g1", "blocklist 10.0.0.9:0/1",
                              "probe client.ingest.g1", "forget cephx/vega/ingest.g1"}));
        for (qsizetype i = 0; i < world.journal.size(); ++i) {
            if (world.journal[i].startsWith("create") || world.journal[i].startsWith("remove")) {
                QVERIFY(world.journal.mid(0, i).contains("save"));
            }
        }
    }
    void noKeyInStateOrRow()
    {
        World world;
        Program program(world);
        program.begin(roleWithFirstKey(world));
        bool leaks = false;
        QVERIFY(program.turn([&] {
            const QByteArray state = QJsonDocument(world.durable).toJson();
            QByteArray row = QJsonDocument(program->role().row({}, {})).toJson();
            for (const WalkedStep& step : program->steps()) {
                row += step.detail.toUtf8();
            }
            leaks = leaks || state.contains("KEY-") || row.contains("KEY-");
            return program.over();
        }));
        QVERIFY(!leaks);
        QVERIFY(!world.durable.isEmpty());
    }
    void rowShape()
    {
        World world;
        Program program(world);
        world.holdersOfOld = 2;
        program.begin(roleWithFirstKey(world));
        QVERIFY(waitsWith(program, "overlap", "both keys work until"));
        const QJsonObject row = program->role().row([](const QString&, int g) { return g; }, {{"id", "A-1"}});
        QCOMPARE(row["id"].toString(), QStringLiteral("vega/role/ingest"));
        QCOMPARE(row["entity"].toString(), QStringLiteral("client.ingest.g2"));
        const QJsonArray generations = row["generations"].toArray();
        QCOMPARE(generations.size(), 2);
        QCOMPARE(generations.at(0).toObject()["state"].toString(), QStringLiteral("previous"));
        QCOMPARE(generations.at(0).toObject()["holders"].toInt(), 1);
        QCOMPARE(generations.at(1).toObject()["state"].toString(), QStringLiteral("current"));
        QCOMPARE(generations.at(1).toObject().keys(),
                 (QStringList{"createdAt", "entity", "firstUseAt", "generation", "holders", "revokedAt",
                              "state"}));
        QCOMPARE(row["rotation"]["id"].toString(), QStringLiteral("A-1"));
        QStringList steps;
        for (const WalkedStep& step : program->steps()) {
            steps.append(step.step.id + ' ' + toString(step.state));
        }
        QCOMPARE(steps,
                 (QStringList{"census done", "create done", "deliver done", "first-use done",
                              "overlap running", "silent waiting", "revoke waiting", "prove waiting"}));
    }
    void waitsForTheLeaseHoweverLong()
    {
        World world;
        Program program(world);
        program.begin(roleWithFirstKey(world));
        world.refusedChanges = 20;
        QVERIFY(waitsWith(program, "overlap", "both keys work until"));
        QVERIFY(world.refusedChanges == 0);
        world.refusedChanges = 20;
        QVERIFY(program.turn());
        QVERIFY2(toString(program->state()) == "done", qPrintable(program->error().toLine()));
    }
    void overlapIsKept()
    {
        World world;
        Program program(world);
        program.begin(roleWithFirstKey(world));
        QVERIFY(waitsWith(program, "overlap", "both keys work until"));
        world.clock.now += 9'999;
        QVERIFY(!program.turn([&] { return program.over(); }, 0));
        QCOMPARE(world.live("client.ingest"), 2);
        QCOMPARE(toString(program->state()), QStringLiteral("running"));
        world.clock.now += 1;
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("done"));
    }
    void anAttemptKeepsTheOldKey()
    {
        World world;
        Program program(world);
        world.holdersOfOld = 1;
        program.begin(roleWithFirstKey(world));
        world.clock.now += 3'600'000;
        QVERIFY(waitsWith(program, "overlap", "both keys"));
        world.clock.now += 3'600'000;
        QVERIFY(waitsWith(program, "silent", "1 attempt still holds g1"));
        QVERIFY(world.entities.contains("client.ingest.g1"));
        QCOMPARE(states(program->role()), (QStringList{"g1 retiring", "g2 current"}));
        world.holdersOfOld = 0;
        QVERIFY(program.turn());
        QVERIFY(!world.entities.contains("client.ingest.g1"));
    }
    void anAttemptThatTakesTheOldKeyAgainAtTheLastMomentKeepsIt()
    {
        World world;
        Program program(world);
        program.begin(roleWithFirstKey(world));
        QVERIFY(program.turn([&] { return stepState(program, "revoke").startsWith("running"); }));
        world.holdersOfOld = 1;
        QVERIFY(waitsWith(program, "silent", "1 attempt still holds g1"));
        QVERIFY(world.entities.contains("client.ingest.g1"));
        QVERIFY(world.blocklisted.isEmpty());
        world.holdersOfOld = 0;
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("done"));
    }
    void aClockSetBackDoesNotShortenTheOverlap()
    {
        World world;
        Program program(world);
        program.begin(roleWithFirstKey(world));
        QVERIFY(program.turn([&] { return stepState(program, "revoke").startsWith("running"); }));
        world.clock.now -= 3'600'000;
        QVERIFY(waitsWith(program, "overlap", "both keys work until"));
        const qsizetype written = world.journal.size();
        QVERIFY(!program.turn([&] { return world.journal.size() != written; }, 0));
        QVERIFY(world.entities.contains("client.ingest.g1"));
        world.clock.now += 3'600'000;
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("done"));
    }
    void theLastLiveKeyIsNotTakenWhateverTheSavedStateSays_data()
    {
        QTest::addColumn<int>("generation");
        QTest::addColumn<QString>("member");
        QTest::addColumn<QJsonValue>("value");
        QTest::addColumn<QString>("cause");
        QTest::newRow("none in use") << 1 << "state" << QJsonValue("next") << "last live key";
        QTest::newRow("the new one never seen")
            << 1 << "firstUseAtMs" << QJsonValue(0) << "never seen to work";
        QTest::newRow("the old one in use") << 0 << "state" << QJsonValue("current") << "the key in use";
    }
    void theLastLiveKeyIsNotTakenWhateverTheSavedStateSays()
    {
        QFETCH(int, generation);
        QFETCH(QString, member);
        QFETCH(QJsonValue, value);
        QFETCH(QString, cause);
        World world;
        Program program(world);
        program.begin(roleWithFirstKey(world));
        QVERIFY(program.turn([&] { return stepState(program, "revoke").startsWith("running"); }));
        QJsonObject work = world.durable["work"].toObject();
        QJsonObject role = work["role"].toObject();
        QJsonArray generations = role["generations"].toArray();
        QJsonObject one = generations[generation].toObject();
        one[member] = value;
        generations[generation] = one;
        role["generations"] = generations;
        work["role"] = role;
        world.durable["work"] = work;
        program.resume();
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("failed"));
        QVERIFY2(program->error().cause.contains(cause), qPrintable(program->error().toLine()));
        QVERIFY(world.entities.contains("client.ingest.g1"));
        QVERIFY(world.blocklisted.isEmpty());
    }
    void sessionsAreAwaitedThenCutOff()
    {
        World world;
        Program program(world);
        world.sessions = {
            session("client.ingest.g1", "10.0.0.9:0/1"), session("client.ingest.g1", "10.0.0.9:0/2"),
            session("client.ingest.g1", "10.0.0.9:0/2"), session("client.other", "10.0.0.8:0/3")};
        program.begin(roleWithFirstKey(world));
        QVERIFY(waitsWith(program, "overlap", "both keys"));
        world.clock.now += 10'000;
        QVERIFY(waitsWith(program, "silent", "2 sessions of g1 on 3 of 3 monitors"));
        QVERIFY(world.entities.contains("client.ingest.g1"));
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("done"));
        QCOMPARE(world.blocklisted, (QStringList{"10.0.0.9:0/1", "10.0.0.9:0/2"}));
        QVERIFY2(stepState(program, "revoke").contains("2 sessions blocklisted"),
                 qPrintable(stepState(program, "revoke")));
    }
    void aSessionOpenedAtTheLastMomentIsCutOffToo()
    {
        World world;
        Program program(world);
        world.sessions = {session("client.ingest.g1", "10.0.0.9:0/1")};
        program.begin(roleWithFirstKey(world));
        QVERIFY(program.turn([&] { return world.journal.contains("remove client.ingest.g1"); }));
        world.sessions.append(session("client.ingest.g1", "10.0.0.9:0/2"));
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("done"));
        QCOMPARE(world.blocklisted, (QStringList{"10.0.0.9:0/1", "10.0.0.9:0/2"}));
    }
    void aSessionThatEndsIsNotCutOff()
    {
        World world;
        Program program(world);
        world.sessions = {session("client.ingest.g1", "10.0.0.9:0/1")};
        program.begin(roleWithFirstKey(world));
        QVERIFY(waitsWith(program, "overlap", "both keys"));
        world.clock.now += 10'000;
        QVERIFY(waitsWith(program, "silent", "1 session of g1"));
        world.sessions.clear();
        QVERIFY(program.turn());
        QVERIFY(world.blocklisted.isEmpty());
    }
    void silenceNeedsEveryMonitor()
    {
        World world;
        Program program(world);
        world.monsAnswered = 2;
        program.begin(roleWithFirstKey(world));
        QVERIFY(waitsWith(program, "overlap", "both keys"));
        world.clock.now += 86'400'000;
        QVERIFY(waitsWith(program, "silent", "only 2 of 3 monitors told their sessions"));
        QVERIFY(!program.turn([&] { return program.over(); }, 1'000));
        QVERIFY(world.entities.contains("client.ingest.g1"));
        world.monsAnswered = 3;
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("done"));
    }
    void capsAreTakenFromTheKeyInUse()
    {
        World world;
        const RoleKeys role = roleWithFirstKey(world);
        world.entities["client.ingest.g1"].caps["osd"] = "allow rw pool=landing";
        Program program(world);
        program.begin(role);
        QVERIFY(program.turn());
        QCOMPARE(world.entities["client.ingest.g2"].caps["osd"], QStringLiteral("allow rw pool=landing"));
    }
    void numbersAreNotUsedTwice()
    {
        World world;
        const RoleKeys role = roleWithFirstKey(world);
        world.entities["client.ingest.g7"] = {{}, "foreign"};
        Program program(world);
        program.begin(role);
        QVERIFY(program.turn());
        QCOMPARE(states(program->role()), (QStringList{"g1 revoked", "g8 current"}));
        QVERIFY(world.entities.contains("client.ingest.g7"));
    }
    void anEntityOfThatNameThatAppearsMeanwhileIsNotTaken()
    {
        World world;
        const RoleKeys role = roleWithFirstKey(world);
        Program program(world);
        program.begin(role);
        world.entities["client.ingest.g2"] = {ingestSpec().caps, "foreign"};
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("failed"));
        QCOMPARE(int(program->error().code), int(ErrorCode::AlreadyExists));
        QVERIFY(!program->error().correction.isEmpty());
        QCOMPARE(world.live("client.ingest.g1"), 1);
        world.entities.remove("client.ingest.g2");
        program.again();
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("done"));
    }
    void aRefusedNewKeyRevokesNothing()
    {
        World world;
        const RoleKeys role = roleWithFirstKey(world);
        world.refusedEntities.insert("client.ingest.g2");
        Program program(world);
        program.begin(role);
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("failed"));
        QCOMPARE(states(program->role()), (QStringList{"g1 current", "g2 next"}));
        QVERIFY(world.entities.contains("client.ingest.g1"));
        QVERIFY(world.secrets.contains("cephx/vega/ingest.g1"));
        world.refusedEntities.clear();
        program.again();
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("done"));
    }
    void aNewKeyThatStopsWorkingSavesTheOldOne_data()
    {
        QTest::addColumn<bool>("removed");
        QTest::newRow("refused") << false;
        QTest::newRow("removed by somebody") << true;
    }
    void aNewKeyThatStopsWorkingSavesTheOldOne()
    {
        QFETCH(bool, removed);
        World world;
        Program program(world);
        program.begin(roleWithFirstKey(world));
        QVERIFY(waitsWith(program, "overlap", "both keys"));
        if (removed) {
            world.entities.remove("client.ingest.g2");
        } else {
            world.refusedEntities.insert("client.ingest.g2");
        }
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("failed"));
        QVERIFY(world.entities.contains("client.ingest.g1"));
        QVERIFY(world.secrets.contains("cephx/vega/ingest.g1"));
        QVERIFY(!world.journal.contains("remove client.ingest.g1"));
    }
    void anUnreachableClusterIsAwaited()
    {
        World world;
        Program program(world);
        world.unreachable = true;
        program.begin(roleWithFirstKey(world));
        QVERIFY(waitsWith(program, "first-use", "nobody answers the probe of g2"));
        QCOMPARE(toString(program->state()), QStringLiteral("running"));
        world.unreachable = false;
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("done"));
    }
    void theOldKeyStillWorkingIsAFailure()
    {
        World world;
        Program program(world);
        program.begin(roleWithFirstKey(world));
        QVERIFY(waitsWith(program, "overlap", "both keys"));
        const World::Entity old = world.entities["client.ingest.g1"];
        QVERIFY(program.turn([&] { return stepState(program, "prove").startsWith("running"); }));
        world.entities["client.ingest.g1"] = old;
        QVERIFY(program.turn());
        QVERIFY2(program->error().message.contains("still works"), qPrintable(program->error().toLine()));
        QVERIFY(world.secrets.contains("cephx/vega/ingest.g1"));
        // Once more goes on from the key in use.
        world.entities.remove("client.ingest.g1");
        program.again();
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("done"));
        QCOMPARE(world.entities.keys(), (QStringList{"client.ingest.g3"}));
    }
    void keyInUseRemovedBySomebody()
    {
        World world;
        const RoleKeys role = roleWithFirstKey(world);
        Program program(world);
        program.begin(role);
        world.entities.remove("client.ingest.g1");
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("failed"));
        QVERIFY(program->error().message.contains("does not exist any more"));
        QVERIFY(!world.entities.contains("client.ingest.g2"));
    }
    void aLostSecretIsFetchedAgain()
    {
        World world;
        Program program(world);
        program.begin(roleWithFirstKey(world));
        QVERIFY(program.turn([&] { return world.journal.contains("put cephx/vega/ingest.g2"); }, 0));
        world.secrets.remove("cephx/vega/ingest.g2");
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("done"));
        QCOMPARE(world.secrets["cephx/vega/ingest.g2"], world.entities["client.ingest.g2"].key);
    }

    void whatIsNotWrittenDownIsNotDone()
    {
        World world;
        world.faultOn = "save";
        world.fault = Fault::Refused;
        Program program(world);
        program.begin(roleWithFirstKey(world));
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("failed"));
        QVERIFY(!world.journal.contains("create client.ingest.g2"));
        program.again();
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("done"));
    }
    void withoutItsEndAnOverlapIsBegunAndNotTakenForOver_data()
    {
        QTest::addColumn<int>("at");
        QTest::newRow("silent") << 5;
        QTest::newRow("revoke") << 6;
    }
    void withoutItsEndAnOverlapIsBegunAndNotTakenForOver()
    {
        QFETCH(int, at);
        World world;
        Program program(world);
        program.begin(roleWithFirstKey(world));
        QVERIFY(waitsWith(program, "overlap", "both keys work until"));
        world.durable["at"] = at;
        world.durable["times"] = QJsonObject();
        program.resume();
        QVERIFY(waitsWith(program, "overlap", "both keys work until"));
        QVERIFY(world.entities.contains("client.ingest.g1"));
        QVERIFY(world.blocklisted.isEmpty());
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("done"));
    }
    void aFileThatDoesNotHoldTheKeyFailsTheStep()
    {
        World world;
        Program program(world);
        program.begin(roleWithFirstKey(world));
        QVERIFY(program.turn([&] { return world.journal.contains("deliver /run/sidecar/keyring"); }, 0));
        world.files["/run/sidecar/keyring"] = "another";
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("failed"));
        QVERIFY2(program->error().message.contains("does not hold the new key"),
                 qPrintable(program->error().toLine()));
        QCOMPARE(states(program->role()), (QStringList{"g1 current", "g2 next"}));
    }
    void whatWasDoneByAnEarlierLifeIsAlreadySo()
    {
        World world;
        Program program(world);
        program.begin(roleWithFirstKey(world));
        QVERIFY(program.turn([&] { return stepState(program, "overlap").startsWith("running"); }));
        world.durable["at"] = 1;
        program.resume();
        QVERIFY(program.turn());
        QVERIFY(program->steps()[1].end == StepEnd::Kind::AlreadySo);
        QCOMPARE(world.keysMade, 1);
        world.durable["at"] = 6;
        program.resume();
        QVERIFY(program.turn());
        QVERIFY2(program->steps()[6].end == StepEnd::Kind::AlreadySo, qPrintable(program->steps()[6].detail));
        QCOMPARE(toString(program->state()), QStringLiteral("done"));
    }

    void whoWasToBeCutOffIsKnownAfterAKill()
    {
        World world;
        world.forgetsSessionsOfTheRemoved = true;
        world.sessions = {session("client.ingest.g1", "10.0.0.9:0/1")};
        Program program(world);
        world.faultOn = "remove client.ingest.g1";
        world.fault = Fault::CrashAfter;
        program.begin(roleWithFirstKey(world));
        QVERIFY(program.turn([&] { return !program; }));
        QVERIFY(world.dead);
        QVERIFY(!world.entities.contains("client.ingest.g1"));
        QVERIFY(world.blocklisted.isEmpty());
        program.resume();
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("done"));
        QCOMPARE(world.blocklisted, (QStringList{"10.0.0.9:0/1"}));
    }
    void anUnknownOutcomeIsReadAndTriedAgain_data()
    {
        QTest::addColumn<QString>("call");
        QTest::addColumn<bool>("happened");
        for (const char* call :
             {"create client.ingest.g2", "put cephx/vega/ingest.g2", "remove client.ingest.g1",
              "blocklist 10.0.0.9:0/1", "forget cephx/vega/ingest.g1"}) {
            QTest::addRow("%s, done", call) << call << true;
            QTest::addRow("%s, not done", call) << call << false;
        }
    }
    void anUnknownOutcomeIsReadAndTriedAgain()
    {
        QFETCH(QString, call);
        QFETCH(bool, happened);
        World world;
        world.sessions = {session("client.ingest.g1", "10.0.0.9:0/1")};
        world.faultOn = call;
        world.fault = happened ? Fault::UnknownDone : Fault::UnknownNotDone;
        Program program(world);
        program.begin(roleWithFirstKey(world));
        QVERIFY(program.turn());
        QVERIFY(world.faultOn.isEmpty());
        QVERIFY2(toString(program->state()) == "done", qPrintable(program->error().toLine()));
        QCOMPARE(world.entities.keys(), QStringList{"client.ingest.g2"});
        QCOMPARE(world.secrets.keys(), QStringList{"cephx/vega/ingest.g2"});
        QCOMPARE(world.blocklisted, QStringList{"10.0.0.9:0/1"});
        // What happened is seen and not done again, unless it is harmless when done twice.
        const bool readsFirst = call.startsWith("remove") || call.startsWith("forget");
        QVERIFY(world.journal.count(call) == (happened && readsFirst ? 1 : 2));
    }
    void droppedInTheMiddleOfACall()
    {
        World world;
        {
            Program program(world);
            program.begin(roleWithFirstKey(world));
            QVERIFY(program.turn([&] { return world.journal.contains("create client.ingest.g2"); }, 0));
        }
        for (int i = 0; i < 100; ++i) {
            QCoreApplication::processEvents();  // the answer comes to nobody
        }
        QVERIFY(!world.journal.contains("put cephx/vega/ingest.g2"));
    }
};

QTEST_GUILESS_MAIN(TestKeysRotation)
#include "tst_keys_rotation.moc"
