#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QJsonDocument>
#include <QtCore/QRegularExpression>
#include <QtTest/QSignalSpy>

#include "audit_fixture.h"
#include "core/canonical_json.h"
#include "store/schema.h"

using namespace sluice;
using namespace sluice::test;
using audit::AuditLog;
using audit::Record;

class TestAuditLog : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder{};
    FakeClock m_clock{};
    std::unique_ptr<AuditLog> m_log{};

    QString file() const { return m_folder->filePath("audit.db"); }
    void reopen()
    {
        m_log.reset();
        auto opened = AuditLog::open(file(), m_clock);
        QVERIFY2(opened.has_value(), opened ? "" : qPrintable(opened.error().toLine()));
        m_log = std::move(*opened);
    }
    QList<Record> list(qint64 before, int limit)
    {
        return await<Result<QList<Record>>>(
                   [&](QObject* c, auto done) { m_log->list(before, limit, c, done); })
            .value_or(QList<Record>{});
    }

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_clock = {};
        reopen();
    }

    void cleanup()
    {
        m_log.reset();
        m_folder.reset();
    }

    void theWorkedExampleIsTrue()
    {
        QFile document(QStringLiteral(SLUICE_SOURCE_DIR "/resources/docs/audit-record.md"));
        QVERIFY(document.open(QIODevice::ReadOnly));
        const QString text = QString::fromUtf8(document.readAll());
        static const QRegularExpression example(
            "```json\\n(\\{.*\\})\\n```\\n[^`]*```\\n([0-9a-f]{64})\\n```");
        auto matches = example.globalMatch(text);
        QString prev = audit::noPrevious();
        int found = 0;
        while (matches.hasNext()) {
            const auto match = matches.next();
            const QByteArray body = match.captured(1).toUtf8();
            const Record record = Record::fromJson(QJsonDocument::fromJson(body).object());
            QCOMPARE(record.seq, ++found);
            QCOMPARE(record.canonicalBody(), body);
            QCOMPARE(sha256Of(record.canonicalBody()), match.captured(2));
            QCOMPARE(record.prev, prev);
            prev = match.captured(2);
            QVERIFY2(text.contains("| `class` |"), "every member is in the table");
            for (const QString& member : QJsonDocument::fromJson(body).object().keys()) {
                QVERIFY2(text.contains(QStringLiteral("| `%1` |").arg(member)), qPrintable(member));
            }
        }
        QCOMPARE(found, 2);
    }

    void recordsAreNumberedTimedAndChained()
    {
        Record claimed = recordNumber(1);
        claimed.seq = 99;
        claimed.prev = "whatever";
        claimed.time = "yesterday";
        const auto first = appendNow(*m_log, claimed);
        m_clock.advance(1377);
        const auto second = appendNow(*m_log, recordNumber(2));
        QVERIFY(first && second);
        QCOMPARE(first->seq, 1);
        QCOMPARE(first->time, QString("2026-01-01T03:14:08.123Z"));
        QCOMPARE(first->prev, audit::noPrevious());
        QCOMPARE(first->hash, sha256Of(first->canonicalBody()));
        QCOMPARE(second->seq, 2);
        QCOMPARE(second->time, QString("2026-01-01T03:14:09.500Z"));
        QCOMPARE(second->prev, first->hash);
        QCOMPARE(m_log->head(), second->hash);
        QCOMPARE(m_log->count(), 2);
    }

    void whatIsStoredIsTheCanonicalBody()
    {
        Record record = recordNumber(1);
        record.reason = QString::fromUtf8("Grüße \"quoted\" \\ \n\x01 🐋");
        record.detail = {{"nested", QJsonObject{{"b", true}, {"a", 9007199254740992.0}}},
                         {"none", QJsonValue::Null}};
        const auto appended = appendNow(*m_log, record);
        QVERIFY(appended);
        const QByteArray body =
            valueOf(m_log->database(), "SELECT body FROM record WHERE seq = 1").toByteArray();
        QCOMPARE(body, appended->canonicalBody());
        QVERIFY(body.contains("\"v\":1"));
        QCOMPARE(valueOf(m_log->database(), "SELECT hash FROM record WHERE seq = 1").toString(),
                 sha256Of(body));
        const Record read = list(0, 1).value(0);
        QCOMPARE(read.reason, record.reason);
        QCOMPARE(read.toJson(), appended->toJson());
        QCOMPARE(read.canonicalBody(), body);
    }

    void answersComeInOrderAndAreAnnounced()
    {
        QSignalSpy spy(m_log.get(), &AuditLog::appended);
        QList<qint64> order;
        QStringList requests;
        for (int i = 1; i <= 100; ++i) {
            m_log->append(recordNumber(i), this, [&](const Result<Record>& done) {
                order.append(done ? done->seq : -1);
                requests.append(done ? done->requestId : QString());
                QCOMPARE(m_log->head(), done->hash);
            });
        }
        QTRY_COMPARE(order.size(), 100);
        for (int i = 1; i <= 100; ++i) {
            QCOMPARE(order.at(i - 1), i);
            QCOMPARE(requests.at(i - 1), QStringLiteral("request-%1").arg(i));
        }
        QCOMPARE(spy.size(), 100);
        QCOMPARE(spy.last().first().value<Record>().seq, 100);
        QVERIFY(m_log->database().figures().commits < 100);
        QVERIFY(verifyNow(*m_log).ok);
    }

    void theChainGoesOnAfterARestart()
    {
        for (int i = 1; i <= 3; ++i) {
            QVERIFY(appendNow(*m_log, recordNumber(i)));
        }
        const QString head = m_log->head();
        reopen();
        QCOMPARE(m_log->head(), head);
        QCOMPARE(m_log->count(), 3);
        QCOMPARE(appendNow(*m_log, recordNumber(4))->prev, head);
        const auto found = verifyNow(*m_log);
        QVERIFY2(found.ok, qPrintable(found.why));
        QCOMPARE(found.records, 4);
        QCOMPARE(found.head, m_log->head());
    }

    void theListIsNewestFirst()
    {
        for (int i = 1; i <= 7; ++i) {
            QVERIFY(appendNow(*m_log, recordNumber(i)));
        }
        const auto newest = list(0, 3);
        QCOMPARE(newest.size(), 3);
        QCOMPARE(newest.first().seq, 7);
        QCOMPARE(newest.last().seq, 5);
        QCOMPARE(list(5, 100).size(), 4);
        QCOMPARE(list(5, 100).first().seq, 4);
        QVERIFY(list(1, 10).isEmpty());
        QVERIFY(list(0, 0).isEmpty());
    }

    void anEmptyLogVerifies()
    {
        const auto found = verifyNow(*m_log);
        QVERIFY2(found.ok, qPrintable(found.why));
        QCOMPARE(found.records, 0);
        QCOMPARE(m_log->head(), audit::noPrevious());
        m_log.reset();
        QVERIFY(AuditLog::verifyFile(file()).ok);
        const auto missing = AuditLog::verifyFile(file() + "x");
        QVERIFY(!missing.ok);
        QVERIFY(missing.why.contains("no file"));
    }

    void itVerifiesWhileItIsWritten()
    {
        // More than one portion of the walk, with records coming in between.
        Result<AuditLog::Verification> found = fail(noAnswer());
        int answered = 0;
        for (int i = 1; i <= 4500; ++i) {
            m_log->append(recordNumber(i), this,
                          [&answered](const Result<Record>& done) { answered += done.has_value(); });
        }
        QTRY_COMPARE(answered, 4500);
        m_log->verify(this, [&found](const Result<AuditLog::Verification>& verified) { found = verified; });
        for (int i = 1; i <= 200; ++i) {
            m_log->append(recordNumber(i), this,
                          [&answered](const Result<Record>& done) { answered += done.has_value(); });
        }
        QTRY_VERIFY(found.has_value());
        QVERIFY2(found->ok, qPrintable(found->why));
        QVERIFY(found->records >= 4500);
        QTRY_COMPARE(answered, 4700);
        const auto live = AuditLog::verifyFile(file());
        QVERIFY2(live.ok, qPrintable(live.why));
        QCOMPARE(live.records, 4700);
    }

    void verifyingAFileChangesNothing()
    {
        QVERIFY(appendNow(*m_log, recordNumber(1)));
        m_log.reset();
        const QStringList before = QDir(m_folder->path()).entryList(QDir::Files);
        QCOMPARE(before, QStringList({"audit.db", "audit.db.head"}));
        QFile content(file());
        QVERIFY(content.open(QIODevice::ReadOnly));
        const QString sum = sha256Of(content.readAll());
        content.close();
        QVERIFY(AuditLog::verifyFile(file()).ok);
        QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files), before);
        QVERIFY(content.open(QIODevice::ReadOnly));
        QCOMPARE(sha256Of(content.readAll()), sum);
    }

    void aCopyWithoutTheNewestRecordsIsNotCalledBroken()
    {
        QVERIFY(appendNow(*m_log, recordNumber(1)));
        const QString copy = m_folder->filePath("copy.db");
        QVERIFY(QFile::copy(m_folder->filePath("audit.db"), copy));
        const auto found = AuditLog::verifyFile(copy);
        QVERIFY(!found.ok);
        QCOMPARE(found.firstBadSeq, qint64(0));
        QVERIFY2(found.why.contains("copy.db-wal") && found.why.contains("copy both"), qPrintable(found.why));
    }

    /// The state.db of the same folder keeps the head too: it tells of a cut that took all else along, and of
    /// a log that was exchanged as a whole.
    void theStateFileBesideAFileIsCompared_data()
    {
        QTest::addColumn<QString>("note");  // "SEQ" and whose hash
        QTest::addColumn<qint64>("bad");
        QTest::addColumn<QString>("why");
        QTest::newRow("as far") << "3 own" << qint64(0) << "";
        QTest::newRow("lags behind") << "2 own" << qint64(0) << "";
        QTest::newRow("nothing known") << "" << qint64(0) << "";
        QTest::newRow("no head") << "x own" << qint64(0) << "";
        QTest::newRow("cut") << "5 other" << qint64(4) << "records 4 to 5 are missing at its end";
        const QString other = "record %1 was rewritten: state.db keeps another hash";
        QTest::newRow("exchanged") << "3 other" << qint64(3) << other.arg(3);
        QTest::newRow("exchanged, grown") << "2 other" << qint64(2) << other.arg(2);
    }

    void theStateFileBesideAFileIsCompared()
    {
        QFETCH(QString, note);
        QFETCH(qint64, bad);
        QFETCH(QString, why);
        QStringList hashes;
        for (int i = 1; i <= 3; ++i) {
            hashes.append(appendNow(*m_log, recordNumber(i))->hash);
        }
        m_log.reset();
        note.replace("own", hashes.value(note.left(1).toInt() - 1)).replace("other", sha256Of("other"));
        {
            auto state = store::Database::open(
                {.file = m_folder->filePath("state.db"), .note = [note] { return note; }});
            QVERIFY(state && writeNow(**state, [](store::Tx&) { return Result<void>(); }));
        }
        QCOMPARE(store::noteOf(m_folder->filePath("state.db")), note);
        const auto found = AuditLog::verifyFile(file());
        QCOMPARE(found.ok, bad == 0);
        QCOMPARE(found.firstBadSeq, bad);
        QVERIFY2(found.why.contains(why), qPrintable(found.why));
        const QString copy = m_folder->filePath("copy.db");
        QVERIFY(QFile::copy(file(), copy));
        QVERIFY2(AuditLog::verifyFile(copy).ok, "an older copy may lie beside");
        QVERIFY(QFile::remove(m_folder->filePath("state.db")));
        QVERIFY(AuditLog::verifyFile(file()).ok);
    }

    void aStateFileThatIsNoneSaysNothing()
    {
        QVERIFY(appendNow(*m_log, recordNumber(1)));
        m_log.reset();
        QFile state(m_folder->filePath("state.db"));
        QVERIFY(state.open(QIODevice::WriteOnly) && state.write("no database") > 0 && state.flush());
        QVERIFY(AuditLog::verifyFile(file()).ok);
        QCOMPARE(store::noteOf(m_folder->path()), QString());
    }

    void closingDuringAVerificationIsHarmless()
    {
        for (int i = 1; i <= 50; ++i) {
            m_log->append(recordNumber(i), nullptr, {});
        }
        bool called = false;
        m_log->verify(this, [&called](const Result<AuditLog::Verification>&) { called = true; });
        m_log.reset();
        QTRY_VERIFY(called);
        QCOMPARE(AuditLog::verifyFile(file()).records, 50);
    }
};

QTEST_GUILESS_MAIN(TestAuditLog)
#include "tst_audit_log.moc"
