#include <QtCore/QTemporaryDir>

#include "patience.h"
#include "store_wait.h"

using namespace sluice;
using namespace sluice::test;
using store::Database;
using store::Tx;

class TestStoreRead : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder{};
    std::unique_ptr<Database> m_database{};

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        auto opened = Database::open(
            {.file = m_folder->filePath("state.db"),
             .migrations = {
                 {.version = 1,
                  .statements = {"CREATE TABLE item (id INTEGER PRIMARY KEY, text TEXT, body BLOB)"}}}});
        QVERIFY(opened);
        m_database = std::move(*opened);
        for (int i = 1; i <= 5; ++i) {
            QVERIFY(
                writeNow(*m_database, "INSERT INTO item (id, text) VALUES (?, ?)", {i, QString::number(i)}));
        }
    }

    void cleanup()
    {
        m_database.reset();
        m_folder.reset();
    }

    /// Somebody has changed the file: that is no bug of ours, and what to do is known.
    void otherTablesAreDamage()
    {
        for (const QString sql : {"SELECT id FROM elsewhere", "SELECT elsewhere FROM item"}) {
            const auto read = m_database->readNow([&sql](Tx& tx) { return tx.query(sql, {}, {}); });
            QVERIFY(!read);
            QCOMPARE(toString(read.error().code), QStringLiteral("DataLoss"));
            QVERIFY2(read.error().cause.contains("no such") && read.error().cause.contains("elsewhere"),
                     qPrintable(read.error().cause));
            QVERIFY(read.error().correction.contains("backup"));
        }
        QVERIFY(!m_database->state().damage);
    }

    void aReadSeesOneStateToItsEnd()
    {
        Gate reading;
        Gate written;
        int before = 0;
        int after = 0;
        bool done = false;
        m_database->read(
            [&](Tx& tx) -> Result<void> {
                const auto count = [&tx](int& into) {
                    return tx.query("SELECT count(*) FROM item", {}, [&into](const QSqlQuery& row) {
                        into = row.value(0).toInt();
                        return true;
                    });
                };
                auto first = count(before);
                reading.open();
                return first && written.pass() ? count(after) : Result<void>{fail(noAnswer())};
            },
            this, [&done](const Result<void>& read) { done = read.has_value(); });
        QVERIFY(reading.pass());
        QVERIFY(writeNow(*m_database, "DELETE FROM item"));
        written.open();
        QTRY_VERIFY(done);
        QCOMPARE(before, 5);
        QCOMPARE(after, 5);
        QCOMPARE(valueOf(*m_database, "SELECT count(*) FROM item").toInt(), 0);
    }

    void aReadCannotWrite()
    {
        const auto refused = m_database->readNow([](Tx& tx) { return tx.exec("DELETE FROM item"); });
        QVERIFY(!refused);
        QCOMPARE(valueOf(*m_database, "SELECT count(*) FROM item").toInt(), 5);
        QVERIFY(m_database->state().writable);
    }

    void aLoopEndsWhenTheCallerHasEnough()
    {
        int rows = 0;
        QVERIFY(m_database->readNow([&rows](Tx& tx) {
            return tx.query("SELECT id FROM item ORDER BY id", {},
                            [&rows](const QSqlQuery&) { return ++rows < 2; });
        }));
        QCOMPARE(rows, 2);
    }

    void theSameStatementMayRunInItsOwnLoop()
    {
        const QString sql("SELECT id FROM item WHERE id > ? ORDER BY id LIMIT 2");
        QList<int> seen;
        QVERIFY(m_database->readNow([&](Tx& tx) {
            return tx.query(sql, {0}, [&](const QSqlQuery& outer) {
                seen.append(outer.value(0).toInt());
                return tx
                    .query(sql, {outer.value(0)},
                           [&seen](const QSqlQuery& inner) {
                               seen.append(inner.value(0).toInt() * 10);
                               return true;
                           })
                    .has_value();
            });
        }));
        QCOMPARE(seen, QList<int>({1, 20, 30, 2, 30, 40}));
    }

    void moreStatementsThanAreKept()
    {
        QVERIFY(m_database->readNow([](Tx& tx) {
            return tx.query("SELECT id FROM item", {}, [&tx](const QSqlQuery& row) {
                for (int i = 0; i < 100; ++i) {
                    if (!tx.exec(QStringLiteral("SELECT %1").arg(row.value(0).toInt() * 1000 + i))) {
                        return false;
                    }
                }
                return true;
            });
        }));
    }

    void valuesKeepTheirKind()
    {
        const QByteArray bytes("\0\xff\x01", 3);
        QVERIFY(writeNow(*m_database, "INSERT INTO item (id, text, body) VALUES (?, ?, ?)",
                         {10, QString(), bytes}));
        QVERIFY(writeNow(*m_database, "INSERT INTO item (id, text) VALUES (?, ?)", {11, QVariant()}));
        QVERIFY(writeNow(*m_database, "INSERT INTO item (id, text) VALUES (?, ?)",
                         {12, QStringLiteral("'); DROP TABLE item; --")}));
        QCOMPARE(
            valueOf(*m_database, "SELECT typeof(text) || length(text) FROM item WHERE id = 10").toString(),
            QString("text0"));
        QCOMPARE(valueOf(*m_database, "SELECT body FROM item WHERE id = 10").toByteArray(), bytes);
        QCOMPARE(valueOf(*m_database, "SELECT typeof(text) FROM item WHERE id = 11").toString(),
                 QString("null"));
        QCOMPARE(valueOf(*m_database, "SELECT text FROM item WHERE id = 12").toString(),
                 QString("'); DROP TABLE item; --"));
        const qint64 big = std::numeric_limits<qint64>::max();
        QCOMPARE(valueOf(*m_database, "SELECT ?", {big}).toLongLong(), big);
    }

    void aWrongStatementIsAnErrorWithItsReason()
    {
        const auto read = m_database->readNow([](Tx& tx) { return tx.exec("SELECT text FRO nowhere"); });
        QVERIFY(!read);
        QCOMPARE(codeOf(read), QString("Internal"));
        QVERIFY2(read.error().upstream->text.contains("nowhere"), qPrintable(read.error().toLine()));
        QVERIFY(!read.error().correction.isEmpty());
        const auto tooFew = m_database->readNow([](Tx& tx) { return tx.exec("SELECT ?, ?", {1}); });
        QVERIFY(!tooFew);
    }

    void closingAnswersWhatIsQueued()
    {
        int answered = 0;
        for (int i = 0; i < 20; ++i) {
            m_database->read([](Tx& tx) { return tx.exec("SELECT count(*) FROM item"); }, this,
                             [&answered](const Result<void>& read) { answered += read.has_value(); });
        }
        m_database.reset();
        QTRY_COMPARE(answered, 20);
    }
};

QTEST_GUILESS_MAIN(TestStoreRead)
#include "tst_store_read.moc"
