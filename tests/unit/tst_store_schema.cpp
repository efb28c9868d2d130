#include <sys/stat.h>
#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtCore/QTemporaryDir>

#include "patience.h"
#include "store_wait.h"

using namespace sluice;
using namespace sluice::test;
using store::Database;
using store::Migration;
using store::PartSchema;
using store::Tx;

namespace {

const Migration kFirst{.version = 1,
                       .statements = {"CREATE TABLE item (id INTEGER PRIMARY KEY, text TEXT NOT NULL)"}};
const Migration kSecond{.version = 2,
                        .statements = {"ALTER TABLE item ADD COLUMN length INTEGER NOT NULL DEFAULT 0",
                                       "UPDATE item SET length = length(text)"}};
const Migration kThird{.version = 3, .statements = {"CREATE INDEX item_length ON item (length)"}};

/// Two parts that shared one version, up to 3, before each had its own.
const PartSchema kItems{.part = "items",
                        .steps = {{.version = 1, .statements = kFirst.statements, .inFileSince = 1},
                                  {.version = 2, .statements = kSecond.statements, .inFileSince = 3},
                                  {.version = 3, .statements = kThird.statements}}};
const PartSchema kNotes{
    .part = "the notes' part",
    .steps = {{.version = 1, .statements = {"CREATE TABLE note (text TEXT)"}, .inFileSince = 2}}};

mode_t modeOf(const QString& file)
{
    struct stat info {};
    return ::stat(QFile::encodeName(file).constData(), &info) == 0 ? info.st_mode & 0777 : 0;
}

}  // namespace

class TestStoreSchema : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder{};
    QString m_file{};

    Result<std::unique_ptr<Database>> open(const QList<Migration>& migrations)
    {
        return Database::open({.file = m_file, .migrations = migrations});
    }

    Result<std::unique_ptr<Database>> openParts(const QList<PartSchema>& parts)
    {
        return Database::open({.file = m_file, .parts = parts});
    }

    /// part=version of each part, in the order of their names.
    static QString partsOf(Database& database)
    {
        return valueOf(database,
                       "SELECT group_concat(part || '=' || version, ' ') FROM (SELECT * FROM sluice_part "
                       "ORDER BY part)")
            .toString();
    }

    static int columnsOf(Database& database)
    {
        return valueOf(database, "SELECT count(*) FROM pragma_table_info('item')").toInt();
    }

    /// A closed file of version 1 with one row.
    void makeFirstVersion()
    {
        auto database = open({kFirst});
        QVERIFY(database);
        QVERIFY(writeNow(**database, "INSERT INTO item (id, text) VALUES (1, 'four')"));
    }

    void overwrite(qint64 offset, const QByteArray& bytes)
    {
        QFile file(m_file);
        QVERIFY(file.open(QIODevice::ReadWrite));
        QVERIFY(file.seek(offset));
        QCOMPARE(file.write(bytes), bytes.size());
    }

private Q_SLOTS:
    void whatIsNoFileIsNotOpened_data()
    {
        QTest::addColumn<QString>("tail");
        for (const char* tail : {"", "-wal", "-shm"}) {
            QTest::addRow("file%s", tail) << QString(tail);
        }
    }

    /// Reading from a pipe would never end.
    void whatIsNoFileIsNotOpened()
    {
        QFETCH(QString, tail);
        makeFirstVersion();
        const QString path = m_file + tail;
        QFile::remove(path);
        for (const QString how : {"pipe", "link", "folder"}) {
            if (how == "pipe") {
                QCOMPARE(::mkfifo(QFile::encodeName(path).constData(), 0600), 0);
            } else if (how == "link") {
                QVERIFY(QFile::link(m_folder->filePath("elsewhere"), path));
            } else {
                QVERIFY(QDir().mkdir(path));
            }
            const auto refused = open({kFirst});
            QVERIFY(!refused);
            QVERIFY2(refused.error().message.contains(path + " is not used"),
                     qPrintable(refused.error().message));
            QVERIFY(!QFile::exists(m_folder->filePath("elsewhere")));
            QVERIFY(how == "folder" ? QDir().rmdir(path) : QFile::remove(path));
        }
        QVERIFY(open({kFirst}));
    }

    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_file = m_folder->filePath("state.db");
    }

    void aNewFileGetsEveryStepAndIsPrivate()
    {
        auto database = open({kFirst, kSecond, kThird});
        QVERIFY(database);
        QCOMPARE(valueOf(**database, "PRAGMA user_version").toInt(), 3);
        QCOMPARE(valueOf(**database, "PRAGMA journal_mode").toString(), QString("wal"));
        QVERIFY(writeNow(**database, "INSERT INTO item (id, text, length) VALUES (1, 'a', 1)"));
        QCOMPARE(modeOf(m_file), mode_t(0600));
        QCOMPARE(modeOf(m_file + "-wal"), mode_t(0600));
    }

    void writesAreSyncedAtEachCommit()
    {
        auto database = open({kFirst});
        int level = -1;
        QVERIFY(writeNow(**database, [&level](Tx& tx) {
            return tx.query("PRAGMA synchronous", {}, [&level](const QSqlQuery& row) {
                level = row.value(0).toInt();
                return false;
            });
        }));
        QCOMPARE(level, 2);
    }

    void aFileOfTheFirstVersionIsUpgraded()
    {
        makeFirstVersion();
        auto database = open({kFirst, kSecond, kThird});
        QVERIFY(database);
        QCOMPARE(valueOf(**database, "PRAGMA user_version").toInt(), 3);
        QCOMPARE(valueOf(**database, "SELECT length FROM item WHERE id = 1").toInt(), 4);
    }

    void aStepThatFailsLeavesTheFileAsItWas()
    {
        makeFirstVersion();
        const Migration broken{.version = 2,
                               .statements = {kSecond.statements.first(), "INSERT INTO nowhere VALUES (1)"}};
        auto failed = open({kFirst, broken});
        QVERIFY(!failed);
        QVERIFY(failed.error().upstream->text.contains("nowhere"));
        {
            auto asBefore = open({kFirst});
            QVERIFY(asBefore);
            QCOMPARE(valueOf(**asBefore, "SELECT count(*) FROM pragma_table_info('item')").toInt(), 2);
        }
        QVERIFY(open({kFirst, kSecond}));
    }

    void aNewerFileIsRefusedAndLeftAlone()
    {
        {
            auto newer = open({kFirst, kSecond, kThird});
            QVERIFY(newer);
        }
        auto refused = open({kFirst, kSecond});
        QVERIFY(!refused);
        QCOMPARE(codeOf(refused), QString("FailedPrecondition"));
        QVERIFY(refused.error().message.contains(m_file));
        QVERIFY(refused.error().cause.contains("version 3"));
        QVERIFY(!refused.error().correction.isEmpty());
        auto again = open({kFirst, kSecond, kThird});
        QVERIFY(again);
        QCOMPARE(valueOf(**again, "PRAGMA user_version").toInt(), 3);
    }

    void stepsOutOfOrderAreRefused()
    {
        auto refused = open({kSecond, kFirst});
        QVERIFY(!refused);
        QCOMPARE(codeOf(refused), QString("Internal"));
    }

    void eachPartHasAVersionOfItsOwn()
    {
        {
            auto database = openParts({kItems});
            QVERIFY(database);
            QCOMPARE(partsOf(**database), QString("items=3"));
            QCOMPARE(columnsOf(**database), 3);
        }
        auto database = openParts({kItems, kNotes});
        QVERIFY(database);
        QCOMPARE(partsOf(**database), QString("items=3 the notes' part=1"));
        QVERIFY(writeNow(**database, "INSERT INTO note VALUES ('kept')"));
        database->reset();
        auto again = openParts({kNotes, kItems});
        QVERIFY(again);
        QCOMPARE(valueOf(**again, "SELECT text FROM note").toString(), QString("kept"));
        QCOMPARE(partsOf(**again), QString("items=3 the notes' part=1"));
    }

    void aFileWithOneVersionForAllIsTakenOver_data()
    {
        QTest::addColumn<int>("version");
        QTest::newRow("1") << 1;
        QTest::newRow("2") << 2;
        QTest::newRow("3") << 3;
    }

    void aFileWithOneVersionForAllIsTakenOver()
    {
        QFETCH(int, version);
        const QList<Migration> shared{kFirst,
                                      {.version = 2, .statements = kNotes.steps[0].statements},
                                      {.version = 3, .statements = kSecond.statements}};
        {
            auto old = open(shared.mid(0, version));
            QVERIFY(old);
            QVERIFY(writeNow(**old, "INSERT INTO item (id, text) VALUES (1, 'four')"));
        }
        {
            // The one that fails leaves the ones before it.
            const Migration broken{.version = 9, .statements = {"INSERT INTO nowhere VALUES (1)"}};
            QVERIFY(
                !openParts({{.part = "items", .steps = {kItems.steps[0], kItems.steps[1], broken}}, kNotes}));
            auto kept = openParts({{.part = "items", .steps = kItems.steps.mid(0, 2)}, kNotes});
            QVERIFY(kept);
            QCOMPARE(partsOf(**kept), QString("items=2 the notes' part=1"));
            QCOMPARE(columnsOf(**kept), 3);
        }
        auto database = openParts({kItems, kNotes});
        QVERIFY(database);
        QCOMPARE(partsOf(**database), QString("items=3 the notes' part=1"));
        QCOMPARE(valueOf(**database, "SELECT text FROM item").toString(), QString("four"));
        QCOMPARE(valueOf(**database, "PRAGMA user_version").toInt(), store::kVersionByParts);
    }

    void aPartOfANewerVersionIsRefused()
    {
        QVERIFY(openParts({kItems, kNotes}));
        auto unknown = openParts({kItems});
        QVERIFY(!unknown);
        QCOMPARE(codeOf(unknown), QString("FailedPrecondition"));
        QVERIFY2(unknown.error().cause.contains("“the notes' part”, which this program does not have"),
                 qPrintable(unknown.error().cause));
        auto older = openParts({{.part = "items", .steps = kItems.steps.mid(0, 2)}, kNotes});
        QVERIFY(!older);
        QCOMPARE(codeOf(older), QString("FailedPrecondition"));
        QCOMPARE(older.error().cause,
                 QString("The schema of “items” is version 3; this program knows up to 2"));
        QVERIFY(!open({kFirst, kSecond, kThird}));  // nor by a program that knew one version for all
        auto unordered = openParts({{.part = "items", .steps = {kItems.steps[1], kItems.steps[0]}}, kNotes});
        QVERIFY(!unordered);
        QCOMPARE(codeOf(unordered), QString("Internal"));
    }

    void aSharedVersionThatIsNotKnownIsRefused()
    {
        {
            auto newer =
                open({kFirst, kSecond, kThird, {.version = 4, .statements = {"CREATE TABLE x (y)"}}});
            QVERIFY(newer);
        }
        auto refused = openParts({kItems, kNotes});
        QVERIFY(!refused);
        QCOMPARE(refused.error().cause, QString("Its schema is version 4; this program knows up to 3"));
        QVERIFY(open({kFirst, kSecond, kThird, {.version = 4, .statements = {}}}));  // and left as it was
    }

    void aMissingFolderIsNamed()
    {
        m_file = m_folder->filePath("nowhere/state.db");
        auto refused = open({kFirst});
        QVERIFY(!refused);
        QCOMPARE(codeOf(refused), QString("NotFound"));
        QVERIFY(refused.error().message.contains("nowhere"));
    }

    void anotherKindOfFileIsRefused()
    {
        QFile file(m_file);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray("profile: { name: lab }\n").repeated(400));
        file.close();
        auto refused = open({kFirst});
        QVERIFY(!refused);
        QCOMPARE(codeOf(refused), QString("DataLoss"));
        QVERIFY(refused.error().message.contains("not a database"));
    }

    void aFileThatWasNotClosedIsChecked()
    {
        makeFirstVersion();
        // The root page of the table, and a log as a killed program leaves it.
        overwrite(4096, QByteArray(4096, '\x5a'));
        QFile log(m_file + "-wal");
        QVERIFY(log.open(QIODevice::WriteOnly));
        log.write(QByteArray(100, '\0'));
        log.close();
        auto refused = open({kFirst});
        QVERIFY(!refused);
        QCOMPARE(codeOf(refused), QString("DataLoss"));
        QVERIFY(refused.error().message.contains(m_file));
    }

    void aDamagedPageStopsWritingForGood()
    {
        makeFirstVersion();
        overwrite(4096, QByteArray(4096, '\x5a'));
        auto database = open({kFirst});
        QVERIFY(database);
        const auto read = (*database)->readNow([](Tx& tx) { return tx.exec("SELECT * FROM item"); });
        QVERIFY(!read);
        QCOMPARE(codeOf(read), QString("DataLoss"));
        const auto written = writeNow(**database, "INSERT INTO item (id, text) VALUES (2, 'x')");
        QVERIFY(!written);
        QCOMPARE(codeOf(written), QString("DataLoss"));
        QVERIFY(!(*database)->state().writable);
        QVERIFY((*database)->state().why.contains("damaged"));
        QCOMPARE(codeOf(writeNow(**database, "CREATE TABLE other (id INTEGER)")), QString("DataLoss"));
    }
};

QTEST_GUILESS_MAIN(TestStoreSchema)
#include "tst_store_schema.moc"
