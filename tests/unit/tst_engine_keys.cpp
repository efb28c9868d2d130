#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QTemporaryDir>
#include <QtSql/QSqlQuery>
#include <QtTest/QSignalSpy>

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
    std::unique_ptr<engine::KeyService> m_keys;
    QStringList m_steps;
    QStringList m_askers;
    int m_begun{};

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

    /// As a new life of the engine.
    void open()
    {
        m_keys.reset();
        m_database.reset();
        m_database = std::move(*store::Database::open(
            {.file = m_dir->filePath("s.db"), .parts = {engine::KeyService::schema()}}));
        m_keys = std::make_unique<engine::KeyService>(m_link, test::cephAuthorities(), *m_vault, *m_database,
                                                      m_clock);
        m_keys->addRole({.role = "ingest",
                         .connection = "vega",
                         .entity = "client.ingest",
                         .caps = {{"mon", "allow r"}},
                         .overlapMs = 60'000});
        QVERIFY(m_keys->load().has_value());
        m_steps.clear();
        connect(m_keys.get(), &engine::KeyService::stepEnded, this,
                [this](const QString&, const actions::Asker& asker, const QString& step) {
                    m_steps.append(step);
                    m_askers.append(asker.principal);
                });
    }
    bool hasKey() const { return m_keys->currentOf("ingest").has_value() && !m_keys->rotating(); }
    /// From when its end is saved: a next life would begin an overlap without one anew.
    bool inOverlap() const
    {
        const QJsonArray steps = m_keys->row("ingest")["rotation"].toObject()["steps"].toArray();
        return std::any_of(steps.begin(), steps.end(), [](const QJsonValue& step) {
            return step["detail"].toString().startsWith("both keys work until");
        });
    }
    void rotate(Answer& into)
    {
        m_keys->rotate(
            "ingest", {.principal = "anna", .role = "operator"}, [this] { ++m_begun; },
            [&into](const Result<QJsonObject>& r) { into = r; });
    }

    void renew(Answer& into)
    {
        m_keys->renew(
            "ingest", {.principal = "anna", .role = "operator"}, [this] { ++m_begun; },
            [&into](const Result<QJsonObject>& r) { into = r; });
    }
    Answer planned()
    {
        Answer plan;
        m_keys->planRenewal("ingest", [&plan](const Result<QJsonObject>& r) { plan = r; });
        return sluice::test::waitUntil([&plan] { return plan.has_value(); })
                   ? plan
                   : Answer(fail(Error{.message = "no plan"}));
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
        m_link.answer = [this](const FakeLink::Call& call) { return answer(call); };
        m_vault = std::make_unique<keys::ThreadedKeyVault>(std::make_unique<keys::FileSecretStore>(
            *keys::FileSecretStore::open(m_dir->filePath("secrets"))));
        open();
        m_keys->start();
        QTRY_VERIFY(hasKey() && m_steps.size() == 3);
        m_steps.clear();
        m_begun = 0;
    }
    void cleanup()
    {
        m_keys.reset();
        m_vault.reset();
        m_database.reset();
    }

    void aRotationIsDoneInTheNameOfWhoAsked()
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
        // Nobody asked for the first key.
        QCOMPARE(m_askers, QStringList({"", "", ""}));
        QCOMPARE(askerOfLast("auth.create"), QString());
        m_askers.clear();
        Answer done;
        rotate(done);
        QTRY_VERIFY(inOverlap());
        QCOMPARE(askerOfLast("auth.create"), "anna");
        open();
        m_clock.now += 120'000;
        m_keys->start();
        QTRY_COMPARE(m_entities, QSet<QString>{"client.ingest.g2"});
        QTRY_VERIFY(!m_keys->rotating());
        QCOMPARE(askerOfLast("auth.remove"), "anna");
        QCOMPARE(m_askers.count("anna"), m_askers.size());
        QVERIFY(m_askers.size() >= 7);
    }

    void oneRotationAtATime()
    {
        Answer first, second, third;
        rotate(first);
        rotate(second);
        QTRY_VERIFY(second);
        QVERIFY(!*second && second->error().code == ErrorCode::FailedPrecondition);
        QTRY_VERIFY(inOverlap());
        rotate(third);
        QTRY_VERIFY(third);
        QVERIFY2(!*third && third->error().message.contains("under way"),
                 qPrintable(third->error().toLine()));
        QCOMPARE(m_begun, 1);
        m_clock.now += 120'000;
        QTRY_VERIFY(first);
        QVERIFY(first->has_value());
        QCOMPARE(m_entities, QSet<QString>{"client.ingest.g2"});
    }

    void itIsBegunOnceANextLifeWouldCarryItOn()
    {
        Answer lost;
        rotate(lost);
        QCOMPARE(m_begun, 0);
        QTRY_COMPARE(m_begun, 1);
        open();
        m_keys->start();
        QVERIFY(m_keys->rotating());
    }

    void carriedOnAfterARestartItSaysWhoAsked()
    {
        Answer lost;
        rotate(lost);
        QTRY_VERIFY(inOverlap());
        open();
        QList<QPair<QString, QString>> ends;
        QString method;
        connect(m_keys.get(), &engine::KeyService::carriedOn, this,
                [&](const QString&, const actions::Asker& asker, const QString& outcome, const QJsonObject&,
                    const QString& asked) {
                    ends.append({asker.principal, outcome});
                    method = asked;
                });
        m_clock.now += 120'000;
        m_keys->start();
        QTRY_COMPARE(ends.size(), 1);
        QCOMPARE(ends[0].first, "anna");
        QCOMPARE(ends[0].second, "carried on after a restart");
        QCOMPARE(method, "keys.rotate");
        QCOMPARE(m_steps, (QStringList{"overlap", "silent", "revoke", "prove"}));
        QVERIFY(!lost);
    }

    void aKeyThatWorksIsNotRenewed()
    {
        const Answer plan = planned();
        QVERIFY(!*plan && plan->error().code == ErrorCode::FailedPrecondition);
        QVERIFY2(plan->error().toLine().contains("has a key that works"), qPrintable(plan->error().toLine()));
        Answer done;
        renew(done);
        QTRY_VERIFY(done);
        QVERIFY(!*done);
        QCOMPARE(m_begun, 0);
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

        Answer done, second;
        renew(done);
        renew(second);
        QTRY_VERIFY(done && second);
        QVERIFY(done->has_value());
        QVERIFY(!*second);
        QCOMPARE(m_begun, 1);
        QCOMPARE(m_keys->currentOf("ingest")->entity, "client.ingest.g2");
        QCOMPARE(m_steps, (QStringList{"create", "deliver", "first-use"}));
        // What is there is left alone: somebody else may use it.
        QCOMPARE(m_link.count("auth.remove") + m_link.count("blocklist.add"), 0);
        open();
        m_keys->start();
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
        QJsonObject state;
        QVERIFY(m_database->readNow([&state](store::Tx& tx) {
            return tx.query("SELECT body FROM key_role", {}, [&state](const QSqlQuery& row) {
                state = QJsonDocument::fromJson(row.value(0).toString().toUtf8()).object();
                return true;
            });
        }));
        QJsonObject role = state["role"].toObject();
        QJsonObject old = role["generations"].toArray()[0].toObject();
        QJsonObject used = old;
        old["state"] = "previous";
        used["number"] = 2;
        used["entity"] = "client.ingest.g2";
        used["secretName"] = "cephx/vega/ingest.g2";
        role["generations"] = QJsonArray{old, used};
        state["role"] = role;
        bool written = false;
        m_database->write([body = QString::fromUtf8(QJsonDocument(state).toJson())](
                              store::Tx& tx) { return tx.exec("UPDATE key_role SET body = ?", {body}); },
                          this, [&written](const Result<void>& saved) { written = saved.has_value(); });
        QTRY_VERIFY(written);
        open();
        m_keys->start();
        QCOMPARE(m_keys->currentOf("ingest")->number, 2);
        const Answer plan = planned();
        QVERIFY(plan->has_value());
        const QJsonObject told = (**plan)["plan"].toObject();
        QCOMPARE(told["to"].toString(), "client.ingest.g3");
        QCOMPARE(stepsOf(told).first(), "census");
        Answer done;
        renew(done);
        QTRY_VERIFY(inOverlap());
        QCOMPARE(m_keys->currentOf("ingest")->number, 3);
        m_clock.now += 120'000;
        QTRY_VERIFY(done);
        QVERIFY(done->has_value());
        QCOMPARE(m_entities, QSet<QString>{"client.ingest.g3"});
    }
};

QTEST_GUILESS_MAIN(TestEngineKeys)
#include "tst_engine_keys.moc"
