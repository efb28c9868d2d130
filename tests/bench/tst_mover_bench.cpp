#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QProcess>
#include <QtTest/QtTest>
#include <algorithm>

#include "mover_driver.h"
#include "mover_lab.h"
#include "patience.h"

namespace {

constexpr int kRounds = 5;

}  // namespace

/// How fast the mover is, beside `rados cppool` on the same cluster in the same run: one warm-up each, then
/// rounds in which who begins alternates.
class TestMoverBench : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void insideTheCluster_data();
    void insideTheCluster();
    void copies_data();
    void copies();

private:
    void say(const char* what, int count, qsizetype size, QList<qint64> ms);
    /// @return milliseconds, or -1 if it did not copy all
    qint64 move(const QString& source, const QString& destination, int objects);
    qint64 cppool(const QString& from, const QString& to);

    MoverLab m_lab{};
    QTemporaryDir m_folder{};
};

void TestMoverBench::initTestCase()
{
    const QString store = qEnvironmentVariable("SLUICE_BENCH_STORE", QStringLiteral("bluestore"));
    const QString wrong = m_lab.up(store);
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
    qInfo("store %s, 3 OSDs, size 3, on one machine", qPrintable(store));
}

void TestMoverBench::say(const char* what, int count, qsizetype size, QList<qint64> ms)
{
    std::sort(ms.begin(), ms.end());
    const double seconds = static_cast<double>(ms[ms.size() / 2]) / 1000;
    qInfo("%-34s %5d x %7lld B: %6.2f s  %7.1f MB/s  %6.0f objects/s (%lld rounds, %.2f to %.2f s)", what,
          count, static_cast<long long>(size), seconds,
          static_cast<double>(count) * static_cast<double>(size) / 1e6 / seconds, count / seconds,
          static_cast<long long>(ms.size()), static_cast<double>(ms.first()) / 1000,
          static_cast<double>(ms.last()) / 1000);
}

qint64 TestMoverBench::move(const QString& source, const QString& destination, int objects)
{
    QElapsedTimer timer;
    MoverDriver driver(m_lab.order(source, destination));
    timer.start();
    driver.start();
    if (!driver.finish(300'000) || driver.done["objects"].toInteger() != objects) {
        qWarning("%s", driver.story().constData());
        return -1;
    }
    return timer.elapsed();
}

qint64 TestMoverBench::cppool(const QString& from, const QString& to)
{
    QElapsedTimer timer;
    QProcess rados;
    timer.start();
    rados.start("rados", {"-c", m_lab.conf(), "cppool", from, to});
    return rados.waitForFinished(300'000) && rados.exitCode() == 0 ? timer.elapsed() : -1;
}

void TestMoverBench::insideTheCluster_data()
{
    QTest::addColumn<int>("count");
    QTest::addColumn<int>("size");
    QTest::newRow("1 MiB") << 200 << 1024 * 1024;
    QTest::newRow("4 KiB") << 1500 << 4096;
}

void TestMoverBench::insideTheCluster()
{
    QFETCH(int, count);
    QFETCH(int, size);
    librados::IoCtx from = m_lab.io("benchfrom");
    librados::IoCtx to = m_lab.io("benchto");
    librados::IoCtx cppoolTo = m_lab.io("benchcppool");
    QStringList names;
    for (int i = 0; i < count; ++i) {
        names.append(QString::number(i));
    }
    QVERIFY(MoverLab::write(from, names, MoverLab::bytes(size, 1)));
    QList<qint64> ours;
    QList<qint64> theirs;
    for (int round = 0; round <= kRounds; ++round) {
        for (const bool us : {round % 2 == 0, round % 2 != 0}) {
            const qint64 ms = us ? move("rados://vega/benchfrom/", "rados://vega/benchto/", count)
                                 : cppool("benchfrom", "benchcppool");
            QVERIFY(ms > 0);
            if (round > 0) {  // the first one warms the cluster up
                (us ? ours : theirs).append(ms);
            }
            QVERIFY(MoverLab::clear(us ? to : cppoolTo));
        }
    }
    say("mover, rados to rados, verified", count, size, ours);
    say("rados cppool, not verified", count, size, theirs);
    std::sort(ours.begin(), ours.end());
    std::sort(theirs.begin(), theirs.end());
    qInfo("mover to cppool: %.2f of its time (medians)",
          static_cast<double>(ours[kRounds / 2]) / static_cast<double>(theirs[kRounds / 2]));
    QVERIFY(MoverLab::clear(from));
}

void TestMoverBench::copies_data()
{
    QTest::addColumn<int>("count");
    QTest::addColumn<int>("size");
    QTest::newRow("1 MiB") << 66 << 1024 * 1024;
    QTest::newRow("4 KiB") << 1000 << 4096;
}

void TestMoverBench::copies()
{
    QFETCH(int, count);
    QFETCH(int, size);
    librados::IoCtx to = m_lab.io("benchto");
    const QByteArray bytes = MoverLab::bytes(size, 1);
    const QString in = m_folder.filePath(QStringLiteral("in-%1").arg(size));
    QVERIFY(QDir().mkpath(in));
    for (int i = 0; i < count; ++i) {
        QFile file(QStringLiteral("%1/%2").arg(in).arg(i));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(bytes) == size);
    }
    const QString bucket = QStringLiteral("bench-%1").arg(size);
    m_lab.makeBucket(bucket);
    const auto run = [&](const char* what, const QString& source, const QString& destination) {
        const qint64 ms = move(source, destination, count);
        QVERIFY(ms > 0);
        say(what, count, size, {ms});
    };
    run("mover, files to rados", "file:" + in, "rados://vega/benchto/");
    run("mover, rados to S3", "rados://vega/benchto/", "s3://rgw.vega/" + bucket + "/");
    run("mover, S3 to files", "s3://rgw.vega/" + bucket + "/",
        "file:" + m_folder.filePath(QStringLiteral("out-%1").arg(size)));
    QVERIFY(MoverLab::clear(to));
}

QTEST_GUILESS_MAIN(TestMoverBench)
#include "tst_mover_bench.moc"
