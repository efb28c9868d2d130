#include <sys/resource.h>
#include <sys/stat.h>
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <csignal>

#include "patience.h"
#include "rpc/endpoint.h"
#include "rpc/private_write.h"

using namespace sluice;
using namespace sluice::rpc;

namespace {

/// No file may grow while it lives: a full disk for one process, whoever runs the test.
class FullDisk {
public:
    FullDisk()
    {
        ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &m_before);
        const rlimit none{.rlim_cur = 0, .rlim_max = m_before.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &none);
    }
    ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &m_before); }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

private:
    rlimit m_before{};
};

QByteArray get(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("none");
}

}  // namespace

class TestRpcPrivateWrite : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void onAFullDiskWhatWasThereStays()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath("file");
        {
            const FullDisk full;
            const auto refused = replacePrivateFile(path, "first");
            QVERIFY(!refused);
            QVERIFY(!refused.error().cause.isEmpty());
        }
        QVERIFY2(!QFile::exists(path), "no file of 0 bytes");
        QVERIFY(replacePrivateFile(path, "first"));
        {
            const FullDisk full;
            QVERIFY(!replacePrivateFile(path, "second"));
        }
        QCOMPARE(get(path), QByteArray("first"));
        QCOMPARE(QDir(folder.path()).entryList(QDir::Files | QDir::Hidden), QStringList("file"));
        QVERIFY(replacePrivateFile(path, "second"));
        QCOMPARE(get(path), QByteArray("second"));
        struct stat status {};
        QCOMPARE(::stat(qPrintable(path), &status), 0);
        QCOMPARE(status.st_mode & 07777, mode_t(0600));
    }

    void theEndpointIsWholeOrNotThere()
    {
        QTemporaryDir folder;
        const Endpoint endpoint{.url = QUrl("ws://127.0.0.1:1"), .pid = 1, .engineId = "e", .version = "1"};
        {
            const FullDisk full;
            QVERIFY(!writeEndpoint(folder.path(), endpoint));
        }
        QVERIFY(!QFile::exists(endpointPath(folder.path())));
        QVERIFY(writeEndpoint(folder.path(), endpoint));
        QVERIFY(get(endpointPath(folder.path())).contains("127.0.0.1:1"));
    }

    void aLinkIsReplacedNotFollowed()
    {
        QTemporaryDir folder;
        QVERIFY(QFile::link(folder.filePath("outside"), folder.filePath("file")));
        QVERIFY(replacePrivateFile(folder.filePath("file"), "text"));
        QVERIFY(!QFile::exists(folder.filePath("outside")));
        QCOMPARE(get(folder.filePath("file")), QByteArray("text"));
    }
};

QTEST_GUILESS_MAIN(TestRpcPrivateWrite)
#include "tst_rpc_private_write.moc"
