#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QJsonDocument>
#include <QtCore/QTemporaryDir>
#include <sys/stat.h>

#include "patience.h"
#include "rpc/endpoint.h"

using namespace sluice;
using namespace sluice::rpc;

namespace {

int modeOf(const QString& path)
{
    struct stat status {};
    return ::stat(QFile::encodeName(path).constData(), &status) == 0 ? static_cast<int>(status.st_mode & 0777) : -1;
}

void write(const QString& path, const QByteArray& text, int mode = 0600)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(text);
    file.close();
    QCOMPARE(::chmod(QFile::encodeName(path).constData(), static_cast<mode_t>(mode)), 0);
}

}  // namespace

class TestRpcEndpoint : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void tokenIsMadeOnce();
    void tokenIsUnique();
    void writtenAndFound();
    void noEngine();
    void filesOfOthers_data();
    void filesOfOthers();
    void links();
    void damaged_data();
    void damaged();
    void removedOnlyByItsEngine();
    void defaultFolder();
};

void TestRpcEndpoint::tokenIsMadeOnce()
{
    QTemporaryDir dir;
    const mode_t mask = ::umask(0);
    const auto path = ensureToken(dir.path());
    ::umask(mask);
    QVERIFY(path);
    QCOMPARE(modeOf(*path), 0600);
    const auto text = readPrivateFile(*path);
    QVERIFY(text);
    QCOMPARE(text->trimmed().size(), 64);
    QCOMPARE(QByteArray::fromHex(text->trimmed()).size(), 32);
    QVERIFY(ensureToken(dir.path()));
    QCOMPARE(*readPrivateFile(*path), *text);
    QCOMPARE(QDir(dir.path()).entryList(QDir::Files), QStringList{"token"});

    const auto nowhere = ensureToken(dir.filePath("none"));
    QVERIFY(!nowhere);
    QVERIFY(!nowhere.error().correction.isEmpty());
}

void TestRpcEndpoint::tokenIsUnique()
{
    QTemporaryDir a;
    QTemporaryDir b;
    QVERIFY(ensureToken(a.path()) && ensureToken(b.path()));
    QVERIFY(*readPrivateFile(tokenPath(a.path())) != *readPrivateFile(tokenPath(b.path())));
}

void TestRpcEndpoint::writtenAndFound()
{
    QTemporaryDir dir;
    QVERIFY(ensureToken(dir.path()));
    const mode_t mask = ::umask(0);
    QVERIFY(writeEndpoint(dir.path(), {QUrl("ws://127.0.0.1:4711"), 42, "e-1", "0.1", "never to be written"}));
    ::umask(mask);
    QCOMPARE(modeOf(endpointPath(dir.path())), 0600);
    QFile file(endpointPath(dir.path()));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray text = file.readAll();
    QVERIFY(!text.contains("never"));
    const auto found = findEngine(dir.path());
    QVERIFY(found);
    QCOMPARE(found->url, QUrl("ws://127.0.0.1:4711"));
    QCOMPARE(found->pid, 42);
    QCOMPARE(found->engineId, QStringLiteral("e-1"));
    QCOMPARE(found->version, QStringLiteral("0.1"));
    QCOMPARE(found->token.toLatin1(), readPrivateFile(tokenPath(dir.path()))->trimmed());
    QVERIFY(writeEndpoint(dir.path(), {QUrl("ws://127.0.0.1:4712"), 43, "e-2", "0.1", {}}));
    QCOMPARE(findEngine(dir.path())->url.port(), 4712);
}

void TestRpcEndpoint::noEngine()
{
    QTemporaryDir dir;
    const auto found = findEngine(dir.path());
    QVERIFY(!found);
    QCOMPARE(toString(found.error().code), QStringLiteral("Unavailable"));
    QVERIFY(found.error().correction.contains("sluiced --state-dir " + dir.path()));
}

void TestRpcEndpoint::filesOfOthers_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<int>("mode");
    QTest::newRow("token read by the group") << "token" << 0640;
    QTest::newRow("token read by all") << "token" << 0604;
    QTest::newRow("endpoint written by all") << "endpoint.json" << 0602;
    QTest::newRow("endpoint read by all") << "endpoint.json" << 0644;
}

void TestRpcEndpoint::filesOfOthers()
{
    QFETCH(QString, file);
    QFETCH(int, mode);
    QTemporaryDir dir;
    QVERIFY(ensureToken(dir.path()));
    QVERIFY(writeEndpoint(dir.path(), {QUrl("ws://127.0.0.1:4711"), 42, "e-1", "0.1", {}}));
    QVERIFY(findEngine(dir.path()));
    QCOMPARE(::chmod(QFile::encodeName(dir.filePath(file)).constData(), static_cast<mode_t>(mode)), 0);
    const auto found = findEngine(dir.path());
    QVERIFY(!found);
    QCOMPARE(toString(found.error().code), QStringLiteral("FailedPrecondition"));
    QVERIFY(found.error().message.contains(file));
    QVERIFY(!found.error().correction.isEmpty());
    if (file == "token") {
        QVERIFY(!ensureToken(dir.path()));
    }
}

void TestRpcEndpoint::links()
{
    QTemporaryDir dir;
    QVERIFY(ensureToken(dir.path()));
    QVERIFY(QFile::rename(tokenPath(dir.path()), dir.filePath("elsewhere")));
    QVERIFY(QFile::link(dir.filePath("elsewhere"), tokenPath(dir.path())));
    QCOMPARE(toString(readPrivateFile(tokenPath(dir.path())).error().code), QStringLiteral("FailedPrecondition"));
    QCOMPARE(toString(readPrivateFile(dir.path()).error().code), QStringLiteral("FailedPrecondition"));
    QCOMPARE(::mkfifo(QFile::encodeName(dir.filePath("pipe")).constData(), 0600), 0);
    QCOMPARE(toString(readPrivateFile(dir.filePath("pipe")).error().code), QStringLiteral("FailedPrecondition"));
    write(dir.filePath("large"), QByteArray(100'000, 'x'));
    QCOMPARE(toString(readPrivateFile(dir.filePath("large")).error().code), QStringLiteral("FailedPrecondition"));
}

void TestRpcEndpoint::damaged_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("no JSON") << QByteArray("ws://127.0.0.1:1");
    QTest::newRow("no url") << QByteArray("{}");
    QTest::newRow("other machine") << QByteArray(R"({"url":"ws://10.0.0.1:4711"})");
    QTest::newRow("name that resolves anywhere") << QByteArray(R"({"url":"ws://example.org:4711"})");
    QTest::newRow("no port") << QByteArray(R"({"url":"ws://127.0.0.1"})");
    QTest::newRow("other scheme") << QByteArray(R"({"url":"http://127.0.0.1:4711"})");
}

void TestRpcEndpoint::damaged()
{
    QFETCH(QByteArray, text);
    QTemporaryDir dir;
    QVERIFY(ensureToken(dir.path()));
    write(endpointPath(dir.path()), text);
    const auto found = findEngine(dir.path());
    QVERIFY(!found);
    QCOMPARE(toString(found.error().code), QStringLiteral("FailedPrecondition"));
}

void TestRpcEndpoint::removedOnlyByItsEngine()
{
    QTemporaryDir dir;
    QVERIFY(writeEndpoint(dir.path(), {QUrl("ws://127.0.0.1:4711"), 42, "e-2", "0.1", {}}));
    removeEndpoint(dir.path(), "e-1");
    QVERIFY(QFile::exists(endpointPath(dir.path())));
    removeEndpoint(dir.path(), "e-2");
    QVERIFY(!QFile::exists(endpointPath(dir.path())));
}

void TestRpcEndpoint::defaultFolder()
{
    qputenv("SLUICE_STATE_DIR", "/some/where");
    QCOMPARE(defaultStateDir(), QStringLiteral("/some/where"));
    qunsetenv("SLUICE_STATE_DIR");
    qputenv("XDG_STATE_HOME", "/x/state");
    QCOMPARE(defaultStateDir(), QStringLiteral("/x/state/sluice/default"));
    qputenv("XDG_STATE_HOME", "relative");
    QCOMPARE(defaultStateDir(), QDir::homePath() + "/.local/state/sluice/default");
    qunsetenv("XDG_STATE_HOME");
    QCOMPARE(defaultStateDir(), QDir::homePath() + "/.local/state/sluice/default");
}

QTEST_GUILESS_MAIN(TestRpcEndpoint)
#include "tst_rpc_endpoint.moc"
