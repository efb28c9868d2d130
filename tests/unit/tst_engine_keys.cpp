#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QTemporaryDir>
#include <QtCore/QTimer>
#include <QtSql/QSqlQuery>
#include <QtTest/QSignalSpy>

#include "actions/action_methods.h"
#include "engine/key_actions.h"
#include "engine/key_service.h"
#include "keys/secret_store.h"
#include "tests/unit/authorities.h"
#include "tests/unit/engine_fakes.h"

using namespace sluice;
using namespace sluice::test;

class TestEngineKeys : public QObject {
    Q_OBJECT

    using Answer = std::optional<Result<QJsonObject>>;

    std::unique_ptr<QTemporaryDir> m_dir;
    SetClock m_clock;
    FakeLink m_link;
    QSet<QString> m_entities;
    QSet<QString> m_replaced;
    bool m_unreachable{false};
    std::unique_ptr<keys::ThreadedKeyVault> m_vault;
    std::unique_ptr<store::Database> m_database;
    std::unique_ptr<audit::AuditLog> m_audit;
    std::unique_ptr<engine::KeyService> m_keys;
    std::unique_ptr<actions::RequestBook> m_requests;
    std::unique_ptr<actions::KeptActions> m_kept;
    std::unique_ptr<actions::ActionRunner> m_runner;
    std::unique_ptr<rpc::MethodTable> m_table;
    int m_request{};

    Result<QJsonObject> answer(const FakeLink::Call& call)
    {
        const QString entity = call.params["entity"].toString();
        if (call.method == "auth.list") {
            return QJsonObject{{"entities", QJsonArray::fromStringList(m_entities.values())}};
        }
        if (call.method == "auth.create") {
            m_entities.insert(entity);
            return QJsonObject{{"key", "KEY"}, {"created", true}};
        }
        if (call.method == "auth.get" && !m_entities.contains(entity)) {
            return fail(Error{.code = ErrorCode::NotFound, .message = "no such entity"});
        }
        if (call.method == "auth.get") {
            return QJsonObject{{"caps", QJsonObject{{"mon", "allow r"}}}};
        }
        if (call.method == "auth.remove") {
            m_entities.remove(entity);
        }
        if (call.method == "key.probe" && m_unreachable) {
            return fail(unavailable());
        }
        if (call.method == "key.probe") {
            return m_entities.contains(entity) && !m_replaced.contains(entity)
                       ? QJsonObject{{"ok", true}}
                       : QJsonObject{{"error", QJsonObject{{"code", "PermissionDenied"}}}};
        }
        if (call.method == "sessions") {
            return QJsonObject{{"mons", QJsonArray{QJsonObject{{"answered", true}}}}};
        }
        return QJsonObject();
    }

    void close()
    {
        m_link.forget();
        m_table.reset();
        m_runner.reset();
        m_kept.reset();
        m_requests.reset();
        m_keys.reset();
        m_audit.reset();
        m_database.reset();
    }
    /// As a new life of the engine, before it acts.
    void open()
    {
        close();
        m_database = std::move(
            *store::Database::open({.file = m_dir->filePath("s.db"),
                                    .parts = {engine::KeyService::schema(), actions::RequestBook::schema(),
                                              actions::KeptActions::schema()}}));
        m_audit = std::move(*audit::AuditLog::open(m_dir->filePath("audit.db"), m_clock));
        m_keys = std::make_unique<engine::KeyService>(m_link, test::cephAuthorities(), *m_vault, *m_database,
                                                      m_clock);
        m_keys->addRole({.role = "ingest",
                         .connection = "vega",
                         .entity = "client.ingest",
                         .caps = {{"mon", "allow r"}},
                         .overlapMs = 60'000});
        m_requests = std::make_unique<actions::RequestBook>(*m_database);
        m_kept = std::make_unique<actions::KeptActions>(*m_database);
        QVERIFY(m_requests->load(m_clock.nowMs()).has_value() && m_kept->load().has_value());
        m_runner = std::make_unique<actions::ActionRunner>(*m_audit, *m_requests, m_clock, m_kept.get());
        m_runner->setPace({.retryMs = 1, .lookMs = 1});
        m_keys->setActions(*m_runner);
        m_table = std::make_unique<rpc::MethodTable>();
        actions::addAction(*m_table, m_runner.get(), engine::rotateKeyAction(m_keys.get()));
        actions::addAction(*m_table, m_runner.get(), engine::renewKeyAction(m_keys.get()));
        QVERIFY(m_keys->load(*m_kept, *m_requests).has_value());
    }
    void act()
    {
        m_keys->start();
        m_runner->carryOn();
    }
    void live()
    {
        open();
        act();
    }
    bool hasKey() const { return m_keys->currentOf("ingest").has_value() && !m_keys->rotating(); }
    QJsonObject rotation() const { return m_keys->row("ingest")["rotation"].toObject(); }
    bool inOverlap() const
    {
        const QJsonArray steps = rotation()["steps"].toArray();
        return std::any_of(steps.begin(), steps.end(), [](const QJsonValue& step) {
            return step["detail"].toString().startsWith("both keys work until");
        });
    }
    /// Of the row of topic `roles`: "id state".
    QStringList steps() const
    {
        QStringList list;
        for (const QJsonValue& step : rotation()["steps"].toArray()) {
            list.append(step["id"].toString() + ' ' + step["state"].toString());
        }
        return list;
    }
    void call(const QString& method, QJsonObject params, Answer& into)
    {
        params["role"] = "ingest";
        m_table->dispatch({.method = method,
                           .params = params,
                           .principal = {.name = "anna", .role = rpc::Role::Operator, .via = "test"},
                           .requestId = params["requestId"].toString()},
                          [&into](const Result<QJsonObject>& r) { into = r; });
    }
    Answer planOf(const QString& method)
    {
        Answer plan;
        call(method, {}, plan);
        return sluice::test::waitUntil([&plan] { return plan.has_value(); })
                   ? plan
                   : Answer(fail(Error{.message = "no plan"}));
    }
    Answer planned() { return planOf("keys.plan_renew"); }
    void ask(const QString& method, const Answer& plan, Answer& into)
    {
        const QString hash = plan->has_value() ? (**plan)["planHash"].toString() : QString();
        call(method, {{"planHash", hash}, {"requestId", QStringLiteral("q%1").arg(++m_request)}}, into);
    }
    /// Answered when it is begun.
    void rotate(Answer& into) { ask("keys.rotate", planOf("keys.plan_rotate"), into); }
    QString ended(const Answer& begun) const
    {
        const QString state = m_runner->row((**begun)["action"].toString())["state"].toString();
        return actions::endsIt(state) ? state : QString();
    }
    /// "action outcome principal" of all records, oldest first.
    QStringList records() const
    {
        QList<audit::Record> records;
        test::told(*m_audit, &records);
        QStringList list;
        for (const audit::Record& record : std::as_const(records)) {
            list.prepend(QStringList{record.action, record.outcome, record.principal}.join(' '));
        }
        return list;
    }
    QJsonObject storedBody()
    {
        QJsonObject state;
        const auto read = m_database->readNow([&state](store::Tx& tx) {
            return tx.query("SELECT body FROM key_role", {}, [&state](const QSqlQuery& row) {
                state = QJsonDocument::fromJson(row.value(0).toString().toUtf8()).object();
                return true;
            });
        });
        return read ? state : QJsonObject();
    }
    bool storeBody(const QJsonObject& body, const QString& also = {})
    {
        std::optional<bool> written;
        m_database->write(
            [also, text = QString::fromUtf8(QJsonDocument(body).toJson())](store::Tx& tx) {
                auto done = tx.exec("UPDATE key_role SET body = ?", {text});
                return done && !also.isEmpty() ? tx.exec(also) : done;
            },
            this, [&written](const Result<void>& saved) { written = saved.has_value(); });
        return sluice::test::waitUntil([&written] { return written.has_value(); }) && *written;
    }
    /// As a release kept it whose rotations had a progress of their own.
    QJsonObject ofEarlierRelease(const QJsonObject& body, int at, qint64 overlapEndsMs, bool asked = true)
    {
        QJsonArray steps;
        for (const QJsonValue& step : body["rotation"]["steps"].toArray()) {
            const char* state = steps.size() < at ? "done" : steps.size() == at ? "running" : "waiting";
            steps.append(QJsonObject{{"id", step["id"]}, {"state", state}, {"detail", "d"}, {"atMs", 1000}});
        }
        QJsonObject old{{"format", 1},
                        {"id", "K-ingest-1"},
                        {"from", body["rotation"]["from"]},
                        {"to", body["rotation"]["to"]},
                        {"state", "running"},
                        {"at", at},
                        {"startedAtMs", 1000},
                        {"overlapEndsMs", overlapEndsMs},
                        {"cutOff", QJsonArray()},
                        {"steps", steps},
                        {"role", body["role"]}};
        if (asked) {
            old["asker"] =
                QJsonObject{{"principal", "anna"}, {"role", "operator"}, {"requestId", body["requestId"]}};
        }
        return old;
    }
    void loseKey(const QString& how)
    {
        if (how == "removed") {
            m_entities.remove("client.ingest.g1");
        } else if (how == "replaced") {
            m_replaced.insert("client.ingest.g1");
        } else {
            bool gone = false;
            m_vault->remove("cephx/vega/ingest.g1", [&gone](const Result<void>&) { gone = true; });
            QTRY_VERIFY(gone);
        }
    }
    static QStringList stepsOf(const QJsonObject& plan)
    {
        QStringList steps;
        for (const QJsonValue& step : plan["steps"].toArray()) {
            steps.append(step["id"].toString());
        }
        return steps;
    }

private Q_SLOTS:
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_entities.clear();
        m_replaced.clear();
        m_link.calls.clear();
        m_request = 0;
        m_link.answer = [this](const FakeLink::Call& call) { return answer(call); };
        m_vault = std::make_unique<keys::ThreadedKeyVault>(std::make_unique<keys::FileSecretStore>(
            *keys::FileSecretStore::open(m_dir->filePath("secrets"))));
        live();
        QTRY_VERIFY(hasKey());
        // Its end is on record too.
        QTRY_COMPARE(m_runner->row(m_runner->ids().value(0))["state"].toString(), "verified");
    }
    void cleanup()
    {
        close();
        m_vault.reset();
    }

    void aFirstKeyIsAnActionOfTheEngine()
    {
        QCOMPARE(records(), (QStringList{"keys.first intent engine", "keys.create intent engine",
                                         "keys.create verified engine", "keys.deliver intent engine",
                                         "keys.deliver verified engine", "keys.first-use intent engine",
                                         "keys.first-use verified engine", "keys.first verified engine"}));
        const QJsonObject row = m_runner->row(m_runner->ids().value(0));
        QCOMPARE(row["title"].toString(), "Make the first key of ingest");
        QCOMPARE(row["state"].toString(), "verified");
        QCOMPARE(steps(), (QStringList{"create done", "deliver done", "first-use done"}));
    }

    void whatAPersonAskedForIsRecordedAsTheirs()
    {
        const auto askerOfLast = [this](const QString& method) {
            QString asker = "no call";
            for (const FakeLink::Call& call : std::as_const(m_link.calls)) {
                if (call.method == method) {
                    asker = call.params["because"]["asker"]["principal"].toString();
                }
            }
            return asker;
        };
        QCOMPARE(askerOfLast("auth.create"), "engine");
        const qsizetype before = records().size();
        Answer begun;
        rotate(begun);
        QTRY_VERIFY(inOverlap());
        QCOMPARE(askerOfLast("auth.create"), "anna");
        live();
        m_clock.now += 120'000;
        QTRY_VERIFY(!m_keys->rotating());
        QCOMPARE(m_entities, QSet<QString>{"client.ingest.g2"});
        QCOMPARE(askerOfLast("auth.remove"), "anna");
        QTRY_COMPARE(records().last(), "keys.rotate verified anna");
        const QStringList told = records().mid(before);
        QCOMPARE(told.filter(" anna").size(), told.size());
        QCOMPARE(told.filter("carried on after a restart").size(), 1);
    }

    void eachStepIsRecordedBeforeAndAfterIt()
    {
        const qsizetype before = records().size();
        // What stands in the record when the cluster is asked to change.
        QHash<QString, QString> then;
        QString last;
        connect(m_audit.get(), &audit::AuditLog::appended, m_audit.get(),
                [&last](const audit::Record& record) { last = record.action + ' ' + record.outcome; });
        m_link.answer = [&, this](const FakeLink::Call& call) {
            if (call.mutating) {
                then[call.method] = last;
            }
            return answer(call);
        };
        Answer begun;
        rotate(begun);
        QTRY_VERIFY(inOverlap());
        m_clock.now += 120'000;
        QTRY_VERIFY(begun && !ended(begun).isEmpty());
        QCOMPARE(ended(begun), "verified");
        QStringList expected{"keys.rotate intent anna"};
        for (const char* step :
             {"census", "create", "deliver", "first-use", "overlap", "silent", "revoke", "prove"}) {
            expected += {QStringLiteral("keys.%1 intent anna").arg(step),
                         QStringLiteral("keys.%1 verified anna").arg(step)};
        }
        expected += "keys.rotate verified anna";
        QCOMPARE(records().mid(before), expected);
        QCOMPARE(then["auth.create"], "keys.create intent");
        QCOMPARE(then["auth.remove"], "keys.revoke intent");
        QList<audit::Record> all;
        test::told(*m_audit, &all);
        QCOMPARE(all.first().detail["by"].toString(), "a new connection with g1 was refused");
        for (const QString& state : steps()) {
            QVERIFY2(state.endsWith(" done"), qPrintable(state));
        }
        const QJsonObject shown = rotation();
        QCOMPARE(shown["state"].toString(), "done");
        QCOMPARE(shown["steps"][0]["outcome"].toString(), "verified");
        QCOMPARE(shown["id"], (**begun)["action"]);
    }

    void aKillBetweenAnyTwoRecordsIsCarriedOn_data()
    {
        QTest::addColumn<int>("records");
        for (int i = 1; i <= 17; ++i) {
            QTest::addRow("after record %d", i) << i;
        }
    }
    void aKillBetweenAnyTwoRecordsIsCarriedOn()
    {
        QFETCH(int, records);
        const Answer plan = planOf("keys.plan_rotate");
        QTimer clock;
        connect(&clock, &QTimer::timeout, this, [this] { m_clock.now += 5'000; });
        clock.start(1);
        int written = 0;
        QEventLoop life;
        connect(m_audit.get(), &audit::AuditLog::appended, &life, [&] {
            if (++written == records) {
                life.quit();
            }
        });
        Answer begun;
        ask("keys.rotate", plan, begun);
        life.exec();
        live();
        if (records == 1) {
            // Nothing was kept, and nothing done.
            QVERIFY(!m_keys->rotating());
            QCOMPARE(m_entities, QSet<QString>{"client.ingest.g1"});
            return;
        }
        QTRY_VERIFY(!m_keys->rotating());
        QCOMPARE(m_entities, QSet<QString>{"client.ingest.g2"});
        QTRY_COMPARE(this->records().last(), "keys.rotate verified anna");
        const QJsonArray generations = m_keys->row("ingest")["generations"].toArray();
        QCOMPARE(generations.size(), 2);
        QCOMPARE(generations[0]["state"].toString(), "revoked");
        QCOMPARE(generations[1]["state"].toString(), "current");
        // Asked for once for each key, unless the kill came while this one was being made.
        QVERIFY(m_link.count("auth.create") == 2 || (records == 4 && m_link.count("auth.create") == 3));
    }

    void theOverlapOutlivesARestart()
    {
        Answer begun;
        rotate(begun);
        QTRY_VERIFY(inOverlap());
        m_clock.now += 50'000;
        live();
        QTRY_VERIFY(inOverlap());
        // Not sixty seconds from here, and not over yet.
        const qint64 until = m_clock.now + 10'000;
        const QString said = rotation()["steps"].toArray().at(4)["detail"].toString();
        QCOMPARE(said, "both keys work until " + toRfc3339(until));
        QVERIFY(m_entities.contains("client.ingest.g1"));
        m_clock.now += 10'000;
        QTRY_COMPARE(m_link.count("auth.remove"), 1);
        QTRY_VERIFY(!m_keys->rotating());
    }

    void aPlanIsVoidOnceTheGenerationsAreOthers()
    {
        const Answer plan = planOf("keys.plan_rotate");
        m_entities.insert("client.ingest.g2");  // somebody else's: ours would be g3
        Answer refused;
        ask("keys.rotate", plan, refused);
        QTRY_VERIFY(refused);
        QVERIFY(!*refused);
        QCOMPARE(refused->error().message, "The plan is void");
        QCOMPARE(m_link.count("auth.create"), 1);
        QTRY_COMPARE(records().last(), "keys.rotate refused anna");
        QVERIFY(!m_keys->rotating());
    }

    void oneChangeOfAKeyAtATime()
    {
        const Answer plan = planOf("keys.plan_rotate");
        Answer first, second;
        ask("keys.rotate", plan, first);
        ask("keys.rotate", plan, second);
        QTRY_VERIFY(second);
        QVERIFY(!*second && second->error().code == ErrorCode::FailedPrecondition);
        QTRY_VERIFY(inOverlap());
        for (const char* method : {"keys.plan_rotate", "keys.plan_renew"}) {
            const Answer third = planOf(method);
            QVERIFY2(!*third && third->error().message.contains("under way"),
                     qPrintable(third->error().toLine()));
        }
        m_clock.now += 120'000;
        QTRY_VERIFY(!m_keys->rotating());
        QCOMPARE(m_entities, QSet<QString>{"client.ingest.g2"});
    }

    void itIsAnsweredOnceANextLifeWouldCarryItOn()
    {
        Answer begun;
        rotate(begun);
        QTRY_VERIFY(begun);
        QVERIFY(begun->has_value());
        open();
        QVERIFY(m_keys->rotating());
        QCOMPARE(m_kept->leftIds(), QStringList{(**begun)["action"].toString()});
    }

    void whatMayNotActIsRefusedAndNotBegun()
    {
        const Answer plan = planOf("keys.plan_rotate");
        m_link.leads = false;
        QVERIFY(planOf("keys.plan_rotate")->has_value());
        Answer refused;
        ask("keys.rotate", plan, refused);
        QTRY_VERIFY(refused);
        QVERIFY(!*refused);
        QCOMPARE(refused->error().message, "no lease");
        m_link.leads = true;
        QVERIFY(!m_keys->rotating());
    }

    void aRotationThatAnEarlierReleaseBeganIsCarriedOn()
    {
        Answer begun;
        rotate(begun);
        QTRY_VERIFY(inOverlap());
        const QString action = (**begun)["action"].toString();
        const QJsonObject body = storedBody();
        QVERIFY(storeBody(ofEarlierRelease(body, 4, m_clock.now + 30'000), "DELETE FROM action"));
        live();
        QTRY_VERIFY(inOverlap());
        QCOMPARE(rotation()["steps"].toArray().at(4)["detail"].toString(),
                 "both keys work until " + toRfc3339(m_clock.now + 30'000));
        QCOMPARE(m_runner->row(action)["principal"].toString(), "anna");
        m_clock.now += 30'000;
        QTRY_VERIFY(!m_keys->rotating());
        QCOMPARE(m_entities, QSet<QString>{"client.ingest.g2"});
        QTRY_COMPARE(records().last(), "keys.rotate done anna");
        live();
        QVERIFY(!m_keys->rotating());
        QCOMPARE(steps().size(), 8);
    }
    void aFirstKeyThatAnEarlierReleaseBeganIsCarriedOnAsTheEngines()
    {
        const QJsonObject body = storedBody();
        QJsonObject old = ofEarlierRelease(body, 1, 0, false);
        QVERIFY(storeBody(old));
        live();
        QVERIFY(m_keys->rotating());
        QTRY_VERIFY(hasKey());
        QTRY_COMPARE(records().last(), "keys.first verified engine");
        QCOMPARE(m_entities, QSet<QString>{"client.ingest.g1"});
    }
    void whatAnEarlierReleaseKeptOfAnEndedOneIsShown()
    {
        QJsonObject old = ofEarlierRelease(storedBody(), 3, 0, false);
        old["state"] = "done";
        QVERIFY(storeBody(old));
        live();
        QVERIFY(hasKey());
        QCOMPARE(steps(), (QStringList{"create done", "deliver done", "first-use done"}));
        QCOMPARE(rotation()["id"].toString(), "K-ingest-1");
    }
    void badStates_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        const auto row = [](const char* name, const char* key, const char* value) {
            QTest::newRow(name) << QString(key) << QString(value);
        };
        row("format", "format", "9");
        row("to", "to", "9");
        row("from", "from", "9");
        row("same", "from", "1");
        row("at", "at", "99");
        row("at negative", "at", "-1");
        row("steps", "steps", "[]");
        row("steps of what", "steps", "{}");
        row("role", "role", "null");
    }
    void badStates()
    {
        QFETCH(QString, key);
        QFETCH(QString, value);
        const keys::RoleSpec spec{.role = "ingest", .connection = "vega", .entity = "client.ingest"};
        QJsonObject state = ofEarlierRelease(storedBody(), 1, 0, false);
        QVERIFY(engine::storedKeys(state, spec).has_value());
        state[key] = QJsonDocument::fromJson("[" + value.toUtf8() + "]").array().first();
        const auto bad = engine::storedKeys(state, spec);
        QVERIFY(!bad.has_value());
        QCOMPARE(int(bad.error().code), int(ErrorCode::InvalidArgument));
        QVERIFY(!engine::storedKeys({}, spec).has_value());
    }

    void aKeyThatWorksIsNotRenewed()
    {
        const Answer plan = planned();
        QVERIFY(!*plan && plan->error().code == ErrorCode::FailedPrecondition);
        QVERIFY2(plan->error().toLine().contains("has a key that works"), qPrintable(plan->error().toLine()));
        Answer done;
        ask("keys.renew", plan, done);
        QTRY_VERIFY(done);
        QVERIFY(!*done);
        QVERIFY(!m_keys->rotating());
        QCOMPARE(m_keys->currentOf("ingest")->number, 1);
    }

    void aKeyThatIsLostIsRenewed_data()
    {
        QTest::addColumn<QString>("how");
        QTest::addColumn<QString>("why");
        QTest::newRow("entity removed") << "removed"
                                        << "client.ingest.g1 does not exist on vega any more";
        QTest::newRow("another key") << "replaced"
                                     << "vega refuses the key that Sluice has for client.ingest.g1";
        QTest::newRow("secret lost") << "forgotten"
                                     << "Sluice has not the key of client.ingest.g1 any more";
    }
    void aKeyThatIsLostIsRenewed()
    {
        QFETCH(QString, how);
        QFETCH(QString, why);
        loseKey(how);
        const Answer plan = planned();
        QVERIFY(plan->has_value());
        const QJsonObject told = (**plan)["plan"].toObject();
        QCOMPARE(told["from"].toString(), "client.ingest.g1");
        QCOMPARE(told["to"].toString(), "client.ingest.g2");
        QCOMPARE(told["why"].toString(), why);
        QCOMPARE(stepsOf(told), (QStringList{"create", "deliver", "first-use"}));
        QCOMPARE(m_keys->currentOf("ingest")->number, 1);
        Answer again = planned();
        QCOMPARE((**again)["planHash"], (**plan)["planHash"]);

        QCOMPARE(told["lost"].toArray(), QJsonArray{"client.ingest.g1"});

        Answer begun, second;
        ask("keys.renew", plan, begun);
        ask("keys.renew", plan, second);
        QTRY_VERIFY(begun && second);
        QVERIFY(begun->has_value());
        QVERIFY(!*second);
        QTRY_COMPARE(ended(begun), "verified");
        QCOMPARE(m_keys->currentOf("ingest")->entity, "client.ingest.g2");
        QCOMPARE(steps(), (QStringList{"create done", "deliver done", "first-use done"}));
        QCOMPARE(records().filter("keys.renew ").last(), "keys.renew verified anna");
        // What is there is left alone: somebody else may use it.
        QCOMPARE(m_link.count("auth.remove") + m_link.count("blocklist.add"), 0);
        live();
        QCOMPARE(m_keys->currentOf("ingest")->entity, "client.ingest.g2");
        QCOMPARE(m_keys->row("ingest")["generations"].toArray().at(0)["state"].toString(), "revoked");
        QVERIFY(!m_keys->row("ingest")["generations"].toArray().at(0)["revokedAt"].toString().isEmpty());
    }

    void whereNobodyAnswersNothingIsGivenUp()
    {
        m_unreachable = true;
        const Answer plan = planned();
        QVERIFY(!*plan && plan->error().code == ErrorCode::Unavailable);
        m_unreachable = false;
    }

    void anOlderKeyThatWorksIsRotatedFrom()
    {
        // As a rotation leaves it that failed after its new key was in use.
        QJsonObject state = storedBody();
        QJsonObject role = state["role"].toObject();
        QJsonObject old = role["generations"].toArray()[0].toObject();
        QJsonObject used = old;
        old["state"] = "previous";
        used["number"] = 2;
        used["entity"] = "client.ingest.g2";
        used["secretName"] = "cephx/vega/ingest.g2";
        role["generations"] = QJsonArray{old, used};
        state["role"] = role;
        QVERIFY(storeBody(state));
        live();
        QCOMPARE(m_keys->currentOf("ingest")->number, 2);
        const Answer plan = planned();
        QVERIFY(plan->has_value());
        const QJsonObject told = (**plan)["plan"].toObject();
        QCOMPARE(told["to"].toString(), "client.ingest.g3");
        QCOMPARE(stepsOf(told).first(), "census");
        Answer begun;
        ask("keys.renew", plan, begun);
        QTRY_VERIFY(inOverlap());
        QCOMPARE(m_keys->currentOf("ingest")->number, 3);
        m_clock.now += 120'000;
        QTRY_COMPARE(ended(begun), "verified");
        QCOMPARE(m_entities, QSet<QString>{"client.ingest.g3"});
    }
};

QTEST_GUILESS_MAIN(TestEngineKeys)
#include "tst_engine_keys.moc"
