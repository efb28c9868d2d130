#include <QtCore/QTemporaryDir>
#include <QtTest/QSignalSpy>

#include "store/connection.h"
#include "store_wait.h"

using namespace sluice;
using namespace sluice::test;
using store::Database;
using store::Tx;

/// A file that has no room left: it is bounded by itself, so that no disk and no rights are needed.
class TestStoreRoom : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Database> m_database;

    Result<void> add(int id)
    {
        return writeNow(*m_database, "INSERT INTO item (id, text) VALUES (?, ?)", {id, QString(2000, 'x')});
    }
    int rows() { return valueOf(*m_database, "SELECT count(*) FROM item").toInt(); }
    /// @return items that were acknowledged before the first refusal
    int fill()
    {
        int acknowledged = 0;
        while (acknowledged < 5000 && add(acknowledged)) {
            ++acknowledged;
        }
        return acknowledged;
    }
    void makeRoom()
    {
        auto other = store::Connection::open(m_database->file(), store::Connection::Mode::ReadWrite, 5000);
        QVERIFY(other);
        QVERIFY((*other)->exec("DELETE FROM item WHERE id >= 10"));
    }

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        auto opened = Database::open(
            {.file = m_folder->filePath("state.db"),
             .migrations =
                 {{.version = 1,
                   .statements = {"CREATE TABLE item (id INTEGER PRIMARY KEY, text TEXT NOT NULL)"}}},
             .probeMs = 50,
             .maxPages = 100});
        QVERIFY(opened);
        m_database = std::move(*opened);
    }
    void cleanup() { m_database.reset(); }

    void nothingPassesUntilThereIsRoom()
    {
        QSignalSpy changes(m_database.get(), &Database::stateChanged);
        const int acknowledged = fill();
        QVERIFY(acknowledged > 10 && acknowledged < 5000);
        QVERIFY(!m_database->state().writable);
        QVERIFY(m_database->state().why.contains(m_database->file()));
        QCOMPARE(rows(), acknowledged);
        // Even what would fit is refused, so that nobody acts on half of a state.
        const auto small = writeNow(*m_database, "UPDATE item SET text = 'y' WHERE id = 0");
        QCOMPARE(codeOf(small), QString("ResourceExhausted"));
        QVERIFY(small.error().retryable && !small.error().correction.isEmpty());
        QTRY_COMPARE(changes.size(), 1);
        // That probes change nothing while it is full has no sign to wait for.
        QTest::qWait(250);
        QVERIFY(!m_database->state().writable);
        QCOMPARE(changes.size(), 1);
        makeRoom();
        QTRY_VERIFY(m_database->state().writable);
        QVERIFY(m_database->state().why.isEmpty());
        QTRY_COMPARE(changes.size(), 2);
        QVERIFY(add(acknowledged));
        QCOMPARE(rows(), 11);
    }

    void aGroupIsRefusedAsAWholeAndEachKeepsItsReason()
    {
        QVERIFY(add(7));
        Gate gate;
        QList<QString> codes;
        const auto keep = [&codes](const Result<void>& done) { codes.append(codeOf(done)); };
        // What is queued behind this one is one group.
        m_database->write(
            [&gate](Tx&) -> Result<void> {
                return gate.pass() ? Result<void>{} : Result<void>{fail(noAnswer())};
            },
            this, {});
        m_database->write([](Tx& tx) { return tx.exec("INSERT INTO item VALUES (8, 'fits')"); }, this, keep);
        m_database->write([](Tx& tx) { return tx.exec("INSERT INTO item VALUES (7, 'taken')"); }, this, keep);
        m_database->write(
            [](Tx& tx) -> Result<void> {
                Result<void> done{};
                for (int id = 100; done && id < 1100; ++id) {
                    done = tx.exec("INSERT INTO item VALUES (?, ?)", {id, QString(2000, 'x')});
                }
                return done;
            },
            this, keep);
        gate.open();
        QTRY_COMPARE(codes.size(), 3);
        QCOMPARE(codes[1], QString("AlreadyExists"));
        QCOMPARE(codes[2], QString("ResourceExhausted"));
        // Whether the first was in the same group is the writer's affair; it is there exactly if it was told
        // so.
        QTRY_VERIFY(m_database->state().writable);
        QCOMPARE(rows(), codes[0] == "ok" ? 2 : 1);
        QVERIFY(codes[0] == "ok" || codes[0] == "ResourceExhausted");
    }
};

QTEST_GUILESS_MAIN(TestStoreRoom)
#include "tst_store_room.moc"
