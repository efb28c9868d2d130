#include <QtCore/QCborArray>
#include <QtCore/QCborMap>
#include <QtCore/QJsonArray>
#include <QtCore/QSemaphore>
#include <QtCore/QThreadPool>
#include <QtTest/QSignalSpy>

#include "core/value_scan.h"
#include "patience.h"
#include "rpc/incoming.h"
#include "support/raw_client.h"
#include "support/test_engine.h"

using namespace sluice;
using namespace sluice::rpc;
using namespace sluice::test;

namespace {

constexpr int kLarge = 15 * 1024 * 1024;

QByteArray cborCall(const QByteArray& params)
{
    QByteArray call =
        QCborValue(QCborMap{{"id", 7}, {"jsonrpc", "2.0"}, {"method", "test.echo"}, {"params", 0}}).toCbor();
    return call.chopped(1) + params;
}

QByteArray jsonCall(const QByteArray& params)
{
    return R"({"id":7,"jsonrpc":"2.0","method":"test.echo","params":)" + params + "}";
}

/// All threads of the pool wait until it ends.
class BusyPool {
public:
    BusyPool()
    {
        for (int i = 0; i < QThreadPool::globalInstance()->maxThreadCount(); ++i) {
            QThreadPool::globalInstance()->start([this] { m_go.acquire(); });
        }
    }
    ~BusyPool()
    {
        m_go.release(QThreadPool::globalInstance()->maxThreadCount());
        QThreadPool::globalInstance()->waitForDone();
    }

private:
    QSemaphore m_go;
};

}  // namespace

/// What one large message may cost.
class TestRpcLarge : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void tinyValuesAreCounted_data();
    void tinyValuesAreCounted();
    void scans_data();
    void scans();
    void limitsAreExact();
    void decodedBesideTheLoopAndInOrder();
    void manyLargeOnesAreBounded();
    void aStrangerSaysLittle_data();
    void aStrangerSaysLittle();
    void textsAreBounded_data();
    void textsAreBounded();
    void filtersAreBounded_data();
    void filtersAreBounded();
    void theHashIsOfAllButTheId();
};

void TestRpcLarge::tinyValuesAreCounted_data()
{
    QTest::addColumn<QByteArray>("message");
    QTest::addColumn<bool>("cbor");
    const auto bigArray = [](char head, char item) {
        QByteArray size(4, '\0');
        size[1] = char(0xe0);  // 14,680,064 items
        return head + size + QByteArray(0xe00000, item);
    };
    QTest::newRow("CBOR numbers") << cborCall("\xa1\x61\x61" + bigArray('\x9a', '\x01')) << true;
    QTest::newRow("CBOR empty maps") << cborCall("\xa1\x61\x61" + bigArray('\x9a', '\xa0')) << true;
    QTest::newRow("CBOR empty texts") << cborCall("\xa1\x61\x61" + bigArray('\x9a', '\x60')) << true;
    QTest::newRow("CBOR without a length")
        << cborCall("\xbf\x61\x61\x9f" + QByteArray(kLarge, '\xf6') + "\xff\xff") << true;
    QTest::newRow("CBOR text in pieces")
        << cborCall("\xa1\x61\x61\x7f" + QByteArray(kLarge, '\x60') + "\xff") << true;
    QTest::newRow("JSON numbers") << jsonCall("{\"a\":[" + QByteArray("1,").repeated(kLarge / 2) + "1]}")
                                  << false;
    QTest::newRow("JSON empty arrays")
        << jsonCall("{\"a\":[" + QByteArray("[],").repeated(kLarge / 3) + "1]}") << false;
    QTest::newRow("JSON members") << jsonCall("{" + QByteArray("\"\":1,").repeated(kLarge / 6) + "\"a\":1}")
                                  << false;
}

void TestRpcLarge::tinyValuesAreCounted()
{
    QFETCH(QByteArray, message);
    QFETCH(bool, cbor);
    const auto decoded = decode(message, cbor ? Encoding::Cbor : Encoding::Json);
    QVERIFY(!decoded);
    QVERIFY2(decoded.error().code == ErrorCode::ResourceExhausted, qPrintable(decoded.error().toLine()));
    QVERIFY(!decoded.error().correction.isEmpty());

    TestEngine engine;
    QVERIFY(engine.start());
    RawClient client(engine.url());
    QVERIFY(client.identify(engine.token(), cbor ? QJsonObject{{"encoding", "cbor"}} : QJsonObject{}));
    if (cbor) {
        client.sendBinary(message);
    } else {
        client.sendText(message);
    }
    QCOMPARE(client.waitClose(20'000), 4004);
    QCOMPARE(client.messages().last()["error"].toObject()["data"].toObject()["code"].toString(),
             QString("ResourceExhausted"));
    RawClient next(engine.url());
    QVERIFY(next.identify(engine.token()));
}

void TestRpcLarge::scans_data()
{
    QTest::addColumn<QByteArray>("hex");
    QTest::addColumn<bool>("good");
    for (const char* good : {"00",
                             "17",
                             "1818",
                             "190100",
                             "1a00010000",
                             "1b0000000100000000",
                             "20",
                             "f4",
                             "f6",
                             "f7",
                             "f818",
                             "f93c00",
                             "fa47c35000",
                             "fb3ff199999999999a",
                             "60",
                             "6161",
                             "7803616263",
                             "80",
                             "83010203",
                             "8301820203820405",
                             "a0",
                             "a201020304",
                             "a26161016162820203",
                             "9fff",
                             "9f018202039f0405ffff",
                             "83018202039f0405ff",
                             "bf61610161629f0203ffff",
                             "7f657374726561646d696e67ff",
                             "5f42010243030405ff",
                             "c11a514b67b0",
                             "d9d9f700",
                             "8180",
                             "818080"}) {
        QTest::newRow(good) << QByteArray(good) << (QByteArray(good) != "818080");
    }
    for (const char* bad : {"",
                            "18",
                            "19",
                            "1901",
                            "1c",
                            "1d",
                            "1e",
                            "1f",
                            "3f",
                            "61",
                            "6261",
                            "7803",
                            "81",
                            "8201",
                            "a1",
                            "a101",
                            "9f",
                            "9f01",
                            "bf01",
                            "ff",
                            "81ff",
                            "a1ff",
                            "c1",
                            "df",
                            "7f01ff",
                            "7f4101ff",
                            "7f7f60ffff",
                            "5f6161ff",
                            "0000",
                            "9bffffffffffffffff",
                            "bbffffffffffffffff",
                            "bb8000000000000001",
                            "7bffffffffffffffff",
                            "fc"}) {
        QTest::newRow(bad[0] ? bad : "nothing") << QByteArray(bad) << false;
    }
}

/// Examples of RFC 8949, and what is none.
void TestRpcLarge::scans()
{
    QFETCH(QByteArray, hex);
    QFETCH(bool, good);
    const QByteArray bytes = QByteArray::fromHex(hex);
    const Scan scan = scanCbor(bytes, {});
    QVERIFY2((scan.problem == ScanProblem::None) == good, qPrintable(scan.cause));
    QVERIFY(good == scan.cause.isEmpty());
    QVERIFY(scan.problem != ScanProblem::TooMany);
}

void TestRpcLarge::limitsAreExact()
{
    const ValueLimits limits{.values = 10, .depth = 3};
    const auto cbor = [&](const QByteArray& bytes) { return scanCbor(bytes, limits).problem; };
    const auto json = [&](const QByteArray& text) { return scanJson(text, limits).problem; };
    QVERIFY(cbor("\x89" + QByteArray(9, '\x01')) == ScanProblem::None);
    QVERIFY(cbor("\x8a" + QByteArray(10, '\x01')) == ScanProblem::TooMany);
    QVERIFY(cbor("\x81\x81\x81\x01") == ScanProblem::None);
    QVERIFY(cbor("\x81\x81\x81\x81\x01") == ScanProblem::Malformed);
    QVERIFY(cbor(QByteArray("\x83\x80\x80\x80")) == ScanProblem::None);
    // A tag, or a text in pieces, is a level too: there is no way to nest beyond the limit.
    QVERIFY(cbor("\xc1\xc1\xc1\xc1\x01") == ScanProblem::Malformed);
    QVERIFY(cbor("\x81\x81\x81\x7f\x60\xff") == ScanProblem::Malformed);
    QVERIFY(json("[1,2,3,4,5,6,7,8,9]") == ScanProblem::None);
    QVERIFY(json("[1,2,3,4,5,6,7,8,9,10]") == ScanProblem::TooMany);
    QVERIFY(json("[[[1]]]") == ScanProblem::None);
    QVERIFY(json("[[[[1]]]]") == ScanProblem::Malformed);
    const QByteArray bracketsInAText = "[\"[[[[,,,,,,,,,,\\\"[[[[\"]";
    QVERIFY(json(bracketsInAText) == ScanProblem::None);
}

void TestRpcLarge::decodedBesideTheLoopAndInOrder()
{
    TestEngine engine;
    QVERIFY(engine.start());
    RawClient client(engine.url());
    RawClient other(engine.url());
    QVERIFY(client.identify(engine.token()) && other.identify(engine.token()));
    const int begun = int(client.messages().size());
    int large = 0;
    int small = 0;
    {
        const BusyPool busy;
        large = client.call("test.echo", {{"text", QString(200'000, 'x')}});
        small = client.call("test.echo", {{"text", "behind it"}});
        // The loop does not wait for the pool: it serves others.
        for (int i = 0; i < 20; ++i) {
            QVERIFY(other.answer(other.call("test.echo", {})).contains("result"));
        }
        QCOMPARE(int(client.messages().size()), begun);
    }
    QVERIFY(client.answer(small).contains("result"));
    QCOMPARE(int(client.messages().size()), begun + 2);
    QCOMPARE(client.messages().at(begun)["id"].toInt(), large);
    QCOMPARE(client.messages().at(begun)["result"].toObject()["text"].toString().size(), 200'000);
}

void TestRpcLarge::manyLargeOnesAreBounded()
{
    TestEngine engine(Limits{.messageBytes = 1024 * 1024});
    QVERIFY(engine.start());
    RawClient client(engine.url());
    QVERIFY(client.identify(engine.token()));
    const BusyPool busy;
    for (int i = 0; i < 6 && client.isOpen(); ++i) {
        client.call("test.echo", {{"text", QString(900'000, 'x')}});
    }
    QCOMPARE(client.waitClose(), 4005);
}

void TestRpcLarge::aStrangerSaysLittle_data()
{
    QTest::addColumn<QByteArray>("params");
    QTest::addColumn<int>("code");
    QTest::newRow("many values") << "{\"a\":[" + QByteArray("1,").repeated(100) + "1]}" << 4004;
    QTest::newRow("deep") << "{\"a\":" + QByteArray(10, '[') + QByteArray(10, ']') + "}" << 4000;
    QTest::newRow("long") << "{\"a\":\"" + QByteArray(24'000, 'x') + "\"}" << 4004;
    QTest::newRow("many bytes of few characters")
        << "{\"a\":\"" + QByteArray("\xe2\x82\xac").repeated(8'000) + "\"}" << 4004;
}

void TestRpcLarge::aStrangerSaysLittle()
{
    QFETCH(QByteArray, params);
    QFETCH(int, code);
    TestEngine engine;
    QVERIFY(engine.start());
    RawClient client(engine.url());
    QVERIFY(client.waitHello());
    client.sendText(R"({"jsonrpc":"2.0","id":1,"method":"identify","params":)" + params + "}");
    QCOMPARE(client.waitClose(), code);
}

void TestRpcLarge::textsAreBounded_data()
{
    QTest::addColumn<QString>("type");
    QTest::addColumn<QJsonValue>("value");
    QTest::addColumn<bool>("taken");
    QTest::newRow("string") << "string" << QJsonValue(QString(4096, 'x')) << true;
    QTest::newRow("long string") << "string" << QJsonValue(QString(4097, 'x')) << false;
    QTest::newRow("text") << "text" << QJsonValue(QString(1'000'000, 'x')) << true;
    QTest::newRow("text that is none") << "text" << QJsonValue(1) << false;
    QTest::newRow("strings") << "strings" << QJsonValue(QJsonArray{"a", QString(4096, 'x')}) << true;
    QTest::newRow("a long one") << "strings" << QJsonValue(QJsonArray{"a", QString(4097, 'x')}) << false;
    QJsonArray many;
    for (int i = 0; i < 1001; ++i) {
        many.append("a");
    }
    QTest::newRow("many") << "strings" << QJsonValue(many) << false;
}

void TestRpcLarge::textsAreBounded()
{
    QFETCH(QString, type);
    QFETCH(QJsonValue, value);
    QFETCH(bool, taken);
    MethodTable table;
    table.add({.name = "m", .params = {{"p", type, true, "it"}}});
    const auto refusal = table.refuse({.method = "m", .params = {{"p", value}}});
    QCOMPARE(!refusal, taken);
    if (refusal) {
        QVERIFY(refusal->error.code == ErrorCode::InvalidArgument);
        QVERIFY(refusal->error.cause.contains("params.p"));
        QVERIFY(refusal->error.toLine().size() < 500);
    }
}

void TestRpcLarge::filtersAreBounded_data()
{
    QTest::addColumn<QJsonObject>("filter");
    QTest::addColumn<bool>("taken");
    const auto members = [](int n) {
        QJsonObject filter;
        for (int i = 0; i < n; ++i) {
            filter[QString::number(i)] = 1;
        }
        return filter;
    };
    const auto values = [](int n) {
        QJsonArray any;
        for (int i = 0; i < n; ++i) {
            any.append(i);
        }
        return QJsonObject{{"n", any}};
    };
    QTest::newRow("16 members") << members(16) << true;
    QTest::newRow("17 members") << members(17) << false;
    QTest::newRow("100 values") << values(100) << true;
    QTest::newRow("101 values") << values(101) << false;
    QTest::newRow("long text") << QJsonObject{{"a", QString(1025, 'x')}} << false;
    QTest::newRow("long text among others") << QJsonObject{{"a", QJsonArray{1, QString(1025, 'x')}}} << false;
    QTest::newRow("long name") << QJsonObject{{QString(1025, 'x'), 1}} << false;
    QTest::newRow("an object") << QJsonObject{{"a", QJsonObject{{"b", 1}}}} << false;
    QTest::newRow("an array of arrays") << QJsonObject{{"a", QJsonArray{QJsonArray{1}}}} << false;
    QTest::newRow("one of each") << QJsonObject{{"a", QJsonArray{1, "x", true, QJsonValue()}}, {"b", 1.5}}
                                 << true;
}

void TestRpcLarge::filtersAreBounded()
{
    QFETCH(QJsonObject, filter);
    QFETCH(bool, taken);
    TestEngine engine;
    engine.addTopic("rows");
    QVERIFY(engine.start());
    RawClient client(engine.url());
    QVERIFY(client.identify(engine.token()));
    const QJsonObject answer =
        client.answer(client.call("topic.subscribe", {{"topic", "rows"}, {"filter", filter}}));
    QCOMPARE(answer.contains("result"), taken);
    if (!taken) {
        QCOMPARE(answer["error"].toObject()["data"].toObject()["code"].toString(),
                 QString("InvalidArgument"));
    }
    QVERIFY(client.isOpen());
}

void TestRpcLarge::theHashIsOfAllButTheId()
{
    const auto hash = [](const QByteArray& params) {
        const Incoming incoming{.text = QString::fromUtf8(jsonCall(params))};
        return decodeIncoming(incoming, kLarge, kCallLimits).paramsHash;
    };
    const QString one = hash(R"({"requestId":"a","run":"R-1","n":0.5})");
    QCOMPARE(one.size(), 64);
    QCOMPARE(hash(R"({"n":0.5,"run":"R-1","requestId":"b"})"), one);
    for (const char* other :
         {R"({"requestId":"a","run":"R-2","n":0.5})", R"({"requestId":"a","run":"R-1","n":0.7})",
          R"({"requestId":"a","run":"R-1"})", R"({"requestId":"a","run":"R-1","n":0.5,"reason":"x"})"}) {
        QVERIFY2(hash(other) != one, other);
    }
    QVERIFY(hash(R"({"run":"R-1"})").isEmpty());

    // A method of the table is given it, also by a caller that has none.
    MethodTable table;
    QString given;
    table.add({.name = "m", .mutation = true, .handler = [&given](const Request& request, const Reply&) {
                   given = request.paramsHash;
               }});
    table.dispatch({.method = "m", .params = {{"requestId", "x"}, {"run", "R-1"}, {"n", 0.5}}},
                   [](const Result<QJsonObject>&) {});
    QCOMPARE(given, one);
}

QTEST_GUILESS_MAIN(TestRpcLarge)
#include "tst_rpc_large.moc"
