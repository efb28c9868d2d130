#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <csignal>

#include "keys/key_vault.h"
#include "keys/secret_store.h"
#include "patience.h"

using namespace sluice;
using namespace sluice::keys;

namespace {

ino_t foreignFile = 0;

/// As long as it lives the file with this inode number belongs to another user: only root could give it away.
class ForeignFile {
public:
    explicit ForeignFile(ino_t file) { foreignFile = file; }
    ~ForeignFile() { foreignFile = 0; }
    ForeignFile(const ForeignFile&) = delete;
    ForeignFile& operator=(const ForeignFile&) = delete;
};

}  // namespace

/// Stands in front of the C library's.
extern "C" int fstat(int fd, struct stat* info) noexcept
{
    const int result = static_cast<int>(::syscall(SYS_fstat, fd, info));
    if (result == 0 && foreignFile != 0 && info->st_ino == foreignFile) {
        info->st_uid = ::geteuid() + 1;
    }
    return result;
}

class TestKeysSecretStore : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_dir;
    QString folder() const { return m_dir->filePath("secrets"); }
    static int modeOf(const QString& path)
    {
        struct stat info {};
        return ::lstat(QFile::encodeName(path).constData(), &info) == 0 ? int(info.st_mode & 07777) : -1;
    }
    static void chmodTo(const QString& path, int mode)
    {
        QCOMPARE(::chmod(QFile::encodeName(path).constData(), mode_t(mode)), 0);
    }
    FileSecretStore opened()
    {
        auto store = FileSecretStore::open(folder());
        if (!store) {
            qFatal("%s", qPrintable(store.error().toLine()));
        }
        return *store;
    }

private Q_SLOTS:
    void init() { m_dir = std::make_unique<QTemporaryDir>(); }

    void putAndGet()
    {
        FileSecretStore store = opened();
        QVERIFY(store.put("s3/rgw.vega", "access\nsecret\n").has_value());
        QCOMPARE(*store.get("s3/rgw.vega"), QByteArray("access\nsecret\n"));
        QVERIFY(store.put("s3/rgw.vega", QByteArray("\0\xff", 2)).has_value());
        QCOMPARE(*store.get("s3/rgw.vega"), QByteArray("\0\xff", 2));
        QVERIFY(store.put("empty", {}).has_value());
        QCOMPARE(*store.get("empty"), QByteArray());
        QVERIFY(store.put("a/b/c/d", "x").has_value());
        QCOMPARE(*store.list(), (QStringList{"a/b/c/d", "empty", "s3/rgw.vega"}));
        QCOMPARE(modeOf(folder()), 0700);
        QCOMPARE(modeOf(folder() + "/s3"), 0700);
        QCOMPARE(modeOf(folder() + "/s3/rgw.vega"), 0600);
        QVERIFY(store.remove("s3/rgw.vega").has_value());
        QVERIFY(store.remove("s3/rgw.vega").has_value());
        QVERIFY(store.remove("never/was").has_value());
        QCOMPARE(int(store.get("s3/rgw.vega").error().code), int(ErrorCode::NotFound));
        QCOMPARE(int(store.get("no/folder").error().code), int(ErrorCode::NotFound));
    }
    void modesDoNotDependOnTheUmask()
    {
        const mode_t before = ::umask(0);
        FileSecretStore store = opened();
        const bool stored = store.put("a/b", "x").has_value();
        ::umask(before);
        QVERIFY(stored);
        QCOMPARE(modeOf(folder()), 0700);
        QCOMPARE(modeOf(folder() + "/a"), 0700);
        QCOMPARE(modeOf(folder() + "/a/b"), 0600);
    }
    void badNames_data()
    {
        QTest::addColumn<QString>("name");
        for (const char* name : {"", "/", "/a", "a/", "a//b", "..", "../x", "a/../b", ".hidden", "a/.b",
                                 "a b", "ä", "a/b/c/d/e", ".tmp-1", "a\\b"}) {
            QTest::newRow(qPrintable(QStringLiteral("“%1”").arg(QLatin1String(name))))
                << QString::fromUtf8(name);
        }
        QTest::newRow("line end") << "a\n";
        QTest::newRow("two lines") << "a\nb";
        QTest::newRow("long") << QString(201, 'a');
    }
    void badNames()
    {
        QFETCH(QString, name);
        FileSecretStore store = opened();
        QCOMPARE(int(store.put(name, "x").error().code), int(ErrorCode::InvalidArgument));
        QCOMPARE(int(store.get(name).error().code), int(ErrorCode::InvalidArgument));
        QCOMPARE(int(store.remove(name).error().code), int(ErrorCode::InvalidArgument));
        QVERIFY(store.list()->isEmpty());
        QVERIFY(!QFile::exists(m_dir->filePath("x")));
    }
    void aFileOthersCanReadIsRefused_data()
    {
        QTest::addColumn<int>("mode");
        for (const int mode : {0640, 0604, 0660, 0644, 0601}) {
            QTest::newRow(qPrintable(QString::number(mode, 8))) << mode;
        }
    }
    void aFileOthersCanReadIsRefused()
    {
        QFETCH(int, mode);
        FileSecretStore store = opened();
        QVERIFY(store.put("a", "secret").has_value());
        chmodTo(folder() + "/a", mode);
        const auto got = store.get("a");
        QVERIFY(!got);
        QCOMPARE(int(got.error().code), int(ErrorCode::PermissionDenied));
        QVERIFY2(got.error().cause.contains(QString::number(mode, 8)), qPrintable(got.error().cause));
        QVERIFY(!got.error().correction.isEmpty());
        QVERIFY(!store.put("a", "other"));
        QCOMPARE(modeOf(folder() + "/a"), mode);  // left alone
    }
    void aFolderOthersCanReadIsRefused()
    {
        FileSecretStore store = opened();
        QVERIFY(store.put("s3/a", "secret").has_value());
        chmodTo(folder() + "/s3", 0750);
        QCOMPARE(int(store.get("s3/a").error().code), int(ErrorCode::PermissionDenied));
        QCOMPARE(int(store.put("s3/b", "x").error().code), int(ErrorCode::PermissionDenied));
        chmodTo(folder() + "/s3", 0700);
        chmodTo(folder(), 0755);
        QCOMPARE(int(store.get("s3/a").error().code), int(ErrorCode::PermissionDenied));
        QCOMPARE(int(FileSecretStore::open(folder()).error().code), int(ErrorCode::PermissionDenied));
        QCOMPARE(int(store.list().error().code), int(ErrorCode::PermissionDenied));
    }
    void aForeignOwnerIsRefused()
    {
        FileSecretStore store = opened();
        QVERIFY(store.put("a", "secret").has_value());
        struct stat info {};
        QCOMPARE(::lstat(QFile::encodeName(folder() + "/a").constData(), &info), 0);
        const ForeignFile foreign(info.st_ino);
        QCOMPARE(int(store.get("a").error().code), int(ErrorCode::PermissionDenied));
        QVERIFY(store.get("a").error().cause.contains(QString::number(::geteuid() + 1)));
    }
    void symbolicLinksAreNotFollowed()
    {
        FileSecretStore store = opened();
        const QString outside = m_dir->filePath("outside");
        QVERIFY(QDir().mkpath(outside));
        QFile file(outside + "/a");
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("victim");
        file.close();
        chmodTo(outside + "/a", 0600);
        chmodTo(outside, 0700);
        QVERIFY(QFile::link(outside + "/a", folder() + "/a"));
        QVERIFY(QFile::link(outside, folder() + "/s3"));
        QCOMPARE(int(store.get("a").error().code), int(ErrorCode::PermissionDenied));
        QCOMPARE(int(store.get("s3/a").error().code), int(ErrorCode::PermissionDenied));
        QVERIFY(!store.put("a", "x"));
        QVERIFY(!store.put("s3/a", "x"));
        QVERIFY(store.list()->isEmpty());
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), QByteArray("victim"));
        QVERIFY(QFile::link(folder(), m_dir->filePath("link")));
        QVERIFY(!FileSecretStore::open(m_dir->filePath("link")));
    }
    void oddFiles()
    {
        FileSecretStore store = opened();
        QVERIFY(store.put("s3/a", "x").has_value());
        QVERIFY(!store.get("s3"));
        QVERIFY(!store.put("s3", "x"));
        QVERIFY(!store.put("s3/a/b", "x"));
        QCOMPARE(::mkfifo(QFile::encodeName(folder() + "/pipe").constData(), 0600), 0);
        QVERIFY(!store.get("pipe"));  // and does not wait for a writer
        QVERIFY(!store.put("big", QByteArray(64 * 1024 + 1, 'x')));
        QVERIFY(store.put("big", QByteArray(64 * 1024, 'x')).has_value());
    }
    void leftoversAreSwept()
    {
        FileSecretStore store = opened();
        QVERIFY(store.put("s3/a", "x").has_value());
        for (const char* name : {"/.tmp-dead", "/s3/.tmp-beef"}) {
            QFile file(folder() + name);
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write("half a secr");
        }
        QCOMPARE(*store.list(), (QStringList{"s3/a"}));
        opened();
        QVERIFY(!QFile::exists(folder() + "/.tmp-dead"));
        QVERIFY(!QFile::exists(folder() + "/s3/.tmp-beef"));
        QCOMPARE(*store.get("s3/a"), QByteArray("x"));
    }
    void aFullDiskLeavesTheOldValue()
    {
        FileSecretStore store = opened();
        QVERIFY(store.put("a", "old").has_value());
        // A limit on the size of files stands for the full disk; it holds for root too.
        struct rlimit before {};
        QCOMPARE(::getrlimit(RLIMIT_FSIZE, &before), 0);
        struct rlimit tight = before;
        tight.rlim_cur = 2;
        const auto old = ::signal(SIGXFSZ, SIG_IGN);
        ::setrlimit(RLIMIT_FSIZE, &tight);
        const Result<void> stored = store.put("a", "new value");
        ::setrlimit(RLIMIT_FSIZE, &before);
        ::signal(SIGXFSZ, old);
        QVERIFY(!stored);
        QVERIFY(stored.error().cause.contains("File too large"));
        QCOMPARE(QDir(folder()).entryList(QDir::Files | QDir::Hidden), (QStringList{"a"}));
        QCOMPARE(*store.get("a"), QByteArray("old"));
    }
    void errorsHoldNoSecret()
    {
        FileSecretStore store = opened();
        QVERIFY(store.put("a", "hunter2").has_value());
        chmodTo(folder() + "/a", 0644);
        QVERIFY(!store.get("a").error().toLine().contains("hunter2"));
        QVERIFY(!store.put("a", "hunter3").error().toLine().contains("hunter3"));
    }
    void deliveredFiles()
    {
        const QString path = m_dir->filePath("keyring");
        QVERIFY(writePrivateFile(path, "one").has_value());
        QCOMPARE(modeOf(path), 0600);
        chmodTo(path, 0644);
        QVERIFY(writePrivateFile(path, "two").has_value());  // a delivery repairs a mode that became too wide
        QCOMPARE(modeOf(path), 0600);
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), QByteArray("two"));
        QCOMPARE(QDir(m_dir->path()).entryList(QDir::Files | QDir::Hidden), (QStringList{"keyring"}));
        QVERIFY(!writePrivateFile(m_dir->filePath("absent/keyring"), "x"));
        QVERIFY(QDir().mkpath(m_dir->filePath("open")));
        chmodTo(m_dir->filePath("open"), 0777);
        QCOMPARE(int(writePrivateFile(m_dir->filePath("open/keyring"), "x").error().code),
                 int(ErrorCode::PermissionDenied));
    }

    void vaultWorksInItsThread()
    {
        ThreadedKeyVault vault(std::make_unique<FileSecretStore>(opened()));
        QStringList seen;
        bool sameThread = true;
        const auto note = [&](const QString& what) {
            seen.append(what);
            sameThread = sameThread && QThread::currentThread() == thread();
        };
        vault.put("a", "x", [&](Result<void> done) { note(done ? "put" : "put failed"); });
        vault.get("a",
                  [&](Result<QByteArray> got) { note(got ? "got " + *got : QStringLiteral("get failed")); });
        vault.deliver(m_dir->filePath("keyring"), "client.x",
                      "KEY==", [&](Result<void> done) { note(done ? "delivered" : "deliver failed"); });
        vault.remove("a", [&](Result<void> done) { note(done ? "removed" : "remove failed"); });
        vault.get("a", [&](Result<QByteArray> got) {
            note(got ? QStringLiteral("still there") : toString(got.error().code));
        });
        QVERIFY(seen.isEmpty());
        QTRY_COMPARE(seen, (QStringList{"put", "got x", "delivered", "removed", "NotFound"}));
        QVERIFY(sameThread);
        QFile file(m_dir->filePath("keyring"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), QByteArray("[client.x]\n\tkey = KEY==\n"));
    }
    void aVaultThatGoesAwayAnswersNobody()
    {
        bool called = false;
        {
            ThreadedKeyVault vault(std::make_unique<FileSecretStore>(opened()));
            vault.put("a", "x", [&](Result<void>) { called = true; });
        }
        QCoreApplication::processEvents();
        QVERIFY(!called);
        QCOMPARE(*opened().get("a"), QByteArray("x"));
    }
};

QTEST_GUILESS_MAIN(TestKeysSecretStore)
#include "tst_keys_secret_store.moc"
