#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QProcess>
#include <QtTest/QtTest>

#include "mover_driver.h"
#include "mover_lab.h"

/// How fast the mover is, beside `rados cppool` on the same cluster in the same run.
class TestMoverBench : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void copies_data();
    void copies();

private:
    void say(const char* what, int count, qsizetype size, qint64 ms);
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

void TestMoverBench::say(const char* what, int count, qsizetype size, qint64 ms)
{
    const double seconds = static_cast<double>(ms) / 1000;
    qInfo("%-34s %5d x %7lld B: %6.2f s  %7.1f MB/s  %6.0f objects/s", what, count, static_cast<long long>(size), seconds,
          static_cast<double>(count) * static_cast<double>(size) / 1e6 / seconds, count / seconds);
}

qint64 TestMoverBench::cppool(const QString& from, const QString& to)
{
    QElapsedTimer timer;
    QProcess rados;
    timer.start();
    rados.start("rados", {"-c", m_lab.conf(), "cppool", from, to});
    return rados.waitForFinished(300'000) && rados.exitCode() == 0 ? timer.elapsed() : -1;
}

void TestMoverBench::copies_data()
{
    QTest::addColumn<int>("count");
    QTest::addColumn<int>("size");
    QTest::newRow("1 MiB") << 200 << 1024 * 1024;
    QTest::newRow("4 KiB") << 3000 << 4096;
}

void TestMoverBench::copies()
{
    QFETCH(int, count);
    QFETCH(int, size);
    librados::IoCtx from = m_lab.io("benchfrom");
    librados::IoCtx to = m_lab.io("benchto");
    librados::IoCtx cppoolTo = m_lab.io("benchcppool");
    const QByteArray bytes = MoverLab::bytes(size, 1);
    QStringList names;
    for (int i = 0; i < count; ++i) {
        names.append(QString::number(i));
        if (i < count / 3) {
            QFile file(m_folder.filePath(QStringLiteral("%1-%2").arg(size).arg(i)));
            QVERIFY(file.open(QIODevice::WriteOnly) && file.write(bytes) == size);
        }
    }
    QVERIFY(MoverLab::write(from, names, bytes));
    const auto run = [&](const char* what, const QString& source, const QString& destination, int objects) {
        QElapsedTimer timer;
        MoverDriver driver(m_lab.order(source, destination));
        timer.start();
        driver.start();
        QVERIFY2(driver.finish(300'000) && !driver.done.isEmpty(), driver.story().constData());
        QCOMPARE(driver.done["objects"].toInteger(), objects);
        say(what, objects, size, timer.elapsed());
    };
    for (int round = 0; round < 2; ++round) {
        run("mover, rados to rados, verified", "rados://vega/benchfrom/", "rados://vega/benchto/", count);
        QVERIFY(MoverLab::clear(to));
        const qint64 ms = cppool("benchfrom", "benchcppool");
        QVERIFY(ms > 0);
        say("rados cppool, not verified", count, size, ms);
        QVERIFY(MoverLab::clear(cppoolTo));
    }
    run("mover, files to rados", "file:" + m_folder.path(), "rados://vega/benchto/", count / 3);
    m_lab.makeBucket("bench");
    run("mover, rados to S3", "rados://vega/benchto/", "s3://rgw.vega/bench/", count / 3);
    run("mover, S3 to files", "s3://rgw.vega/bench/", "file:" + m_folder.filePath("out"), count / 3);
    QVERIFY(QDir(m_folder.path()).removeRecursively() && QDir().mkpath(m_folder.path()));
    QVERIFY(MoverLab::clear(from));
    QVERIFY(MoverLab::clear(to));
}

QTEST_GUILESS_MAIN(TestMoverBench)
#include "tst_mover_bench.moc"
