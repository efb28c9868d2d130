#include <QtTest/QtTest>

#include "patience.h"
#include "s3/conditional_put.h"
#include "s3/digest.h"
#include "s3/error_map.h"
#include "s3_bench.h"

using namespace sluice;
using namespace sluice::s3;
using namespace s3bench;

namespace {

/// A gateway with one object, which matches the ETag of a condition in its own way.
struct Store {
    enum class Matches { Quoted, Plain, Never };
    Matches matches{Matches::Quoted};
    QByteArray versioning{};
    int versioningStatus{200};
    QByteArray bytes{"old"};
    /// Somebody else writes just before the first PUT.
    bool changesMeanwhile{false};
    int headStatus{200};
    QStringList asked{};

    QByteArray etag() const { return md5(bytes).toHex(); }

    QByteArray answer(const FakeGateway::Request& request)
    {
        const QByteArray condition = request.headers.value("if-match");
        asked.append(QString::fromUtf8(request.method + ' ' + condition).trimmed());
        const QByteArray mine = "ETag: \"" + etag() + "\"\r\n";
        if (request.target.contains("versioning")) {
            asked.last() = QStringLiteral("versioning");
            return FakeGateway::answer(versioningStatus, "<VersioningConfiguration><Status>" + versioning +
                                                             "</Status></VersioningConfiguration>");
        }
        if (request.method == "HEAD") {
            return headStatus == 200
                       ? "HTTP/1.1 200 OK\r\nContent-Length: " + QByteArray::number(bytes.size()) + "\r\n" +
                             mine + "\r\n"
                       : "HTTP/1.1 " + QByteArray::number(headStatus) + " No\r\nContent-Length: 0\r\n\r\n";
        }
        if (changesMeanwhile) {
            changesMeanwhile = false;
            bytes = "somebody else's";
        }
        const QByteArray expected = matches == Matches::Plain ? etag() : '"' + etag() + '"';
        if (!condition.isEmpty() && (matches == Matches::Never || condition != expected)) {
            return FakeGateway::answer(412, xmlError("PreconditionFailed"));
        }
        bytes = request.body;
        return FakeGateway::answer(200, {}, "ETag: \"" + etag() + "\"\r\n");
    }
};

QString quoted(const char* bytes)
{
    return QStringLiteral("PUT \"%1\"").arg(QString::fromLatin1(md5(bytes).toHex()));
}
QString plain(const char* bytes)
{
    return QStringLiteral("PUT %1").arg(QString::fromLatin1(md5(bytes).toHex()));
}

}  // namespace

class TestS3Refusals : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anEtagIsMatchedAsTheGatewayDoesIt_data();
    void anEtagIsMatchedAsTheGatewayDoesIt();
    void aChangeMeanwhileIsNoReasonToTryTheOtherWay();
    void versionsMakeAConditionUnnecessary();
    void refusedEitherWayIsSaidOnce_data();
    void refusedEitherWayIsSaidOnce();
    void aRefusalIsReadWhateverLengthWasAskedFor_data();
    void aRefusalIsReadWhateverLengthWasAskedFor();
    void aLongRefusalIsCut();
    void aRefusedHeadIsAskedAgainWithABody_data();
    void aRefusedHeadIsAskedAgainWithABody();
    void aHeadThatAGetAnswers();
    void whatAGatewayCannotDoIsNotTriedAgain_data();
    void whatAGatewayCannotDoIsNotTriedAgain();
    void retryAfter_data();
    void retryAfter();
    void aGatewayIsLeftAloneAsLongAsItAsks();
};

void TestS3Refusals::anEtagIsMatchedAsTheGatewayDoesIt_data()
{
    QTest::addColumn<int>("matches");
    QTest::addColumn<QString>("known");
    QTest::addColumn<QStringList>("asked");
    QTest::addColumn<QStringList>("learned");
    const auto row = [](const char* name, Store::Matches matches, const char* known, const QStringList& asked,
                        const QStringList& learned) {
        QTest::newRow(name) << static_cast<int>(matches) << QString::fromLatin1(known) << asked << learned;
    };
    row("quotes, as the standard says", Store::Matches::Quoted, "", {quoted("old"), quoted("new")},
        {"quoted"});
    row("quotes, known before", Store::Matches::Quoted, "quoted", {quoted("old"), quoted("new")}, {});
    row("no quotes", Store::Matches::Plain, "", {quoted("old"), "HEAD", plain("old"), plain("new")},
        {"plain"});
    row("no quotes, known before", Store::Matches::Plain, "plain", {plain("old"), plain("new")}, {});
    row("another gateway than before", Store::Matches::Quoted, "plain",
        {plain("old"), "HEAD", quoted("old"), quoted("new")}, {"quoted"});
}

void TestS3Refusals::anEtagIsMatchedAsTheGatewayDoesIt()
{
    QFETCH(int, matches);
    QFETCH(QString, known);
    QFETCH(QStringList, asked);
    QFETCH(QStringList, learned);
    Store store{.matches = static_cast<Store::Matches>(matches)};
    Bench bench([&store](const auto& request) { return store.answer(request); });
    QStringList told;
    ConditionalPut put(bench.client, etagStyleFromString(known),
                       [&told](EtagStyle style) { told.append(toString(style)); });
    const auto first = put.put("b", "k", "new", QString::fromLatin1(store.etag()));
    QVERIFY2(first, first ? "" : qPrintable(first.error().toLine()));
    QCOMPARE(store.bytes, QByteArray("new"));
    QVERIFY(put.put("b", "k", "newer", *first));
    QCOMPARE(store.bytes, QByteArray("newer"));
    QCOMPARE(store.asked, asked);
    QCOMPARE(told, learned);
}

void TestS3Refusals::aChangeMeanwhileIsNoReasonToTryTheOtherWay()
{
    Store store{.changesMeanwhile = true};
    Bench bench([&store](const auto& request) { return store.answer(request); });
    ConditionalPut put(bench.client, EtagStyle::Unknown);
    const auto answer = put.put("b", "k", "new", QString::fromLatin1(md5("old").toHex()));
    QVERIFY(!answer);
    QCOMPARE(toString(answer.error().code), toString(ErrorCode::FailedPrecondition));
    QVERIFY(answer.error().retryable);
    QCOMPARE(store.bytes, QByteArray("somebody else's"));
    QCOMPARE(store.asked, (QStringList{quoted("old"), "HEAD"}));
}

void TestS3Refusals::versionsMakeAConditionUnnecessary()
{
    Store store{.matches = Store::Matches::Never, .versioning = "Enabled"};
    Bench bench([&store](const auto& request) { return store.answer(request); });
    QVERIFY(ConditionalPut(bench.client, EtagStyle::Plain)
                .put("b", "k", "new", QString::fromLatin1(store.etag())));
    QCOMPARE(store.bytes, QByteArray("new"));
    QCOMPARE(store.asked, (QStringList{plain("old"), "HEAD", quoted("old"), "HEAD", "versioning", "PUT"}));
}

void TestS3Refusals::refusedEitherWayIsSaidOnce_data()
{
    QTest::addColumn<QByteArray>("versioning");
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("cause");
    QTest::newRow("no versions") << QByteArray() << 200 << "keeps no versions";
    QTest::newRow("suspended") << QByteArray("Suspended") << 200 << "versioning is Suspended";
    QTest::newRow("may not ask") << QByteArray() << 403 << "is not known";
}

void TestS3Refusals::refusedEitherWayIsSaidOnce()
{
    QFETCH(QByteArray, versioning);
    QFETCH(int, status);
    QFETCH(QString, cause);
    Store store{.matches = Store::Matches::Never, .versioning = versioning, .versioningStatus = status};
    Bench bench([&store](const auto& request) { return store.answer(request); });
    const auto answer = ConditionalPut(bench.client, EtagStyle::Unknown)
                            .put("b", "k", "new", QString::fromLatin1(store.etag()));
    QVERIFY(!answer);
    QCOMPARE(toString(answer.error().code), toString(ErrorCode::FailedPrecondition));
    QVERIFY(!answer.error().retryable);
    QVERIFY2(answer.error().cause.contains(cause), qPrintable(answer.error().cause));
    QVERIFY(answer.error().cause.contains("with and without quotes"));
    QCOMPARE(store.bytes, QByteArray("old"));
    QCOMPARE(store.asked.filter("PUT").size(), 2);
}

void TestS3Refusals::aRefusalIsReadWhateverLengthWasAskedFor_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("code");
    QTest::addColumn<QString>("expected");
    QTest::newRow("503") << 503 << QByteArray("SlowDown") << "Unavailable";
    QTest::newRow("403") << 403 << QByteArray("AccessDenied") << "PermissionDenied";
    QTest::newRow("403, suspended") << 403 << QByteArray("UserSuspended") << "PermissionDenied";
    QTest::newRow("404") << 404 << QByteArray("NoSuchKey") << "NotFound";
    QTest::newRow("404, bucket") << 404 << QByteArray("NoSuchBucket") << "NotFound";
    QTest::newRow("412") << 412 << QByteArray("PreconditionFailed") << "FailedPrecondition";
    QTest::newRow("500") << 500 << QByteArray("InternalError") << "Unavailable";
}

void TestS3Refusals::aRefusalIsReadWhateverLengthWasAskedFor()
{
    QFETCH(int, status);
    QFETCH(QByteArray, code);
    QFETCH(QString, expected);
    Bench bench([=](const auto&) { return FakeGateway::answer(status, xmlError(code)); });
    const auto bytes = bench.client.getRange("b", "k", 0, 4);
    QVERIFY(!bytes);
    QCOMPARE(toString(bytes.error().code), expected);
    QCOMPARE(bytes.error().upstream->code, status);
    QVERIFY2(bytes.error().upstream->text.contains(QString::fromUtf8(code)),
             qPrintable(bytes.error().upstream->text));
}

void TestS3Refusals::aLongRefusalIsCut()
{
    Bench bench([](const auto&) { return FakeGateway::answer(503, QByteArray(1'000'000, 'x')); });
    const auto bytes = bench.client.getRange("b", "k", 0, 4);
    QVERIFY(!bytes);
    QCOMPARE(toString(bytes.error().code), QStringLiteral("Unavailable"));
}

void TestS3Refusals::aRefusedHeadIsAskedAgainWithABody_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("code");
    QTest::addColumn<QString>("expected");
    QTest::newRow("denied") << 403 << QByteArray("AccessDenied") << "PermissionDenied";
    QTest::newRow("unknown key") << 403 << QByteArray("InvalidAccessKeyId") << "Unauthenticated";
    QTest::newRow("clock") << 403 << QByteArray("RequestTimeTooSkewed") << "Unauthenticated";
    QTest::newRow("bad request") << 400 << QByteArray("ExpiredToken") << "Unauthenticated";
    QTest::newRow("the code of a range") << 416 << QByteArray("InvalidRange") << "PermissionDenied";
    QTest::newRow("no words") << 403 << QByteArray() << "PermissionDenied";
}

void TestS3Refusals::aRefusedHeadIsAskedAgainWithABody()
{
    QFETCH(int, status);
    QFETCH(QByteArray, code);
    QFETCH(QString, expected);
    Bench bench([=](const FakeGateway::Request& request) {
        return request.method == "HEAD"
                   ? FakeGateway::answer(status == 416 ? 403 : status, {})
                   : FakeGateway::answer(status, code.isEmpty() ? QByteArray() : xmlError(code));
    });
    const auto head = bench.client.headObject("b", "k");
    QVERIFY(!head);
    QCOMPARE(toString(head.error().code), expected);
    QCOMPARE(head.error().upstream->text.isEmpty(), code.isEmpty() || status == 416);
    QCOMPARE(bench.requests.size(), 2);
    QCOMPARE(bench.last().method, QByteArray("GET"));
    QCOMPARE(bench.last().headers.value("range"), QByteArray("bytes=0-0"));
}

/// No other refusal is asked for again: 404 says it all, and one that is overloaded is not asked twice.
void TestS3Refusals::aHeadThatAGetAnswers()
{
    Bench bench([](const FakeGateway::Request& request) {
        return request.method == "HEAD"
                   ? FakeGateway::answer(403, {})
                   : FakeGateway::answer(206, "x", "Content-Range: bytes 0-0/1234\r\nETag: \"e\"\r\n");
    });
    const auto head = bench.client.headObject("b", "k");
    QVERIFY(head);
    QCOMPARE(head->sizeBytes, quint64(1234));
    QCOMPARE(head->etag, QStringLiteral("e"));
    for (const int status : {404, 503}) {
        Bench other([status](const auto&) { return FakeGateway::answer(status, {}); });
        QVERIFY(!other.client.headObject("b", "k"));
        QCOMPARE(other.requests.size(), 1);
    }
}

void TestS3Refusals::whatAGatewayCannotDoIsNotTriedAgain_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::newRow("501") << 501 << QByteArray();
    QTest::newRow("501 NotImplemented") << 501 << xmlError("NotImplemented");
    QTest::newRow("405") << 405 << xmlError("MethodNotAllowed");
}

void TestS3Refusals::whatAGatewayCannotDoIsNotTriedAgain()
{
    QFETCH(int, status);
    QFETCH(QByteArray, body);
    Bench bench([=](const auto&) { return FakeGateway::answer(status, body); });
    const auto put = bench.client.putObject("b", "k", "x");
    QVERIFY(!put);
    QCOMPARE(toString(put.error().code), QStringLiteral("InvalidArgument"));
    QVERIFY(!put.error().retryable);
    QVERIFY(put.error().cause.contains("cannot do") || put.error().cause.contains("does not allow"));
}

void TestS3Refusals::retryAfter_data()
{
    QTest::addColumn<QByteArray>("after");
    QTest::addColumn<QByteArray>("date");
    QTest::addColumn<qint64>("waitMs");
    const QByteArray now = "Sun, 30 Aug 2015 12:36:00 GMT";
    QTest::newRow("seconds") << QByteArray("7") << now << qint64(7000);
    QTest::newRow("none") << QByteArray() << now << qint64(0);
    QTest::newRow("a day") << QByteArray("86400") << now << qint64(600'000);
    QTest::newRow("less than nothing") << QByteArray("-5") << now << qint64(0);
    QTest::newRow("a time") << QByteArray("Sun, 30 Aug 2015 12:36:20 GMT") << now << qint64(20'000);
    QTest::newRow("a time gone by") << QByteArray("Sun, 30 Aug 2015 12:35:20 GMT") << now << qint64(0);
    QTest::newRow("a time without a clock")
        << QByteArray("Sun, 30 Aug 2015 12:36:20 GMT") << QByteArray() << qint64(0);
    QTest::newRow("nonsense") << QByteArray("soon") << now << qint64(0);
}

void TestS3Refusals::retryAfter()
{
    QFETCH(QByteArray, after);
    QFETCH(QByteArray, date);
    QFETCH(qint64, waitMs);
    QCOMPARE(retryAfterMs({.status = 503, .headers = {{"retry-after", after}, {"date", date}}, .body = {}}),
             waitMs);
}

void TestS3Refusals::aGatewayIsLeftAloneAsLongAsItAsks()
{
    int asked = 0;
    Bench bench([&asked](const auto&) {
        ++asked;
        return asked == 1 ? FakeGateway::answer(503, xmlError("SlowDown"), "Retry-After: 7\r\n")
                          : FakeGateway::answer(200, "data");
    });
    for (const qint64 passedMs : {0, 1, 6999}) {
        bench.clock.passedMs = passedMs;
        const auto refused = bench.client.getRange("b", "k", 0, 4);
        QVERIFY(!refused && refused.error().retryable);
        QVERIFY2(refused.error().cause.contains("7 s"), qPrintable(refused.error().cause));
        QCOMPARE(asked, 1);
    }
    bench.clock.passedMs = 7000;
    QVERIFY(bench.client.getRange("b", "k", 0, 4));
    QCOMPARE(asked, 2);
}

QTEST_GUILESS_MAIN(TestS3Refusals)
#include "tst_s3_refusals.moc"
