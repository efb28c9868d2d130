#include <QtCore/QJsonDocument>
#include <QtCore/QSet>
#include <QtTest/QSignalSpy>

#include "patience.h"
#include "rpc/client.h"
#include "rpc/proof.h"
#include "support/raw_client.h"
#include "support/scripted_engine.h"
#include "support/test_engine.h"

using namespace sluice;
using namespace sluice::rpc;
using namespace sluice::test;

namespace {

Error lastError(const QSignalSpy& spy)
{
    return spy.isEmpty() ? Error{} : spy.last().first().value<Error>();
}

}  // namespace

/// Each end proves to the other that it holds the token, and nothing of it is ever on the wire.
class TestRpcProof : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void proofsAreBoundToAllThatIsSaid();
    void nonces();
    void anEngineThatCannotProveItselfIsLeft_data();
    void anEngineThatCannotProveItselfIsLeft();
    void everyProofIsNew();
    void aClientThatCannotProveItselfIsClosed_data();
    void aClientThatCannotProveItselfIsClosed();
    void aProofServesOnce();
    void theEngineProvesNothingToAStranger();
};

void TestRpcProof::proofsAreBoundToAllThatIsSaid()
{
    // HMAC-SHA256 computed by another program: python3's hmac.
    const Challenge challenge{
        .engineId = "e-1", .engineNonce = QByteArray(64, 'a'), .clientNonce = QByteArray(64, 'b')};
    const QByteArray token(64, '7');
    QCOMPARE(proofOf(Side::Client, token, challenge),
             QByteArray("dd72cdacb76373f21051ff4fb1aff69390a559b4456c5a2345ddd3606dbb8373"));
    QCOMPARE(proofOf(Side::Engine, token, challenge),
             QByteArray("bf10ff59bb006bb2b6a0cf8f9cb755f80fbe39df7cfb06f4b7415d7f448f85c0"));
    QSet<QByteArray> all{proofOf(Side::Client, token, challenge), proofOf(Side::Engine, token, challenge),
                         proofOf(Side::Client, QByteArray(64, '8'), challenge)};
    // A byte that moves from one field to the next makes another proof, too.
    for (const Challenge& other :
         {Challenge{"e-2", challenge.engineNonce, challenge.clientNonce},
          Challenge{"e-1", challenge.clientNonce, challenge.engineNonce},
          Challenge{"e-1", challenge.engineNonce, QByteArray(63, 'b')},
          Challenge{"e-1", challenge.engineNonce + 'b', QByteArray(63, 'b')},
          Challenge{"e-1" + QString('a'), QByteArray(63, 'a'), challenge.clientNonce}}) {
        all.insert(proofOf(Side::Client, token, other));
    }
    QCOMPARE(all.size(), 8);
}

void TestRpcProof::nonces()
{
    QSet<QByteArray> all;
    for (int i = 0; i < 100; ++i) {
        const QByteArray nonce = newNonce();
        QVERIFY(isNonce(nonce));
        all.insert(nonce);
    }
    QCOMPARE(all.size(), 100);
    for (const QByteArray& bad : {QByteArray(), QByteArray(63, 'a'), QByteArray(65, 'a'), QByteArray(64, 'A'),
                                  QByteArray(64, 'g'), QByteArray(63, '0') + '\n'}) {
        QVERIFY2(!isNonce(bad), bad.constData());
    }
}

void TestRpcProof::anEngineThatCannotProveItselfIsLeft_data()
{
    QTest::addColumn<QString>("proof");
    QTest::newRow("none") << QString();
    QTest::newRow("of another token") << "other";
    QTest::newRow("the client's own, sent back") << "echo";
    QTest::newRow("none for a short nonce") << "short nonce";
    QTest::newRow("none for no nonce") << "no nonce";
    QTest::newRow("right") << "right";
}

void TestRpcProof::anEngineThatCannotProveItselfIsLeft()
{
    QFETCH(QString, proof);
    const QString token = QString::fromLatin1(newNonce());
    ScriptedEngine engine;
    engine.nonce = proof == "no nonce" ? QString() : proof == "short nonce" ? QString("00") : engine.nonce;
    Client client;
    QSignalSpy gone(&client, &Client::disconnected);
    client.subscribe({.topic = "rows"}, this, [](const TopicChange&) {});
    client.connectTo(engine.url(), token, "test/1");
    if (proof.endsWith("nonce")) {
        QTRY_COMPARE(gone.size(), 1);
        QCOMPARE(engine.count(), 0);
        QCOMPARE(toString(lastError(gone).code), QStringLiteral("Unauthenticated"));
        return;
    }
    QTRY_COMPARE(engine.count(), 1);
    const QJsonObject sent = engine.received(0)["params"].toObject();
    QVERIFY(!QJsonDocument(sent).toJson().contains(token.toLatin1()));
    QVERIFY(!sent.contains("token"));
    if (proof == "right") {
        engine.answerIdentify(token);
        QTRY_VERIFY(client.isIdentified());
        QVERIFY(!client.identity().contains("proof"));
        QTRY_COMPARE(engine.count(), 2);  // only then something is asked for
        return;
    }
    if (proof == "other") {
        engine.answerIdentify("0" + token.mid(1) + "0");
    } else {
        engine.answer(0, proof == "echo" ? QJsonObject{{"proof", sent["proof"]}} : QJsonObject());
    }
    QTRY_COMPARE(gone.size(), 1);
    QCOMPARE(toString(lastError(gone).code), QStringLiteral("Unauthenticated"));
    QVERIFY(!lastError(gone).correction.isEmpty());
    QVERIFY(!client.isIdentified());
    QCOMPARE(engine.count(), 1);
}

void TestRpcProof::everyProofIsNew()
{
    ScriptedEngine engine;
    QSet<QString> proofs;
    for (int i = 0; i < 3; ++i) {
        Client client;
        client.connectTo(engine.url(), "t", "test/1");
        QTRY_COMPARE(engine.count(), i + 1);
        proofs.insert(engine.received(i)["params"].toObject()["proof"].toString());
    }
    QCOMPARE(proofs.size(), 3);  // although the engine asked with the same nonce
}

void TestRpcProof::aClientThatCannotProveItselfIsClosed_data()
{
    QTest::addColumn<QJsonObject>("change");
    QTest::addColumn<int>("code");
    QTest::newRow("no proof") << QJsonObject{{"proof", QJsonValue()}} << 4002;
    QTest::newRow("empty proof") << QJsonObject{{"proof", ""}} << 4002;
    QTest::newRow("proof of another nonce")
        << QJsonObject{{"nonce", QString::fromLatin1(newNonce())}} << 4002;
    QTest::newRow("no nonce") << QJsonObject{{"nonce", QJsonValue()}} << 4002;
    QTest::newRow("key that does not exist") << QJsonObject{{"key", "lineage"}} << 4002;
    QTest::newRow("key that is no text") << QJsonObject{{"key", 1}} << 4002;
    QTest::newRow("the token as well") << QJsonObject{{"token", "x"}} << 4010;
    QTest::newRow("the owner's key by name") << QJsonObject{{"key", "owner"}} << 0;
    QTest::newRow("unchanged") << QJsonObject{} << 0;
}

void TestRpcProof::aClientThatCannotProveItselfIsClosed()
{
    QFETCH(QJsonObject, change);
    QFETCH(int, code);
    TestEngine engine;
    QVERIFY(engine.start());
    RawClient client(engine.url());
    if (code == 0) {
        QVERIFY(client.identify(engine.token(), change));
        return;
    }
    QVERIFY(!client.identify(engine.token(), change));
    QCOMPARE(client.waitClose(), code);
    QCOMPARE(client.messages().size(), 1);
}

void TestRpcProof::aProofServesOnce()
{
    TestEngine engine;
    QVERIFY(engine.start());
    RawClient first(engine.url());
    QVERIFY(first.waitHello());
    const QJsonObject params = proofFor(engine.token(), first.hello());
    QVERIFY(first.answer(first.call("identify", params)).contains("result"));
    // Whoever has listened may say the same again; the engine asks for another nonce.
    RawClient second(engine.url());
    QVERIFY(second.waitHello());
    second.call("identify", params);
    QCOMPARE(second.waitClose(), 4002);
    QVERIFY(second.hello()["nonce"] != first.hello()["nonce"]);
    // Nor does the engine's answer serve as a client's proof.
    RawClient third(engine.url());
    QVERIFY(third.waitHello());
    QJsonObject echo = proofFor(engine.token(), third.hello());
    echo["proof"] = engineProof(engine.token(), third.hello(), echo);
    third.call("identify", echo);
    QCOMPARE(third.waitClose(), 4002);
}

void TestRpcProof::theEngineProvesNothingToAStranger()
{
    TestEngine engine;
    QVERIFY(engine.start());
    RawClient client(engine.url());
    QVERIFY(!client.identify(QString::fromLatin1(newNonce())));
    QCOMPARE(client.waitClose(), 4002);
    const QByteArray said = QJsonDocument(client.messages().first()).toJson();
    QCOMPARE(client.messages().size(), 1);
    QVERIFY(!said.contains(engine.token().toLatin1()) && !said.contains("proof"));
}

QTEST_GUILESS_MAIN(TestRpcProof)
#include "tst_rpc_proof.moc"
