#include <QtCore/QJsonDocument>
#include <QtCore/QTemporaryDir>

#include "engine/named_link.h"
#include "engine/recorded_link.h"
#include "tests/unit/engine_fakes.h"

using namespace sluice;
using namespace sluice::test;
using engine::RecordedLink;

class TestEngineRecordedLink : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_dir;
    SetClock m_clock;
    std::unique_ptr<audit::AuditLog> m_audit;
    std::unique_ptr<FakeLink> m_link;
    std::unique_ptr<RecordedLink> m_recorded;

    Result<QJsonObject> blocklist()
    {
        return change("blocklist.add", {{"address", "10.0.0.9:0/1"},
                                        {"because", RecordedLink::because("R-7", "R-7, attempt 2: fenced")}});
    }
    Result<QJsonObject> change(const QString& method, const QJsonObject& params, bool mutating = true)
    {
        std::optional<Result<QJsonObject>> answer;
        m_recorded->call("vega", method, params, 1000, mutating,
                         [&answer](const Result<QJsonObject>& r) { answer = r; });
        return sluice::test::waitUntil([&answer] { return answer.has_value(); })
                   ? *answer
                   : fail(Error{.message = "no answer"});
    }

private Q_SLOTS:
    void init()
    {
        m_clock = {};
        m_dir = std::make_unique<QTemporaryDir>();
        m_audit = std::move(*audit::AuditLog::open(m_dir->filePath("audit.db"), m_clock));
        m_link = std::make_unique<FakeLink>();
        m_recorded = std::make_unique<RecordedLink>(*m_link, *m_audit, m_clock);
    }
    void cleanup()
    {
        m_recorded.reset();
        m_link.reset();
        m_audit.reset();
    }

    void recordsBeforeAndAfter()
    {
        QStringList before;
        m_link->answer = [this, &before](const FakeLink::Call&) {
            before = told(*m_audit);
            return QJsonObject();
        };
        QVERIFY(blocklist().has_value());
        QCOMPARE(before, QStringList{"blocklist.add intent"});
        QTRY_COMPARE(told(*m_audit), (QStringList{"blocklist.add intent", "blocklist.add done"}));
        QList<audit::Record> records;
        told(*m_audit, &records);
        QCOMPARE(records[0].principal, "engine");
        QCOMPARE(records[0].reason, "R-7, attempt 2: fenced");
        QCOMPARE(records[0].objects, (QStringList{"vega/client/10.0.0.9:0/1", "R-7"}));
        QVERIFY(!m_link->calls.first().params.contains("because"));
    }

    void whatSomebodyAskedForIsRecordedInTheirName()
    {
        const actions::Asker anna{
            .principal = "anna", .role = "operator", .via = "test", .requestId = "q1", .reason = "stuck"};
        QVERIFY(change("lock.break", engine::NamedLink::named(
                                         {{"cephPool", "train"},
                                          {"object", "in/part-0"},
                                          {"lock", "l"},
                                          {"client", "client.9"},
                                          {"address", "1.2.3.4:0/9"},
                                          {"because", connect::Link::because("R-1/a", "reset of R-1")}},
                                         anna))
                    .has_value());
        QTRY_COMPARE(told(*m_audit), (QStringList{"lock.break intent", "lock.break done"}));
        QList<audit::Record> records;
        told(*m_audit, &records);
        for (const audit::Record& record : records) {
            QCOMPARE(record.principal, "anna");
            QCOMPARE(record.role, "operator");
            QCOMPARE(record.via, "test");
            QCOMPARE(record.requestId, "q1");
            QCOMPARE(record.objects, (QStringList{"vega/lock/train/in/part-0/l", "R-1/a"}));
        }
    }

    void whatWasSoAlreadyIsNotCalledDone()
    {
        m_link->answer = [](const FakeLink::Call& call) -> Result<QJsonObject> {
            if (call.method == "auth.create") {
                return QJsonObject{{"key", "KEY"}, {"created", false}};
            }
            return fail(Error{.code = ErrorCode::NotFound, .message = "not there"});
        };
        QVERIFY(!change("object.remove", {{"cephPool", "train"}, {"object", "in/part-0"}}));
        QVERIFY(change("auth.create", {{"entity", "client.x.g1"}}).has_value());
        QVERIFY(!change("s3.key.create", {{"accessKey", "SL1"}}));
        QTRY_COMPARE(told(*m_audit),
                     (QStringList{"object.remove intent", "object.remove already so", "auth.create intent",
                                  "auth.create already so", "s3.key.create intent", "s3.key.create failed"}));
        QList<audit::Record> records;
        told(*m_audit, &records);
        QCOMPARE(records.last().objects, QStringList{"vega/object/train/in/part-0"});
    }

    void whatItTriesAgainIsRecordedOnce()
    {
        int left = 5;
        m_link->answer = [&left](const FakeLink::Call&) -> Result<QJsonObject> {
            return left-- > 0 ? Result<QJsonObject>(fail(unavailable())) : QJsonObject();
        };
        while (!blocklist()) {
        }
        QCOMPARE(m_link->calls.size(), 6);
        const QStringList once{"blocklist.add intent", "blocklist.add failed", "blocklist.add done"};
        QTRY_COMPARE(told(*m_audit), once);
        QVERIFY(blocklist().has_value());
        QTRY_COMPARE(told(*m_audit), once + QStringList({"blocklist.add intent", "blocklist.add done"}));
    }

    void anHourLaterItIsRecordedAgain()
    {
        m_link->answer = [](const FakeLink::Call&) -> Result<QJsonObject> { return fail(unavailable()); };
        QVERIFY(!blocklist());
        m_clock.now += 3'600'000;
        QVERIFY(!blocklist());
        QTRY_COMPARE(told(*m_audit).count("blocklist.add intent"), 2);
    }

    void withoutARecordNothingIsDone()
    {
        bool closed = false;
        m_audit->database().write([](store::Tx& tx) { return tx.exec("PRAGMA query_only = 1"); }, this,
                                  [&closed](const Result<void>&) { closed = true; });
        QTRY_VERIFY(closed);
        const auto refused = blocklist();
        QVERIFY(!refused && refused.error().retryable);
        QVERIFY2(refused.error().message.contains("could not be written"),
                 qPrintable(refused.error().toLine()));
        QVERIFY(m_link->calls.isEmpty());
    }

    void readsAndRefusalsLeaveNoRecord()
    {
        QVERIFY(change("blocklist.has", {{"address", "10.0.0.9:0/1"}}, false).has_value());
        m_link->leads = false;
        QVERIFY(!blocklist());
        QCOMPARE(m_link->calls.size(), 1);
        QVERIFY(told(*m_audit).isEmpty());
    }

    void noSecretIsRecorded()
    {
        m_link->answer = [](const FakeLink::Call&) { return QJsonObject{{"key", "SECRET"}}; };
        QVERIFY(change("auth.create", {{"entity", "client.x.g1"}, {"caps", QJsonObject()}}).has_value());
        QVERIFY(
            change("s3.key.create", {{"connection", "rgw"}, {"accessKey", "SL1"}, {"secretKey", "SECRET"}})
                .has_value());
        QTRY_COMPARE(told(*m_audit).size(), 4);
        QList<audit::Record> records;
        told(*m_audit, &records);
        QCOMPARE(records[0].objects, QStringList{"rgw/s3-key/SL1"});
        QCOMPARE(records[2].objects, QStringList{"vega/auth-entity/client.x.g1"});
        for (const audit::Record& record : records) {
            QVERIFY(!record.canonicalBody().contains("SECRET"));
        }
    }
};

QTEST_GUILESS_MAIN(TestEngineRecordedLink)
#include "tst_engine_recorded_link.moc"
