#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtTest/QSignalSpy>
#include <QtWebSockets/QWebSocket>
#include <QtWebSockets/QWebSocketServer>

#include "patience.h"
#include "rpc/row_mirror.h"
#include "support/handshake.h"
#include "support/raw_client.h"
#include "support/schema.h"
#include "support/scripted_engine.h"
#include "support/test_engine.h"

using namespace sluice;
using namespace sluice::rpc;
using namespace sluice::test;

namespace {

const QString kFolder = QStringLiteral(SLUICE_SOURCE_DIR "/tests/rpc/recorded");

QList<QJsonObject> linesOf(const QString& name)
{
    QFile file(kFolder + '/' + name);
    QList<QJsonObject> lines;
    if (file.open(QIODevice::ReadOnly)) {
        for (const QByteArray& line : file.readAll().split('\n')) {
            if (!line.isEmpty()) {
                lines.append(QJsonDocument::fromJson(line).object());
            }
        }
    }
    return lines;
}

void recordings()
{
    QTest::addColumn<QString>("name");
    const QStringList names = QDir(kFolder).entryList({"*.jsonl"}, QDir::Files);
    QVERIFY(!names.isEmpty());
    for (const QString& name : names) {
        QTest::newRow(qPrintable(name)) << name;
    }
}

/// What differs from one connection to the next, by the name it has in a recording.
using Names = QHash<QString, QString>;

QJsonObject filledIn(const QJsonObject& message, const Names& names)
{
    QByteArray text = QJsonDocument(message).toJson();
    for (auto it = names.begin(); it != names.end(); ++it) {
        text.replace(it.key().toUtf8(), it.value().toUtf8());
    }
    return QJsonDocument::fromJson(text).object();
}

/// The recorded message of that method.
QJsonObject messageIn(const QString& name, const QString& side, const QString& method)
{
    for (const QJsonObject& line : linesOf(name)) {
        if (line[side].toObject()["method"] == method) {
            return line[side].toObject();
        }
    }
    return {};
}

bool isOfToday(const QString& name)
{
    return messageIn(name, "engine", "hello")["params"].toObject()["protocol"] == kProtocolVersion;
}

}  // namespace

class TestRpcRecorded : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void messagesFollowTheSchema_data() { recordings(); }
    void messagesFollowTheSchema();
    void schemaRefuses();
    void engineAnswersAsRecorded_data() { recordings(); }
    void engineAnswersAsRecorded();
    void clientUnderstandsTheRecordedEngine_data() { recordings(); }
    void clientUnderstandsTheRecordedEngine();

private:
    static void refusesAnOlderClient(const QString& name);
    static void leavesAnOlderEngine(const QString& name);
};

void TestRpcRecorded::messagesFollowTheSchema()
{
    QFETCH(QString, name);
    const Schema schema("wire.schema.json");
    QVERIFY(schema.definitions().size() > 5);
    int checked = 0;
    for (const QJsonObject& line : linesOf(name)) {
        for (const char* side : {"engine", "client"}) {
            if (line.contains(side)) {
                const QStringList problems = schema.problems(line[side]);
                QVERIFY2(problems.isEmpty(), qPrintable(problems.join('\n')));
                ++checked;
            }
        }
        const QJsonObject result = line["engine"].toObject()["result"].toObject();
        if (result.contains("rows")) {
            QCOMPARE(schema.problems("window", result), QStringList());
        }
        if (result.contains("principal")) {
            QCOMPARE(schema.problems("identified", result), QStringList());
        }
    }
    QVERIFY(checked > 10);
}

void TestRpcRecorded::schemaRefuses()
{
    const Schema schema("wire.schema.json");
    QVERIFY(!schema.problems(QJsonObject{{"jsonrpc", "2.0"}}).isEmpty());
    QJsonObject hello{{"protocol", 2}, {"engine", "0"}, {"engineId", "e"}};
    QVERIFY(!schema.problems(makeNotification("hello", hello)).isEmpty());
    hello["nonce"] = QString(64, 'a');
    QCOMPARE(schema.problems(makeNotification("hello", hello)), QStringList());
    QVERIFY(!schema.problems(QJsonObject{{"jsonrpc", "1.0"}, {"id", 1}, {"method", "x"}}).isEmpty());
    QVERIFY(!schema.problems(makeNotification("topic.delta", {{"subscription", "s1"}})).isEmpty());
    QVERIFY(!schema.problems(makeError(1, -1, Error{.message = "x"})).isEmpty());
    QVERIFY(!schema.problems("window", QJsonObject{{"rows", QJsonArray{QJsonObject{{"id", ""}}}}}).isEmpty());
    const Schema rows("rows.schema.json");
    QVERIFY(!rows.problems("tasks", QJsonObject{{"id", "R-1/a"}, {"state", "bored"}}).isEmpty());
    QVERIFY(!rows.problems("no such definition", QJsonObject{}).isEmpty());
}

void TestRpcRecorded::engineAnswersAsRecorded()
{
    QFETCH(QString, name);
    if (!isOfToday(name)) {
        refusesAnOlderClient(name);
        return;
    }
    for (const bool cbor : {false, true}) {
        TestEngine engine(Limits{.flushIntervalMs = 1});
        Names names{{"$EPOCH", {}}, {"$CLIENT_NONCE", QString::fromLatin1(newNonce())}};
        RowsTopic& topic = engine.addTopic("rows");
        QVERIFY(engine.start());
        names["$EPOCH"] = engine.server().epoch();
        std::unique_ptr<RawClient> client;
        qsizetype next = 0;
        for (const QJsonObject& line : linesOf(name)) {
            const QJsonObject act = line["do"].toObject();
            QList<QJsonObject> rows;
            for (const QJsonValue& row : act["set"].toArray()) {
                rows.append(row.toObject());
            }
            if (!rows.isEmpty()) {
                topic.set(rows);
            }
            if (act.contains("remove")) {
                topic.remove({act["remove"].toArray().first().toString()});
            }
            if (!client && line.contains("engine")) {
                client = std::make_unique<RawClient>(engine.url());
            }
            if (line.contains("client")) {
                QJsonObject message = filledIn(line["client"].toObject(), names);
                if (cbor && message["method"] == QLatin1String("identify")) {
                    QJsonObject params = message["params"].toObject();
                    params["encoding"] = "cbor";
                    message["params"] = params;
                }
                client->sendText(encode(message, Encoding::Json));
            }
            if (line.contains("engine")) {
                QTRY_VERIFY(client->messages().size() > next);
                if (next == 0) {
                    const QJsonObject proof =
                        proofFor(engine.token(), client->hello(), names["$CLIENT_NONCE"].toLatin1());
                    names["$ENGINE_NONCE"] = client->hello()["nonce"].toString();
                    names["$CLIENT_PROOF"] = proof["proof"].toString();
                    names["$ENGINE_PROOF"] = engineProof(engine.token(), client->hello(), proof);
                }
                QCOMPARE(client->messages().at(next), filledIn(line["engine"].toObject(), names));
                ++next;
            }
        }
        QCOMPARE(client->messages().size(), next);
    }
}

/// A client of an older protocol sends what it sent then: it is closed, with a sentence it can show.
void TestRpcRecorded::refusesAnOlderClient(const QString& name)
{
    TestEngine engine;
    QVERIFY(engine.start());
    RawClient client(engine.url());
    QVERIFY(client.waitHello());
    const QJsonObject identify =
        filledIn(messageIn(name, "client", "identify"), {{"$TOKEN", engine.token()}});
    QVERIFY(identify["params"].toObject()["token"].toString().size() == 64);
    client.sendText(encode(identify, Encoding::Json));
    QCOMPARE(client.waitClose(), 4010);
    QVERIFY2(client.socket().closeReason().contains("use a client of protocol 2"),
             qPrintable(client.socket().closeReason()));
    QCOMPARE(client.messages().size(), 1);
}

/// An engine of an older protocol gets nothing, least of all a token.
void TestRpcRecorded::leavesAnOlderEngine(const QString& name)
{
    ScriptedEngine engine;
    engine.protocol = messageIn(name, "engine", "hello")["params"].toObject()["protocol"].toInt();
    Client client;
    QSignalSpy gone(&client, &Client::disconnected);
    client.connectTo(engine.url(), "secret", "test/1");
    QTRY_COMPARE(gone.size(), 1);
    const auto error = gone.first().first().value<Error>();
    QCOMPARE(toString(error.code), QStringLiteral("FailedPrecondition"));
    QVERIFY(error.cause.contains("protocol 1, this program 2"));
    QCOMPARE(engine.count(), 0);
}

void TestRpcRecorded::clientUnderstandsTheRecordedEngine()
{
    QFETCH(QString, name);
    if (!isOfToday(name)) {
        leavesAnOlderEngine(name);
        return;
    }
    Names names{{"$ENGINE_NONCE", QString::fromLatin1(newNonce())}, {"$EPOCH", "e1"}};
    // Plays the engine's side; an answer takes the id that the client used for that method.
    QWebSocketServer listener("recorded", QWebSocketServer::NonSecureMode);
    QVERIFY(listener.listen(QHostAddress::LocalHost));
    Client client;
    RowMirror mirror;
    QStringList answers;
    const int feed = client.subscribe({.topic = "rows", .limit = 2}, this,
                                      [&](const TopicChange& change) { mirror.apply(change); });
    client.connectTo(listener.serverUrl(), "secret", "test/1");
    QTRY_VERIFY(listener.hasPendingConnections());
    std::unique_ptr<QWebSocket> socket(listener.nextPendingConnection());
    QList<QJsonObject> received;
    connect(socket.get(), &QWebSocket::textMessageReceived, this,
            [&](const QString& text) { received.append(*decode(text.toUtf8(), Encoding::Json)); });

    const auto keep = [&](const Result<QJsonObject>& answer) {
        answers.append(answer ? QStringLiteral("ok") : toString(answer.error().code));
    };
    QJsonValue lastId;
    qsizetype taken = 0;
    int expectedAnswers = 0;
    for (const QJsonObject& line : linesOf(name)) {
        if (line.contains("client")) {
            const QJsonObject recorded = line["client"].toObject();
            const QString method = recorded["method"].toString();
            if (method == "topic.window") {
                client.setWindow(feed, recorded["params"].toObject()["offset"].toInt(), 5);
            } else if (method == "topic.unsubscribe") {
                client.unsubscribe(feed);
            } else if (method.startsWith("test.")) {
                client.call(method, recorded["params"].toObject(), this, keep);
                ++expectedAnswers;
            }
            QTRY_VERIFY(received.size() > taken);
            QCOMPARE(received.at(taken)["method"].toString(), method);
            if (method == "identify") {
                const QJsonObject hello =
                    filledIn(messageIn(name, "engine", "hello"), names)["params"].toObject();
                names["$ENGINE_PROOF"] =
                    engineProof("secret", hello, received.at(taken)["params"].toObject());
            }
            lastId = received.at(taken++)["id"];
        }
        if (line.contains("engine")) {
            QJsonObject message = filledIn(line["engine"].toObject(), names);
            if (message.contains("id")) {
                message["id"] = lastId;
            }
            socket->sendTextMessage(QString::fromUtf8(encode(message, Encoding::Json)));
        }
    }
    QTRY_COMPARE(answers.size(), expectedAnswers);
    if (name == "protocol-2.jsonl") {
        QCOMPARE(answers, (QStringList{"ok", "ok", "FailedPrecondition"}));
        QCOMPARE(mirror.ids(), (QStringList{"lyra/osd/0", "lyra/osd/9"}));
        QCOMPARE(mirror.total(), 3);
        QCOMPARE(mirror.row("lyra/osd/9")["state"].toString(), QStringLiteral("a state of tomorrow"));
        QCOMPARE(mirror.row("lyra/osd/9")["member of tomorrow"].toObject()["a"].toArray(),
                 (QJsonArray{1, QJsonValue::Null, true}));
    }
}

QTEST_GUILESS_MAIN(TestRpcRecorded)
#include "tst_rpc_recorded.moc"
