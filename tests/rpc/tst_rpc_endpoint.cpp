#include <sys/stat.h>
#include <unistd.h>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QProcess>
#include <QtCore/QTemporaryDir>

#include "patience.h"
#include "rpc/endpoint.h"
#include "rpc/proof.h"

using namespace sluice;
using namespace sluice::rpc;

namespace {

int modeOf(const QString& path)
{
    struct stat status {};
    return ::stat(QFile::encodeName(path).constData(), &status) == 0 ? static_cast<int>(status.st_mode & 0777)
                                                                     : -1;
}

void write(const QString& path, const QByteArray& text, int mode = 0600)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(text);
    file.close();
    QCOMPARE(::chmod(QFile::encodeName(path).constData(), static_cast<mode_t>(mode)), 0);
}

qint64 self()
{
    return QCoreApplication::applicationPid();
}

QJsonObject endpointJson(const QString& stateDir)
{
    return QJsonDocument::fromJson(*readPrivateFile(endpointPath(stateDir))).object();
}

}  // namespace

class TestRpcEndpoint : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyStartHasATokenOfItsOwn();
    void aNewTokenIsReadByNobodyElse();
    void onlyTheProcessThatWroteIt();
    void notTheProcessOfAnotherUser();
    void ports_data();
    void ports();
    void writtenAndFound();
    void noEngine();
    void filesOfOthers_data();
    void filesOfOthers();
    void links();
    void damaged_data();
    void damaged();
    void removedOnlyByItsEngine();
    void anEngineSeesWhatIsLost();
    void defaultFolder();
};

void TestRpcEndpoint::everyStartHasATokenOfItsOwn()
{
    QTemporaryDir dir;
    const mode_t mask = ::umask(0);
    const auto token = renewToken(dir.path());
    ::umask(mask);
    QVERIFY(token);
    QVERIFY(isNonce(*token));
    QCOMPARE(modeOf(tokenPath(dir.path())), 0600);
    QCOMPARE(readPrivateFile(tokenPath(dir.path()))->trimmed(), *token);
    const auto next = renewToken(dir.path());
    QVERIFY(next && *next != *token);
    QCOMPARE(readPrivateFile(tokenPath(dir.path()))->trimmed(), *next);
    QCOMPARE(QDir(dir.path()).entryList(QDir::Files), QStringList{"token"});

    const auto nowhere = renewToken(dir.filePath("none"));
    QVERIFY(!nowhere);
    QVERIFY(!nowhere.error().correction.isEmpty());
}

void TestRpcEndpoint::aNewTokenIsReadByNobodyElse()
{
    // What stood there was open to all, or led elsewhere: the new one is in a file of its own.
    QTemporaryDir dir;
    write(tokenPath(dir.path()), "old", 0666);
    QFile held(tokenPath(dir.path()));
    QVERIFY(held.open(QIODevice::ReadOnly));
    QVERIFY(renewToken(dir.path()));
    QCOMPARE(modeOf(tokenPath(dir.path())), 0600);
    QCOMPARE(held.readAll(), QByteArray("old"));

    write(dir.filePath("elsewhere"), "old", 0666);
    QVERIFY(QFile::remove(tokenPath(dir.path())));
    QVERIFY(QFile::link(dir.filePath("elsewhere"), tokenPath(dir.path())));
    QVERIFY(renewToken(dir.path()));
    QVERIFY(readPrivateFile(tokenPath(dir.path())));
    QFile elsewhere(dir.filePath("elsewhere"));
    QVERIFY(elsewhere.open(QIODevice::ReadOnly));
    QCOMPARE(elsewhere.readAll(), QByteArray("old"));

    QVERIFY(QFile::remove(tokenPath(dir.path())));
    QVERIFY(QDir(dir.path()).mkdir("token"));
    const auto folder = renewToken(dir.path());
    QVERIFY(!folder);
    QCOMPARE(toString(folder.error().code), QStringLiteral("FailedPrecondition"));
    QCOMPARE(QDir(dir.path()).entryList(QDir::Files), QStringList{"elsewhere"});
}

void TestRpcEndpoint::onlyTheProcessThatWroteIt()
{
    QTemporaryDir dir;
    QVERIFY(renewToken(dir.path()));
    QProcess engine;
    engine.start("sleep", {"1000"});
    QVERIFY(engine.waitForStarted());
    QVERIFY(writeEndpoint(dir.path(), {QUrl("ws://127.0.0.1:4711"), engine.processId(), "e-1", "0.1", {}}));
    QVERIFY(findEngine(dir.path()));

    // Another process has that number since.
    QJsonObject json = endpointJson(dir.path());
    const QString ticks = json["startTicks"].toString();
    QVERIFY(ticks.toULongLong() > 0);
    json["startTicks"] = QString::number(ticks.toULongLong() + 1);
    write(endpointPath(dir.path()), QJsonDocument(json).toJson());
    QCOMPARE(toString(findEngine(dir.path()).error().code), QStringLiteral("Unavailable"));
    // What is among other processes cannot be looked at from here.
    json["pidNamespace"] = "pid:[1]";
    write(endpointPath(dir.path()), QJsonDocument(json).toJson());
    QVERIFY(findEngine(dir.path()));

    QVERIFY(writeEndpoint(dir.path(), {QUrl("ws://127.0.0.1:4711"), engine.processId(), "e-1", "0.1", {}}));
    engine.kill();
    QVERIFY(engine.waitForFinished());
    const auto ended = findEngine(dir.path());
    QVERIFY(!ended);
    QCOMPARE(toString(ended.error().code), QStringLiteral("Unavailable"));
    QVERIFY(ended.error().cause.contains("has ended"));
    QVERIFY(ended.error().correction.contains("sluiced --state-dir"));
}

void TestRpcEndpoint::notTheProcessOfAnotherUser()
{
    // A process of another user: the machine's first one, or, for root, one that gives its rights up.
    QTemporaryDir dir;
    QVERIFY(renewToken(dir.path()));
    qint64 pid = 1;
    QProcess other;
    if (::geteuid() == 0) {
        other.setChildProcessModifier([] {
            if (::setresuid(65534, 65534, 65534) != 0) {
                ::_exit(1);
            }
        });
        other.start("sleep", {"1000"});
        QVERIFY(other.waitForStarted());
        pid = other.processId();
    }
    QVERIFY(writeEndpoint(dir.path(), {QUrl("ws://127.0.0.1:4711"), pid, "e-1", "0.1", {}}));
    const auto found = findEngine(dir.path());
    QVERIFY(!found);
    QCOMPARE(toString(found.error().code), QStringLiteral("Unavailable"));
    QVERIFY2(found.error().cause.contains("another user"), qPrintable(found.error().cause));
    other.kill();
    other.waitForFinished();
}

void TestRpcEndpoint::ports_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("port");
    QTest::newRow("any") << "0" << 0;
    QTest::newRow("largest") << "65535" << 65535;
    for (const char* bad : {"", "abc", "65536", "-1", "80x", "8 0", "0x50", "1e3", "99999999999999999999"}) {
        QTest::newRow(bad[0] ? bad : "none") << bad << -1;
    }
}

void TestRpcEndpoint::ports()
{
    QFETCH(QString, text);
    QFETCH(int, port);
    const auto read = portFromText(text);
    QCOMPARE(read ? static_cast<int>(*read) : -1, port);
    if (!read) {
        QVERIFY(read.error().code == ErrorCode::InvalidArgument);
        QVERIFY(read.error().message.contains("'" + text + "'"));
    }
}

void TestRpcEndpoint::writtenAndFound()
{
    QTemporaryDir dir;
    QVERIFY(renewToken(dir.path()));
    const mode_t mask = ::umask(0);
    QVERIFY(writeEndpoint(dir.path(),
                          {QUrl("ws://127.0.0.1:4711"), self(), "e-1", "0.1", "never to be written"}));
    ::umask(mask);
    QCOMPARE(modeOf(endpointPath(dir.path())), 0600);
    QFile file(endpointPath(dir.path()));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray text = file.readAll();
    QVERIFY(!text.contains("never"));
    const auto found = findEngine(dir.path());
    QVERIFY(found);
    QCOMPARE(found->url, QUrl("ws://127.0.0.1:4711"));
    QCOMPARE(found->pid, self());
    QCOMPARE(found->engineId, QStringLiteral("e-1"));
    QCOMPARE(found->version, QStringLiteral("0.1"));
    QCOMPARE(found->token.toLatin1(), readPrivateFile(tokenPath(dir.path()))->trimmed());
    QVERIFY(writeEndpoint(dir.path(), {QUrl("ws://127.0.0.1:4712"), self(), "e-2", "0.1", {}}));
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
    QVERIFY(renewToken(dir.path()));
    QVERIFY(writeEndpoint(dir.path(), {QUrl("ws://127.0.0.1:4711"), self(), "e-1", "0.1", {}}));
    QVERIFY(findEngine(dir.path()));
    QCOMPARE(::chmod(QFile::encodeName(dir.filePath(file)).constData(), static_cast<mode_t>(mode)), 0);
    const auto found = findEngine(dir.path());
    QVERIFY(!found);
    QCOMPARE(toString(found.error().code), QStringLiteral("FailedPrecondition"));
    QVERIFY(found.error().message.contains(file));
    QVERIFY(!found.error().correction.isEmpty());
}

void TestRpcEndpoint::links()
{
    QTemporaryDir dir;
    QVERIFY(renewToken(dir.path()));
    QVERIFY(QFile::rename(tokenPath(dir.path()), dir.filePath("elsewhere")));
    QVERIFY(QFile::link(dir.filePath("elsewhere"), tokenPath(dir.path())));
    QCOMPARE(toString(readPrivateFile(tokenPath(dir.path())).error().code),
             QStringLiteral("FailedPrecondition"));
    QCOMPARE(toString(readPrivateFile(dir.path()).error().code), QStringLiteral("FailedPrecondition"));
    QCOMPARE(::mkfifo(QFile::encodeName(dir.filePath("pipe")).constData(), 0600), 0);
    QCOMPARE(toString(readPrivateFile(dir.filePath("pipe")).error().code),
             QStringLiteral("FailedPrecondition"));
    write(dir.filePath("large"), QByteArray(100'000, 'x'));
    QCOMPARE(toString(readPrivateFile(dir.filePath("large")).error().code),
             QStringLiteral("FailedPrecondition"));
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
    QVERIFY(renewToken(dir.path()));
    write(endpointPath(dir.path()), text);
    const auto found = findEngine(dir.path());
    QVERIFY(!found);
    QCOMPARE(toString(found.error().code), QStringLiteral("FailedPrecondition"));
}

void TestRpcEndpoint::removedOnlyByItsEngine()
{
    QTemporaryDir dir;
    QVERIFY(writeEndpoint(dir.path(), {QUrl("ws://127.0.0.1:4711"), self(), "e-2", "0.1", {}}));
    removeEndpoint(dir.path(), "e-1");
    QVERIFY(QFile::exists(endpointPath(dir.path())));
    removeEndpoint(dir.path(), "e-2");
    QVERIFY(!QFile::exists(endpointPath(dir.path())));
}

void TestRpcEndpoint::anEngineSeesWhatIsLost()
{
    QTemporaryDir dir;
    Endpoint endpoint{QUrl("ws://127.0.0.1:4711"), self(), "e-1", "0.1",
                      QString::fromLatin1(*renewToken(dir.path()))};
    QVERIFY(writeEndpoint(dir.path(), endpoint));
    const auto lost = [&] { return whatIsLost(dir.path(), endpoint); };
    QCOMPARE(lost().endpoint + lost().token, QString());
    QJsonObject json = endpointJson(dir.path());
    json["startTicks"] = "1";
    write(endpointPath(dir.path()), QJsonDocument(json).toJson());
    QCOMPARE(lost().endpoint, QStringLiteral("somebody has written to it"));
    QCOMPARE(lost().token, QString());
    QVERIFY(writeEndpoint(dir.path(), endpoint));
    for (const QString& path : {endpointPath(dir.path()), tokenPath(dir.path())}) {
        QCOMPARE(::chmod(QFile::encodeName(path).constData(), 0644), 0);
        const Lost open = lost();
        QVERIFY((path == tokenPath(dir.path()) ? open.token : open.endpoint).contains("mode 644"));
        QVERIFY((path == tokenPath(dir.path()) ? open.endpoint : open.token).isEmpty());
        QVERIFY(QFile::remove(path));
        const Lost removed = lost();
        QVERIFY((path == tokenPath(dir.path()) ? removed.token : removed.endpoint)
                    .contains("there is no such file"));
        QVERIFY(writeEndpoint(dir.path(), endpoint));
    }
    endpoint.token = QString::fromLatin1(*renewToken(dir.path()));
    QCOMPARE(lost().token, QString());
    QVERIFY(renewToken(dir.path()));
    QCOMPARE(lost().token, QStringLiteral("somebody has written to it"));
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
