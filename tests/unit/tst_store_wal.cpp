#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QTemporaryDir>
#include <QtCore/QtEndian>
#include <QtTest/QTest>
#include <atomic>
#include <cstring>
#include <thread>

#include "store/connection.h"
#include "store/wal.h"
#include "store/wal_watch.h"

using namespace sluice;
using namespace sluice::store;

namespace {

constexpr int kHeader = 32;
constexpr int kPage = 512;
constexpr int kFrame = kPage + 24;

/// A database with a log that SQLite has written.
class Log {
public:
    explicit Log(int pageBytes = kPage)
    {
        auto opened = Connection::open(file(), Connection::Mode::ReadWrite, 5000);
        if (opened) {
            m_connection = std::move(*opened);
        }
        run({QStringLiteral("PRAGMA page_size = %1").arg(pageBytes), "PRAGMA journal_mode = WAL",
             "PRAGMA synchronous = OFF", "PRAGMA wal_autocheckpoint = 0",
             "CREATE TABLE item (id INTEGER PRIMARY KEY, body BLOB)"});
        put(3);
    }
    QString file(const char* tail = "") const { return m_folder.filePath("s.db") + tail; }
    void run(const QStringList& statements)
    {
        for (const QString& statement : statements) {
            const auto done = m_connection->exec(statement);
            QVERIFY2(done, done ? "" : qPrintable(done.error().toLine()));
        }
    }
    /// So many transactions.
    void put(int count)
    {
        for (int i = 0; i < count; ++i) {
            run({"INSERT INTO item (body) VALUES (randomblob(700))"});
        }
    }
    qint64 rows() { return m_connection->integer("SELECT count(*) FROM item").value_or(-1); }
    void move(const char* mode) { run({QStringLiteral("PRAGMA wal_checkpoint(%1)").arg(mode)}); }
    QByteArray bytes(const char* tail = "-wal") const
    {
        QFile in(file(tail));
        return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
    }
    wal::IndexHead index() const { return wal::indexHead(bytes("-shm")).value_or(wal::IndexHead{}); }
    void overwrite(const char* tail, qint64 offset, const QByteArray& with) const
    {
        QFile out(file(tail));
        QVERIFY(out.open(QIODevice::ReadWrite) && out.seek(offset) && out.write(with) == with.size());
    }
    void flip(qint64 offset) const
    {
        overwrite("-wal", offset, QByteArray(1, static_cast<char>(bytes().at(offset) ^ 0x10)));
    }

private:
    QTemporaryDir m_folder{};
    std::unique_ptr<Connection> m_connection{};
};

wal::Extent extentOf(const QByteArray& bytes, qint64 mostFrames = 1'000'000)
{
    return wal::extentOf(
        [&bytes](qint64 offset, char* to, qint64 count) {
            const QByteArray part = bytes.mid(offset, count);
            std::memcpy(to, part.constData(), static_cast<size_t>(part.size()));
            return part.size();
        },
        mostFrames);
}

QString damageOf(const wal::IndexHead& index, const QByteArray& bytes)
{
    return wal::damageOf(index, extentOf(bytes, index.frames), bytes.size());
}

/// Gives each frame of a log the sums that its bytes have, over words in this order.
void sumUp(QByteArray& log, bool bigEndian)
{
    quint32 first = 0;
    quint32 second = 0;
    const auto add = [&](qint64 from, qint64 count) {
        for (qint64 at = from; at < from + count; at += 8) {
            const auto word = [&](qint64 where) {
                const char* bytes = log.constData() + where;
                return bigEndian ? qFromBigEndian<quint32>(bytes) : qFromLittleEndian<quint32>(bytes);
            };
            first += word(at) + second;
            second += word(at + 4) + first;
        }
    };
    const auto write = [&](qint64 at) {
        qToBigEndian(first, log.data() + at);
        qToBigEndian(second, log.data() + at + 4);
    };
    qToBigEndian<quint32>(bigEndian ? 0x377f0683 : 0x377f0682, log.data());
    add(0, 24);
    write(24);
    for (qint64 at = kHeader; at < log.size(); at += kFrame) {
        add(at, 8);
        add(at + 24, kPage);
        write(at + 16);
    }
}

}  // namespace

/// Which part of a write-ahead log is whole, and what is not said of one that is only being used.
class TestStoreWal : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aLogIsReadAsSqliteWroteIt_data()
    {
        QTest::addColumn<int>("pageBytes");
        for (const int bytes : {512, 1024, 4096, 65536}) {
            QTest::addRow("%d", bytes) << bytes;
        }
    }

    void aLogIsReadAsSqliteWroteIt()
    {
        QFETCH(int, pageBytes);
        Log log(pageBytes);
        log.put(400);
        const QByteArray bytes = log.bytes();
        const wal::Extent extent = extentOf(bytes);
        QVERIFY(extent.header);
        QCOMPARE(extent.pageBytes, pageBytes);
        QCOMPARE(extent.frames, (bytes.size() - kHeader) / (pageBytes + 24));
        QVERIFY(extent.frames >= 400);
        QCOMPARE(extent.committed, extent.frames);
        const wal::IndexHead index = log.index();
        QCOMPARE(qint64(index.frames), extent.frames);
        QVERIFY(index.salts == extent.salts && index.sums == extent.sums);
        QCOMPARE(damageOf(index, bytes), QString());
        QCOMPARE(extentOf(bytes, 7).frames, 7);
    }

    void everyFlippedByteIsFound()
    {
        Log log;
        const QByteArray sound = log.bytes();
        const wal::IndexHead index = log.index();
        QVERIFY(index.frames > 5);
        for (qint64 at = 0; at < sound.size(); ++at) {
            for (const char bit : {char(0x01), char(0x80)}) {
                QByteArray bytes = sound;
                bytes[at] = static_cast<char>(bytes[at] ^ bit);
                const qint64 frame = (at - kHeader) / kFrame + 1;
                const QString place = at < kHeader ? QString("its header (byte 0 to 31)")
                                                   : QString("frame %1 of %2, from byte %3 on,")
                                                         .arg(frame)
                                                         .arg(index.frames)
                                                         .arg(kHeader + (frame - 1) * kFrame);
                QCOMPARE(damageOf(index, bytes), place + " is not what was written");
            }
        }
    }

    void everyCutIsFound()
    {
        Log log;
        const QByteArray sound = log.bytes();
        const wal::IndexHead index = log.index();
        for (qint64 size = 0; size < sound.size(); ++size) {
            const QString damage = damageOf(index, sound.left(size));
            const QString end = QString("is cut off: the file ends at byte %1").arg(size);
            QVERIFY2(damage.contains(size < kHeader ? "its header" : end), qPrintable(damage));
            QVERIFY(size < kHeader ||
                    damage.contains(QString("frame %1 of").arg((size - kHeader) / kFrame + 1)));
        }
    }

    /// A frame that was exchanged together with all sums behind it.
    void aLogThatIsWholeButAnotherIsFound()
    {
        Log log;
        QByteArray bytes = log.bytes();
        sumUp(bytes, false);
        QCOMPARE(bytes, log.bytes());
        bytes[kHeader + kFrame + 100] = static_cast<char>(~bytes[kHeader + kFrame + 100]);
        sumUp(bytes, false);
        QCOMPARE(extentOf(bytes).frames, qint64(log.index().frames));
        QVERIFY(damageOf(log.index(), bytes).contains("or one before is not what was written"));
    }

    void whatIsBehindTheLastCommitIsNotJudged()
    {
        Log log;
        const wal::IndexHead index = log.index();
        QCOMPARE(damageOf(index, log.bytes() + QByteArray(5000, 'x')), QString());
        QCOMPARE(damageOf({}, {}), QString());
        QCOMPARE(damageOf({}, "no log"), QString());
        // A transaction that does not fit into memory is written before it is committed.
        log.run({"PRAGMA cache_size = 1", "BEGIN"});
        log.put(60);
        const QByteArray bytes = log.bytes();
        const wal::Extent extent = extentOf(bytes);
        QCOMPARE(extent.committed, qint64(index.frames));
        QVERIFY(extent.frames > extent.committed);
        QCOMPARE(damageOf(log.index(), bytes), QString());
        QCOMPARE(damageOf(log.index(), bytes.left(bytes.size() - kFrame / 2)), QString());
        log.run({"ROLLBACK"});
        log.put(1);
        QCOMPARE(damageOf(log.index(), log.bytes()), QString());
    }

    void whatIsLeftOfAnEarlierLogDoesNotCount()
    {
        Log log;
        log.put(20);
        const qint64 before = extentOf(log.bytes()).frames;
        log.move("RESTART");
        QCOMPARE(damageOf(log.index(), log.bytes()), QString());
        log.put(2);
        const wal::Extent extent = extentOf(log.bytes());
        QVERIFY(extent.frames < before && extent.frames > 0);
        QCOMPARE(extent.frames, qint64(log.index().frames));
        QCOMPARE(damageOf(log.index(), log.bytes()), QString());
        log.move("TRUNCATE");
        QCOMPARE(log.bytes().size(), 0);
        QCOMPARE(damageOf(log.index(), log.bytes()), QString());
    }

    /// As another machine would have written it; SQLite reads it too.
    void aBigEndianLogIsRead()
    {
        Log log;
        QByteArray bytes = log.bytes();
        sumUp(bytes, true);
        const wal::Extent extent = extentOf(bytes);
        QCOMPARE(extent.frames, qint64(log.index().frames));
        QTemporaryDir folder;
        QVERIFY(QFile::copy(log.file(), folder.filePath("s.db")));
        QFile out(folder.filePath("s.db-wal"));
        QVERIFY(out.open(QIODevice::WriteOnly) && out.write(bytes) == bytes.size() && out.flush());
        auto copy = Connection::open(folder.filePath("s.db"), Connection::Mode::ReadWrite, 1000);
        QCOMPARE((*copy)->integer("SELECT count(*) FROM item").value_or(-1), log.rows());
        bytes[kHeader + 2 * kFrame + 200] = static_cast<char>(~bytes[kHeader + 2 * kFrame + 200]);
        QCOMPARE(extentOf(bytes).frames, 2);
    }

    void anIndexIsBelievedOnlyIfItIsWhole()
    {
        Log log;
        const QByteArray sound = log.bytes("-shm").left(wal::kIndexHeadBytes);
        QVERIFY(wal::indexHead(sound));
        QVERIFY(!wal::indexHead(sound.left(95)));
        QVERIFY(!wal::indexHead(QByteArray(96, '\0')));
        for (int at = 0; at < 48; ++at) {
            QByteArray bytes = sound;
            bytes[at + 48] = static_cast<char>(bytes[at + 48] ^ 0x40);
            QVERIFY2(!wal::indexHead(bytes), "it is being written: the second copy first");
            bytes[at] = bytes[at + 48];
            QVERIFY2(!wal::indexHead(bytes), qPrintable(QString("byte %1 in both copies").arg(at)));
        }
    }

    void aWatchNamesFileAndFrame()
    {
        Log log;
        WalWatch watch(log.file());
        QVERIFY(watch.open());
        QVERIFY(!watch.look(WalWatch::Look::IfChanged));
        QCOMPARE(watch.frames(), qint64(log.index().frames));
        log.put(2);
        QVERIFY(!watch.look(WalWatch::Look::IfChanged));
        log.flip(kHeader + 3 * kFrame + 30);
        const auto damage = watch.look(WalWatch::Look::IfChanged);
        QVERIFY(damage);
        QCOMPARE(damage->path, log.file("-wal"));
        QCOMPARE(toString(damage->error.code), toString(ErrorCode::DataLoss));
        QVERIFY2(
            damage->error.cause.startsWith(log.file("-wal") + " was damaged while it was open: frame 4 of "),
            qPrintable(damage->error.cause));
        QVERIFY(damage->error.correction.startsWith("Copy the whole state folder before anything else"));
        log.flip(kHeader + 3 * kFrame + 30);
        QVERIFY(!watch.look(WalWatch::Look::Always));
    }

    void whatDoesNotChangeIsReadSeldom()
    {
        LookPace pace;
        const LookPace::Stamp first{.size = 1, .changedNs = 2, .modifiedNs = 3};
        QString due;
        for (int look = 0; look < 62; ++look) {
            due += pace.isDue(first) ? QString::number(look) + ' ' : QString();
        }
        QCOMPARE(due, QString("0 1 30 60 "));
        using Stamp = LookPace::Stamp;
        for (const Stamp& other : {Stamp{2, 2, 3}, Stamp{2, 4, 3}, Stamp{2, 4, 5}}) {
            QVERIFY(pace.isDue(other) && pace.isDue(other) && !pace.isDue(other));
        }
    }

    /// The index was destroyed too, and SQLite has made it anew from what is left of the log.
    void lostFramesAreToldAlthoughTheRestIsWhole()
    {
        Log log;
        log.put(5);
        WalWatch watch(log.file());
        QVERIFY(watch.open());
        QVERIFY(!watch.look(WalWatch::Look::IfChanged));
        const qint64 frames = watch.frames();
        log.flip(kHeader + (frames - 1) * kFrame + 50);
        log.overwrite("-shm", 0, QByteArray(wal::kIndexHeadBytes, '\0'));
        QVERIFY(!watch.look(WalWatch::Look::IfChanged));
        QCOMPARE(watch.frames(), 0);
        QVERIFY(log.rows() > 0);
        const qint64 left = watch.frames();
        QVERIFY(left > 0 && left < frames);
        const auto damage = watch.look(WalWatch::Look::IfChanged);
        QVERIFY(damage &&
                damage->error.cause.contains(QString("frames %1 to %2 are lost").arg(left + 1).arg(frames)));
    }

    /// A disk that fails may work again.
    void whatCannotBeReadIsNotCalledDamaged()
    {
        Log log;
        QTemporaryDir folder;
        QVERIFY(QFile::copy(log.file("-shm"), folder.filePath("s.db-shm")));
        QVERIFY(QDir(folder.path()).mkdir("s.db-wal"));
        WalWatch watch(folder.filePath("s.db"));
        QVERIFY(watch.open());
        QVERIFY(watch.frames() > 0);
        QVERIFY(!watch.look(WalWatch::Look::Always));
    }

    void useByOthersIsNoDamage()
    {
        Log log;
        log.put(50);
        WalWatch watch(log.file());
        QVERIFY(watch.open());
        std::atomic<bool> done{false};
        std::thread user([&] {
            auto connection = Connection::open(log.file(), Connection::Mode::ReadWrite, 5000);
            for (int round = 0; connection && round < 120; ++round) {
                static_cast<void>((*connection)->exec("PRAGMA cache_size = 4"));
                for (int i = 0; i <= round % 7; ++i) {
                    static_cast<void>(
                        (*connection)->exec("INSERT INTO item (body) VALUES (randomblob(30000))"));
                }
                const char* modes[] = {"PASSIVE", "RESTART", "TRUNCATE", "FULL"};
                const QString move = QStringLiteral("PRAGMA wal_checkpoint(%1)").arg(modes[round % 4]);
                static_cast<void>((*connection)->exec(move));
            }
            done = true;
        });
        QString said;
        int looks = 0;
        for (; !done; ++looks) {
            if (const auto damage = watch.look(WalWatch::Look::Always)) {
                said = damage->error.cause;
            }
        }
        user.join();
        QCOMPARE(said, QString());
        QVERIFY(looks > 0);
        log.put(1);
        QVERIFY(!watch.look(WalWatch::Look::IfChanged));
        log.flip(kHeader + 50);
        QVERIFY(watch.look(WalWatch::Look::IfChanged));
    }
};

QTEST_GUILESS_MAIN(TestStoreWal)
#include "tst_store_wal.moc"
