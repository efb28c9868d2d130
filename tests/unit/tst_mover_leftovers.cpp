#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtTest/QtTest>

#include <atomic>
#include <cstdio>
#include <thread>

#include "file_content.h"
#include "mover/staging.h"
#include "patience.h"

using namespace sluice;
using namespace sluice::mover;
using sluice::test::put;

namespace {

constexpr int kNoNamespace = 77;

bool bindOver(const QString& what, const QString& where)
{
    return ::mount(what.toUtf8().constData(), where.toUtf8().constData(), nullptr, MS_BIND, nullptr) == 0;
}

/// Runs it in a child that sees mounts of its own. @return its exit code; kNoNamespace if the kernel gives no
/// such thing
template <typename Work>
int withOwnMounts(const Work& work)
{
    const pid_t child = ::fork();
    if (child == 0) {
        const bool mine = ::unshare(CLONE_NEWNS) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
        if (!mine || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
            ::_exit(kNoNamespace);
        }
        ::_exit(work());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

/// What an earlier attempt left below a destination is removed, and nothing beside it, whatever stands there
/// instead.
class TestMoverLeftovers : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        put(precious("keep"), "keep");
        put(precious("deep/keep"), "keep");
    }
    void hardLinksLoseTheirSecondNameOnly();
    void linksInsideAreRemovedThemselves();
    void aFolderSwappedForALinkMeanwhile();
    void whatIsOfSomebodyElseStays();
    void oneMount();
    void whatIsMountedThereStays();
    void theLastOneTakesTheFolderAwayMeanwhile();

private:
    QString out(const QString& name) const { return m_folder->filePath("out/" + name); }
    QString left(const QString& name) const { return out(".sluice-staged/R-1.copy~0af3/" + name); }
    QString precious(const QString& name) const { return m_folder->filePath("precious/" + name); }
    bool nothingLost() const
    {
        return QFile::exists(precious("keep")) && QFile::exists(precious("deep/keep"));
    }
    Try<std::unique_ptr<Staging>> open(const QString& task = QStringLiteral("R-1.copy"),
                                       uid_t user = ::geteuid()) const
    {
        const Fd root = rootFd();
        return Staging::open(root.get(), m_folder->filePath("out"), task, user);
    }
    Fd rootFd() const
    {
        QDir().mkpath(out(QString()));
        return Fd(::open(out(QString()).toUtf8().constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    }

    std::unique_ptr<QTemporaryDir> m_folder{};
};

void TestMoverLeftovers::hardLinksLoseTheirSecondNameOnly()
{
    QDir().mkpath(left("deep"));
    QCOMPARE(::link(precious("keep").toUtf8().constData(), left("deep/0").toUtf8().constData()), 0);
    QVERIFY(open());
    QVERIFY(!QFileInfo::exists(left("deep/0")));
    QFile kept(precious("keep"));
    QVERIFY(kept.open(QIODevice::ReadOnly));
    QCOMPARE(kept.readAll(), QByteArray("keep"));
}

void TestMoverLeftovers::linksInsideAreRemovedThemselves()
{
    QDir().mkpath(left("a/b"));
    for (const char* name : {"folder", "a/b/folder"}) {
        QVERIFY(QFile::link(precious(QString()), left(name)));
    }
    QVERIFY(QFile::link(precious("keep"), left("a/file")));
    QVERIFY(QFile::link(left("a"), left("a/b/loop")));
    QVERIFY(open());
    QVERIFY(!QFileInfo::exists(left(QString())));
    QVERIFY(nothingLost());
}

void TestMoverLeftovers::aFolderSwappedForALinkMeanwhile()
{
    constexpr int kPairs = 8;
    const auto folderOf = [this](int round) {
        return out(QStringLiteral(".sluice-staged/R-1.copy~%1").arg(round));
    };
    std::atomic<int> round{0};
    std::atomic<int> swaps{0};
    std::thread other([&] {
        while (round >= 0) {
            const QString folder = folderOf(round);
            for (int pair = 0; pair < kPairs; ++pair) {
                const QByteArray real = QStringLiteral("%1/%2").arg(folder).arg(pair).toUtf8();
                const QByteArray link = real + "-link";
                swaps +=
                    ::renameat2(AT_FDCWD, real.constData(), AT_FDCWD, link.constData(), RENAME_EXCHANGE) == 0
                        ? 1
                        : 0;
            }
        }
    });
    bool made = true;
    for (; made && (round < 200 || swaps < 100) && round < 20'000; ++round) {
        const QString ready = m_folder->filePath("ready");
        for (int pair = 0; pair < kPairs; ++pair) {
            put(QStringLiteral("%1/%2/0").arg(ready).arg(pair), "x");
            made =
                made && QFile::link(precious(QString()), QStringLiteral("%1/%2-link").arg(ready).arg(pair));
        }
        QDir().mkpath(out(".sluice-staged"));
        made = made && QDir().rename(ready, folderOf(round));
        static_cast<void>(open());
    }
    round = -1;
    other.join();
    QVERIFY(made);
    QVERIFY(swaps >= 100);
    QVERIFY(nothingLost());
}

void TestMoverLeftovers::whatIsOfSomebodyElseStays()
{
    if (::geteuid() != 0) {
        // The folder above is of this user in any case, so the other one can only be met below it as root.
        const Fd root = rootFd();
        put(left("0"), "x");
        QVERIFY(!open("R-1.copy", ::geteuid() + 1));
        QVERIFY(QFileInfo::exists(left("0")));
        return;
    }
    put(left("theirs/0"), "x");
    put(left("ours/0"), "x");
    QCOMPARE(::chown(left("theirs").toUtf8().constData(), 12345, 12345), 0);
    QVERIFY(open());
    QVERIFY(QFileInfo::exists(left("theirs/0")));
    QVERIFY(!QFileInfo::exists(left("ours")));
}

void TestMoverLeftovers::oneMount()
{
    put(left("0"), "x");
    const Fd root = rootFd();
    const Fd below(::open(left(QString()).toUtf8().constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const Fd proc(::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    QVERIFY(onOneMount(root.get(), below.get()));
    QVERIFY(!onOneMount(root.get(), proc.get()));
    QVERIFY(!onOneMount(root.get(), -1));
}

void TestMoverLeftovers::whatIsMountedThereStays()
{
    put(left("a/0"), "x");
    QDir().mkpath(left("a/mount"));
    const int leftover = withOwnMounts([&] {
        // the same disk: only the mount tells it from a folder there
        if (!bindOver(precious(QString()), left("a/mount"))) {
            return kNoNamespace;
        }
        return open() && nothingLost() && !QFile::exists(left("a/0")) ? 0 : 1;
    });
    if (leftover == kNoNamespace) {
        QSKIP("this kernel gives this user no mounts of his own");
    }
    QCOMPARE(leftover, 0);
    QVERIFY(nothingLost());
    const int whole = withOwnMounts([&] {
        if (!bindOver(precious(QString()), out(".sluice-staged"))) {
            return kNoNamespace;
        }
        const auto opened = open();
        return !opened && std::get<Error>(opened.error()).cause == QLatin1String("something is mounted there")
                   ? 0
                   : 1;
    });
    QCOMPARE(whole, 0);
    QCOMPARE(QDir(precious(QString())).entryList(QDir::AllEntries | QDir::NoDotAndDotDot),
             QStringList({"deep", "keep"}));
}

/// Two moves into one folder: one ends while the other begins.
void TestMoverLeftovers::theLastOneTakesTheFolderAwayMeanwhile()
{
    constexpr int kRounds = 1000;
    const Fd root = rootFd();
    std::atomic<int> failed{0};
    const auto rounds = [&](const QString& task) {
        for (int i = 0; i < kRounds; ++i) {
            failed += Staging::open(root.get(), out(QString()), task) ? 0 : 1;
        }
    };
    std::thread other(rounds, QStringLiteral("R-2.copy"));
    rounds(QStringLiteral("R-1.copy"));
    other.join();
    QCOMPARE(failed.load(), 0);
    QVERIFY(!QFileInfo::exists(out(".sluice-staged")));
    // A destination that is gone for good is told.
    QVERIFY(QDir(out(QString())).removeRecursively());
    const auto gone = Staging::open(root.get(), out(QString()), QStringLiteral("R-1.copy"));
    QVERIFY(!gone);
    QCOMPARE(toString(std::get<Error>(gone.error()).code), toString(ErrorCode::NotFound));
}

QTEST_GUILESS_MAIN(TestMoverLeftovers)
#include "tst_mover_leftovers.moc"
