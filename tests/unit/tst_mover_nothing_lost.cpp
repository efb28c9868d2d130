#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <QtCore/QDir>
#include <QtCore/QDirIterator>
#include <QtCore/QFile>
#include <QtTest/QtTest>

#include "file_content.h"
#include "mover/file_destination.h"
#include "mover/file_source.h"
#include "mover/one_object.h"
#include "mover/pipeline.h"
#include "mover/verify_run.h"
#include "mover_fakes.h"
#include "patience.h"

using namespace sluice;
using namespace sluice::mover;
using sluice::test::get;
using sluice::test::put;

namespace {

MoveRequest requestOf(bool resume = false)
{
    return {.run = "R-1", .task = "copy", .attempt = 1, .fence = 1, .inFlight = 8, .resume = resume};
}

Error badName(const QString& name)
{
    return {.code = ErrorCode::InvalidArgument,
            .message = name + " is no name",
            .cause = "c",
            .correction = "rename",
            .source = "test"};
}

/// Sets the time of last change back to that of another moment.
void setTime(const QString& path, const struct stat& as)
{
    const timespec times[2] = {as.st_atim, as.st_mtim};
    QCOMPARE(::utimensat(AT_FDCWD, path.toUtf8().constData(), times, 0), 0);
}

/// From now on the calling thread's system call fails with EINVAL, if its argument is another one than
/// `allowed`.
bool refuseSystemCall(unsigned number, unsigned argument, unsigned allowed)
{
    const sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                 static_cast<unsigned>(offsetof(seccomp_data, args) + argument * 8)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, allowed, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog program{.len = sizeof(code) / sizeof(code[0]), .filter = const_cast<sock_filter*>(code)};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}

struct Bench {
    explicit Bench(int objects)
    {
        for (int i = 0; i < objects; ++i) {
            source.objects.insert(QStringLiteral("o%1").arg(i, 5, 10, QLatin1Char('0')),
                                  QByteArray(100, static_cast<char>('a' + i % 26)));
        }
    }
    void run(const MoveRequest& request)
    {
        Pipeline(request, {.source = source, .destination = destination}, around.host, around.move).run();
    }
    Error error() const { return around.stop.failure() ? around.stop.failure()->error : Error(); }
    /// What a verify says; the source plays the listing of the destination.
    Error verify(MoveRequest request = requestOf())
    {
        fake::Surroundings other;
        other.host.manifest = around.host.manifest;
        VerifyRun(request, destination, other.host, other.move, &there).run();
        others = other.progress.leftOut();
        return other.stop.failure() ? other.stop.failure()->error : Error();
    }
    fake::MemorySource source{};
    fake::MemorySource there{};
    fake::MemoryDestination destination{};
    fake::Surroundings around{};
    QJsonArray others{};
};

}  // namespace

/// A run that says done has everything.
class TestMoverNothingLost : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void badItemsDoNotStopTheRest();
    void bytesOfWhatIsNotThereDoNotCount();
    void oneBadItemKeepsItsOwnWords();
    void aThousandFailuresWithoutSuccessEndIt();
    void aThousandBadNamesDoNot();
    void aFenceEndsItAtOnce();
    void tooLargeIsKnownBeforeTheFirstByte();
    void nothingMatchedIsAFailure();
    void ownCopiesAreReplacedWhenTheirSourceIsWrittenAnew();
    void versionsOfAnotherPlaceProveNothing_data();
    void versionsOfAnotherPlaceProveNothing();
    void whatWasThereWithAttributesOfItsOwn();
    void sameSizeAndTimeAreNotTheSameBytes_data();
    void sameSizeAndTimeAreNotTheSameBytes();
    void verifyFindsWhatWasAdded();
    void verifyFindsChangedAttributes();
    void verifyFindsAChangedOmap();
    void fileSystemsThatCannotRenameInThatWay();
    void fileSystemsThatKeepNoFolders();
};

void TestMoverNothingLost::badItemsDoNotStopTheRest()
{
    Bench bench(1000);
    bench.source.bad.insert("o00003", badName("o00003"));
    bench.source.changed.insert("o00500");
    bench.destination.objects["o00900"] = {.bytes = "somebody's", .version = 1};
    bench.run(requestOf());
    QCOMPARE(bench.around.progress.totals().objects, 997);
    QCOMPARE(bench.around.progress.totals().notDone, 3);
    const Error error = bench.error();
    QVERIFY2(error.message.startsWith("997 of 1,000, 3 not: "), qPrintable(error.message));
    for (const char* name : {"o00003", "o00500", "o00900"}) {
        QVERIFY2(error.message.contains(name), qPrintable(error.message));
        QVERIFY2(error.cause.contains(name), qPrintable(error.cause));
        QVERIFY(bench.around.stop.unfinished().contains(name));
        QVERIFY(!bench.around.host.manifest.contains(name));
    }
    QVERIFY(error.correction.contains("rename"));
    QCOMPARE(bench.around.host.manifest.size(), 997);
    QCOMPARE(bench.destination.objects["o00900"].bytes, QByteArray("somebody's"));
    // each is in the log, however many there are
    const auto logged = bench.around.host.events("log");
    QCOMPARE(std::count_if(logged.begin(), logged.end(),
                           [](const QJsonObject& e) { return e["level"] == "error"; }),
             3);
}

void TestMoverNothingLost::bytesOfWhatIsNotThereDoNotCount()
{
    Bench bench(20);
    bench.destination.pieceBytes = 30;
    bench.source.changed = {"o00003", "o00007"};  // seen before the last of four pieces
    bench.run(requestOf());
    QCOMPARE(bench.around.progress.totals().objects, 18);
    QCOMPARE(bench.around.progress.totals().bytes, 1800);
    // an object of one piece, and the last of another, may be with their storage still, or refused there
    Bench single(1);
    single.source.objects["o00000"] = QByteArray(70, 'a');
    for (const quint64 piece : {100, 30}) {
        qint64 before = -1;
        single.destination.objects.clear();
        single.destination.pieceBytes = piece;
        const qint64 done = single.around.progress.totals().bytes;
        single.destination.beforeFinish = [&](const QString&) {
            before = single.around.progress.totals().bytes - done;
        };
        single.run(requestOf());
        QCOMPARE(before, piece == 30 ? 60 : 0);
        QCOMPARE(single.around.progress.totals().bytes - done, 70);
    }
}

void TestMoverNothingLost::oneBadItemKeepsItsOwnWords()
{
    Bench bench(5);
    bench.source.bad.insert("o00003", badName("o00003"));
    bench.run(requestOf());
    QCOMPARE(bench.error().message, QStringLiteral("4 of 5, 1 not: o00003 is no name"));
    QCOMPARE(toString(bench.error().code), toString(ErrorCode::InvalidArgument));
    QCOMPARE(bench.error().cause, QStringLiteral("c"));
    QCOMPARE(bench.error().correction, QStringLiteral("rename"));
    QCOMPARE(bench.around.stop.failure()->object, QStringLiteral("o00003"));
}

void TestMoverNothingLost::aThousandFailuresWithoutSuccessEndIt()
{
    Bench bench(5000);
    for (const QString& name : bench.source.objects.keys()) {
        bench.source.bad.insert(
            name,
            Error{.code = ErrorCode::Internal, .message = name + " fails", .cause = "c", .source = "test"});
    }
    bench.run(requestOf());
    QVERIFY(bench.around.progress.totals().notDone >= BadObjects::kHopeless);
    QVERIFY(bench.around.progress.totals().notDone < 1100);
    QVERIFY2(bench.error().message.startsWith("0 of "), qPrintable(bench.error().message));
    QVERIFY2(bench.error().message.contains("more"), qPrintable(bench.error().message));
}

void TestMoverNothingLost::aThousandBadNamesDoNot()
{
    Bench bench(1520);
    const QStringList names = bench.source.objects.keys();
    for (const QString& name : names.first(1500)) {
        bench.source.bad.insert(name, badName(name));
    }
    bench.run(requestOf());
    QCOMPARE(bench.around.progress.totals().objects, 20);
    QVERIFY2(bench.error().message.startsWith("20 of 1,520, 1,500 not: "), qPrintable(bench.error().message));
}

void TestMoverNothingLost::aFenceEndsItAtOnce()
{
    Bench bench(3000);
    Error fenced{.code = ErrorCode::Aborted,
                 .message = "fenced",
                 .source = "ceph",
                 .upstream = Upstream{.system = "vega", .code = -ESHUTDOWN, .text = {}}};
    bench.source.bad.insert("o00000", fenced);
    bench.destination.beforeWrite = [&](const QString&) {
        while (!bench.around.stop.raised()) {
            QThread::msleep(1);
        }
    };
    bench.run(requestOf());
    QCOMPARE(bench.error().message, QStringLiteral("fenced"));
    QVERIFY(bench.around.progress.totals().objects < 100);
}

void TestMoverNothingLost::tooLargeIsKnownBeforeTheFirstByte()
{
    Bench bench(10);
    bench.source.objects["huge"] = QByteArray(5000, 'h');
    bench.destination.largest = 4999;
    bench.run(requestOf());
    QCOMPARE(bench.error().message, QStringLiteral("10 of 11, 1 not: huge is too large"));
    QCOMPARE(bench.source.opened.load(), 10);
    QVERIFY(!bench.destination.objects.contains("huge"));
}

void TestMoverNothingLost::nothingMatchedIsAFailure()
{
    Bench bench(0);
    MoveRequest request = requestOf();
    request.from = *model::Location::parse("s3://rgw/catalog/dya/");
    bench.run(request);
    QCOMPARE(toString(bench.error().code), toString(ErrorCode::NotFound));
    QVERIFY(bench.error().message.contains("s3://rgw/catalog/dya/"));
    QVERIFY(bench.error().correction.contains("allowEmpty"));
    Bench elsewhere(0);
    elsewhere.source.empty = "0 objects in the default namespace, the pool holds 3 in others";
    elsewhere.run(request);
    QCOMPARE(elsewhere.error().cause, elsewhere.source.empty);
    Bench allowed(0);
    request.allowEmpty = true;
    allowed.run(request);
    QVERIFY(!allowed.around.stop.failure());
}

void TestMoverNothingLost::ownCopiesAreReplacedWhenTheirSourceIsWrittenAnew()
{
    Bench bench(4);
    bench.run(requestOf());
    QVERIFY(!bench.around.stop.failure());
    Bench again(4);
    again.source.objects["o00001"] = "written anew";
    again.source.objects["o00002"] = QByteArray(100, 'Z');
    again.source.versions["o00002"] = 2;
    again.source.objects["o00003"] = "written anew too";
    for (auto at = bench.destination.objects.begin(); at != bench.destination.objects.end(); ++at) {
        again.destination.objects.insert(at.key(), at.value());
    }
    again.destination.objects["o00003"] = {.bytes = QByteArray(100, '!'),
                                           .version = 9};  // not the run's any more
    again.around.host.manifest = bench.around.host.manifest;
    again.run(requestOf(true));
    QVERIFY2(again.error().message.startsWith("3 of 4, 1 not: 'o00003' exists"),
             qPrintable(again.error().message));
    QCOMPARE(again.destination.objects["o00001"].bytes, QByteArray("written anew"));
    QCOMPARE(again.destination.objects["o00002"].bytes, QByteArray(100, 'Z'));
    QCOMPARE(again.destination.objects["o00003"].bytes, QByteArray(100, '!'));
}

void TestMoverNothingLost::versionsOfAnotherPlaceProveNothing_data()
{
    QTest::addColumn<int>("sourcePlace");
    QTest::addColumn<int>("destinationPlace");
    QTest::newRow("the same places") << 0 << 0;
    QTest::newRow("another source") << 50 << 0;
    QTest::newRow("another destination") << 0 << 50;
}

/// A Ceph pool that was removed and made again, with other objects of the same names, sizes and versions.
void TestMoverNothingLost::versionsOfAnotherPlaceProveNothing()
{
    QFETCH(int, sourcePlace);
    QFETCH(int, destinationPlace);
    Bench bench(3);
    bench.run(requestOf());
    bench.source.opened = 0;
    bench.source.place = static_cast<quint64>(sourcePlace);
    bench.destination.place = static_cast<quint64>(destinationPlace);
    QByteArray& other =
        sourcePlace != 0 ? bench.source.objects["o00001"] : bench.destination.objects["o00001"].bytes;
    other = sourcePlace + destinationPlace == 0 ? other : QByteArray(100, '!');
    bench.run(requestOf(true));
    QCOMPARE(bench.source.opened > 0, sourcePlace + destinationPlace != 0);
    if (destinationPlace != 0) {
        QVERIFY2(bench.error().message.contains("1 not: 'o00001' exists"), qPrintable(bench.error().message));
        return;
    }
    QVERIFY2(bench.error().message.isEmpty(), qPrintable(bench.error().message));
    QCOMPARE(bench.destination.objects["o00001"].bytes, bench.source.objects["o00001"]);
    bench.source.opened = 0;
    bench.run(requestOf(true));
    QCOMPARE(bench.source.opened.load(), 0);
}

void TestMoverNothingLost::whatWasThereWithAttributesOfItsOwn()
{
    Bench bench(3);
    bench.source.plain = true;
    bench.destination.keeps = true;
    bench.destination.objects["o00001"] = {
        .bytes = bench.source.objects["o00001"], .version = 1, .attributes = {{"colour", "blue"}}};
    bench.destination.objects["o00002"] = {
        .bytes = bench.source.objects["o00002"], .version = 1, .hasOmap = true};
    bench.run(requestOf());
    QCOMPARE(bench.around.progress.totals().kept, 2);
    bench.there.objects = bench.source.objects;
    QVERIFY2(bench.verify().message.isEmpty(), qPrintable(bench.verify().cause));
    bench.destination.objects["o00001"].attributes = {{"colour", "red"}};
    QVERIFY2(bench.verify().cause.contains("'o00001'"), qPrintable(bench.verify().cause));
}

void TestMoverNothingLost::sameSizeAndTimeAreNotTheSameBytes_data()
{
    QTest::addColumn<QString>("changed");
    QTest::newRow("source") << "in";
    QTest::newRow("destination") << "out";
}

void TestMoverNothingLost::sameSizeAndTimeAreNotTheSameBytes()
{
    QFETCH(QString, changed);
    QTemporaryDir folder;
    QDir(folder.path()).mkdir("in");
    put(folder.filePath("in/f"), "AAAA");
    fake::Surroundings around;
    const auto copy = [&](fake::Surroundings& with, bool resume) {
        ObjectContext context(with.move, "x");
        FileSource source(folder.filePath("in"), {});
        const auto to = FileDestination::open(folder.filePath("out"), "R-1.copy", context);
        const MoveRequest request = requestOf(resume);
        Pipeline(request, {.source = source, .destination = **to}, with.host, with.move).run();
    };
    copy(around, false);
    QVERIFY(!around.stop.failure());
    const QString file = folder.filePath(changed + "/f");
    struct stat as {};
    ::stat(file.toUtf8().constData(), &as);
    put(file, "ZZZZ");
    setTime(file, as);
    fake::Surroundings again;
    again.host.manifest = around.host.manifest;
    copy(again, true);
    if (changed == "in") {
        QVERIFY2(!again.stop.failure(),
                 again.stop.failure() ? qPrintable(again.stop.failure()->error.toLine()) : "");
        QCOMPARE(get(folder.filePath("out/f")), QByteArray("ZZZZ"));
        QCOMPARE(again.progress.totals().kept, 0);
    } else {
        QVERIFY(again.stop.failure());
        QCOMPARE(toString(again.stop.failure()->error.code), toString(ErrorCode::AlreadyExists));
        QCOMPARE(get(folder.filePath("out/f")), QByteArray("ZZZZ"));
    }
}

void TestMoverNothingLost::verifyFindsWhatWasAdded()
{
    Bench bench(5);
    bench.run(requestOf());
    bench.there.objects = bench.source.objects;
    QVERIFY(bench.verify().message.isEmpty());
    for (const char* name : {"extra", "older", "lock"}) {
        bench.there.objects[name] = "x";
        bench.destination.objects[name] = {.bytes = "x", .version = 1, .shell = name == QByteArray("lock")};
    }
    bench.there.changedAtMs = {{"extra", 20'000}, {"older", 5'000}, {"lock", 20'000}};
    MoveRequest request = requestOf();
    request.addedSinceMs = 10'000;
    const Error added = bench.verify(request);
    QVERIFY2(added.message.contains("1 were added"), qPrintable(added.message));
    QVERIFY2(
        added.cause.contains("'extra'") && !added.cause.contains("older") && !added.cause.contains("lock"),
        qPrintable(added.cause));
    QCOMPARE(bench.others.first()["what"].toString(), QStringLiteral("others"));
    QCOMPARE(bench.others.first()["count"].toInteger(), 1);
    request.othersAllowed = true;
    QVERIFY(bench.verify(request).message.isEmpty());
    bench.destination.objects["o00002"].bytes[0] = '!';
    request.othersAllowed = false;
    const Error both = bench.verify(request);
    QVERIFY2(both.cause.contains("'o00002': its checksum is") && both.cause.contains("'extra'"),
             qPrintable(both.cause));
}

void TestMoverNothingLost::verifyFindsChangedAttributes()
{
    Bench bench(3);
    bench.destination.keeps = true;
    bench.source.attributes["o00001"] = {{"colour", "blue"}};
    bench.run(requestOf());
    bench.destination.objects["o00001"].attributes = {{"colour", "blue"}};
    bench.there.objects = bench.source.objects;
    QVERIFY2(bench.verify().message.isEmpty(), qPrintable(bench.verify().cause));
    bench.destination.objects["o00001"].attributes = {{"colour", "red"}};
    QVERIFY2(bench.verify().cause.contains("'o00001': its bytes are the same, its attributes"),
             qPrintable(bench.verify().cause));
    bench.destination.objects["o00001"].attributes = {};
    QVERIFY(bench.verify().cause.contains("'o00001'"));
    bench.destination.objects["o00001"].attributes = {{"colour", "blue"}};
    bench.destination.objects["o00002"].attributes = {{"new", ""}};
    QVERIFY(bench.verify().cause.contains("'o00002'"));
}

void TestMoverNothingLost::verifyFindsAChangedOmap()
{
    const Attributes omap{{"k1", "v1"}, {"k2", "v2"}, {"k3", "v3"}};
    Bench bench(3);
    bench.destination.keeps = true;
    bench.source.omap["o00001"] = omap;
    bench.run(requestOf());
    bench.destination.objects["o00001"].hasOmap = true;
    bench.there.objects = bench.source.objects;
    bench.there.omap["o00001"] = omap;
    QVERIFY2(bench.verify().message.isEmpty(), qPrintable(bench.verify().cause));
    bench.there.omap["o00001"]["k3"] = "other";
    QVERIFY2(bench.verify().cause.contains("'o00001'"), qPrintable(bench.verify().cause));
    bench.destination.objects["o00001"].hasOmap = false;  // all of it is gone
    QVERIFY(bench.verify().cause.contains("'o00001'"));
}

void TestMoverNothingLost::fileSystemsThatCannotRenameInThatWay()
{
    // as CephFS, NFS and FUSE answer: for this thread alone
    QTemporaryDir folder;
    QStringList story;
    bool filtered = false;
    std::thread thread([&] {
        // nor can they keep a file without a name
        filtered = refuseSystemCall(SYS_renameat2, 4, 0) && refuseSystemCall(SYS_access, 1, 77777);
        fake::Surroundings around;
        ObjectContext context(around.move, "x");
        auto to = FileDestination::open(folder.filePath("out"), "R-1.copy", context);
        fake::MemoryObject object("hello", 1);
        const quint32 crc = crc32c(kCrc32cStart, QByteArray("hello"));
        const auto first = (*to)->open("a", object, {}, context);
        static_cast<void>((*first)->write("hello", context));
        const auto stored = (*first)->finish(crc, context);
        story.append(stored ? QString::fromUtf8(get(folder.filePath("out/a"))) : stored.error().toLine());
        const auto second = (*to)->open("b", object, {}, context);
        static_cast<void>((*second)->write("hello", context));
        put(folder.filePath("out/b"), "mine");
        const auto refused = (*second)->finish(crc, context);
        story.append(!refused && isMoved(refused.error()) ? QString::fromUtf8(get(folder.filePath("out/b")))
                                                          : QStringLiteral("replaced"));
        int staged = 0;
        for (QDirIterator it(folder.filePath("out/.sluice-staged"), QDir::Files | QDir::Hidden,
                             QDirIterator::Subdirectories);
             it.hasNext(); it.next()) {
            ++staged;
        }
        story.append(QString::number(staged));
    });
    thread.join();
    if (!filtered) {
        QSKIP("this kernel lets no process filter its own system calls");
    }
    QCOMPARE(story, QStringList({"hello", "mine", "1"}));
    // neither in that way nor by a second name: a reason, and nothing is put anywhere
    std::thread without([&] {
        filtered = refuseSystemCall(SYS_renameat2, 4, 0) && refuseSystemCall(SYS_linkat, 4, 77);
        fake::Surroundings around;
        ObjectContext context(around.move, "x");
        auto to = FileDestination::open(folder.filePath("out"), "R-1.copy", context);
        fake::MemoryObject object("hello", 1);
        const auto writer = (*to)->open("c", object, {}, context);
        static_cast<void>((*writer)->write("hello", context));
        const auto refused = (*writer)->finish(crc32c(kCrc32cStart, QByteArray("hello")), context);
        story = {refused ? QString() : refused.error().cause};
    });
    without.join();
    QVERIFY2(story.first().contains("neither rename"), qPrintable(story.first()));
    QVERIFY(!QFile::exists(folder.filePath("out/c")));
}

void TestMoverNothingLost::fileSystemsThatKeepNoFolders()
{
    QTemporaryDir folder;
    QString said;
    bool filtered = false;
    std::thread thread([&] {
        fake::Surroundings around;
        ObjectContext context(around.move, "x");
        auto to = FileDestination::open(folder.filePath("out"), "R-1.copy", context);
        fake::MemoryObject object("hello", 1);
        const auto writer = (*to)->open("deep/a", object, {}, context);
        static_cast<void>((*writer)->write("hello", context));
        filtered = refuseSystemCall(SYS_fsync, 0, 77777);
        const auto stored = (*writer)->finish(crc32c(kCrc32cStart, QByteArray("hello")), context);
        said = stored ? QString::fromUtf8(get(folder.filePath("out/deep/a"))) : stored.error().toLine();
    });
    thread.join();
    if (!filtered) {
        QSKIP("this kernel lets no process filter its own system calls");
    }
    QCOMPARE(said, QStringLiteral("hello"));
}

QTEST_GUILESS_MAIN(TestMoverNothingLost)
#include "tst_mover_nothing_lost.moc"
