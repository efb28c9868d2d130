#include <QtCore/QDir>
#include <QtCore/QFile>

#include "audit_fixture.h"
#include "core/canonical_json.h"
#include "store/connection.h"

using namespace sluice;
using namespace sluice::test;
using audit::AuditLog;
using audit::Record;

namespace {

constexpr int kRecords = 9;
constexpr qint64 kVictim = 4;

QByteArray contentOf(const QString& name)
{
    QFile file(name);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

bool setContent(const QString& name, const QByteArray& content)
{
    QFile file(name);
    return file.open(QIODevice::WriteOnly) && file.write(content) == content.size();
}

}  // namespace

/// Everything here is done to a closed log of nine records, as somebody with the file would do it.
class TestAuditTamper : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder{};
    FakeClock m_clock{};
    QByteArray m_pristine{};
    QByteArray m_pristineHead{};
    QList<Record> m_records{};

    QString file() const { return m_folder->filePath("audit.db"); }
    QString headFile() const { return file() + ".head"; }

    void sql(const QStringList& statements)
    {
        auto connection = store::Connection::open(file(), store::Connection::Mode::ReadWrite, 1000);
        QVERIFY(connection);
        for (const QString& statement : statements) {
            auto done = (*connection)->exec(statement);
            QVERIFY2(done.has_value(), qPrintable(statement));
        }
    }

    /// Puts another body in a record's place, with the hash that fits it.
    void rewrite(qint64 seq, Record record)
    {
        auto connection = store::Connection::open(file(), store::Connection::Mode::ReadWrite, 1000);
        QVERIFY(connection);
        const QByteArray body = record.canonicalBody();
        QVERIFY(
            (*connection)
                ->exec("UPDATE record SET body = ?, hash = ? WHERE seq = ?", {body, sha256Of(body), seq}));
    }

    void expectBad(qint64 seq, const QString& why)
    {
        const auto found = AuditLog::verifyFile(file());
        QVERIFY(!found.ok);
        QVERIFY2(found.why.contains(why), qPrintable(found.why));
        QCOMPARE(found.firstBadSeq, seq);
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        auto log = AuditLog::open(file(), m_clock);
        QVERIFY(log);
        for (int i = 1; i <= kRecords; ++i) {
            m_clock.advance(1000);
            const auto appended = appendNow(**log, recordNumber(i));
            QVERIFY(appended);
            m_records.append(*appended);
        }
        log->reset();
        m_pristine = contentOf(file());
        m_pristineHead = contentOf(headFile());
        QVERIFY(!m_pristineHead.isEmpty());
    }

    void init()
    {
        for (const QString& name : QDir(m_folder->path()).entryList(QDir::Files)) {
            QVERIFY(QFile::remove(m_folder->filePath(name)));
        }
        QVERIFY(setContent(file(), m_pristine));
        QVERIFY(setContent(headFile(), m_pristineHead));
        const auto found = AuditLog::verifyFile(file());
        QVERIFY2(found.ok, qPrintable(found.why));
        QCOMPARE(found.records, kRecords);
        QCOMPARE(found.head, m_records.last().hash);
        QVERIFY(found.why.isEmpty());
    }

    void everyByteOfABodyCounts_data()
    {
        QTest::addColumn<qint64>("seq");
        QTest::newRow("first") << qint64(1);
        QTest::newRow("in the middle") << kVictim;
        QTest::newRow("last") << qint64(kRecords);
    }

    void everyByteOfABodyCounts()
    {
        QFETCH(qint64, seq);
        const QByteArray body = m_records.at(seq - 1).canonicalBody();
        const qsizetype at = m_pristine.indexOf(body);
        QVERIFY(at > 0 && m_pristine.indexOf(body, at + 1) < 0);
        for (qsizetype i = 0; i < body.size(); ++i) {
            QByteArray changed = m_pristine;
            changed[at + i] = static_cast<char>(changed.at(at + i) ^ 0x01);
            QVERIFY(setContent(file(), changed));
            const auto found = AuditLog::verifyFile(file());
            QVERIFY2(!found.ok && found.firstBadSeq == seq && found.why.contains("body"),
                     qPrintable(QStringLiteral("byte %1: %2").arg(i).arg(found.why)));
        }
    }

    void everyByteOfAStoredHashCounts()
    {
        for (const qint64 seq : {qint64(1), kVictim, qint64(kRecords)}) {
            // The hash follows its body within the row.
            const QByteArray row =
                m_records.at(seq - 1).canonicalBody() + m_records.at(seq - 1).hash.toLatin1();
            const qsizetype at = m_pristine.indexOf(row) + row.size() - 64;
            QVERIFY(at > 64);
            for (qsizetype i = 0; i < 64; ++i) {
                QByteArray changed = m_pristine;
                changed[at + i] = static_cast<char>(changed.at(at + i) ^ 0x02);
                QVERIFY(setContent(file(), changed));
                const auto found = AuditLog::verifyFile(file());
                QVERIFY2(!found.ok && found.firstBadSeq == seq && found.why.contains("stored hash"),
                         qPrintable(found.why));
            }
        }
    }

    void anyByteOfTheFileIsReadWithoutHarm()
    {
        // Not every byte of a file carries a record; but never a crash, and never "ok" with fewer records.
        for (qsizetype i = 0; i < m_pristine.size(); i += 11) {
            QByteArray changed = m_pristine;
            changed[i] = static_cast<char>(changed.at(i) ^ 0xff);
            QVERIFY(setContent(file(), changed));
            const auto found = AuditLog::verifyFile(file());
            if (found.ok) {
                QCOMPARE(found.records, kRecords);
                QCOMPARE(found.head, m_records.last().hash);
            } else {
                QVERIFY(!found.why.isEmpty());
            }
            QFile::remove(file() + "-wal");
            QFile::remove(file() + "-shm");
        }
    }

    void aFileCutShortIsReported()
    {
        int sound = 0;
        for (qsizetype size = 0; size < m_pristine.size(); size += 1024) {
            QVERIFY(setContent(file(), m_pristine.left(size)));
            const auto found = AuditLog::verifyFile(file());
            // What is cut may be an empty page without a record.
            QVERIFY2(found.ok ? found.records == kRecords && found.head == m_records.last().hash
                              : !found.why.isEmpty(),
                     qPrintable(QString::number(size)));
            sound += found.ok;
        }
        QVERIFY(sound <= 4);
    }

    void aDamagedPageNamesTheFirstUnreadableRecord()
    {
        const qsizetype body = m_pristine.indexOf(m_records.at(0).canonicalBody());
        QByteArray changed = m_pristine;
        changed.replace(body / 4096 * 4096, 4096, QByteArray(4096, '\x5a'));
        QVERIFY(setContent(file(), changed));
        const auto found = AuditLog::verifyFile(file());
        QVERIFY(!found.ok);
        QCOMPARE(found.firstBadSeq, 1);
        QVERIFY2(found.why.contains("cannot be read"), qPrintable(found.why));
    }

    void aDeletedRecordIsMissing()
    {
        sql({"DELETE FROM record WHERE seq = 4"});
        expectBad(4, "record 4 is missing");
    }

    void severalDeletedRecordsAreMissing()
    {
        sql({"DELETE FROM record WHERE seq IN (4, 5, 6)"});
        expectBad(4, "records 4 to 6 are missing");
    }

    void theFirstRecordIsMissing()
    {
        sql({"DELETE FROM record WHERE seq = 1"});
        expectBad(1, "record 1 is missing");
    }

    void aGapClosedByRenumberingIsSeen()
    {
        sql({"DELETE FROM record WHERE seq = 4", "UPDATE record SET seq = seq - 1 WHERE seq > 4",
             "UPDATE head SET seq = seq - 1"});
        expectBad(4, "out of order");
    }

    void exchangedRecordsAreSeen()
    {
        sql({"UPDATE record SET seq = -4 WHERE seq = 4", "UPDATE record SET seq = 4 WHERE seq = 7",
             "UPDATE record SET seq = 7 WHERE seq = -4"});
        expectBad(4, "written as record 7");
    }

    void aCutAtTheEndIsSeen()
    {
        sql({"DELETE FROM record WHERE seq > 6"});
        expectBad(7, "records 7 to 9 are missing at its end");
        QVERIFY(QFile::remove(headFile()));
        expectBad(7, "records 7 to 9 are missing at its end");
    }

    void aCutThatTakesTheHeadAlongIsSeenByTheHeadFile()
    {
        sql({"DELETE FROM record WHERE seq > 6",
             QStringLiteral("UPDATE head SET seq = 6, hash = '%1'").arg(m_records.at(5).hash)});
        expectBad(7, "records 7 to 9 are missing at its end");
        QVERIFY(QFile::remove(headFile()));
        const auto blind = AuditLog::verifyFile(file());
        QVERIFY(blind.ok);
        QVERIFY2(blind.why.contains("no head file"), qPrintable(blind.why));
    }

    void anEmptiedLogIsSeen()
    {
        sql({"DELETE FROM record", "DELETE FROM head"});
        expectBad(1, "records 1 to 9 are missing");
        QVERIFY(QFile::remove(headFile()));
        sql({"INSERT INTO witness (id, text) VALUES (1, 'a state and its commits')"});
        expectBad(1, "was emptied");
    }

    void aNumberBelowOneWasPlanted_data()
    {
        QTest::addColumn<qint64>("seq");
        for (const qint64 seq : {std::numeric_limits<qint64>::min(), qint64(-1), qint64(0)}) {
            QTest::addRow("%lld", static_cast<long long>(seq)) << seq;
        }
    }

    void aNumberBelowOneWasPlanted()
    {
        QFETCH(qint64, seq);
        sql({QStringLiteral(
                 "INSERT INTO record (seq, body, hash) SELECT %1, body, hash FROM record WHERE seq = 1")
                 .arg(seq)});
        expectBad(seq, "was planted");
    }

    /// What another file knows of the log is as good as the head file.
    /// A trigger would change the next record that is written, and a view shows something else than what is
    /// there.
    void whatActsByItselfWasPlanted()
    {
        sql({"CREATE TRIGGER helper AFTER INSERT ON record BEGIN DELETE FROM record WHERE seq = 1; END"});
        expectBad(0, "the trigger “helper” was planted");
        sql({"DROP TRIGGER helper", "ALTER TABLE record RENAME TO kept",
             "CREATE VIEW record AS SELECT * FROM kept"});
        expectBad(0, "the view “record” was planted");
        sql({"DROP VIEW record", "ALTER TABLE kept RENAME TO record"});
        QVERIFY(AuditLog::verifyFile(file()).ok);
    }

    void anEndKnownElsewhereIsMissed_data()
    {
        QTest::addColumn<bool>("older");
        QTest::newRow("no head file") << false;
        QTest::newRow("an older head file") << true;
    }
    void anEndKnownElsewhereIsMissed()
    {
        QFETCH(bool, older);
        sql({"DELETE FROM record WHERE seq > 6",
             QStringLiteral("UPDATE head SET seq = 6, hash = '%1'").arg(m_records.at(5).hash)});
        QVERIFY(QFile::remove(headFile()));
        if (older) {
            auto head = audit::HeadFile::open(file());
            QVERIFY(head);
            (*head)->write({.seq = 6, .hash = m_records.at(5).hash});
        }
        auto log = AuditLog::open(file(), m_clock,
                                  {.known = audit::Head{.seq = kRecords, .hash = m_records.last().hash}});
        QVERIFY(log);
        QCOMPARE((*log)->cut(), QStringLiteral("records 7 to 9 are missing at its end"));
        std::optional<AuditLog::Verification> found;
        (*log)->verify(this, [&found](const Result<AuditLog::Verification>& done) { found = *done; });
        QTRY_VERIFY(found);
        QVERIFY(!found->ok);
        QCOMPARE(found->firstBadSeq, 7);
    }

    void theWitnessIsKeptWithEachRecord()
    {
        QString told = "first";
        {
            auto log = AuditLog::open(file(), m_clock, {.witness = [&told] { return told; }});
            QVERIFY(log);
            QCOMPARE((*log)->witness(), QString());
            QCOMPARE((*log)->tail().seq, kRecords);
            QVERIFY(appendNow(**log, recordNumber(10)));
            told = "second";
            QVERIFY(appendNow(**log, recordNumber(11)));
            QCOMPARE((*log)->tail().seq, kRecords + 2);
        }
        auto log = AuditLog::open(file(), m_clock);
        QVERIFY(log);
        QCOMPARE((*log)->witness(), QString("second"));
        QCOMPARE((*log)->cut(), QString());
    }

    void anotherLogInItsPlaceIsSeen()
    {
        QVERIFY(QFile::remove(file()));
        {
            auto log = AuditLog::open(m_folder->filePath("other.db"), m_clock);
            QVERIFY(log);
            for (int i = 1; i <= kRecords; ++i) {
                QVERIFY(appendNow(**log, recordNumber(100 + i)));
            }
        }
        QVERIFY(QFile::rename(m_folder->filePath("other.db"), file()));
        expectBad(kRecords, "head file keeps another hash");
    }

    void aRewrittenRecordBreaksTheNextLink()
    {
        Record record = m_records.at(kVictim - 1);
        record.principal = "somebody else";
        rewrite(kVictim, record);
        expectBad(kVictim, "rewritten");
    }

    void aRewrittenLinkIsTheOneNamed()
    {
        Record record = m_records.at(kVictim - 1);
        record.prev = QString(64, 'a');
        rewrite(kVictim, record);
        expectBad(kVictim, "previous hash");
    }

    void aRewrittenFirstRecordIsNamed()
    {
        Record record = m_records.first();
        record.outcome = "verified";
        rewrite(1, record);
        expectBad(1, "rewritten");
        record.prev = QString(64, 'a');
        rewrite(1, record);
        expectBad(1, "rewritten");
    }

    void aChainThatBeginsWithinAnotherIsSeen()
    {
        QString prev(64, 'a');
        for (qint64 seq = 1; seq <= kRecords; ++seq) {
            Record record = m_records.at(seq - 1);
            record.prev = prev;
            rewrite(seq, record);
            prev = sha256Of(record.canonicalBody());
        }
        sql({QStringLiteral("UPDATE head SET hash = '%1'").arg(prev)});
        QVERIFY(QFile::remove(headFile()));
        expectBad(1, "names a record before it");
    }

    void aRewrittenLastRecordIsSeenByTheHead()
    {
        Record record = m_records.last();
        record.outcome = "verified";
        rewrite(kRecords, record);
        const auto found = AuditLog::verifyFile(file());
        QVERIFY(!found.ok);
        QCOMPARE(found.firstBadSeq, kRecords);
        QVERIFY(QFile::remove(headFile()));
        expectBad(kRecords, "the head of the log is another hash");
    }

    void anAddedRecordIsSeenByTheHead()
    {
        Record record = m_records.last();
        record.seq = kRecords + 1;
        record.prev = m_records.last().hash;
        const QByteArray body = record.canonicalBody();
        sql({QStringLiteral("INSERT INTO record VALUES (%1, x'%2', '%3')")
                 .arg(record.seq)
                 .arg(QString::fromLatin1(body.toHex()), sha256Of(body))});
        expectBad(kRecords + 1, "added");
    }

    void aLostHeadRowIsSeen()
    {
        sql({"DELETE FROM head"});
        const auto found = AuditLog::verifyFile(file());
        QVERIFY(!found.ok);
        QVERIFY2(found.why.contains("head row"), qPrintable(found.why));
    }

    void aDamagedHeadFileCountsAsNone()
    {
        for (qsizetype i = 0; i < m_pristineHead.size(); ++i) {
            QByteArray changed = m_pristineHead;
            changed[i] = static_cast<char>(changed.at(i) ^ 0x01);
            QVERIFY(setContent(headFile(), changed));
            const auto found = AuditLog::verifyFile(file());
            QVERIFY(found.ok);
            QVERIFY(found.why.contains("no head file"));
        }
    }

    void aRunningEngineSaysTheSame()
    {
        sql({"UPDATE record SET body = x'7b7d' WHERE seq = 4"});
        auto log = AuditLog::open(file(), m_clock);
        QVERIFY(log);
        auto found = verifyNow(**log);
        QVERIFY(!found.ok);
        QCOMPARE(found.firstBadSeq, kVictim);
        const auto listed =
            await<Result<QList<Record>>>([&](QObject* c, auto done) { (*log)->list(0, 100, c, done); });
        QVERIFY(listed);
        QCOMPARE(listed->size(), kRecords);
        QVERIFY(appendNow(**log, recordNumber(10)));
        found = verifyNow(**log);
        QCOMPARE(found.firstBadSeq, kVictim);
    }

    void aLogThatLostItsEndKeepsTheGap()
    {
        sql({"DELETE FROM record WHERE seq > 6",
             QStringLiteral("UPDATE head SET seq = 6, hash = '%1'").arg(m_records.at(5).hash)});
        auto log = AuditLog::open(file(), m_clock);
        QVERIFY(log);
        const auto next = appendNow(**log, recordNumber(10));
        QVERIFY(next);
        QCOMPARE(next->seq, kRecords + 1);
        QCOMPARE(next->prev, m_records.last().hash);
        const auto found = verifyNow(**log);
        QVERIFY(!found.ok);
        QCOMPARE(found.firstBadSeq, 7);
        QVERIFY2(found.why.contains("7 to 9 are missing"), qPrintable(found.why));
    }
};

QTEST_GUILESS_MAIN(TestAuditTamper)
#include "tst_audit_tamper.moc"
