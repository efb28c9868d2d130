#include <fcntl.h>
#include <unistd.h>
#include <QtCore/QElapsedTimer>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QTemporaryDir>
#include <algorithm>
#include <atomic>
#include <ctime>
#include <thread>

#include "store/manifest.h"
#include "store_wait.h"

using namespace sluice;
using namespace sluice::test;
using store::Database;
using store::Manifest;
using store::ManifestEntry;
using store::ManifestTotals;

namespace {

constexpr int kRunMs = 3000;
constexpr double kGoalCommitP99Ms = 20;
constexpr qint64 kManifestEntries = 1'000'000;
constexpr int kPage = 4096;
constexpr qint64 kGoalManifestMs = 5000;
constexpr qint64 kGoalManifestBytes = 128LL << 20;

double p99(std::vector<double>& values)
{
    if (values.empty()) {
        return 0;
    }
    const auto rank = static_cast<std::ptrdiff_t>((values.size() - 1) * 99 / 100);
    std::nth_element(values.begin(), values.begin() + rank, values.end());
    return values[static_cast<size_t>(rank)];
}

/// Keeps the disk busy: 1 MiB at a time, each synced.
class DiskLoad {
public:
    explicit DiskLoad(const QString& file)
    {
        m_thread = std::thread([this, name = QFile::encodeName(file)] {
            const int fd = ::open(name.constData(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
            const QByteArray block(1 << 20, 'l');
            while (fd >= 0 && !m_stop) {
                const auto at = static_cast<off_t>((m_blocks % 64) << 20);
                if (::pwrite(fd, block.constData(), size_t(block.size()), at) != block.size() ||
                    ::fdatasync(fd) != 0) {
                    break;
                }
                ++m_blocks;
            }
            ::close(fd);
        });
    }
    ~DiskLoad()
    {
        m_stop = true;
        m_thread.join();
    }
    DiskLoad(const DiskLoad&) = delete;
    DiskLoad& operator=(const DiskLoad&) = delete;
    qint64 blocks() const { return m_blocks; }

private:
    std::atomic<bool> m_stop{false};
    std::atomic<qint64> m_blocks{0};
    std::thread m_thread{};
};

/// What the disk itself gives: p99 of writing 8 KiB in place and syncing it, for a second.
double bareSyncP99Ms(const QString& name)
{
    const int fd = ::open(QFile::encodeName(name).constData(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const QByteArray block(8192, 'b');
    std::vector<double> times;
    QElapsedTimer whole;
    whole.start();
    while (fd >= 0 && whole.elapsed() < 1000) {
        QElapsedTimer timer;
        timer.start();
        const auto at = static_cast<off_t>(times.size() % 128) * 8192;
        if (::pwrite(fd, block.constData(), size_t(block.size()), at) != block.size() ||
            ::fdatasync(fd) != 0) {
            break;
        }
        times.push_back(double(timer.nsecsElapsed()) / 1e6);
    }
    ::close(fd);
    return p99(times);
}

/// Keeps `underWay` writes of one row each under way for a while.
class WriteLoad : public QObject {
public:
    WriteLoad(Database& database, int underWay) : m_database(database)
    {
        m_timer.start();
        for (int i = 0; i < underWay; ++i) {
            next();
        }
    }
    void wait()
    {
        if (m_underWay > 0) {
            m_loop.exec();
        }
    }
    qint64 done() const { return m_done; }
    double seconds() const { return m_seconds; }
    double ackP99Ms() { return p99(m_ackMs); }

private:
    void next()
    {
        ++m_underWay;
        const qint64 id = m_next++;
        const qint64 begin = m_timer.nsecsElapsed();
        m_database.write(
            [id](store::Tx& tx) {
                return tx.exec("UPDATE task SET state = ?, body = ? WHERE id = ?",
                               {id % 8, QString(120, 's'), id % 10000});
            },
            this,
            [this, begin](const Result<void>& written) {
                --m_underWay;
                m_done += written.has_value();
                m_ackMs.push_back(double(m_timer.nsecsElapsed() - begin) / 1e6);
                m_seconds = double(m_timer.nsecsElapsed()) / 1e9;
                if (m_timer.elapsed() < kRunMs) {
                    next();
                } else if (m_underWay == 0) {
                    m_loop.quit();
                }
            });
    }

    Database& m_database;
    QEventLoop m_loop{};
    QElapsedTimer m_timer{};
    int m_underWay{0};
    qint64 m_next{0};
    qint64 m_done{0};
    double m_seconds{0};
    std::vector<double> m_ackMs{};
};

qint64 peakBytes()
{
    QFile status("/proc/self/status");
    if (status.open(QIODevice::ReadOnly)) {
        for (const QByteArray& line : status.readAll().split('\n')) {
            if (line.startsWith("VmHWM:")) {
                return line.mid(6).trimmed().split(' ').first().toLongLong() * 1024;
            }
        }
    }
    return 0;
}

void forgetPeak()
{
    QFile file("/proc/self/clear_refs");
    if (file.open(QIODevice::WriteOnly)) {
        file.write("5");
    }
}

}  // namespace

class StoreBench : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder{};

    std::unique_ptr<Database> openTasks(const QString& name)
    {
        auto opened = Database::open(
            {.file = m_folder.filePath(name),
             .migrations = {
                 {.version = 1,
                  .statements = {
                      "CREATE TABLE task (id INTEGER PRIMARY KEY, state INTEGER NOT NULL, body TEXT NOT "
                      "NULL)",
                      "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9999) "
                      "INSERT INTO task SELECT i, 0, '' FROM n"}}}});
        return opened ? std::move(*opened) : nullptr;
    }

    void measure(const char* what, int underWay)
    {
        auto database = openTasks(QStringLiteral("tasks-%1.db").arg(QLatin1String(what)));
        QVERIFY(database);
        WriteLoad load(*database, underWay);
        load.wait();
        const auto figures = database->figures();
        QVERIFY(load.done() > 0);
        qInfo(
            "store, %s, %d under way: %.0f durable writes/s in %.0f commits/s, commit p99 %.1f ms (goal "
            "%.0f), "
            "call to answer p99 %.1f ms",
            what, underWay, double(load.done()) / load.seconds(), double(figures.commits) / load.seconds(),
            figures.commitP99Ms, kGoalCommitP99Ms, load.ackP99Ms());
    }

private Q_SLOTS:
    void durableWrites()
    {
        measure("quiet disk", 1);
        measure("quiet disk", 16);
        measure("quiet disk", 256);
        qInfo("store, quiet disk: a bare sync on it: p99 %.1f ms", bareSyncP99Ms(m_folder.filePath("bare")));
    }

    void durableWritesOnABusyDisk()
    {
        DiskLoad disk(m_folder.filePath("load"));
        QTRY_VERIFY(disk.blocks() > 4);
        QElapsedTimer timer;
        timer.start();
        const qint64 before = disk.blocks();
        measure("busy disk", 16);
        measure("busy disk", 256);
        const double load = double(disk.blocks() - before) * 1000 / double(timer.elapsed());
        qInfo("store, the disk was kept busy with %.0f synced MiB/s; a bare sync on it: p99 %.1f ms", load,
              bareSyncP99Ms(m_folder.filePath("bare")));
    }

    void aManifestOfAMillionEntries()
    {
        const QString file = m_folder.filePath("R-1.db");
        QElapsedTimer timer;
        timer.start();
        fill(file);
        qInfo("manifest: %lld entries committed in %.1f s, %.0f MiB", qlonglong(kManifestEntries),
              double(timer.elapsed()) / 1000, double(QFileInfo(file).size()) / (1 << 20));
        forgetPeak();
        const std::clock_t processor = std::clock();
        const qint64 before = peakBytes();
        timer.restart();
        auto manifest = Manifest::open(file);
        QVERIFY(manifest);
        const auto totals = await<Result<ManifestTotals>>(
            [&](QObject* c, auto done) { (*manifest)->totals("copy", c, done); });
        QVERIFY(totals);
        QCOMPARE(totals->objects, kManifestEntries);
        const qint64 totalsMs = timer.restart();
        qint64 seen = 0;
        qint64 bytes = 0;
        QString after;
        for (;;) {
            const auto page = await<Result<QList<ManifestEntry>>>(
                [&](QObject* c, auto done) { (*manifest)->page("copy", after, kPage, c, done); });
            QVERIFY(page);
            if (page->isEmpty()) {
                break;
            }
            for (const ManifestEntry& entry : *page) {
                ++seen;
                bytes += entry.size;
            }
            after = page->last().name;
        }
        const qint64 pagesMs = timer.elapsed();
        const qint64 grown = peakBytes() - before;
        qInfo(
            "manifest: totals in %lld ms, all pages in %lld ms (%.0f ms of processor; goal together %lld "
            "ms), "
            "memory grew by %.1f MiB, peak %.1f MiB",
            qlonglong(totalsMs), qlonglong(pagesMs), double(std::clock() - processor) * 1000 / CLOCKS_PER_SEC,
            qlonglong(kGoalManifestMs), double(grown) / (1 << 20), double(peakBytes()) / (1 << 20));
        QCOMPARE(seen, kManifestEntries);
        QCOMPARE(bytes, totals->bytes);
        QVERIFY2(grown < kGoalManifestBytes, qPrintable(QString::number(grown)));
    }

private:
    static QList<ManifestEntry> entriesFrom(qint64 first, int count)
    {
        QList<ManifestEntry> entries;
        for (qint64 i = first; i < std::min(first + count, kManifestEntries); ++i) {
            entries.append({.name = QStringLiteral("2026/01/01/shard-%1.bin").arg(i, 8, 10, QLatin1Char('0')),
                            .size = 4096 + i % 1000,
                            .crc32c = quint32(i * 2654435761u),
                            .version = quint64(i),
                            .srcVersion = quint64(i),
                            .fence = 1});
        }
        return entries;
    }

    void fill(const QString& file)
    {
        auto manifest = Manifest::open(file);
        QVERIFY(manifest);
        constexpr int kPerCommit = 256;
        constexpr int kCommitsUnderWay = 8;
        constexpr qint64 kCommits = (kManifestEntries + kPerCommit - 1) / kPerCommit;
        QEventLoop loop;
        qint64 begun = 0;
        qint64 ended = 0;
        int failed = 0;
        std::function<void()> commitNext = [&] {
            if (begun == kCommits) {
                return;
            }
            (*manifest)->commit("copy", entriesFrom(begun++ * kPerCommit, kPerCommit), this,
                                [&](const Result<void>& done) {
                                    failed += !done;
                                    commitNext();
                                    if (++ended == kCommits) {
                                        loop.quit();
                                    }
                                });
        };
        for (int i = 0; i < kCommitsUnderWay; ++i) {
            commitNext();
        }
        loop.exec();
        QCOMPARE(failed, 0);
    }
};

QTEST_GUILESS_MAIN(StoreBench)
#include "tst_store_bench.moc"
