#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QProcess>
#include <QtTest/QtTest>

#include "file_content.h"
#include "mover/file_destination.h"
#include "mover/file_source.h"
#include "mover/move_job.h"
#include "mover/staging.h"
#include "mover_fakes.h"
#include "patience.h"

using namespace sluice;
using namespace sluice::mover;
using sluice::test::get;
using sluice::test::put;

namespace {

QMap<QString, qint64> kindsOf(const QJsonValue& leftOut)
{
    QMap<QString, qint64> kinds;
    for (const QJsonValue kind : leftOut.toArray()) {
        kinds.insert(kind["what"].toString(), kind["count"].toInteger());
    }
    return kinds;
}

int modeOf(const QString& path)
{
    struct stat status {};
    return ::stat(path.toUtf8().constData(), &status) == 0 ? static_cast<int>(status.st_mode & 07777) : -1;
}

using Kinds = QMap<QString, qint64>;

}  // namespace

/// Whole moves from folder to folder, as a worker does them: what is there afterwards, and what they say of
/// it.
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
    void verifySaysWhatItDoesNotCompare();
    void copiesHaveTheModeOfTheirSource_data();
    void copiesHaveTheModeOfTheirSource();
    void copiesAreForAllThatTheUmaskAllows();
    void theWorkerKeepsTheUmask_data();
    void theWorkerKeepsTheUmask();
    void placesThatAreNoFolders();
    void foldersThatLieInEachOtherByALink();
    void whatASingleFileHasBesideItsBytesIsCounted();
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
    QVERIFY(QFile::remove(in(".sluice-staged/R-7.land~0af3/0")) &&
            QFile::remove(in(".sluice-staged/R-7.land~0af3/12")));
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
    for (const char* file : {"data", "deep/data", "R-7.land/0", "R-7.land~/0", "R-7.land~0afg/0",
                             "R-7.land~0123456789abcdef0/0", "land~0af3/0", "R-.land~0af3/0",
                             "R-7.land~0af3/data", "R-7.land~0af3/0/data", "R-7.land~0af3\n/0"}) {
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
    QVERIFY2(m_error.cause.contains("'.sluice-staged/added'") && m_error.cause.contains("'b'"),
             qPrintable(m_error.cause));
}

void TestMoverFolders::verifySaysWhatItDoesNotCompare()
{
    put(in("a"), "ok");
    copy();
    verify();
    QVERIFY(!m_done.isEmpty());
    QCOMPARE(m_leftOut, Kinds());
    QVERIFY(QFile::link("a", out("link")));
    QVERIFY(QDir().mkpath(out("empty/inner")));
    QCOMPARE(::mkfifo(out("pipe").toUtf8().constData(), 0644), 0);
    put(out(".sluice-staged/R-7.land~0af3/0"), "another run's");
    const Fd atWork = fake::heldAsAtWork(out(".sluice-staged/R-7.land~0af3"));
    QVERIFY(atWork.valid());
    verify();
    QVERIFY(!m_done.isEmpty());
    QCOMPARE(m_leftOut, (Kinds{{"link", 1}, {"emptyFolder", 1}, {"special", 1}, {"staged", 1}}));
    // said also where it fails
    put(out("a"), "no");
    verify();
    QVERIFY(m_done.isEmpty());
    QCOMPARE(m_leftOut.size(), 4);
}

void TestMoverFolders::copiesHaveTheModeOfTheirSource_data()
{
    QTest::addColumn<int>("mode");
    QTest::addColumn<int>("umask");
    QTest::addColumn<int>("copied");
    QTest::newRow("program of a group") << 0750 << 022 << 0750;
    QTest::newRow("less than the umask would give") << 0400 << 022 << 0400;
    QTest::newRow("for all") << 0777 << 027 << 0750;
    QTest::newRow("private umask") << 0644 << 077 << 0600;
    QTest::newRow("with another's rights") << 04755 << 022 << 0755;
}

void TestMoverFolders::copiesHaveTheModeOfTheirSource()
{
    QFETCH(int, mode);
    QFETCH(int, umask);
    QFETCH(int, copied);
    put(in("sub/a"), "ok");
    QCOMPARE(::chmod(in("sub/a").toUtf8().constData(), static_cast<mode_t>(mode)), 0);
    const mode_t before = ::umask(static_cast<mode_t>(umask));
    copy();
    ::umask(before);
    QCOMPARE(m_error.toLine(), Error().toLine());
    QCOMPARE(modeOf(out("sub/a")), copied);
    QCOMPARE(modeOf(out("sub")), 0777 & ~umask);
}

void TestMoverFolders::copiesAreForAllThatTheUmaskAllows()
{
    fake::Surroundings around;
    ObjectContext context(around.move, "x");
    fake::MemoryObject object("hello", 1);
    const mode_t before = ::umask(022);
    {
        const auto to = FileDestination::open(out(), "R-1.copy", context);
        const auto writer = (*to)->open("a", object, {}, context);
        QVERIFY((*writer)->write("hello", context));
        const QString attempts = out(".sluice-staged");
        const QString attempt =
            attempts + '/' + QDir(attempts).entryList(QDir::Dirs | QDir::NoDotAndDotDot).value(0);
        const int staged = modeOf(attempt + "/0");
        QVERIFY(staged == -1 || staged == 0600);  // until it is in its place
        QCOMPARE(modeOf(attempt), 0700);
        QVERIFY((*writer)->finish(crc32c(kCrc32cStart, QByteArray("hello")), context));
    }
    ::umask(before);
    QCOMPARE(modeOf(out("a")), 0644);
}

void TestMoverFolders::theWorkerKeepsTheUmask_data()
{
    QTest::addColumn<QString>("mode");
    QTest::addColumn<QString>("umask");
    QTest::newRow("a move writes what others may read") << "move"
                                                        << "0022";
    QTest::newRow("an observer writes nothing") << "observe"
                                                << "0077";
}

void TestMoverFolders::theWorkerKeepsTheUmask()
{
    QFETCH(QString, mode);
    QFETCH(QString, umask);
    int ends[2];
    QCOMPARE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    const Fd ours(ends[0]);
    Fd theirs(ends[1]);
    QProcess worker;
    worker.setChildProcessModifier([fd = theirs.get()] {
        ::dup2(fd, 3);
        ::umask(022);
    });
    worker.start(QStringLiteral(SLUICE_BIN_DIR "/sluice-worker"), {mode});
    QVERIFY(worker.waitForStarted());
    theirs.reset();
    pollfd talks{.fd = ours.get(), .events = POLLIN, .revents = 0};
    QCOMPARE(::poll(&talks, 1, sluice::test::kPatienceMs), 1);  // it is past its beginning
    QFile status(QStringLiteral("/proc/%1/status").arg(worker.processId()));
    QVERIFY(status.open(QIODevice::ReadOnly));
    QVERIFY2(status.readAll().contains("Umask:\t" + umask.toUtf8() + '\n'), qPrintable(umask));
    worker.kill();
    QVERIFY(worker.waitForFinished());
}

void TestMoverFolders::placesThatAreNoFolders()
{
    put(in("a"), "1");
    const auto path = [this](const char* name) { return m_folder->filePath(name); };
    QVERIFY(QFile::link(in("a"), path("to-file")) && QFile::link(path("nowhere"), path("to-nothing")));
    QCOMPARE(::mkfifo(path("pipe").toUtf8().constData(), 0600), 0);
    const auto refusal = [this](const QString& from) {
        copy(from);
        return m_error.message + ": " + m_error.cause;
    };
    const auto expected = [](const QString& whole, const QString& part, const char* what) {
        return QStringLiteral("'%1' is no folder: '%2' is a %3").arg(whole, part, QLatin1String(what));
    };
    QCOMPARE(refusal(in("a") + '/'), expected(in("a"), in("a"), "file"));
    QCOMPARE(refusal(in("a") + "/b"), expected(in("a") + "/b", in("a"), "file"));
    QCOMPARE(refusal(path("to-file")), expected(path("to-file"), path("to-file"), "symbolic link to a file"));
    QCOMPARE(refusal(path("to-nothing")),
             expected(path("to-nothing"), path("to-nothing"), "symbolic link to nothing"));
    QCOMPARE(refusal(path("pipe")), expected(path("pipe"), path("pipe"), "FIFO"));
    QVERIFY2(refusal(path("absent")).startsWith("'" + path("absent") + "' does not exist"),
             qPrintable(m_error.message));
    QVERIFY(QDir(out()).removeRecursively());
    put(m_folder->filePath("out"), "a file");
    QCOMPARE(refusal(in()), expected(path("out"), path("out"), "file"));
    QVERIFY2(m_error.correction.contains("another folder"), qPrintable(m_error.correction));
}

void TestMoverFolders::foldersThatLieInEachOtherByALink()
{
    put(in("sub/a"), "1");
    QVERIFY(QFile::link(in("sub"), m_folder->filePath("out")));  // to lies in from
    copy();
    QVERIFY2(m_error.cause.contains("the destination lies inside the source"), qPrintable(m_error.toLine()));
    QVERIFY(QFile::remove(m_folder->filePath("out")));
    QVERIFY(QFile::link(in(), m_folder->filePath("out")));  // to is from
    copy();
    QVERIFY2(m_error.cause.contains("the destination lies inside the source"), qPrintable(m_error.toLine()));
    copy(in("sub"));  // from lies in to
    QVERIFY2(m_error.cause.contains("the source lies inside the destination"), qPrintable(m_error.toLine()));
    QCOMPARE(QDir(in()).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
             QStringList{"sub"});
    QVERIFY(QFile::remove(m_folder->filePath("out")));
    QVERIFY(QDir().mkpath(m_folder->filePath("beside")) &&
            QFile::link(m_folder->filePath("beside"), m_folder->filePath("out")));
    copy();
    QCOMPARE(m_error.toLine(), Error().toLine());
    QCOMPARE(get(m_folder->filePath("beside/sub/a")), QByteArray("1"));
    // a place that is not there yet
    QVERIFY(liesBelow(m_folder->filePath("in/new/folder"), in()) &&
            !liesBelow(m_folder->filePath("new"), in()));
}

void TestMoverFolders::whatASingleFileHasBesideItsBytesIsCounted()
{
    put(in("a"), "1");
    if (::setxattr(in("a").toUtf8().constData(), "user.colour", "blue", 4, 0) != 0) {
        QSKIP("user attributes are not kept by this file system");
    }
    copy(in("a"));
    QCOMPARE(m_leftOut, (Kinds{{"fileAttributes", 1}}));
    QVERIFY(QFile::remove(in("a")));
    put(in("a"), "1");
    // version 2, then entries of owner, one user, group, mask and others
    const QByteArray list = QByteArray::fromHex(
        "02000000"
        "01000600ffffffff"
        "0200040001000000"
        "04000400ffffffff"
        "10000400ffffffff"
        "20000000ffffffff");
    if (::setxattr(in("a").toUtf8().constData(), "system.posix_acl_access", list.constData(),
                   static_cast<size_t>(list.size()), 0) != 0) {
        QSKIP("access lists are not kept by this file system");
    }
    copy(in("a"));
    QCOMPARE(m_leftOut, (Kinds{{"fileAttributes", 1}}));
}

void TestMoverFolders::moreBytesThanTheSizeSays()
{
    const QString place = QStringLiteral("/proc/sys/kernel/random");
    const qsizetype files = QDir(place).entryList(QDir::Files).size();
    QVERIFY(files > 0);
    copy(place);
    QVERIFY2(m_error.message.startsWith(QStringLiteral("0 of %1, %1 not: ").arg(files)),
             qPrintable(m_error.message));
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
