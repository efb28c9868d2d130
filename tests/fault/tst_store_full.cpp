#include <sys/mount.h>
#include <unistd.h>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QSaveFile>
#include <QtTest/QSignalSpy>

#include "audit_fixture.h"
#include "store/connection.h"
#include "store/manifest.h"

using namespace sluice;
using namespace sluice::test;
using audit::AuditLog;
using store::Database;
using store::Manifest;

namespace {

constexpr int kProbeMs = 50;
constexpr int kMostWrites = 5000;

/// A disk that can be full: a filesystem of 2 MiB where this user may mount one, or any folder and a fault
/// (see tests/support/faults/full_disk.cpp).
class SmallDisk {
public:
    explicit SmallDisk(bool real)
    {
        if (real) {
            m_mounted = m_folder.isValid() && ::mount("tmpfs", QFile::encodeName(m_folder.path()).constData(),
                                                      "tmpfs", 0, "size=2m") == 0;
        } else {
            qputenv("SLUICE_FULL_DISK", QFile::encodeName(QFileInfo(m_folder.path()).canonicalFilePath()));
        }
    }
    ~SmallDisk()
    {
        qunsetenv("SLUICE_FULL_DISK");
        QFile::remove(room());
        if (m_mounted) {
            ::umount2(QFile::encodeName(m_folder.path()).constData(), MNT_DETACH);
        }
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    bool mounted() const { return m_mounted; }
    QString path(const QString& name) const { return m_folder.filePath(name); }

    /// Leaves at most `left` bytes free.
    void fill(qint64 left)
    {
        if (!m_mounted) {
            QSaveFile file(room());
            QVERIFY(file.open(QIODevice::WriteOnly) && file.write(QByteArray::number(left)) > 0 &&
                    file.commit());
            return;
        }
        QFile file(path("ballast"));
        QVERIFY(file.open(QIODevice::Append | QIODevice::Unbuffered));
        while (file.write(QByteArray(4096, 'b')) == 4096) {
        }
        QVERIFY(file.resize(file.size() / 4096 * 4096 - left));
    }
    void empty() { QVERIFY(QFile::remove(m_mounted ? path("ballast") : room())); }

private:
    QString room() const { return m_folder.path() + QStringLiteral(".room"); }

    QTemporaryDir m_folder{};
    bool m_mounted{false};
};

/// Rows "a fault", and "a real disk" where this user may mount one.
void disks()
{
    QTest::addColumn<bool>("real");
    QTest::newRow("a fault") << false;
    if (SmallDisk(true).mounted()) {
        QTest::newRow("a real disk") << true;
    }
}

Result<std::unique_ptr<Database>> openItems(const QString& file, qint64 maxPages = 0)
{
    return Database::open(
        {.file = file,
         .migrations = {{.version = 1,
                         .statements = {"CREATE TABLE item (id INTEGER PRIMARY KEY, text TEXT NOT NULL)"}}},
         .probeMs = kProbeMs,
         .maxPages = maxPages});
}

Result<void> writeItem(Database& database, int id)
{
    return writeNow(database, "INSERT INTO item (id, text) VALUES (?, ?)", {id, QString(2000, 'x')});
}

/// Writes until it is refused. @return number of acknowledged items
int writeUntilFull(Database& database, Error& refusal)
{
    for (int id = 0; id < kMostWrites; ++id) {
        if (const auto done = writeItem(database, id); !done) {
            refusal = done.error();
            return id;
        }
    }
    return kMostWrites;
}

}  // namespace

class TestStoreFull : public QObject {
    Q_OBJECT

    void checkRefused(Database& database, const Error& refusal, int acknowledged)
    {
        QCOMPARE(toString(refusal.code), QString("ResourceExhausted"));
        QVERIFY(refusal.retryable);
        QVERIFY(refusal.message.contains(database.file()));
        QVERIFY(!refusal.cause.isEmpty() && !refusal.correction.isEmpty());
        QVERIFY(!database.state().writable);
        QVERIFY(database.state().why.contains(database.file()));
        // Reading goes on, and what was acknowledged is there.
        QCOMPARE(valueOf(database, "SELECT count(*) FROM item").toInt(), acknowledged);
        // Nothing passes, however small, so that nobody acts on half of a state.
        QCOMPARE(codeOf(writeNow(database, "UPDATE item SET text = 'y' WHERE id = 0")),
                 QString("ResourceExhausted"));
    }

private Q_SLOTS:
    void aFullFileRefusesAndRecovers()
    {
        QTemporaryDir folder;
        auto opened = openItems(folder.filePath("state.db"), 200);
        QVERIFY(opened);
        Database& database = **opened;
        QSignalSpy changes(&database, &Database::stateChanged);
        Error refusal;
        const int acknowledged = writeUntilFull(database, refusal);
        QVERIFY(acknowledged > 10 && acknowledged < kMostWrites);
        checkRefused(database, refusal, acknowledged);
        QTRY_COMPARE(changes.size(), 1);
        // Somebody makes room.
        {
            auto other = store::Connection::open(database.file(), store::Connection::Mode::ReadWrite, 5000);
            QVERIFY(other);
            QVERIFY((*other)->exec("DELETE FROM item WHERE id >= 10"));
        }
        QTRY_VERIFY(database.state().writable);
        QVERIFY(database.state().why.isEmpty());
        QTRY_COMPARE(changes.size(), 2);
        QVERIFY(writeItem(database, acknowledged));
        QCOMPARE(valueOf(database, "SELECT count(*) FROM item").toInt(), 11);
        QCOMPARE(valueOf(database, "PRAGMA integrity_check").toString(), QString("ok"));
    }

    void aGroupThatDoesNotFitIsRefusedAsAWhole()
    {
        QTemporaryDir folder;
        auto opened = openItems(folder.filePath("state.db"), 60);
        QVERIFY(opened);
        Gate gate;
        QList<bool> good;
        const auto keep = [&good](const Result<void>& done) { good.append(done.has_value()); };
        (*opened)->write(
            [&gate](store::Tx&) -> Result<void> {
                return gate.pass() ? Result<void>{} : Result<void>{fail(noAnswer())};
            },
            this, {});
        // The work that meets the full disk hides it; the group must not count as written all the same.
        (*opened)->write(
            [](store::Tx& tx) -> Result<void> {
                for (int id = 0; id < 1000; ++id) {
                    static_cast<void>(
                        tx.exec("INSERT INTO item (id, text) VALUES (?, ?)", {id, QString(2000, 'x')}));
                }
                return {};
            },
            this, keep);
        (*opened)->write(
            [](store::Tx& tx) { return tx.exec("INSERT INTO item (id, text) VALUES (5000, 'x')"); }, this,
            keep);
        gate.open();
        QTRY_COMPARE(good.size(), 2);
        QCOMPARE(good.first(), false);
        // All rows are gone, so there is room again.
        QTRY_VERIFY((*opened)->state().writable);
        QCOMPARE(valueOf(**opened, "SELECT count(*) FROM item WHERE id < 1000").toInt(), 0);
        QCOMPARE(valueOf(**opened, "SELECT count(*) FROM item").toInt(), good.last() ? 1 : 0);
    }

    void aFullDiskRefusesAndRecovers_data() { disks(); }
    void aFullDiskRefusesAndRecovers()
    {
        QFETCH(const bool, real);
        SmallDisk disk(real);
        auto opened = openItems(disk.path("state.db"));
        QVERIFY(opened);
        Database& database = **opened;
        disk.fill(256 * 1024);
        Error refusal;
        const int acknowledged = writeUntilFull(database, refusal);
        QVERIFY(acknowledged > 0 && acknowledged < kMostWrites);
        checkRefused(database, refusal, acknowledged);
        // It stays so for as long as the disk is full.
        QTest::qWait(4 * kProbeMs);
        QVERIFY(!database.state().writable);
        QCOMPARE(codeOf(writeItem(database, 9000)), QString("ResourceExhausted"));
        disk.empty();
        QTRY_VERIFY(database.state().writable);
        QVERIFY(writeItem(database, acknowledged));
        opened->reset();
        opened = openItems(disk.path("state.db"));
        QVERIFY(opened);
        QCOMPARE(valueOf(**opened, "SELECT count(*) FROM item").toInt(), acknowledged + 1);
        QCOMPARE(valueOf(**opened, "PRAGMA integrity_check").toString(), QString("ok"));
    }

    void anAuditLogOnAFullDiskKeepsItsChain_data() { disks(); }
    void anAuditLogOnAFullDiskKeepsItsChain()
    {
        QFETCH(const bool, real);
        SmallDisk disk(real);
        FakeClock clock;
        auto log = AuditLog::open(disk.path("audit.db"), clock);
        QVERIFY(log);
        disk.fill(200 * 1024);
        qint64 acknowledged = 0;
        Result<audit::Record> last = fail(noAnswer());
        while (acknowledged < kMostWrites && (last = appendNow(**log, recordNumber(1))).has_value()) {
            QCOMPARE(last->seq, ++acknowledged);
        }
        QVERIFY(acknowledged > 0);
        QCOMPARE(codeOf(last), QString("ResourceExhausted"));
        QVERIFY(!(*log)->writable());
        QCOMPARE((*log)->count(), acknowledged);
        const auto full = verifyNow(**log);
        QVERIFY2(full.ok, qPrintable(full.why));
        QCOMPARE(full.head, (*log)->head());
        disk.empty();
        QTRY_VERIFY((*log)->writable());
        QCOMPARE(appendNow(**log, recordNumber(2))->seq, acknowledged + 1);
        log->reset();
        const auto after = AuditLog::verifyFile(disk.path("audit.db"));
        QVERIFY2(after.ok && after.why.isEmpty(), qPrintable(after.why));
        QCOMPARE(after.records, acknowledged + 1);
    }

    void openingOnAFullDiskIsAnError_data() { disks(); }
    void openingOnAFullDiskIsAnError()
    {
        QFETCH(const bool, real);
        SmallDisk disk(real);
        disk.fill(0);
        const auto manifest = Manifest::open(disk.path("R-1.db"));
        QCOMPARE(codeOf(manifest), QString("ResourceExhausted"));
        QVERIFY(!manifest.error().correction.isEmpty());
        disk.empty();
        QVERIFY(Manifest::open(disk.path("R-1.db")));
    }
};

QTEST_GUILESS_MAIN(TestStoreFull)
#include "tst_store_full.moc"
