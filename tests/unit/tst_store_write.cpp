#include <QtCore/QTemporaryDir>
#include <QtCore/QThread>
#include <QtTest/QSignalSpy>

#include "patience.h"
#include "store_wait.h"

using namespace sluice;
using namespace sluice::test;
using store::Database;
using store::Tx;

namespace {

const QString kInsert = QStringLiteral("INSERT INTO item (id, text) VALUES (?, ?)");

Error refusal()
{
    return Error{.code = ErrorCode::FailedPrecondition, .message = QStringLiteral("the work refuses")};
}

}  // namespace

class TestStoreWrite : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder{};
    std::unique_ptr<Database> m_database{};

    Result<std::unique_ptr<Database>> open(int busyTimeoutMs = 5000)
    {
        return Database::open(
            {.file = m_folder->filePath("state.db"),
             .migrations =
                 {{.version = 1,
                   .statements = {"CREATE TABLE item (id INTEGER PRIMARY KEY, text TEXT NOT NULL)"}}},
             .busyTimeoutMs = busyTimeoutMs});
    }

    /// Keeps the writing thread in one work until the gate opens, so that what is queued then forms groups.
    void hold(Gate& gate)
    {
        m_database->write(
            [&gate](Tx&) -> Result<void> {
                return gate.pass() ? Result<void>{} : Result<void>{fail(noAnswer())};
            },
            this, {});
    }

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        auto opened = open();
        QVERIFY2(opened.has_value(), opened ? "" : qPrintable(opened.error().toLine()));
        m_database = std::move(*opened);
    }

    void cleanup()
    {
        m_database.reset();
        m_folder.reset();
    }

    void queuedWritesShareCommits()
    {
        Gate gate;
        hold(gate);
        int answered = 0;
        constexpr int kWrites = 400;
        for (int i = 0; i < kWrites; ++i) {
            m_database->write(
                [i](Tx& tx) {
                    return tx.exec(kInsert, {i, "x"});
                },
                this, [&answered](const Result<void>& done) { answered += done.has_value(); });
        }
        QVERIFY(m_database->figures().queued >= quint64(kWrites - 1));
        gate.open();
        QTRY_COMPARE(answered, kWrites);
        const auto figures = m_database->figures();
        QCOMPARE(figures.writes, quint64(kWrites + 1));
        QVERIFY2(figures.commits * 4 < figures.writes, qPrintable(QString::number(figures.commits)));
        QVERIFY(figures.commitP99Ms > 0);
        QCOMPARE(figures.queued, 0u);
        QCOMPARE(valueOf(*m_database, "SELECT count(*) FROM item").toInt(), kWrites);
    }

    void aLoneWriteIsOneCommit()
    {
        QVERIFY(writeNow(*m_database, kInsert, {1, "x"}));
        QVERIFY(writeNow(*m_database, kInsert, {2, "x"}));
        QCOMPARE(m_database->figures().commits, 2u);
        QCOMPARE(m_database->figures().writes, 2u);
    }

    void answersComeInTheOrderOfTheCalls()
    {
        QList<int> order;
        QList<bool> good;
        constexpr int kWrites = 300;
        for (int i = 0; i < kWrites; ++i) {
            m_database->write(
                [i](Tx& tx) -> Result<void> {
                    auto done = tx.exec(kInsert, {i, "x"});
                    return i % 7 == 3 ? Result<void>{fail(refusal())} : done;
                },
                this,
                [&, i](const Result<void>& done) {
                    order.append(i);
                    good.append(done.has_value());
                });
        }
        QTRY_COMPARE(order.size(), kWrites);
        for (int i = 0; i < kWrites; ++i) {
            QCOMPARE(order.at(i), i);
            QCOMPARE(good.at(i), i % 7 != 3);
        }
    }

    void anAnswerComesAfterTheCommit()
    {
        // Another connection sees the row as soon as the answer is there.
        bool seen = false;
        bool answered = false;
        m_database->write(
            [](Tx& tx) {
                return tx.exec(kInsert, {1, "x"});
            },
            this,
            [&](const Result<void>&) {
                seen = valueOf(*m_database, "SELECT count(*) FROM item").toInt() == 1;
                answered = true;
            });
        QTRY_VERIFY(answered);
        QVERIFY(seen);
    }

    void aFailingWorkIsUndoneAlone()
    {
        Gate gate;
        hold(gate);
        QList<Result<void>> results;
        const auto keep = [&results](const Result<void>& done) { results.append(done); };
        m_database->write([](Tx& tx) { return tx.exec(kInsert, {1, "first"}); }, this, keep);
        m_database->write(
            [](Tx& tx) -> Result<void> {
                if (auto done = tx.exec(kInsert, {2, "second"}); !done) {
                    return done;
                }
                if (auto done = tx.exec("UPDATE item SET text = 'changed' WHERE id = 1"); !done) {
                    return done;
                }
                return tx.exec(kInsert, {1, "taken"});
            },
            this, keep);
        m_database->write([](Tx& tx) { return tx.exec(kInsert, {3, "third"}); }, this, keep);
        gate.open();
        QTRY_COMPARE(results.size(), 3);
        QVERIFY(results[0]);
        QVERIFY(!results[1]);
        QCOMPARE(codeOf(results[1]), QString("AlreadyExists"));
        QVERIFY(results[1].error().upstream.has_value());
        QVERIFY(results[2]);
        QCOMPARE(valueOf(*m_database, "SELECT group_concat(id || text) FROM (SELECT * FROM item ORDER BY id)")
                     .toString(),
                 QString("1first,3third"));
        QVERIFY(m_database->state().writable);
    }

    void aWorkMayGoOnAfterAFailedStatement()
    {
        QVERIFY(writeNow(*m_database, kInsert, {1, "x"}));
        QVERIFY(writeNow(*m_database, [](Tx& tx) -> Result<void> {
            return tx.exec(kInsert, {1, "taken"}) ? Result<void>{} : tx.exec(kInsert, {2, "instead"});
        }));
        QCOMPARE(valueOf(*m_database, "SELECT text FROM item WHERE id = 2").toString(), QString("instead"));
    }

    void noAnswerForAContextThatIsGone()
    {
        Gate gate;
        hold(gate);
        bool called = false;
        auto context = std::make_unique<QObject>();
        m_database->write(
            [](Tx& tx) {
                return tx.exec(kInsert, {1, "x"});
            },
            context.get(), [&called](const Result<void>&) { called = true; });
        context.reset();
        gate.open();
        QVERIFY(writeNow(*m_database, kInsert, {2, "after"}));
        QVERIFY(!called);
        QCOMPARE(valueOf(*m_database, "SELECT count(*) FROM item").toInt(), 2);
    }

    void answersComeOnTheThreadOfTheContext()
    {
        QThread thread;
        thread.start();
        auto* context = new QObject;
        context->moveToThread(&thread);
        connect(&thread, &QThread::finished, context, &QObject::deleteLater);
        std::atomic<QThread*> calledOn{nullptr};
        m_database->write(
            [](Tx& tx) {
                return tx.exec(kInsert, {1, "x"});
            },
            context, [&calledOn](const Result<void>&) { calledOn = QThread::currentThread(); });
        QTRY_VERIFY(calledOn.load() != nullptr);
        QCOMPARE(calledOn.load(), &thread);
        calledOn = nullptr;
        m_database->read([](Tx& tx) { return tx.exec("SELECT 1"); }, context,
                         [&calledOn](const Result<void>&) { calledOn = QThread::currentThread(); });
        QTRY_COMPARE(calledOn.load(), &thread);
        thread.quit();
        QVERIFY(thread.wait(sluice::test::kPatienceMs));
    }

    void withoutAContextTheAnswerComesOnTheDatabasesThread()
    {
        QThread* calledOn = nullptr;
        m_database->write(
            [](Tx& tx) {
                return tx.exec(kInsert, {1, "x"});
            },
            nullptr, [&calledOn](const Result<void>&) { calledOn = QThread::currentThread(); });
        QTRY_COMPARE(calledOn, QThread::currentThread());
    }

    void closingWritesWhatIsQueued()
    {
        int answered = 0;
        constexpr int kWrites = 200;
        for (int i = 0; i < kWrites; ++i) {
            m_database->write(
                [i](Tx& tx) {
                    return tx.exec(kInsert, {i, "x"});
                },
                this, [&answered](const Result<void>& done) { answered += done.has_value(); });
        }
        m_database.reset();
        QTRY_COMPARE(answered, kWrites);
        QVERIFY(!QFileInfo::exists(m_folder->filePath("state.db-wal")));
        auto again = open();
        QVERIFY(again);
        QCOMPARE(valueOf(**again, "SELECT count(*) FROM item").toInt(), kWrites);
    }

    void manyThreadsMayWrite()
    {
        constexpr int kThreads = 4;
        constexpr int kEach = 50;
        std::vector<std::thread> threads;
        for (int t = 0; t < kThreads; ++t) {
            threads.emplace_back([this, t] {
                for (int i = 0; i < kEach; ++i) {
                    m_database->write(
                        [id = t * kEach + i](Tx& tx) {
                            return tx.exec(kInsert, {id, "x"});
                        },
                        nullptr, {});
                }
            });
        }
        for (auto& thread : threads) {
            thread.join();
        }
        QVERIFY(writeNow(*m_database, kInsert, {1000, "last"}));
        QCOMPARE(valueOf(*m_database, "SELECT count(*) FROM item").toInt(), kThreads * kEach + 1);
    }

    void anotherProcessHoldsTheFile()
    {
        m_database.reset();
        m_database = std::move(*open(50));
        auto other = std::move(*open());
        Gate gate;
        Gate held;
        other->write(
            [&](Tx&) -> Result<void> {
                held.open();
                return gate.pass() ? Result<void>{} : Result<void>{fail(noAnswer())};
            },
            this, {});
        QVERIFY(held.pass());
        const auto refused = writeNow(*m_database, kInsert, {1, "x"});
        gate.open();
        QVERIFY(!refused);
        QCOMPARE(codeOf(refused), QString("Unavailable"));
        QVERIFY(refused.error().retryable);
        QVERIFY(m_database->state().writable);
        QVERIFY(sluice::test::waitUntil([this] {
            return writeNow(*m_database, kInsert, {1, "x"}).has_value();
        }));
    }
};

QTEST_GUILESS_MAIN(TestStoreWrite)
#include "tst_store_write.moc"
