#include <QtCore/QJsonArray>
#include <QtTest/QSignalSpy>

#include "patience.h"
#include "tests/unit/keys_fake.h"

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
        for (const RotationStep& step : program->steps()) {
            if (step.id == id) {
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
        for (const RotationStep& step : program->steps()) {
            QCOMPARE(toString(step.state), QStringLiteral("done"));
            QVERIFY2(!step.detail.isEmpty() && !step.title.isEmpty() && !step.checkedBy.isEmpty(),
                     qPrintable(step.id));
            QVERIFY(step.atMs > 0);
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
        for (const QString& entry : world.journal) {
            if (!entry.startsWith("save") && !entry.startsWith("get") && !entry.startsWith("caps") &&
                !entry.startsWith("sessions") && !(effects.size() && effects.last() == entry)) {
                effects.append(entry);
            }
        }
        QCOMPARE(effects, (QStringList{"create client.ingest.g2", "put cephx/vega/ingest.g2",
                                       "deliver /run/sidecar/keyring", "probe client.ingest.g2",
                                       "remove client.ingest.g1", "blocklist 10.0.0.9:0/1",
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
            const QByteArray row = QJsonDocument(program->role().row({}, program->rowJson())).toJson();
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
        const QJsonObject row =
            program->role().row([](const QString&, int g) { return g; }, program->rowJson());
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
        const QJsonObject rotation = row["rotation"].toObject();
        QCOMPARE(rotation.keys(), (QStringList{"from", "id", "startedAt", "state", "steps", "to"}));
        QCOMPARE(rotation["state"].toString(), QStringLiteral("running"));
        QStringList steps;
        for (const QJsonValue& step : rotation["steps"].toArray()) {
            steps.append(step.toObject()["id"].toString() + ' ' + step.toObject()["state"].toString());
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
        QJsonObject role = world.durable["role"].toObject();
        QJsonArray generations = role["generations"].toArray();
        QJsonObject one = generations[generation].toObject();
        one[member] = value;
        generations[generation] = one;
        role["generations"] = generations;
        world.durable["role"] = role;
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
        program.run();
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
        program.run();
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
        world.entities.remove("client.ingest.g1");
        program.run();
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("done"));
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

    void stopAndGoOn()
    {
        World world;
        Program program(world);
        program.begin(roleWithFirstKey(world));
        QSignalSpy ended(program.operator->(), &Rotation::ended);
        QVERIFY(waitsWith(program, "overlap", "both keys"));
        program->stop();
        QTRY_COMPARE(ended.size(), 1);
        QCOMPARE(toString(program->state()), QStringLiteral("stopped"));
        QCOMPARE(world.durable["state"].toString(), QStringLiteral("stopped"));
        world.clock.now += 86'400'000;
        const int calls = world.calls;
        QVERIFY(!program.turn([&] { return world.calls != calls; }));
        program->stop();
        program.run();
        program.run();
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("done"));
        QTRY_COMPARE(ended.size(), 2);
    }
    void goOnWhileItComesToAHalt()
    {
        World world;
        Program program(world);
        program.begin(roleWithFirstKey(world));
        QSignalSpy ended(program.operator->(), &Rotation::ended);
        QVERIFY(waitsWith(program, "overlap", "both keys"));
        program->stop();
        QCOMPARE(toString(program->state()), QStringLiteral("stopped"));
        program.run();  // before that is written down
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("done"));
        QCOMPARE(ended.size(), 1);
    }
    void stopDuringAnEffect()
    {
        World world;
        Program program(world);
        program.begin(roleWithFirstKey(world));
        QVERIFY(program.turn([&] { return world.journal.contains("create client.ingest.g2"); }, 0));
        program->stop();
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("stopped"));
        program.resume();
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("done"));
    }
    void whatIsNotWrittenDownIsNotDone()
    {
        World world;
        world.faultAt = 1;
        world.fault = Fault::Refused;
        Program program(world);
        program.begin(roleWithFirstKey(world));
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("failed"));
        QCOMPARE(world.journal, (QStringList{"save", "save"}));
        program.run();
        QVERIFY(program.turn());
        QCOMPARE(toString(program->state()), QStringLiteral("done"));
    }

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
        program->stop();
        QVERIFY(program.turn());
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
                // removal, its check, the sessions, the note, then the blocklist
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
    void whoMayNotBegin()
    {
        World world;
        Program program(world);
        QVERIFY(!Rotation::begin("K-1", {.spec = ingestSpec()}, {}, program.context()));
        RoleKeys three = roleWithFirstKey(world);
        for (const int number : {2, 3}) {
            Generation other = three.named(number);
            other.state = GenerationState::Previous;
            three.generations.append(other);
        }
        const auto refused = Rotation::begin("K-1", three, world.entities.keys(), program.context());
        QVERIFY(!refused);
        QCOMPARE(int(refused.error().code), int(ErrorCode::FailedPrecondition));
        QVERIFY(refused.error().cause.contains("more than two"));
        QVERIFY(!refused.error().correction.isEmpty());
        // there is nothing to rotate from, and waiting would be for a key that nobody can prove
        const RoleKeys one = roleWithFirstKey(world);
        const auto removed = Rotation::begin("K-1", one, {one.named(2).entity}, program.context());
        QVERIFY(!removed);
        QCOMPARE(int(removed.error().code), int(ErrorCode::FailedPrecondition));
        QVERIFY(removed.error().cause.contains("somebody removed client.ingest.g1"));
        QVERIFY(removed.error().correction.contains("sluicectl keys renew ingest"));
        QVERIFY(!Rotation::first("K-1", roleWithFirstKey(world), {}, program.context()));
    }
    void badStates_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        QTest::newRow("format") << "format"
                                << "2";
        QTest::newRow("state") << "state"
                               << "\"dancing\"";
        QTest::newRow("to") << "to"
                            << "9";
        QTest::newRow("from") << "from"
                              << "9";
        QTest::newRow("same") << "to"
                              << "1";
        QTest::newRow("at") << "at"
                            << "99";
        QTest::newRow("at negative") << "at"
                                     << "-1";
        QTest::newRow("steps") << "steps"
                               << "[]";
        QTest::newRow("steps of what") << "steps"
                                       << "{}";
        QTest::newRow("role") << "role"
                              << "null";
    }
    void badStates()
    {
        QFETCH(QString, key);
        QFETCH(QString, value);
        World world;
        Program program(world);
        const RoleKeys role = roleWithFirstKey(world);
        auto good = Rotation::begin("K-1", role, world.entities.keys(), program.context());
        QVERIFY(good.has_value());
        QJsonObject state = (*good)->toJson();
        QVERIFY(Rotation::fromJson(state, ingestSpec(), program.context()).has_value());
        state[key] = QJsonDocument::fromJson("[" + value.toUtf8() + "]").array().first();
        const auto bad = Rotation::fromJson(state, ingestSpec(), program.context());
        QVERIFY(!bad.has_value());
        QCOMPARE(int(bad.error().code), int(ErrorCode::InvalidArgument));
        QVERIFY(!Rotation::fromJson({}, ingestSpec(), program.context()).has_value());
    }
    void savedStateIsWhole()
    {
        World world;
        Program program(world);
        program.begin(roleWithFirstKey(world));
        QVERIFY(waitsWith(program, "overlap", "both keys"));
        const QJsonObject before = program->toJson();
        const auto copy = Rotation::fromJson(before, ingestSpec(), program.context());
        QVERIFY(copy.has_value());
        QCOMPARE((*copy)->toJson(), before);
        QCOMPARE((*copy)->rowJson(), program->rowJson());
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
