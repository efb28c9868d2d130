#include <QtCore/QJsonDocument>
#include <QtTest/QtTest>

#include "patience.h"
#include "s3/client.h"
#include "s3/digest.h"
#include "s3/gateway_admin_client.h"
#include "s3_bench.h"

using namespace sluice;
using namespace sluice::s3;
using namespace s3bench;

class TestS3Client : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void putSendsHashesAndReusesTheConnection();
    void oddKeysArriveAsSigned_data();
    void oddKeysArriveAsSigned();
    void rangeAndCondition();
    void listFollowsPages();
    void multipart();
    void completeWithErrorInBody();
    void errorsSayWhy_data();
    void errorsSayWhy();
    void connectionIsDroppedAfterAnEarlyError();
    void nobodyAnswers();
    void silenceEndsTheRequest();
    void neverDeletesABucket();
    void longAnswerIsRefused();
    void noSecretIsInATarget();
};

void TestS3Client::putSendsHashesAndReusesTheConnection()
{
    Bench bench([](const auto& request) {
        return FakeGateway::answer(200, {}, "ETag: \"" + md5(request.body).toHex() + "\"\r\n");
    });
    const QByteArray body = "Welcome";
    for (int i = 0; i < 3; ++i) {
        const auto etag = bench.client.putObject("b", "k", body, {.metadata = {{"sluice-x", "1"}}});
        QVERIFY2(etag, etag ? "" : qPrintable(etag.error().toLine()));
        QCOMPARE(*etag, QString::fromLatin1(md5(body).toHex()));
    }
    const FakeGateway::Request request = bench.last();
    QCOMPARE(request.body, body);
    QCOMPARE(request.headers.value("x-amz-content-sha256"), sha256(body).toHex());
    QCOMPARE(request.headers.value("content-md5"), md5(body).toBase64());
    QCOMPARE(request.headers.value("x-amz-date"), QByteArray("20150830T123600Z"));
    QCOMPARE(request.headers.value("x-amz-meta-sluice-x"), QByteArray("1"));
    QVERIFY(request.headers.value("authorization")
                .startsWith("AWS4-HMAC-SHA256 Credential=AK/20150830/default/s3/"));
    QVERIFY(!request.headers.contains("expect"));
    QCOMPARE(bench.gateway.connections(), 1);
    QVERIFY(bench.client.putObject("b", "empty", {}));
    QCOMPARE(bench.last().headers.value("content-length"), QByteArray("0"));
    QVERIFY(bench.client.putObject("b", "k", body, {.condition = {.kind = Condition::Kind::Absent}}));
    QCOMPARE(bench.last().headers.value("if-none-match"), QByteArray("*"));
}

void TestS3Client::oddKeysArriveAsSigned_data()
{
    QTest::addColumn<QString>("key");
    QTest::addColumn<QByteArray>("target");
    QTest::newRow("dots") << "a/../b/./c" << QByteArray("/b/a/../b/./c");
    QTest::newRow("slashes") << "//a//" << QByteArray("/b///a//");
    QTest::newRow("question and hash") << "what?#x" << QByteArray("/b/what%3F%23x");
    QTest::newRow("percent") << "100%41" << QByteArray("/b/100%2541");
    QTest::newRow("plus, space") << "a+b c" << QByteArray("/b/a%2Bb%20c");
    QTest::newRow("unicode") << QStringLiteral("Łódź/😀") << QByteArray("/b/%C5%81%C3%B3d%C5%BA/%F0%9F%98%80");
}

void TestS3Client::oddKeysArriveAsSigned()
{
    QFETCH(QString, key);
    QFETCH(QByteArray, target);
    Bench bench([](const auto&) { return FakeGateway::answer(204, {}); });
    QVERIFY(bench.client.deleteObject("b", key));
    QCOMPARE(bench.last().target, target);
}

void TestS3Client::rangeAndCondition()
{
    Bench bench([](const auto& request) {
        if (request.method == "HEAD") {
            return QByteArray(
                "HTTP/1.1 200 OK\r\nContent-Length: 12\r\nETag: \"abc\"\r\nx-amz-meta-Sluice-Crc32c: 7\r\n"
                "Last-Modified: Sun, 30 Aug 2015 12:36:00 GMT\r\n\r\n");
        }
        return FakeGateway::answer(206, "ello ");
    });
    const auto bytes = bench.client.getRange("b", "k", 1, 5, "abc");
    QVERIFY(bytes);
    QCOMPARE(*bytes, QByteArray("ello "));
    QCOMPARE(bench.last().headers.value("range"), QByteArray("bytes=1-5"));
    QCOMPARE(bench.last().headers.value("if-match"), QByteArray("\"abc\""));
    const auto head = bench.client.headObject("b", "k");
    QVERIFY(head);
    QCOMPARE(head->sizeBytes, 12u);
    QCOMPARE(head->etag, QStringLiteral("abc"));
    QCOMPARE(head->changedAtMs, 1440938160000);
    QCOMPARE(head->metadata.value("sluice-crc32c"), QStringLiteral("7"));
    const qsizetype sent = bench.requests.size();
    QCOMPARE(*bench.client.getRange("b", "k", 0, 0), QByteArray());
    QCOMPARE(bench.requests.size(), sent);
}

void TestS3Client::listFollowsPages()
{
    Bench bench([](const auto& request) {
        const bool second = request.target.contains("continuation-token=t%2F1");
        QByteArray xml =
            "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
        xml += "<EncodingType>url</EncodingType>";
        xml += second ? "<IsTruncated>false</IsTruncated><Contents><Key>z%0A</Key><Size>2</Size></Contents>"
                      : "<IsTruncated>true</IsTruncated><NextContinuationToken>t/1</"
                        "NextContinuationToken><Contents>"
                        "<Key>a%20%2B%25b</Key><LastModified>2015-08-30T12:36:00.000Z</LastModified>"
                        "<ETag>&quot;e1&quot;</ETag><Size>5000000000</Size></Contents>";
        return FakeGateway::answer(200, xml + "</ListBucketResult>");
    });
    const auto first = bench.client.listObjects("b", "p/");
    QVERIFY(first);
    QVERIFY(bench.last().target.startsWith("/b?encoding-type=url&list-type=2&max-keys=1000&prefix=p%2F"));
    QCOMPARE(first->objects.size(), 1);
    QCOMPARE(first->objects[0].key, QStringLiteral("a +%b"));
    QCOMPARE(first->objects[0].sizeBytes, 5000000000u);
    QCOMPARE(first->objects[0].etag, QStringLiteral("e1"));
    QCOMPARE(first->objects[0].changedAtMs, 1440938160000);
    QCOMPARE(first->next, QStringLiteral("t/1"));
    const auto second = bench.client.listObjects("b", "p/", first->next);
    QVERIFY(second);
    QCOMPARE(second->objects[0].key, QStringLiteral("z\n"));
    QVERIFY(second->next.isEmpty());
}

void TestS3Client::multipart()
{
    Bench bench([](const FakeGateway::Request& request) {
        if (request.method == "POST" && request.target.endsWith("?uploads=")) {
            return FakeGateway::answer(200,
                                       "<InitiateMultipartUploadResult><UploadId>2~id</UploadId>"
                                       "</InitiateMultipartUploadResult>");
        }
        if (request.method == "PUT") {
            return FakeGateway::answer(200, {}, "ETag: \"" + md5(request.body).toHex() + "\"\r\n");
        }
        if (request.method == "POST") {
            return FakeGateway::answer(200,
                                       "<CompleteMultipartUploadResult><ETag>&quot;x-2&quot;</ETag>"
                                       "</CompleteMultipartUploadResult>");
        }
        if (request.method == "GET") {
            return FakeGateway::answer(
                200,
                "<ListMultipartUploadsResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
                "<NextKeyMarker>k%20</NextKeyMarker><NextUploadIdMarker>2~id</NextUploadIdMarker>"
                "<Upload><Key>k%20</Key><UploadId>2~id</UploadId></Upload>"
                "</ListMultipartUploadsResult>");
        }
        return FakeGateway::answer(204, {});
    });
    const auto id = bench.client.createUpload("b", "k");
    QVERIFY(id);
    QCOMPARE(*id, QStringLiteral("2~id"));
    const auto part = bench.client.uploadPart("b", "k", *id, 1, QByteArray("part"));
    QVERIFY(part);
    QVERIFY(bench.last().target.endsWith("/b/k?partNumber=1&uploadId=2~id"));
    const auto whole = bench.client.completeUpload("b", "k", *id, {*part, "e2"});
    QVERIFY(whole);
    QCOMPARE(*whole, QStringLiteral("x-2"));
    QVERIFY(bench.last().body.contains("<PartNumber>2</PartNumber><ETag>e2</ETag>"));
    const auto page = bench.client.listUploads("b", "k");
    QVERIFY(page);
    QCOMPARE(page->uploads[0].key, QStringLiteral("k "));
    QVERIFY(!page->last);
    QVERIFY(bench.client.listUploads("b", "k", *page));
    QVERIFY(bench.last().target.contains("key-marker=k%20"));
    QVERIFY(bench.client.abortUpload("b", "k", *id));
    QCOMPARE(bench.last().method, QByteArray("DELETE"));
    QCOMPARE(multipartEtag({md5(QByteArray("a")), md5(QByteArray("b"))}),
             QString::fromLatin1(md5(md5(QByteArray("a")) + md5(QByteArray("b"))).toHex()) + "-2");
}

void TestS3Client::completeWithErrorInBody()
{
    Bench bench(
        [](const auto&) { return FakeGateway::answer(200, "  " + xmlError("InternalError").mid(21)); });
    const auto whole = bench.client.completeUpload("b", "k", "id", {"e1"});
    QVERIFY(!whole);
    QCOMPARE(toString(whole.error().code), toString(ErrorCode::Unavailable));
    QVERIFY(whole.error().retryable);
}

void TestS3Client::errorsSayWhy_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("code");
    QTest::addColumn<bool>("retryable");
    const auto row = [](const char* name, int status, const QByteArray& body, ErrorCode code,
                        bool retryable) {
        QTest::newRow(name) << status << body << static_cast<int>(code) << retryable;
    };
    row("no bucket", 404, xmlError("NoSuchBucket"), ErrorCode::NotFound, false);
    row("no key", 404, xmlError("NoSuchKey"), ErrorCode::NotFound, false);
    row("denied", 403, xmlError("AccessDenied"), ErrorCode::PermissionDenied, false);
    row("unknown key", 403, xmlError("InvalidAccessKeyId"), ErrorCode::Unauthenticated, false);
    row("wrong secret", 403, xmlError("SignatureDoesNotMatch"), ErrorCode::Unauthenticated, false);
    row("clock", 403, xmlError("RequestTimeTooSkewed"), ErrorCode::Unauthenticated, false);
    row("quota", 403, xmlError("QuotaExceeded"), ErrorCode::ResourceExhausted, true);
    row("slow down", 503, xmlError("SlowDown"), ErrorCode::Unavailable, true);
    row("plain 500", 500, "oops", ErrorCode::Unavailable, true);
    row("precondition", 412, xmlError("PreconditionFailed"), ErrorCode::FailedPrecondition, false);
    row("head without body", 404, {}, ErrorCode::NotFound, false);
    row("admin in json", 404, R"({"Code":"NoSuchUser"})", ErrorCode::NotFound, false);
}

void TestS3Client::errorsSayWhy()
{
    QFETCH(int, status);
    QFETCH(QByteArray, body);
    QFETCH(int, code);
    QFETCH(bool, retryable);
    Bench bench([=](const auto&) { return FakeGateway::answer(status, body); });
    const auto result = bench.client.getRange("bucket", "key", 0, 4096);
    QVERIFY(!result);
    const Error& error = result.error();
    QCOMPARE(static_cast<int>(error.code), code);
    QCOMPARE(error.retryable, retryable);
    QVERIFY(error.message.contains(QStringLiteral("s3://rgw.lab/bucket/key")));
    QVERIFY(!error.cause.isEmpty());
    QVERIFY(!error.correction.isEmpty());
    QCOMPARE(error.upstream->code, status);
    QVERIFY(
        !QString::fromUtf8(QJsonDocument(error.toJson()).toJson()).contains(QStringLiteral("top-secret")));
}

void TestS3Client::connectionIsDroppedAfterAnEarlyError()
{
    std::atomic<int> count{0};
    Bench bench([&count](const auto&) {
        return ++count == 1 ? FakeGateway::answer(403, xmlError("AccessDenied"))
                            : FakeGateway::answer(200, {});
    });
    QVERIFY(!bench.client.putObject("b", "k", QByteArray(1000, 'x')));
    QVERIFY(bench.client.putObject("b", "k", QByteArray(1000, 'x')));
    QCOMPARE(bench.gateway.connections(), 2);
    QVERIFY(bench.client.deleteObject("b", "k"));
    QCOMPARE(bench.gateway.connections(), 2);
}

void TestS3Client::nobodyAnswers()
{
    CurlTransport transport(QStringLiteral("rgw.lab"), {});
    SetClock clock;
    QTcpServer closed;
    QVERIFY(closed.listen(QHostAddress::LocalHost));
    const QString endpoint = QStringLiteral("http://127.0.0.1:%1").arg(closed.serverPort());
    closed.close();
    Client client(Gateway{.name = QStringLiteral("rgw.lab"), .endpoint = endpoint}, transport, clock);
    const auto result = client.putObject("b", "k", QByteArray("x"));
    QVERIFY(!result);
    QCOMPARE(toString(result.error().code), toString(ErrorCode::Unavailable));
    QVERIFY(result.error().retryable);
    QVERIFY(result.error().correction.contains(endpoint));
}

void TestS3Client::silenceEndsTheRequest()
{
    Bench bench([](const auto&) { return QByteArray(); }, {.connectMs = 1000, .stallSeconds = 1});
    const auto read = bench.client.getRange("b", "k", 0, 10);
    QVERIFY(!read);
    QCOMPARE(toString(read.error().code), toString(ErrorCode::DeadlineExceeded));
    QVERIFY(read.error().retryable);
    const auto write = bench.client.putObject("b", "k", QByteArray("x"));
    QVERIFY(!write);
    QCOMPARE(toString(write.error().code), toString(ErrorCode::OutcomeUnknown));
    QVERIFY(!write.error().retryable);
}

void TestS3Client::neverDeletesABucket()
{
    Bench bench([](const auto&) { return FakeGateway::answer(204, {}); });
    for (const auto& result : {bench.client.deleteObject("b", ""), bench.client.abortUpload("b", "", "id"),
                               bench.client.deleteObject("", "k")}) {
        QVERIFY(!result);
        QCOMPARE(toString(result.error().code), toString(ErrorCode::InvalidArgument));
    }
    QVERIFY(!bench.client.putObject("b", "", QByteArray("x")));
    QVERIFY(bench.requests.isEmpty());
}

void TestS3Client::longAnswerIsRefused()
{
    Bench bench([](const auto&) { return FakeGateway::answer(200, QByteArray(100, 'x')); });
    const auto result = bench.client.getRange("b", "k", 0, 10);
    QVERIFY(!result);
    QCOMPARE(toString(result.error().code), toString(ErrorCode::Internal));
}

void TestS3Client::noSecretIsInATarget()
{
    const QByteArray keys =
        "[{\"user\":\"lab\",\"access_key\":\"OTHER\",\"secret_key\":\"another\"},"
        "{\"user\":\"lab\",\"access_key\":\"SL1\",\"secret_key\":\"made/by the gateway\"}]";
    Bench bench([&](const FakeGateway::Request& request) {
        return FakeGateway::answer(request.method == "DELETE" ? 204 : 200,
                                   request.method == "PUT" ? keys : QByteArray());
    });
    GatewayAdminClient admin(ceph::GatewayAccess{.connection = "rgw.lab",
                                                 .endpoint = bench.gateway.endpoint(),
                                                 .accessKey = "AK",
                                                 .secretKey = "top-secret",
                                                 .uid = "lab"});
    const auto secret = admin.createKey("SL1");
    QVERIFY2(secret, secret ? "" : qPrintable(secret.error().toLine()));
    QCOMPARE(*secret, QStringLiteral("made/by the gateway"));
    const auto unknown = admin.createKey("SL2");
    QVERIFY(!unknown);
    QVERIFY2(!unknown.error().toLine().contains("made/by"), qPrintable(unknown.error().toLine()));
    QVERIFY(admin.probe());
    QVERIFY(admin.removeKey("SL1"));
    QVERIFY(admin.abortUpload("b", "p/k", "u"));
    QVERIFY(bench.client.putObject("b", "k", "x"));
    const QMutexLocker lock(&bench.mutex);
    QVERIFY(bench.requests.size() >= 6);
    for (const FakeGateway::Request& request : std::as_const(bench.requests)) {
        QVERIFY2(!request.target.contains("secret") && !request.target.contains("made"),
                 request.target.constData());
    }
}

QTEST_GUILESS_MAIN(TestS3Client)
#include "tst_s3_client.moc"
