#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QRandomGenerator>
#include <QtTest/QtTest>
#include <csignal>
#include <thread>

#include "mover/rados_cluster.h"
#include "mover/rados_destination.h"
#include "mover_driver.h"
#include "mover_lab.h"
#include "patience.h"

using namespace sluice;

#define FINISHED(driver) QVERIFY2((driver).finish() && !(driver).done.isEmpty(), (driver).story().constData())
#define FAILED(driver) QVERIFY2((driver).finish() && !(driver).failed.isEmpty(), (driver).story().constData())

namespace {

/// Takes and releases locks on random objects of a pool, as fast as it can, and looks after each whether it
/// still has what it took.
class LockStorm {
public:
    LockStorm(librados::IoCtx io, QStringList names, quint32 seed)
        : m_io(std::move(io)), m_names(std::move(names)), m_thread([this, seed] { storm(seed); })
    {
    }
    ~LockStorm() { stop(); }
    void stop()
    {
        m_stop = true;
        if (m_thread.joinable()) {
            m_thread.join();
        }
    }
    int taken() const { return m_taken; }
    int wiped() const { return m_wiped; }

private:
    void storm(quint32 seed)
    {
        QRandomGenerator random(seed);
        const QString cookie = QString::number(seed);
        while (!m_stop) {
            const QString name = m_names[random.bounded(static_cast<int>(m_names.size()))];
            if (m_io.lock_exclusive(name.toStdString(), "storm", cookie.toStdString(), "", nullptr, 0) != 0) {
                continue;
            }
            ++m_taken;
            const bool there = MoverLab::isLocked(m_io, name, "storm");
            std::this_thread::sleep_for(std::chrono::milliseconds(random.bounded(4)));
            if (!there || !MoverLab::isLocked(m_io, name, "storm") ||
                m_io.unlock(name.toStdString(), "storm", cookie.toStdString()) != 0) {
                ++m_wiped;
            }
        }
    }

    librados::IoCtx m_io;
    QStringList m_names;
    std::atomic<bool> m_stop{false};
    std::atomic<int> m_taken{0};
    std::atomic<int> m_wiped{0};
    std::thread m_thread;
};

}  // namespace

class TestMoverGuardLab : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void foreignLockBlocks_data();
    void foreignLockBlocks();
    void lockThatExpires();
    void lockIsWaitedForSoLong();
    void anUnguardedCopyWipesLocks();
    void raceWithLocks_data();
    void raceWithLocks();
    void overwrittenWhileWriting();
    void overwrittenBeforeVerify();
    void unfinishedCopies();

private:
    /// The source of a test under that prefix: a folder of files or objects of the Ceph pool `landing`.
    QString source(bool files, const QString& prefix, const QMap<QString, QByteArray>& objects);

    MoverLab m_lab{};
    QTemporaryDir m_folder{};
};

void TestMoverGuardLab::initTestCase()
{
    const QString wrong = m_lab.up();
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
}

QString TestMoverGuardLab::source(bool files, const QString& prefix, const QMap<QString, QByteArray>& objects)
{
    librados::IoCtx landing = m_lab.io("landing");
    QDir().mkpath(m_folder.filePath(prefix));
    for (auto at = objects.begin(); at != objects.end(); ++at) {
        if (files) {
            QFile file(m_folder.filePath(prefix) + '/' + at.key());
            static_cast<void>(file.open(QIODevice::WriteOnly) && file.write(at.value()));
        } else {
            MoverLab::write(landing, prefix + at.key(), at.value());
        }
    }
    return files ? "file:" + m_folder.filePath(prefix) : "rados://vega/landing/" + prefix;
}

void TestMoverGuardLab::foreignLockBlocks_data()
{
    QTest::addColumn<bool>("files");
    QTest::addColumn<bool>("existing");
    QTest::addColumn<bool>("shared");
    QTest::addColumn<int>("size");
    QTest::newRow("rados, new name") << false << false << false << 1000;
    QTest::newRow("rados, existing") << false << true << false << 1000;
    QTest::newRow("rados, existing, shared lock") << false << true << true << 1000;
    QTest::newRow("files, new name") << true << false << false << 1000;
    QTest::newRow("files, existing") << true << true << false << 1000;
    QTest::newRow("files, new name, in pieces") << true << false << false << 20'000'000;
    QTest::newRow("files, existing, in pieces") << true << true << false << 20'000'000;
    QTest::newRow("files, new name, empty") << true << false << false << 0;
}

void TestMoverGuardLab::foreignLockBlocks()
{
    QFETCH(bool, files);
    QFETCH(bool, existing);
    QFETCH(bool, shared);
    QFETCH(int, size);
    librados::IoCtx to = m_lab.io("train");
    MoverLab::clear(to, "fl/");
    QMap<QString, QByteArray> objects;
    for (int i = 0; i < 8; ++i) {
        objects.insert(QStringLiteral("o%1").arg(i), MoverLab::bytes(size, static_cast<quint32>(i) + 7));
    }
    const QString from = source(files, "fl/", objects);
    if (existing) {
        MoverLab::write(to, "fl/o3", "somebody's older bytes");
    }
    QCOMPARE(shared ? to.lock_shared("fl/o3", "job", "cookie-1", "tag", "foreign", nullptr, 0)
                    : to.lock_exclusive("fl/o3", "job", "cookie-1", "foreign", nullptr, 0),
             0);
    QJsonObject order = m_lab.order(from, "rados://vega/train/fl/");
    order["onExisting"] = existing ? "replace" : "refuse";
    MoverDriver driver(order);
    driver.start();
    QVERIFY2(driver.waitBlocked("lock"), driver.story().constData());
    const QJsonObject event = driver.blocked.first();
    QCOMPARE(event["object"].toString(), QStringLiteral("fl/o3"));
    QCOMPARE(event["cephPool"].toString(), QStringLiteral("train"));
    QCOMPARE(event["connection"].toString(), QStringLiteral("vega"));
    const QJsonObject lock = event["lock"].toObject();
    QCOMPARE(lock["name"].toString(), QStringLiteral("job"));
    QCOMPARE(lock["cookie"].toString(), QStringLiteral("cookie-1"));
    QVERIFY(lock["client"].toString().startsWith("client."));
    QVERIFY(lock["address"].toString().contains("/"));
    QVERIFY(!event["error"].toObject()["correction"].toString().isEmpty());
    // all the others go on
    QTRY_COMPARE(driver.progress["objectsDone"].toInteger(), 7);
    // the lock and what is there stay
    const int said = driver.count("blocked");
    QTRY_VERIFY(driver.count("blocked") > said);
    QVERIFY(driver.last("blocked")["tries"].toInt() > 1);
    QVERIFY(MoverLab::isLocked(to, "fl/o3", "job"));
    QCOMPARE(MoverLab::read(to, "fl/o3"), existing ? QByteArray("somebody's older bytes") : QByteArray(""));
    QCOMPARE(to.unlock("fl/o3", "job", "cookie-1"), 0);
    FINISHED(driver);
    QCOMPARE(driver.count("unblocked"), 1);
    for (auto at = objects.begin(); at != objects.end(); ++at) {
        QVERIFY2(MoverLab::read(to, "fl/" + at.key()) == at.value(), qPrintable(at.key()));
    }
    QVERIFY(driver.hop("write")["refused"].toInteger() > 0);
    MoverLab::clear(to, "fl/");
}

void TestMoverGuardLab::lockThatExpires()
{
    librados::IoCtx to = m_lab.io("train");
    const QString from = source(false, "le/", {{"x", "bytes"}});
    timeval twoSeconds{.tv_sec = 2, .tv_usec = 0};
    QCOMPARE(to.lock_exclusive("le/x", "job", "c", "", &twoSeconds, 0), 0);
    MoverDriver driver(m_lab.order(from, "rados://vega/train/le/"));
    driver.start();
    QVERIFY2(driver.waitBlocked("lock"), driver.story().constData());
    FINISHED(driver);
    QCOMPARE(MoverLab::read(to, "le/x"), QByteArray("bytes"));
    MoverLab::clear(to, "le/");
}

void TestMoverGuardLab::lockIsWaitedForSoLong()
{
    librados::IoCtx to = m_lab.io("train");
    const QString from = source(false, "lw/", {{"x", "bytes"}});
    QCOMPARE(to.lock_exclusive("lw/x", "job", "c", "", nullptr, 0), 0);
    QJsonObject order = m_lab.order(from, "rados://vega/train/lw/");
    order["lockWaitMs"] = 1500;
    MoverDriver driver(order);
    driver.start();
    FAILED(driver);
    QCOMPARE(driver.error("code"), QStringLiteral("FailedPrecondition"));
    QCOMPARE(driver.failed["object"].toString(), QStringLiteral("x"));
    QVERIFY(MoverLab::isLocked(to, "lw/x", "job"));
    MoverLab::clear(to, "lw/");
}

/// What the guard is for: this shows that the race test below can fail.
void TestMoverGuardLab::anUnguardedCopyWipesLocks()
{
    librados::IoCtx from = m_lab.io("landing");
    librados::IoCtx to = m_lab.io("train");
    MoverLab::write(from, "uc-x", "bytes");
    QCOMPARE(to.lock_exclusive("uc-x", "job", "c", "", nullptr, 0), 0);
    librados::ObjectWriteOperation unguarded;
    unguarded.copy_from("uc-x", from, 0, 0);
    QCOMPARE(to.operate("uc-x", &unguarded), 0);
    QVERIFY(!MoverLab::isLocked(to, "uc-x", "job"));
    MoverLab::clear(to, "uc-");
}

void TestMoverGuardLab::raceWithLocks_data()
{
    QTest::addColumn<bool>("files");
    QTest::addColumn<int>("size");
    QTest::newRow("copies inside the cluster") << false << 3000;
    QTest::newRow("files in one operation") << true << 3000;
    QTest::newRow("files in several operations") << true << 9'000'000;
}

void TestMoverGuardLab::raceWithLocks()
{
    QFETCH(bool, files);
    QFETCH(int, size);
    librados::IoCtx to = m_lab.io("train");
    const int count = size > 1'000'000 ? 12 : 60;
    QMap<QString, QByteArray> objects;
    QStringList names;
    for (int i = 0; i < count; ++i) {
        objects.insert(QString::number(i), MoverLab::bytes(size, static_cast<quint32>(i)));
        names.append(QStringLiteral("rl/%1").arg(i));
    }
    const QString from = source(files, "rl/", objects);
    int taken = 0;
    int refused = 0;
    for (int round = 0; round < 4; ++round) {
        // in the even rounds the names are new, in the odd ones something else is there
        MoverLab::clear(to, "rl/");
        if (round % 2 == 1) {
            for (const QString& name : names) {
                MoverLab::write(to, name, "other");
            }
        }
        std::vector<std::unique_ptr<LockStorm>> storms;
        for (quint32 seed = 1; seed <= 3; ++seed) {
            storms.push_back(std::make_unique<LockStorm>(to, names, seed));
        }
        QJsonObject order = m_lab.order(from, "rados://vega/train/rl/");
        order["onExisting"] = "replace";
        MoverDriver driver(order);
        driver.start();
        const bool finished = driver.finish(120'000);
        for (const auto& storm : storms) {
            storm->stop();
            taken += storm->taken();
            QCOMPARE(storm->wiped(), 0);
        }
        QVERIFY2(finished && !driver.done.isEmpty(), driver.story().constData());
        refused += static_cast<int>(driver.hop("write")["refused"].toInteger());
        for (auto at = objects.begin(); at != objects.end(); ++at) {
            QVERIFY2(MoverLab::read(to, "rl/" + at.key()) == at.value(), qPrintable(at.key()));
        }
    }
    qInfo("%d locks taken, %d writes refused, none wiped", taken, refused);
    QVERIFY(taken > 100);
    QVERIFY(refused > 0);
    MoverLab::clear(to, "rl/");
}

void TestMoverGuardLab::overwrittenWhileWriting()
{
    librados::IoCtx to = m_lab.io("train");
    const QString from = source(true, "ow/", {{"x", MoverLab::bytes(100'000'000, 3)}});
    MoverDriver driver(m_lab.order(from, "rados://vega/train/ow/"));
    driver.start();
    QVERIFY2(driver.waitEvent("phase", 3) && !MoverLab::waitStaged(to, "ow/x").isEmpty(),
             driver.story().constData());
    ::kill(static_cast<pid_t>(driver.pid()), SIGSTOP);
    MoverLab::write(to, "ow/x", "mine");
    ::kill(static_cast<pid_t>(driver.pid()), SIGCONT);
    FAILED(driver);
    QCOMPARE(driver.error("code"), QStringLiteral("AlreadyExists"));
    QCOMPARE(driver.failed["object"].toString(), QStringLiteral("x"));
    QVERIFY(driver.manifest.isEmpty());
    QCOMPARE(MoverLab::list(to, "ow/"), QStringList("ow/x"));
    QCOMPARE(MoverLab::read(to, "ow/x"), QByteArray("mine"));
    MoverLab::clear(to, "ow/");
}

/// Between the last write and the comparison, which is too short a time to meet from outside.
void TestMoverGuardLab::overwrittenBeforeVerify()
{
    const QJsonObject cluster = m_lab.order("file:/", "file:/x")["clusters"].toObject()["vega"].toObject();
    SystemClock clock;
    mover::Progress progress(clock);
    mover::StopFlag stop;
    mover::MoveContext move{.progress = progress, .stop = stop, .clock = clock};
    mover::ObjectContext context(move, "x");
    const auto connected = mover::RadosCluster::connect(
        {.connection = "vega",
         .conf = m_lab.conf(),
         .entity = cluster["entity"].toString(),
         .key = cluster["key"].toString()},
        [](const auto&) { return Result<void>(); }, context);
    QVERIFY(connected);
    auto place = (*connected)->place("train", "ov-", context);
    QVERIFY(place);
    librados::IoCtx to = m_lab.io("train");
    for (const qsizetype size : {qsizetype(5000), qsizetype(20'000'000)}) {
        const QByteArray bytes = MoverLab::bytes(size, 1);
        const auto sizeBytes = static_cast<quint64>(size);
        const quint32 crc = mover::crc32c(mover::kCrc32cStart, bytes);
        const auto write = [&](const QByteArray& what) {
            MoverLab::write(to, "ov-x", what);
            return to.get_last_version();
        };
        quint64 version = write(bytes);
        QCOMPARE(*mover::verifyStored(*place, "x", version, sizeBytes, crc, context), version);
        // a lock that came and went is no overwriting
        QCOMPARE(to.lock_exclusive("ov-x", "job", "c", "", nullptr, 0), 0);
        auto later = mover::verifyStored(*place, "x", version, sizeBytes, crc, context);
        QVERIFY(later && *later > version);
        QCOMPARE(to.unlock("ov-x", "job", "c"), 0);
        QVERIFY(mover::verifyStored(*place, "x", *later, sizeBytes, crc, context));
        to.remove("ov-x");
        // written again, of the same size
        version = write(bytes);
        write(MoverLab::bytes(size, 2));
        auto other = mover::verifyStored(*place, "x", version, sizeBytes, crc, context);
        QVERIFY(!other);
        QCOMPARE(toString(other.error().code), QStringLiteral("Aborted"));
        // written again and locked, so that only the bytes tell
        QCOMPARE(to.lock_exclusive("ov-x", "job", "c", "", nullptr, 0), 0);
        other = mover::verifyStored(*place, "x", version, sizeBytes, crc, context);
        QVERIFY(!other);
        QCOMPARE(toString(other.error().code), QStringLiteral("Aborted"));
        to.remove("ov-x");
        other = mover::verifyStored(*place, "x", version, sizeBytes, crc, context);
        QVERIFY(!other);
        QCOMPARE(toString(other.error().code), QStringLiteral("Aborted"));
        // the same version, other bytes than were meant: damaged on the way
        version = write(MoverLab::bytes(size, 3));
        other = mover::verifyStored(*place, "x", version, sizeBytes, crc, context);
        QVERIFY(!other);
        QCOMPARE(toString(other.error().code), QStringLiteral("DataLoss"));
    }
    MoverLab::clear(to, "ov-");
}

/// An earlier attempt's unfinished copy is written again; that of another task, or of a newer attempt, is
/// not.
void TestMoverGuardLab::unfinishedCopies()
{
    librados::IoCtx to = m_lab.io("train");
    const QString from = source(true, "uf/", {{"x", "bytes"}});
    const auto leave = [&](const char* mark) {
        MoverLab::write(to, "uf/x", "hal");
        librados::bufferlist value;
        value.append(mark);
        to.setxattr("uf/x", "sluice.partial", value);
    };
    QJsonObject order = m_lab.order(from, "rados://vega/train/uf/");
    order["attempt"] = 3;
    order["fence"] = 3;
    for (const char* mark : {"R-2/copy/1/1", "R-1/other/1/1", "R-1/copy/4/4"}) {
        leave(mark);
        MoverDriver driver(order);
        driver.start();
        FAILED(driver);
        QCOMPARE(driver.error("code"), QStringLiteral("AlreadyExists"));
        QCOMPARE(MoverLab::read(to, "uf/x"), QByteArray("hal"));
    }
    leave("R-1/copy/2/2");
    MoverDriver driver(order);
    driver.start();
    FINISHED(driver);
    QCOMPARE(MoverLab::read(to, "uf/x"), QByteArray("bytes"));
    std::map<std::string, librados::bufferlist> attributes;
    to.getxattrs("uf/x", attributes);
    QVERIFY(attributes.empty());
    MoverLab::clear(to, "uf/");
}

QTEST_GUILESS_MAIN(TestMoverGuardLab)
#include "tst_mover_guard_lab.moc"
