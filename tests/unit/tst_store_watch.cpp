#include <unistd.h>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QTemporaryDir>

#include "patience.h"
#include "store/row_reader.h"
#include "store_wait.h"

using namespace sluice;
using namespace sluice::test;
using store::Database;
using store::Mark;
using store::Tx;

/// What somebody does to the files of an open database, or to its rows, is seen and said.
class TestStoreWatch : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder{};
    std::unique_ptr<Database> m_database{};
    QString m_note{"note"};

    QString file(const QString& tail = {}) const { return m_folder->filePath("state.db" + tail); }

    void open(int lookMs = 20)
    {
        auto opened = Database::open(
            {.file = file(),
             .migrations = {{.version = 1,
                             .statements = {"CREATE TABLE item (id INTEGER PRIMARY KEY, n, t, j)"}}},
             .lookMs = lookMs,
             .note = [this] { return m_note; }});
        QVERIFY2(opened.has_value(), opened ? "" : qPrintable(opened.error().toLine()));
        m_database = std::move(*opened);
    }

    QByteArray bytes(const QString& tail = {}) const
    {
        QFile in(file(tail));
        return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
    }

    /// In the page that frame 2 of the log holds.
    void damageLog()
    {
        QFile log(file("-wal"));
        QVERIFY(log.open(QIODevice::ReadWrite) && log.seek(32 + 4120 + 24 + 2000) &&
                log.write("damaged") == 7);
    }

    Result<void> putMuch(int id)
    {
        return writeNow(*m_database, [id](Tx& tx) {
            return tx.exec("INSERT INTO item (id, n, t, j) VALUES (?, randomblob(1500000), 't', '{}')", {id});
        });
    }

    Result<void> put(int id)
    {
        return writeNow(*m_database, [id](Tx& tx) {
            return tx.exec("INSERT INTO item (id, n, t, j) VALUES (?, 1, 'text', '{}')", {id});
        });
    }

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        open();
        QVERIFY(put(1));
    }
    void cleanup()
    {
        m_database.reset();
        m_folder.reset();
    }

    void whatIsDoneToAnOpenFileIsSeen_data()
    {
        QTest::addColumn<QString>("tail");
        QTest::addColumn<QString>("deed");
        QTest::addColumn<QString>("says");
        for (const char* tail : {"", "-wal", "-shm"}) {
            QTest::addRow("removed %s", tail) << tail << "remove"
                                              << "was removed";
            QTest::addRow("replaced %s", tail) << tail << "replace"
                                               << "was replaced";
            QTest::addRow("cut %s", tail) << tail << "cut"
                                          << "became shorter";
        }
        QTest::newRow("overwritten -wal") << "-wal"
                                          << "overwrite"
                                          << "-wal was damaged while it was open: frame 2 of ";
    }

    /// Without a write, and again with one: nothing that is lost is reported as kept.
    void whatIsDoneToAnOpenFileIsSeen()
    {
        QFETCH(QString, tail);
        QFETCH(QString, deed);
        QFETCH(QString, says);
        QVERIFY(m_database->state().writable);
        const QString path = file(tail);
        QVERIFY(QFile::exists(path));
        if (deed == "remove") {
            QVERIFY(QFile::remove(path));
        } else if (deed == "replace") {
            QVERIFY(QFile::copy(path, path + ".new"));
            QCOMPARE(::rename(qPrintable(path + ".new"), qPrintable(path)), 0);
        } else if (deed == "overwrite") {
            damageLog();
        } else {
            QCOMPARE(::truncate(qPrintable(path), 0), 0);
        }
        QTRY_VERIFY(!m_database->state().writable);
        QVERIFY2(m_database->state().why.contains(says), qPrintable(m_database->state().why));
        QVERIFY(m_database->state().why.contains(path));
        QVERIFY(m_database->state().damage && m_database->state().damage->path == path);
        const auto refused = put(2);
        QVERIFY(!refused);
        QCOMPARE(toString(refused.error().code), toString(ErrorCode::DataLoss));
    }

    /// The index is mapped into memory: touching a page that was cut off must not end the process.
    void aCutIndexDoesNotEndTheProcess()
    {
        QCOMPARE(::truncate(qPrintable(file("-shm")), 0), 0);
        QVERIFY(!put(2));
        static_cast<void>(m_database->readNow([](Tx& tx) { return tx.exec("SELECT * FROM item"); }));
    }

    void aLogThatIsBegunAnewIsNoCut()
    {
        for (int i = 2; i < 40; ++i) {
            QVERIFY(putMuch(i));
        }
        QVERIFY(m_database->state().writable);
        QVERIFY(put(100));
        QVERIFY2(QFileInfo(file("-wal")).size() < 24'000'000, "the log is moved into the file in time");
    }

    /// Neither at the end nor when the log has become long, although nobody looks in between.
    void aDamagedLogIsNotMovedIntoTheFile_data()
    {
        QTest::addColumn<bool>("seenBefore");
        QTest::addColumn<int>("writes");
        QTest::newRow("seen, then closed") << true << 0;
        QTest::newRow("closed") << false << 0;
        QTest::newRow("long") << false << 30;
    }

    void aDamagedLogIsNotMovedIntoTheFile()
    {
        QFETCH(bool, seenBefore);
        QFETCH(int, writes);
        m_database.reset();
        open(seenBefore ? 20 : 1'000'000);
        QVERIFY(put(2) && put(3));
        const QByteArray before = bytes();
        const Mark last = m_database->mark();
        damageLog();
        for (int i = 0; i < writes && m_database->state().writable; ++i) {
            static_cast<void>(putMuch(100 + i));
        }
        if (seenBefore || writes > 0) {
            QTRY_VERIFY(!m_database->state().writable);
        }
        m_database.reset();
        QCOMPARE(bytes(), before);
        QVERIFY(QFileInfo(file("-wal")).size() > 0);
        open();
        QCOMPARE(m_database->opened().mark.id, last.id);
        QVERIFY2(m_database->opened().mark.commits < last.commits, "what is lost is known");
        QVERIFY(put(50));
    }

    void aLogThatIsWholeIsMovedAtTheEnd()
    {
        QVERIFY(put(2));
        m_database.reset();
        QVERIFY(!QFile::exists(file("-wal")));
    }

    void theMarkGrowsWithEachCommitAndIsKeptOutside()
    {
        const Mark before = m_database->mark();
        QVERIFY(!before.id.isEmpty());
        m_note = "another";
        QVERIFY(put(2));
        QCOMPARE(m_database->mark(), (Mark{before.id, before.commits + 1}));
        QTRY_COMPARE(store::MarkFile::read(file()), std::optional(m_database->mark()));
        m_database.reset();
        open();
        QCOMPARE(m_database->opened().mark, (Mark{before.id, before.commits + 1}));
        QCOMPARE(m_database->opened().outside, std::optional(m_database->opened().mark));
        QCOMPARE(m_database->opened().note, QString("another"));
        QCOMPARE(Mark::fromText(before.toText()), std::optional(before));
    }

    /// A write-ahead log that lost its end opens without complaint; the mark tells.
    void lostCommitsAreSeenByTheMark()
    {
        QVERIFY(QFile::copy(file(), file(".old")));
        QVERIFY(QFile::copy(file("-wal"), file(".old-wal")));
        QVERIFY(put(2));
        const Mark last = m_database->mark();
        m_database.reset();
        QVERIFY(QFile::remove(file()));
        QVERIFY(QFile::rename(file(".old"), file()));
        QVERIFY(QFile::rename(file(".old-wal"), file("-wal")));
        open();
        QCOMPARE(m_database->opened().outside, std::optional(last));
        QCOMPARE(m_database->opened().mark, (Mark{last.id, last.commits - 1}));
    }

    void aMarkFileThatIsNoneIsNotBelieved()
    {
        m_database.reset();
        QFile mark(file(".mark"));
        QVERIFY(mark.open(QIODevice::ReadWrite));
        QByteArray text = mark.readAll();
        text[30] = text[30] == 'a' ? 'b' : 'a';
        mark.seek(0);
        mark.write(text);
        mark.close();
        QCOMPARE(store::MarkFile::read(file()), std::nullopt);
        QVERIFY(QFile::remove(file(".mark")));
        QVERIFY(QFile::link("/etc/passwd", file(".mark")));
        QCOMPARE(store::MarkFile::read(file()), std::nullopt);
        QVERIFY(!Database::open({.file = file(), .note = [] { return QString(); }}));
    }

    void aRowIsNotBelieved_data()
    {
        QTest::addColumn<QString>("set");
        QTest::addColumn<QString>("says");
        QTest::newRow("sound") << "n = 1"
                               << "";
        QTest::newRow("word for a number") << "n = 'waiting'"
                                           << "column n holds “waiting”, which is no number";
        QTest::newRow("too large") << "n = 8"
                                   << "column n holds 8, which cannot stand there";
        QTest::newRow("negative") << "n = -1"
                                  << "column n holds -1, which cannot stand there";
        QTest::newRow("real") << "n = 1.5"
                              << "which is no number";
        QTest::newRow("nothing") << "n = NULL"
                                 << "which is no number";
        QTest::newRow("number for a text") << "t = 5"
                                           << "column t holds “5”, which is no text";
        QTest::newRow("bytes") << "t = x'00ff'"
                               << "which is no text";
        QTest::newRow("empty name") << "t = ''"
                                    << "column t holds nothing";
        QTest::newRow("unknown word")
            << "t = 'movE'"
            << "column t holds “movE”, which this version does not know (text, move)";
        QTest::newRow("known word") << "t = 'move'"
                                    << "";
        QTest::newRow("no JSON") << "j = 'x'"
                                 << "column j holds no JSON object";
        QTest::newRow("list") << "j = '[]'"
                              << "column j holds no JSON object";
    }

    void aRowIsNotBelieved()
    {
        QFETCH(QString, set);
        QFETCH(QString, says);
        QVERIFY(writeNow(*m_database, [set](Tx& tx) { return tx.exec("UPDATE item SET " + set); }));
        int rows = 0;
        QList<int> words;
        const auto read = m_database->readNow([&](Tx& tx) {
            return store::readRows(tx, file(), "item", "SELECT id, n, t, j FROM item", {},
                                   [&](store::RowReader& row) {
                                       ++rows;
                                       row.integer(1, 0, 7);
                                       if (!row.name(2).isEmpty()) {
                                           words.append(row.word(2, {"text", "move"}));
                                       }
                                       row.object(3);
                                   });
        });
        QCOMPARE(rows, 1);
        QCOMPARE(words.value(0), set == "t = 'move'" ? 1 : 0);
        QCOMPARE(read.has_value(), says.isEmpty());
        if (!read) {
            QCOMPARE(toString(read.error().code), toString(ErrorCode::DataLoss));
            QVERIFY(read.error().message.contains(file()));
            QVERIFY2(read.error().cause.contains("table item, row 1: "), qPrintable(read.error().cause));
            QVERIFY2(read.error().cause.contains(says), qPrintable(read.error().cause));
        }
    }
};

QTEST_GUILESS_MAIN(TestStoreWatch)
#include "tst_store_watch.moc"
