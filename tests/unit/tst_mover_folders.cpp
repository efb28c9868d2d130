#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtTest/QtTest>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mover/file_source.h"
#include "mover/move_job.h"
#include "mover/staging.h"
#include "mover_fakes.h"
#include "patience.h"

using namespace sluice;
using namespace sluice::mover;

namespace {

void put(const QString& path, const QByteArray& bytes)
{
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size());
}

QByteArray get(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QMap<QString, qint64> kindsOf(const QJsonValue& leftOut)
{
    QMap<QString, qint64> kinds;
    for (const QJsonValue kind : leftOut.toArray()) {
        kinds.insert(kind["what"].toString(), kind["count"].toInteger());
    }
    return kinds;
}

using Kinds = QMap<QString, qint64>;

}  // namespace

/// Whole moves from folder to folder, as a worker does them: what is there afterwards, and what they say of it.
class TestMoverFolders : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void onlyTheMoversOwnStagingIsLeftOut();
    void aFileOfTheStagingFoldersNameIsNamed();
    void foreignDataInAStagingFolderIsNamed_data();
    void foreignDataInAStagingFolderIsNamed();
    void aStagingFolderOfOthersIsNoneOfOurs();
    void verifySeesForeignDataInTheStagingFolder();
    void moreBytesThanTheSizeSays();
    void fewerBytesThanTheSizeSays();

private:
    QString in(const QString& name = {}) const { return m_folder->filePath("in/" + name); }
    QString out(const QString& name = {}) const { return m_folder->filePath("out/" + name); }
    /// Runs it with what is committed so far, and keeps how it ended.
    void run(MoveRequest::Mode mode, const QString& from = {});
    void copy(const QString& from = {}) { run(MoveRequest::Mode::Copy, from); }
    void verify() { run(MoveRequest::Mode::Verify); }

    std::unique_ptr<QTemporaryDir> m_folder{};
    std::unique_ptr<fake::Host> m_host{};
    QMap<QString, QJsonObject> m_manifest{};
    /// Parameters of `done`; empty if it failed.
    QJsonObject m_done{};
    Error m_error{};
    Kinds m_leftOut{};
};

void TestMoverFolders::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_manifest.clear();
    QVERIFY(QDir().mkpath(in()));
}

void TestMoverFolders::run(MoveRequest::Mode mode, const QString& from)
{
    m_host = std::make_unique<fake::Host>();
    m_host->manifest = m_manifest;
    MoveRequest request{.mode = mode, .run = "R-1", .task = "copy", .attempt = 1, .fence = 1, .inFlight = 4};
    request.from = *model::Location::parse("file:" + (from.isEmpty() ? in() : from));
    request.to = *model::Location::parse("file:" + out());
    runJob(request, *m_host);
    m_manifest = m_host->manifest;
    const QJsonObject failed = m_host->events("failed").value(0);
    m_done = m_host->events("done").value(0);
    m_error = failed.isEmpty() ? Error() : Error::fromJson(failed["error"].toObject());
    m_leftOut = kindsOf(failed.isEmpty() ? m_done["leftOut"] : failed["leftOut"]);
}

void TestMoverFolders::onlyTheMoversOwnStagingIsLeftOut()
{
    put(in("a"), "ok");
    put(in(".sluice-staged/R-7.land~0af3/0"), "half a");
    put(in(".sluice-staged/R-7.land~0af3/12"), "copy");
    copy();
    QCOMPARE(m_error.toLine(), Error().toLine());
    QCOMPARE(m_done["objects"].toInteger(), 1);
    QCOMPARE(m_leftOut, (Kinds{{"staged", 2}}));
    // an attempt that has nothing staged has nothing to lose
    QVERIFY(QFile::remove(in(".sluice-staged/R-7.land~0af3/0")) && QFile::remove(in(".sluice-staged/R-7.land~0af3/12")));
    copy();
    QCOMPARE(m_leftOut, Kinds());
}

void TestMoverFolders::aFileOfTheStagingFoldersNameIsNamed()
{
    put(in("a"), "ok");
    put(in(".sluice-staged"), "precious");
    copy();
    QVERIFY2(m_error.message.startsWith("1 of 2, 1 not: '.sluice-staged'"), qPrintable(m_error.message));
    QVERIFY2(m_error.cause.contains("mover's own"), qPrintable(m_error.cause));
    QCOMPARE(get(out("a")), QByteArray("ok"));
}

void TestMoverFolders::foreignDataInAStagingFolderIsNamed_data()
{
    QTest::addColumn<QString>("file");
    for (const char* file : {"data", "deep/data", "R-7.land/0", "R-7.land~/0", "R-7.land~0afg/0", "R-7.land~0123456789abcdef0/0",
                             "land~0af3/0", "R-.land~0af3/0", "R-7.land~0af3/data", "R-7.land~0af3/0/data", "R-7.land~0af3\n/0"}) {
        QTest::newRow(file) << QStringLiteral(".sluice-staged/") + QLatin1String(file);
    }
}

void TestMoverFolders::foreignDataInAStagingFolderIsNamed()
{
    QFETCH(QString, file);
    put(in("a"), "ok");
    put(in(file), "precious");
    put(in(".sluice-staged/R-8.land~0af3/0"), "staged beside it");
    copy();
    QVERIFY2(m_error.message.startsWith("1 of 2, 1 not: "), qPrintable(m_error.message));
    QVERIFY2(m_error.message.contains(file), qPrintable(m_error.message));
    QCOMPARE(m_leftOut, (Kinds{{"staged", 1}}));
    QCOMPARE(get(out("a")), QByteArray("ok"));
}

void TestMoverFolders::aStagingFolderOfOthersIsNoneOfOurs()
{
    const QString attempt = in("R-7.land~0af3");
    put(attempt + "/0", "staged");
    const Fd folder(::open(in().toUtf8().constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    QCOMPARE(stagedFilesIn(folder.get(), "R-7.land~0af3"), std::optional<qint64>(1));
    QVERIFY(!stagedFilesIn(folder.get(), "R-7.land~0af3", ::geteuid() + 1));
    QVERIFY(QFile::remove(attempt + "/0"));
    QVERIFY(!stagedFilesIn(folder.get(), "R-7.land~0af3", ::geteuid() + 1));
    for (const mode_t mode : {0770, 0702}) {
        QCOMPARE(::chmod(attempt.toUtf8().constData(), mode), 0);
        QVERIFY(!stagedFilesIn(folder.get(), "R-7.land~0af3"));
    }
    QVERIFY(QDir(attempt).removeRecursively() && QDir().mkpath(in("elsewhere")));
    QVERIFY(QFile::link(in("elsewhere"), attempt));
    QVERIFY(!stagedFilesIn(folder.get(), "R-7.land~0af3"));
}

void TestMoverFolders::verifySeesForeignDataInTheStagingFolder()
{
    put(in("a"), "ok");
    copy();
    put(out(".sluice-staged/added"), "x");
    put(out("b"), "y");
    verify();
    QVERIFY2(m_error.message.startsWith("2 were added to "), qPrintable(m_error.message));
    QVERIFY2(m_error.cause.contains("'.sluice-staged/added'") && m_error.cause.contains("'b'"), qPrintable(m_error.cause));
}

void TestMoverFolders::moreBytesThanTheSizeSays()
{
    const QString place = QStringLiteral("/proc/sys/kernel/random");
    const qsizetype files = QDir(place).entryList(QDir::Files).size();
    QVERIFY(files > 0);
    copy(place);
    QVERIFY2(m_error.message.startsWith(QStringLiteral("0 of %1, %1 not: ").arg(files)), qPrintable(m_error.message));
    QVERIFY2(m_error.cause.contains("holds more than its size says"), qPrintable(m_error.cause));
    QCOMPARE(QDir(out()).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot), QStringList());
}

void TestMoverFolders::fewerBytesThanTheSizeSays()
{
    FileSource source("/sys/kernel", {});
    fake::Surroundings around;
    ObjectContext context(around.move, "x");
    const auto object = source.open({.name = "uevent_seqnum"}, context);
    if (!object || (*object)->sizeBytes() < 1000) {
        QSKIP("there is no sysfs here");
    }
    const auto read = (*object)->read(0, (*object)->sizeBytes(), context);
    QVERIFY(!read);
    QVERIFY2(read.error().cause.contains("holds less than its size says"), qPrintable(read.error().toLine()));
}

QTEST_GUILESS_MAIN(TestMoverFolders)
#include "tst_mover_folders.moc"
