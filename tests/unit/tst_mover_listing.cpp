#include <fcntl.h>
#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtTest/QtTest>

#include <array>
#include <filesystem>

#include "mover/file_destination.h"
#include "mover/file_source.h"
#include "mover/pipeline.h"
#include "mover_fakes.h"
#include "patience.h"

using namespace sluice;
using namespace sluice::mover;

namespace {

void put(const QByteArray& path, const QByteArray& bytes)
{
    for (qsizetype at = path.indexOf('/', 1); at >= 0; at = path.indexOf('/', at + 1)) {
        ::mkdir(path.left(at).constData(), 0755);  // names need not be text
    }
    const int fd = ::open(path.constData(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    QVERIFY2(fd >= 0 && ::write(fd, bytes.constData(), static_cast<size_t>(bytes.size())) == bytes.size(),
             path.constData());
    ::close(fd);
}

/// From here on modes bind this thread, also one of root.
/// @source capabilities(7)
void heedModes()
{
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> rights{};
    if (::syscall(SYS_capget, &header, rights.data()) != 0) {
        qFatal("the rights of a thread cannot be read");
    }
    rights[0].effective &= ~((1U << CAP_DAC_OVERRIDE) | (1U << CAP_DAC_READ_SEARCH));
    if (::syscall(SYS_capset, &header, rights.data()) != 0) {
        qFatal("the rights of a thread cannot be given up");
    }
}

/// What a listing says, and whom it waits for.
struct Listed {
    QStringList names{};
    QStringList bad{};
    Result<void> ended{};
};

Listed listAll(SourceEnd& source, ObjectContext& context)
{
    Listed all;
    all.ended = source.list(
        [&](const QList<ListedObject>& objects) {
            for (const ListedObject& object : objects) {
                (object.bad ? all.bad : all.names).append(object.name);
            }
            return true;
        },
        context);
    all.names.sort();
    all.bad.sort();
    return all;
}

}  // namespace

/// A listing is complete or it says why it is not.
class TestMoverListing : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void aFolderThatCannotBeReadIsWaitedFor_data();
    void aFolderThatCannotBeReadIsWaitedFor();
    void withoutDescriptorsItWaits();
    void aTreeOfAnyDepthTakesFewDescriptors();
    void whatIsLeftOutIsCounted();
    void namesAreBytes();
    void oneFileNamedExactly();
    void noOpenThatCanHang_data();
    void noOpenThatCanHang();
    void aLinkInPlaceOfAFolderIsNotFollowed();
    void timeSetBackIsFoundByTheBytes();
    void modeChangedIsNoOtherFile();

private:
    QByteArray in(const QByteArray& name = {}) const
    {
        return m_root + (name.isEmpty() ? QByteArray() : '/' + name);
    }
    /// Lists on a thread of its own until it is blocked; then `mend` is called and it goes on.
    Listed listBlocked(const std::function<void()>& before, const std::function<void()>& mend,
                       QJsonObject* blocked);

    std::unique_ptr<QTemporaryDir> m_folder{};
    std::unique_ptr<fake::Surroundings> m_around{};
    std::unique_ptr<ObjectContext> m_context{};
    QByteArray m_root{};
};

void TestMoverListing::init()
{
    m_context.reset();
    m_folder = std::make_unique<QTemporaryDir>();
    m_around = std::make_unique<fake::Surroundings>();
    m_context = std::make_unique<ObjectContext>(m_around->move, "x");
    m_root = m_folder->filePath("in").toUtf8();
    ::mkdir(m_root.constData(), 0755);
    ::chmod(m_folder->path().toUtf8().constData(), 0755);
}

void TestMoverListing::cleanup()
{
    std::error_code ignored;
    std::filesystem::remove_all(m_folder->filePath("in").toStdString(),
                                ignored);  // deeper than Qt's own removal goes
}

Listed TestMoverListing::listBlocked(const std::function<void()>& before, const std::function<void()>& mend,
                                     QJsonObject* blocked)
{
    Listed listed;
    std::atomic<bool> ended{false};
    std::thread thread([&] {
        before();
        FileSource source(QString::fromUtf8(m_root), {});
        listed = listAll(source, *m_context);
        ended = true;
    });
    while (m_around->host.events("blocked").isEmpty() && !ended) {
        QThread::msleep(5);
        m_around->progress.report(m_around->host);
    }
    const QList<QJsonObject> events = m_around->host.events("blocked");
    *blocked = events.value(0);
    mend();
    if (!sluice::test::waitUntil([&] { return ended.load(); })) {
        m_around->stop.raise(Error{.code = ErrorCode::DeadlineExceeded, .message = "it does not go on"});
    }
    thread.join();
    return listed;
}

void TestMoverListing::aFolderThatCannotBeReadIsWaitedFor_data()
{
    QTest::addColumn<int>("mode");
    QTest::addColumn<bool>("mended");
    QTest::newRow("read only") << 0444 << true;
    QTest::newRow("search only") << 0111 << false;
    QTest::newRow("nothing") << 0000 << false;
}

void TestMoverListing::aFolderThatCannotBeReadIsWaitedFor()
{
    QFETCH(int, mode);
    QFETCH(bool, mended);
    put(in("a"), "1");
    put(in("sub/b"), "2");
    put(in("sub/deep/c"), "3");
    put(in("z/d"), "4");
    ::chmod(in("sub").constData(), static_cast<mode_t>(mode));
    QJsonObject blocked;
    const auto mend = [&] {
        ::chmod(in("sub").constData(), 0755);
        if (!mended) {  // a missing right is asked for every 5 s: waited for once
            m_around->stop.raise(Error{.code = ErrorCode::Cancelled, .message = "enough"});
        }
    };
    const Listed listed = listBlocked(heedModes, mend, &blocked);
    QCOMPARE(blocked["what"].toString(), QStringLiteral("permission"));
    QVERIFY2(blocked["object"].toString().startsWith(QString::fromUtf8(in("sub"))),
             qPrintable(blocked["object"].toString()));
    QCOMPARE(blocked["op"].toString(), QStringLiteral("list"));
    QCOMPARE(listed.ended.has_value(), mended);
    // it does not hold up what can be read
    const QStringList others{"a", "z/d"};
    QCOMPARE(listed.names, mended ? QStringList({"a", "sub/b", "sub/deep/c", "z/d"}) : others);
}

void TestMoverListing::withoutDescriptorsItWaits()
{
    for (int i = 0; i < 30; ++i) {
        put(in("d" + QByteArray::number(i) + "/f"), "x");
    }
    rlimit limit{};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    std::vector<int> taken;
    const rlimit few{.rlim_cur = 64, .rlim_max = limit.rlim_max};
    const auto before = [&] {
        ::setrlimit(RLIMIT_NOFILE, &few);
        for (int fd = ::dup(0); fd >= 0; fd = ::dup(0)) {
            taken.push_back(fd);
        }
    };
    const auto mend = [&] {
        ::setrlimit(RLIMIT_NOFILE, &limit);
        for (const int fd : taken) {
            ::close(fd);
        }
    };
    QJsonObject blocked;
    const Listed listed = listBlocked(before, mend, &blocked);
    QCOMPARE(blocked["what"].toString(), QStringLiteral("limit"));
    QVERIFY(blocked.value("error")["cause"].toString().contains("descriptor"));
    QVERIFY(listed.ended);
    QCOMPARE(listed.names.size(), 30);
}

void TestMoverListing::aTreeOfAnyDepthTakesFewDescriptors()
{
    QByteArray path;
    int folder = ::open(m_root.constData(), O_RDONLY | O_DIRECTORY);
    const QByteArray name(100, 'd');
    constexpr int kDepth = 60;
    for (int i = 0; i < kDepth; ++i) {
        QCOMPARE(::mkdirat(folder, name.constData(), 0755), 0);
        const int next = ::openat(folder, name.constData(), O_RDONLY | O_DIRECTORY);
        ::close(folder);
        folder = next;
        path += name + '/';
    }
    const int fd = ::openat(folder, "f", O_WRONLY | O_CREAT, 0644);
    QCOMPARE(::write(fd, "deep", 4), 4);
    ::close(fd);
    ::close(folder);
    FileSource source(QString::fromUtf8(m_root), {});
    rlimit limit{};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    const int next = ::dup(0);
    const rlimit few{.rlim_cur = static_cast<rlim_t>(next) + 4, .rlim_max = limit.rlim_max};
    ::close(next);
    ::setrlimit(RLIMIT_NOFILE, &few);
    const Listed listed = listAll(source, *m_context);
    ::setrlimit(RLIMIT_NOFILE, &limit);
    QVERIFY2(listed.ended, listed.ended ? "" : qPrintable(listed.ended.error().toLine()));
    QCOMPARE(listed.names, QStringList{QString::fromUtf8(path + 'f')});
    // the whole path is longer than the kernel takes in one call
    const auto object = source.open({.name = listed.names.first()}, *m_context);
    QVERIFY2(object, object ? "" : qPrintable(object.error().toLine()));
    QCOMPARE(*(*object)->read(0, 4, *m_context), QByteArray("deep"));
    QVERIFY((*object)->confirm(0, *m_context));
}

void TestMoverListing::whatIsLeftOutIsCounted()
{
    put(in("a"), "1");
    put(in("sub/b"), "2");
    QDir().mkpath(QString::fromUtf8(in("empty/inner")));
    QCOMPARE(::symlink("a", in("link1").constData()), 0);
    QCOMPARE(::symlink("/etc", in("sub/link2").constData()), 0);
    QCOMPARE(::mkfifo(in("pipe").constData(), 0644), 0);
    if (::setxattr(in("a").constData(), "user.colour", "blue", 4, 0) != 0) {
        qInfo("user attributes are not kept by this file system: they are not counted here");
    }
    FileSource source(QString::fromUtf8(m_root), {});
    QCOMPARE(listAll(source, *m_context).names, QStringList({"a", "sub/b"}));
    QMap<QString, qint64> counts;
    for (const QJsonValue kind : m_around->progress.leftOut()) {
        counts.insert(kind["what"].toString(), kind["count"].toInteger());
        QVERIFY(kind["example"].toString().startsWith(QString::fromUtf8(m_root)));
    }
    QCOMPARE(counts["link"], 2);
    QCOMPARE(counts["special"], 1);
    QCOMPARE(counts["emptyFolder"], 1);
    char value[8];
    QCOMPARE(counts["fileAttributes"], ::getxattr(in("a").constData(), "user.colour", value, 8) > 0 ? 1 : 0);
}

void TestMoverListing::namesAreBytes()
{
    put(in("a.csv"), "plain");
    put(in("\xEF\xBB\xBF"
           "a.csv"),
        "marked");
    put(in("%EF%BB%BF"
           "a.csv"),
        "written");
    put(in("gr\xFC"
           "n/b"),
        "latin");
    put(in("c\xFF"), "bad");
    FileSource source(QString::fromUtf8(m_root), {});
    const Listed listed = listAll(source, *m_context);
    const QString marked = QChar(0xFEFF) + QStringLiteral("a.csv");
    QStringList expected{"a.csv", "%EF%BB%BFa.csv", marked};
    expected.sort();
    QCOMPARE(listed.names, expected);
    QCOMPARE(listed.bad, QStringList({"c%FF", "gr%FCn/b"}));
    const QString out = m_folder->filePath("out");
    {
        const auto to = FileDestination::open(out, "R-1.copy", *m_context);
        const MoveRequest request{.run = "R-1", .task = "copy", .inFlight = 4};
        Pipeline(request, {.source = source, .destination = **to}, m_around->host, m_around->move).run();
    }
    QVERIFY(m_around->stop.failure());
    const Error error = m_around->stop.failure()->error;
    QVERIFY2(error.message.startsWith("3 of 5, 2 not: "), qPrintable(error.message));
    QVERIFY2(error.message.contains("'c%FF'") && error.message.contains("'gr%FCn/b'"),
             qPrintable(error.message));
    const auto read = [&out](const QByteArray& name) {
        QFile file;
        const int fd = ::open((out.toUtf8() + '/' + name).constData(), O_RDONLY);
        return file.open(fd, QIODevice::ReadOnly, QFileDevice::AutoCloseHandle) ? file.readAll()
                                                                                : QByteArray();
    };
    QCOMPARE(read("a.csv"), QByteArray("plain"));
    QCOMPARE(read("\xEF\xBB\xBF"
                  "a.csv"),
             QByteArray("marked"));
    QCOMPARE(read("%EF%BB%BF"
                  "a.csv"),
             QByteArray("written"));
    QCOMPARE(m_around->host.manifest.keys(), QStringList({"%25EF%BB%BFa.csv", "%EF%BB%BFa.csv", "a.csv"}));
}

void TestMoverListing::oneFileNamedExactly()
{
    put(in("one.csv"), "1");
    put(in("one.csv.old"), "2");
    FileSource source(QString::fromUtf8(m_root), {});
    const auto found = source.find("one.csv", *m_context);
    QVERIFY(found && found->has_value());
    QCOMPARE((*found)->sizeBytes, 1u);
    QVERIFY(source.open(**found, *m_context));
    QVERIFY(!source.find("two.csv", *m_context)->has_value());
    QDir().mkpath(QString::fromUtf8(in("folder")));
    QVERIFY(!source.find("folder", *m_context)->has_value());
    FileSource nowhere("/no/such/folder", {});
    QVERIFY(!nowhere.find("x", *m_context)->has_value());
}

void TestMoverListing::noOpenThatCanHang_data()
{
    QTest::addColumn<QString>("kind");
    for (const char* kind : {"FIFO", "socket", "symbolic link", "folder"}) {
        QTest::newRow(kind) << QString(kind);
    }
}

void TestMoverListing::noOpenThatCanHang()
{
    QFETCH(QString, kind);
    put(in("f"), "file");
    FileSource source(QString::fromUtf8(m_root), {});
    ListedObject listed;
    QVERIFY(source.list(
        [&](const QList<ListedObject>& objects) {
            listed = objects.first();
            return true;
        },
        *m_context));
    QCOMPARE(::unlink(in("f").constData()), 0);
    if (kind == "FIFO") {
        QCOMPARE(::mkfifo(in("f").constData(), 0644), 0);
    } else if (kind == "socket") {
        QCOMPARE(::mknod(in("f").constData(), S_IFSOCK | 0644, 0), 0);
    } else if (kind == "folder") {
        QCOMPARE(::mkdir(in("f").constData(), 0755), 0);
    } else {
        QCOMPARE(::symlink("/etc/passwd", in("f").constData()), 0);
    }
    const auto opened = source.open(listed, *m_context);
    QVERIFY(!opened);
    QCOMPARE(toString(opened.error().code), toString(ErrorCode::FailedPrecondition));
    QVERIFY2(opened.error().cause.contains(kind), qPrintable(opened.error().cause));
    // and what lies at the destination is looked at without opening it
    auto to = FileDestination::open(QString::fromUtf8(m_root), "R-1.copy", *m_context);
    QVERIFY(to);
    const auto looked = (*to)->look("f", *m_context);
    QVERIFY(!looked && looked.error().cause.contains(kind));
    QVERIFY(!(*to)->checksum("f", {.exists = true, .sizeBytes = 4}, *m_context));
}

void TestMoverListing::aLinkInPlaceOfAFolderIsNotFollowed()
{
    put(in("sub/f"), "mine");
    put(m_folder->filePath("elsewhere/f").toUtf8(), "not mine");
    FileSource source(QString::fromUtf8(m_root), {});
    QCOMPARE(listAll(source, *m_context).names, QStringList{"sub/f"});
    QVERIFY(QDir(QString::fromUtf8(in("sub"))).removeRecursively());
    QCOMPARE(::symlink(m_folder->filePath("elsewhere").toUtf8().constData(), in("sub").constData()), 0);
    QVERIFY(!source.open({.name = "sub/f"}, *m_context));
}

void TestMoverListing::timeSetBackIsFoundByTheBytes()
{
    put(in("f"), "AAAA");
    struct stat before {};
    ::stat(in("f").constData(), &before);
    FileSource source(QString::fromUtf8(m_root), {});
    const auto object = source.open({.name = "f"}, *m_context);
    const quint32 crc = crc32c(kCrc32cStart, *(*object)->read(0, 4, *m_context));
    put(in("f"), "ZZZZ");
    const timespec times[2] = {before.st_atim, before.st_mtim};
    ::utimensat(AT_FDCWD, in("f").constData(), times, 0);
    const auto confirmed = (*object)->confirm(crc, *m_context);
    QVERIFY(!confirmed);
    QCOMPARE(toString(confirmed.error().code), toString(ErrorCode::Aborted));
}

void TestMoverListing::modeChangedIsNoOtherFile()
{
    put(in("f"), "AAAA");
    FileSource source(QString::fromUtf8(m_root), {});
    const auto object = source.open({.name = "f"}, *m_context);
    const quint32 crc = crc32c(kCrc32cStart, *(*object)->read(0, 4, *m_context));
    ::chmod(in("f").constData(), 0600);
    QVERIFY((*object)->confirm(crc, *m_context));
}

QTEST_GUILESS_MAIN(TestMoverListing)
#include "tst_mover_listing.moc"
