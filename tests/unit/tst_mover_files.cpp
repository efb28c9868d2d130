#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <QtCore/QDir>
#include <QtCore/QDirIterator>
#include <QtCore/QFile>
#include <QtTest/QtTest>

#include "file_content.h"
#include "mover/file_destination.h"
#include "mover/file_source.h"
#include "mover/pipeline.h"
#include "mover/staging.h"
#include "mover_fakes.h"
#include "patience.h"

using namespace sluice;
using namespace sluice::mover;
using sluice::test::get;
using sluice::test::put;

class TestMoverFiles : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void listsFilesOnly();
    void missingFolder();
    void changedWhileRead_data();
    void changedWhileRead();
    void writesUnderAStagedNameFirst();
    void neverReplacesWhatAppeared();
    void replacesOnlyWhatWasLookedAt();
    void linksAreNotFollowed();
    void fileAndFolderOfOneName();
    void wrongBytesAreNotGivenTheName();
    void leftoversOfAnEarlierAttemptGo();
    void aKilledMoveLeavesNothingForLong();
    void plantedLinksAreNotFollowed();
    void aStagingFolderIsThisUsersAlone();
    void theStagingFolderHasAnotherNameEachTime();
    void wholeTree();

private:
    QString in(const QString& name) const { return m_folder->filePath("in/" + name); }
    QString out(const QString& name) const { return m_folder->filePath("out/" + name); }
    std::unique_ptr<FileDestination> destination();
    /// Of the attempt at work; empty if there is none.
    QString stagedFolder() const
    {
        return QDir(out(".sluice-staged")).entryList({"R-1.copy~*"}, QDir::Dirs).join(' ');
    }

    std::unique_ptr<QTemporaryDir> m_folder{};
    std::unique_ptr<fake::Surroundings> m_around{};
    std::unique_ptr<ObjectContext> m_context{};
    QStringList m_warnings{};
};

void TestMoverFiles::init()
{
    m_context.reset();
    m_folder = std::make_unique<QTemporaryDir>();
    m_around = std::make_unique<fake::Surroundings>();
    m_context = std::make_unique<ObjectContext>(m_around->move, "x");
    m_warnings.clear();
    QDir().mkpath(in("."));
}

std::unique_ptr<FileDestination> TestMoverFiles::destination()
{
    auto opened = FileDestination::open(m_folder->filePath("out"), "R-1.copy", *m_context);
    return opened ? std::move(*opened) : nullptr;
}

void TestMoverFiles::listsFilesOnly()
{
    put(in("a"), "1");
    put(in(".dot/.b"), "22");
    put(in(".sluice-staged/R-1.x~0af3/0"), "staged");
    put(in("deep/.sluice-staged"), "a file of that name further down is one");
    QVERIFY(QFile::link(in("a"), in("link")));
    QVERIFY(QFile::link("/etc", in("linkdir")));
    FileSource source(m_folder->filePath("in"), [this](const QString& text) { m_warnings.append(text); });
    QStringList names;
    int unversioned = 0;
    QVERIFY(source.list(
        [&](const QList<ListedObject>& objects) {
            for (const ListedObject& object : objects) {
                names.append(object.name + '=' + QString::number(object.sizeBytes));
                unversioned += object.version == 0 ? 1 : 0;
            }
            return true;
        },
        *m_context));
    names.sort();
    QCOMPARE(names, QStringList({".dot/.b=2", "a=1", "deep/.sluice-staged=39"}));
    QCOMPARE(unversioned, 0);
    QCOMPARE(m_warnings.size(), 3);
}

void TestMoverFiles::missingFolder()
{
    FileSource source("/no/such/folder", {});
    const auto listed = source.list([](const auto&) { return true; }, *m_context);
    QVERIFY(!listed);
    QCOMPARE(toString(listed.error().code), toString(ErrorCode::NotFound));
}

void TestMoverFiles::changedWhileRead_data()
{
    QTest::addColumn<QString>("how");
    for (const char* how : {"appended", "rewritten", "replaced", "removed", "truncated"}) {
        QTest::newRow(how) << QString(how);
    }
}

void TestMoverFiles::changedWhileRead()
{
    QFETCH(QString, how);
    put(in("f"), QByteArray(1000, 'x'));
    FileSource source(m_folder->filePath("in"), {});
    const auto object = source.open({.name = "f"}, *m_context);
    QVERIFY(object);
    QVERIFY((*object)->read(0, 500, *m_context));
    QVERIFY((*object)->confirm(0, *m_context));
    QTest::qSleep(5);
    if (how == "appended") {
        QFile file(in("f"));
        QVERIFY(file.open(QIODevice::Append) && file.write("y") == 1);
    } else if (how == "rewritten") {
        put(in("f"), QByteArray(1000, 'y'));
    } else if (how == "replaced") {
        put(in("g"), QByteArray(1000, 'x'));
        QCOMPARE(::rename(in("g").toUtf8().constData(), in("f").toUtf8().constData()), 0);
    } else if (how == "removed") {
        QVERIFY(QFile::remove(in("f")));
    } else {
        QVERIFY(QFile::resize(in("f"), 600));
        const auto read = (*object)->read(500, 500, *m_context);
        QVERIFY(!read);
        QCOMPARE(toString(read.error().code), toString(ErrorCode::Aborted));
    }
    const auto confirmed = (*object)->confirm(0, *m_context);
    QVERIFY(!confirmed);
    QCOMPARE(toString(confirmed.error().code), toString(ErrorCode::Aborted));
    // and one that changed since it was listed is not even begun
    if (how == "rewritten") {
        QVERIFY(!source.open({.name = "f", .sizeBytes = 1000, .version = 1}, *m_context));
    }
}

void TestMoverFiles::writesUnderAStagedNameFirst()
{
    const auto to = destination();
    QVERIFY(to);
    fake::MemoryObject object("hello", 1);
    {
        const auto writer = to->open("a/b", object, {}, *m_context);
        QVERIFY(writer);
        QVERIFY((*writer)->write("hel", *m_context));
        QVERIFY((*writer)->write("lo", *m_context));
        QVERIFY(!QFileInfo::exists(out("a/b")));
        const auto stored = (*writer)->finish(crc32c(kCrc32cStart, QByteArray("hello")), *m_context);
        QVERIFY2(stored, stored ? "" : qPrintable(stored.error().toLine()));
        QCOMPARE(get(out("a/b")), QByteArray("hello"));
        const auto existing = to->look("a/b", *m_context);
        QVERIFY(existing && existing->exists);
        QCOMPARE(existing->version, stored->version);
        QCOMPARE(*to->checksum("a/b", *existing, *m_context), crc32c(kCrc32cStart, QByteArray("hello")));
    }
    {
        const auto dropped = to->open("a/c", object, {}, *m_context);
        QVERIFY((*dropped)->write("x", *m_context));
    }
    QVERIFY(!QFileInfo::exists(out("a/c")));
    QCOMPARE(QDir(out(".sluice-staged/" + stagedFolder())).entryList(QDir::Files).size(), 0);
}

void TestMoverFiles::neverReplacesWhatAppeared()
{
    const auto to = destination();
    fake::MemoryObject object("hello", 1);
    const auto writer = to->open("a", object, {}, *m_context);
    QVERIFY((*writer)->write("hello", *m_context));
    put(out("a"), "mine");
    const auto stored = (*writer)->finish(crc32c(kCrc32cStart, QByteArray("hello")), *m_context);
    QVERIFY(!stored);
    QVERIFY(isMoved(stored.error()));
    QCOMPARE(get(out("a")), QByteArray("mine"));
}

void TestMoverFiles::replacesOnlyWhatWasLookedAt()
{
    const auto to = destination();
    put(out("a"), "old");
    auto existing = to->look("a", *m_context);
    QVERIFY(existing && existing->exists);
    fake::MemoryObject object("hello", 1);
    const quint32 crc = crc32c(kCrc32cStart, QByteArray("hello"));
    auto writer = to->open("a", object, *existing, *m_context);
    QVERIFY((*writer)->write("hello", *m_context));
    QTest::qSleep(5);
    put(out("a"), "newer");
    QVERIFY(isMoved((*writer)->finish(crc, *m_context).error()));
    QCOMPARE(get(out("a")), QByteArray("newer"));
    existing = to->look("a", *m_context);
    writer = to->open("a", object, *existing, *m_context);
    QVERIFY((*writer)->write("hello", *m_context));
    QVERIFY((*writer)->finish(crc, *m_context));
    QCOMPARE(get(out("a")), QByteArray("hello"));
}

void TestMoverFiles::linksAreNotFollowed()
{
    QTemporaryDir outside;
    const auto to = destination();
    QVERIFY(QFile::link(outside.path(), out("way")));
    fake::MemoryObject object("hello", 1);
    const auto looked = to->look("way/x", *m_context);
    QVERIFY(!looked);
    QCOMPARE(toString(looked.error().code), toString(ErrorCode::FailedPrecondition));
    const auto writer = to->open("way/x", object, {}, *m_context);
    QVERIFY((*writer)->write("hello", *m_context));
    QVERIFY(!(*writer)->finish(crc32c(kCrc32cStart, QByteArray("hello")), *m_context));
    QVERIFY(!QFileInfo::exists(outside.filePath("x")));
    QVERIFY(QFile::link("/etc/passwd", out("file")));
    QVERIFY(!to->look("file", *m_context));
}

void TestMoverFiles::fileAndFolderOfOneName()
{
    const auto to = destination();
    put(out("a"), "a file");
    const auto looked = to->look("a/b", *m_context);
    QVERIFY(!looked);
    QCOMPARE(toString(looked.error().code), toString(ErrorCode::FailedPrecondition));
    QDir().mkpath(out("dir"));
    QVERIFY(!to->look("dir", *m_context));
}

void TestMoverFiles::wrongBytesAreNotGivenTheName()
{
    const auto to = destination();
    fake::MemoryObject object("hello", 1);
    const auto writer = to->open("a", object, {}, *m_context);
    QVERIFY((*writer)->write("hellO", *m_context));
    const auto stored = (*writer)->finish(crc32c(kCrc32cStart, QByteArray("hello")), *m_context);
    QVERIFY(!stored);
    QCOMPARE(toString(stored.error().code), toString(ErrorCode::DataLoss));
    QVERIFY(!QFileInfo::exists(out("a")));
}

void TestMoverFiles::leftoversOfAnEarlierAttemptGo()
{
    put(out(".sluice-staged/R-1.copy/17"), "left");
    put(out(".sluice-staged/R-1.copy~0af3/deep/17"), "left");
    put(out(".sluice-staged/R-1.copy2~0af3/17"), "at work");
    put(out(".sluice-staged/R-1.copy~0af4/17"), "at work for another engine");
    put(out(".sluice-staged/R-2.other~0af5/3"), "left");
    put(out(".sluice-staged/R-2.other~0af6/mine"), "no name of the mover's");
    put(out(".sluice-staged/R-2.other/3"), "at work");
    const Fd held = fake::heldAsAtWork(out(".sluice-staged/R-1.copy2~0af3"));
    const Fd heldToo = fake::heldAsAtWork(out(".sluice-staged/R-1.copy~0af4"));
    QVERIFY(held.valid() && heldToo.valid());
    {
        const auto to = destination();
        QVERIFY(QFileInfo::exists(out(".sluice-staged/R-1.copy~0af4/17")));
        QVERIFY(!QFileInfo::exists(out(".sluice-staged/R-2.other~0af5")));
        QVERIFY(QFileInfo::exists(out(".sluice-staged/R-2.other~0af6/mine")));
        QVERIFY(!QFileInfo::exists(out(".sluice-staged/R-1.copy")));
        QVERIFY(!QFileInfo::exists(out(".sluice-staged/R-1.copy~0af3")));
        QVERIFY(QFileInfo::exists(out(".sluice-staged/R-1.copy2~0af3/17")));
        QVERIFY(QFileInfo::exists(out(".sluice-staged/R-2.other/3")));
    }
    QCOMPARE(stagedFolder(), QStringLiteral("R-1.copy~0af4"));
    QVERIFY(QFileInfo::exists(out(".sluice-staged/R-2.other/3")));
}

void TestMoverFiles::aKilledMoveLeavesNothingForLong()
{
    const pid_t child = ::fork();
    if (child == 0) {
        const auto to = FileDestination::open(out(QString()), "R-5.other", *m_context);
        fake::MemoryObject object("hello", 1);
        const auto writer = (*to)->open("a", object, {}, *m_context);
        static_cast<void>((*writer)->write("hello", *m_context));
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    QVERIFY(WIFSIGNALED(status));
    const QStringList left = QDir(out(".sluice-staged")).entryList({"R-5.other~*"}, QDir::Dirs);
    QCOMPARE(left.size(), 1);
    const Fd folder(::open(out(".sluice-staged/" + left.first()).toUtf8().constData(),
                           O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (Fd(::openat(folder.get(), ".", O_TMPFILE | O_RDWR, 0600)).valid()) {
        QCOMPARE(QDir(out(".sluice-staged/" + left.first())).entryList(QDir::Files).size(), 0);
    }
    const auto to = destination();
    QVERIFY(!QFileInfo::exists(out(".sluice-staged/" + left.first())));
}

void TestMoverFiles::plantedLinksAreNotFollowed()
{
    QTemporaryDir outside;
    put(outside.filePath("home/keep"), "keep");
    QDir().mkpath(out(".sluice-staged"));
    QVERIFY(QFile::link(outside.filePath("home"), out(".sluice-staged/R-1.copy")));
    QDir().mkpath(out(".sluice-staged/R-1.copy~1"));
    QVERIFY(QFile::link(outside.filePath("home"), out(".sluice-staged/R-1.copy~1/link")));
    QVERIFY(destination());
    QCOMPARE(get(outside.filePath("home/keep")), QByteArray("keep"));
    QVERIFY(!QFileInfo(out(".sluice-staged/R-1.copy")).isSymLink());

    QVERIFY(QDir(out(".sluice-staged")).removeRecursively());
    QVERIFY(QFile::link(outside.filePath("home"), out(".sluice-staged")));
    const auto opened = FileDestination::open(m_folder->filePath("out"), "R-1.copy", *m_context);
    QVERIFY(!opened);
    QCOMPARE(toString(opened.error().code), toString(ErrorCode::FailedPrecondition));
    QVERIFY(opened.error().cause.contains("link"));
    QCOMPARE(QDir(outside.filePath("home")).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
             QStringList("keep"));
}

void TestMoverFiles::aStagingFolderIsThisUsersAlone()
{
    const auto refusal = [this](uid_t user) {
        const Fd root(::open(m_folder->path().toUtf8().constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        const auto opened = Staging::open(root.get(), m_folder->path(), "R-1.copy", user);
        return opened ? QString() : std::get<Error>(opened.error()).cause;
    };
    QDir().mkpath(m_folder->filePath(".sluice-staged/R-1.copy"));
    QCOMPARE(refusal(::geteuid() + 1), QStringLiteral("it belongs to user %1").arg(::geteuid()));
    QVERIFY(QFileInfo::exists(m_folder->filePath(".sluice-staged/R-1.copy")));
    const QByteArray all = m_folder->filePath(".sluice-staged").toUtf8();
    for (const mode_t mode : {0770, 0702}) {
        QCOMPARE(::chmod(all.constData(), mode), 0);
        QVERIFY(refusal(::geteuid()).startsWith("others may write it"));
    }
    QCOMPARE(::chmod(all.constData(), 0755), 0);
    QCOMPARE(refusal(::geteuid()), QString());
}

void TestMoverFiles::theStagingFolderHasAnotherNameEachTime()
{
    QStringList names;
    for (int i = 0; i < 2; ++i) {
        const auto to = destination();
        names.append(stagedFolder());
        QVERIFY2(names.last().size() > 16, qPrintable(names.last()));
        QCOMPARE(QFile::permissions(out(".sluice-staged/" + names.last())) &
                     ~(QFile::ReadUser | QFile::WriteUser | QFile::ExeUser),
                 QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    }
    QVERIFY(names.first() != names.last());
}

void TestMoverFiles::wholeTree()
{
    QMap<QString, QByteArray> files;
    for (int i = 0; i < 600; ++i) {
        files.insert(QStringLiteral("d%1/f%2").arg(i % 7).arg(i), QByteArray(i * 31, static_cast<char>(i)));
        put(in(QStringLiteral("d%1/f%2").arg(i % 7).arg(i)), QByteArray(i * 31, static_cast<char>(i)));
    }
    {
        FileSource source(m_folder->filePath("in"), {});
        const auto to = destination();
        const MoveRequest request{.run = "R-1", .task = "copy", .inFlight = 16};
        Pipeline(request, {.source = source, .destination = *to}, m_around->host, m_around->move).run();
    }
    QVERIFY(!m_around->stop.failure());
    QCOMPARE(m_around->progress.totals().objects, 600);
    for (auto at = files.begin(); at != files.end(); ++at) {
        QVERIFY2(get(out(at.key())) == at.value(), qPrintable(at.key()));
    }
    QVERIFY(!QFileInfo::exists(out(".sluice-staged")));
}

QTEST_GUILESS_MAIN(TestMoverFiles)
#include "tst_mover_files.moc"
