#include <QtTest/QtTest>

#include "mover/move_job.h"
#include "mover_fakes.h"
#include "s3/digest.h"
#include "s3_fake_gateway.h"

using namespace sluice;
using namespace sluice::mover;

namespace {

struct Stored {
    QByteArray bytes{};
    QByteArray headers{};
};

/// A gateway that keeps objects, with the headers that S3 keeps with them.
class Store {
public:
    using Answer = std::function<std::optional<QByteArray>(const FakeGateway::Request&)>;

    /// @param first asked before anything else
    explicit Store(Answer first = {}) : m_first(std::move(first)) {}

    void put(const QByteArray& path, const QByteArray& bytes, const QByteArray& headers = {})
    {
        m_objects[path] = {bytes, headers};
    }
    Stored get(const QByteArray& path)
    {
        const QMutexLocker lock(&m_mutex);
        return m_objects.value(path);
    }
    QList<FakeGateway::Request> requests()
    {
        const QMutexLocker lock(&m_mutex);
        return m_requests;
    }
    MoveRequest request(const QString& from, const QString& to) const
    {
        const GatewayAccess access{.connection = "rgw",
                                   .endpoint = m_gateway.endpoint(),
                                   .region = "default",
                                   .accessKey = "AK",
                                   .secretKey = "s"};
        return {.run = "R-1",
                .task = "copy",
                .attempt = 1,
                .fence = 1,
                .from = *model::Location::parse(from),
                .to = *model::Location::parse(to),
                .gateways = {{"rgw", access}}};
    }

private:
    static QByteArray etag(const QByteArray& bytes) { return "ETag: \"" + s3::md5(bytes).toHex() + "\"\r\n"; }

    QByteArray answer(const FakeGateway::Request& request)
    {
        const QMutexLocker lock(&m_mutex);
        m_requests.append(request);
        if (const auto answer = m_first ? m_first(request) : std::nullopt) {
            return *answer;
        }
        const QByteArray path = request.target.split('?').first();
        if (request.target.contains("list-type=2")) {
            return list(path, QByteArray::fromPercentEncoding(
                                  request.target.mid(request.target.indexOf("&prefix=") + 8)));
        }
        if (request.target.contains("?versioning")) {
            return FakeGateway::answer(200, "<VersioningConfiguration/>");
        }
        if (request.method == "PUT") {
            return write(path, request);
        }
        const auto at = m_objects.constFind(path);
        if (at == m_objects.constEnd()) {
            return FakeGateway::answer(404, {});
        }
        if (request.method == "HEAD") {
            return "HTTP/1.1 200 OK\r\nContent-Length: " + QByteArray::number(at->bytes.size()) + "\r\n" +
                   etag(at->bytes) + at->headers + "\r\n";
        }
        return FakeGateway::answer(206, at->bytes, etag(at->bytes) + at->headers);
    }

    QByteArray list(const QByteArray& bucket, const QByteArray& prefix) const
    {
        QByteArray inner = "<IsTruncated>false</IsTruncated>";
        for (auto at = m_objects.begin(); at != m_objects.end(); ++at) {
            if (at.key().startsWith(bucket + '/' + prefix)) {
                inner += "<Contents><Key>" + at.key().mid(bucket.size() + 1) + "</Key><Size>" +
                         QByteArray::number(at->bytes.size()) + "</Size><ETag>" + s3::md5(at->bytes).toHex() +
                         "</ETag></Contents>";
            }
        }
        return FakeGateway::answer(200, "<ListBucketResult>" + inner + "</ListBucketResult>");
    }

    QByteArray write(const QByteArray& path, const FakeGateway::Request& request)
    {
        if (request.headers.value("if-none-match") == "*" && m_objects.contains(path)) {
            return FakeGateway::answer(412, {});
        }
        Stored& stored = m_objects[path];
        stored = {.bytes = request.body};
        for (const char* name : {"cache-control", "content-disposition", "content-encoding",
                                 "content-language", "content-type", "expires"}) {
            if (request.headers.contains(name)) {
                stored.headers += QByteArray(name) + ": " + request.headers[name] + "\r\n";
            }
        }
        return FakeGateway::answer(200, {}, etag(request.body));
    }

    Answer m_first;
    QMutex m_mutex{};
    QMap<QByteArray, Stored> m_objects{};
    QList<FakeGateway::Request> m_requests{};
    FakeGateway m_gateway{[this](const FakeGateway::Request& request) { return answer(request); }};
};

/// Kinds left out with their counts; of a lower bound with a +.
QStringList leftOut(const fake::Host& host)
{
    QStringList kinds;
    for (const QJsonValue kind : host.events("done").value(0)["leftOut"].toArray()) {
        kinds.append(QStringLiteral("%1 %2%3")
                         .arg(kind["what"].toString())
                         .arg(kind["count"].toInt())
                         .arg(kind["atLeast"].toBool() ? "+" : ""));
    }
    return kinds;
}

std::optional<QByteArray> denied(bool that)
{
    return that ? std::optional(FakeGateway::answer(403, "<Error><Code>AccessDenied</Code></Error>"))
                : std::nullopt;
}

}  // namespace

class TestMoverS3Job : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void headersReachTheOtherBucket();
    void headersReachWhatIsReplaced_data();
    void headersReachWhatIsReplaced();
    void aNumberHoldsNoRunUp_data();
    void aNumberHoldsNoRunUp();
    void keptObjectsAskTheirSourceNothing();
    void oneNamedObjectWithoutTheRightToList();
    void aBucketThatIsGoneEndsTheMoveInOneWord_data();
    void aBucketThatIsGoneEndsTheMoveInOneWord();
};

void TestMoverS3Job::headersReachTheOtherBucket()
{
    const QByteArray page =
        "cache-control: max-age=60, public\r\ncontent-disposition: inline; filename=\"a "
        "b.html\"\r\ncontent-encoding: gzip\r\n"
        "content-language: de\r\ncontent-type: text/html; charset=utf-8\r\nexpires: Thu, 01 Dec 2033 "
        "16:00:00 GMT\r\n";
    Store store;
    store.put("/in/page", "<html>", page);
    store.put("/in/empty", "", "content-type: text/css\r\n");
    store.put("/in/bare", "x");
    store.put("/in/own", "y", "content-type: text/csv\r\nx-amz-meta-owner: a\r\n");
    fake::Host host;
    QVERIFY(runJob(store.request("s3://rgw/in/", "s3://rgw/out/"), host));
    QCOMPARE(store.get("/out/page").bytes, QByteArray("<html>"));
    QCOMPARE(store.get("/out/page").headers, page);
    QCOMPARE(store.get("/out/empty").headers, QByteArray("content-type: text/css\r\n"));
    QCOMPARE(store.get("/out/bare").headers, QByteArray("content-type: application/octet-stream\r\n"));
    QCOMPARE(store.get("/out/own").headers, QByteArray("content-type: text/csv\r\n"));
    QCOMPARE(leftOut(host), QStringList{"metadata 1"});
    // what is there already with the same bytes and other headers is left as it is, and that is said
    Store kept;
    kept.put("/in/same", "x", "content-type: text/csv\r\n");
    kept.put("/out/same", "x", "content-type: text/csv\r\ncontent-language: de\r\n");
    kept.put("/in/other", "x", "content-type: text/csv\r\n");
    kept.put("/out/other", "x", "content-type: text/html\r\n");
    fake::Host again;
    QVERIFY(runJob(kept.request("s3://rgw/in/", "s3://rgw/out/"), again));
    QCOMPARE(again.events("done").first()["kept"].toInt(), 2);
    QCOMPARE(leftOut(again), QStringList{"metadata 1"});
    // a folder knows no such headers: those beside the content type are told
    QTemporaryDir dir;
    fake::Host files;
    QVERIFY(runJob(store.request("s3://rgw/in/", "file:" + dir.path()), files));
    QCOMPARE(leftOut(files), QStringList{"metadata 2"});
}

void TestMoverS3Job::headersReachWhatIsReplaced_data()
{
    QTest::addColumn<bool>("matches");
    QTest::newRow("on condition") << true;
    QTest::newRow("in a bucket that keeps versions") << false;
}

void TestMoverS3Job::headersReachWhatIsReplaced()
{
    QFETCH(bool, matches);
    Store store([matches](const FakeGateway::Request& request) -> std::optional<QByteArray> {
        if (!matches && request.headers.contains("if-match") && request.method == "PUT") {
            return FakeGateway::answer(412, {});
        }
        if (request.target.startsWith("/out?versioning")) {
            return FakeGateway::answer(
                200, "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
        }
        return std::nullopt;
    });
    store.put("/in/a", "new bytes", "content-type: text/html\r\n");
    store.put("/out/a", "old", "content-type: text/csv\r\n");
    MoveRequest request = store.request("s3://rgw/in/", "s3://rgw/out/");
    request.replaceAll = true;
    fake::Host host;
    QVERIFY(runJob(request, host));
    QCOMPARE(store.get("/out/a").bytes, QByteArray("new bytes"));
    QCOMPARE(store.get("/out/a").headers, QByteArray("content-type: text/html\r\n"));
    QCOMPARE(leftOut(host), QStringList());
}

void TestMoverS3Job::aNumberHoldsNoRunUp_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("answer");
    QTest::newRow("busy when asked whether") << QByteArray("?version") << FakeGateway::answer(503, {});
    QTest::newRow("no answer to whether") << QByteArray("?version") << QByteArray();
    QTest::newRow("may not be asked") << QByteArray("?version") << FakeGateway::answer(403, {});
}

void TestMoverS3Job::aNumberHoldsNoRunUp()
{
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, answer);
    Store store([&](const FakeGateway::Request& request) {
        const bool asked = request.target.contains(target) || request.target.contains("&versions=");
        return asked ? std::optional(answer) : std::nullopt;
    });
    store.put("/in/a", "x");
    QTemporaryDir dir;
    MoveRequest request = store.request("s3://rgw/in/", "file:" + dir.path());
    request.stallAfterMs = 400;
    fake::Host host;
    QVERIFY(runJob(request, host));
    QCOMPARE(leftOut(host), QStringList{"versions 0+"});
    QVERIFY(host.events("blocked").isEmpty());
}

void TestMoverS3Job::keptObjectsAskTheirSourceNothing()
{
    const auto ofKept = [](const FakeGateway::Request& request) {
        return request.target.startsWith("/in/a");
    };
    bool resumed = false;
    Store store([&](const FakeGateway::Request& request) { return denied(resumed && ofKept(request)); });
    for (int i = 0; i < 40; ++i) {
        store.put("/in/a" + QByteArray::number(i), "x", "x-amz-meta-owner: a\r\n");
    }
    fake::Host host;
    const MoveRequest request = store.request("s3://rgw/in/", "s3://rgw/out/");
    QVERIFY(runJob(request, host));
    QCOMPARE(leftOut(host), QStringList{"metadata 40"});
    store.put("/in/b", "y", "x-amz-meta-owner: a\r\n");
    resumed = true;
    const qsizetype before = store.requests().size();
    MoveRequest again = request;
    again.resume = true;
    fake::Host next;
    next.manifest = host.manifest;
    QVERIFY(runJob(again, next));
    QCOMPARE(next.events("done").first()["kept"].toInt(), 40);
    QCOMPARE(next.events("done").first()["objects"].toInt(), 41);
    for (const FakeGateway::Request& asked : store.requests().mid(before)) {
        QVERIFY2(!ofKept(asked), asked.target.constData());
    }
    QCOMPARE(leftOut(next), QStringList({"metadata 1+", "tags 0+"}));
}

void TestMoverS3Job::oneNamedObjectWithoutTheRightToList()
{
    Store store(
        [](const FakeGateway::Request& request) { return denied(request.target.startsWith("/in?")); });
    store.put("/in/day/one.csv", "x");
    QTemporaryDir dir;
    fake::Host host;
    QVERIFY(runJob(store.request("s3://rgw/in/day/one.csv", "file:" + dir.path()), host));
    QFile copied(dir.filePath("one.csv"));
    QVERIFY(copied.open(QIODevice::ReadOnly));
    QCOMPARE(copied.readAll(), QByteArray("x"));
    QVERIFY(host.events("blocked").isEmpty());
}

void TestMoverS3Job::aBucketThatIsGoneEndsTheMoveInOneWord_data()
{
    QTest::addColumn<QByteArray>("gone");
    QTest::newRow("it is written to") << QByteArray("PUT /out/");
    QTest::newRow("it is read from") << QByteArray("GET /in/");
    QTest::newRow("it is listed") << QByteArray("GET /in?");
}
void TestMoverS3Job::aBucketThatIsGoneEndsTheMoveInOneWord()
{
    QFETCH(QByteArray, gone);
    std::atomic<int> met{};
    Store store([&](const FakeGateway::Request& request) -> std::optional<QByteArray> {
        if (!(request.method + ' ' + request.target).startsWith(gone)) {
            return std::nullopt;
        }
        ++met;
        return FakeGateway::answer(404, "<Error><Code>NoSuchBucket</Code></Error>");
    });
    for (int i = 0; i < 200; ++i) {
        store.put("/in/a" + QByteArray::number(i), "xy");
    }
    fake::Host host;
    QVERIFY(!runJob(store.request("s3://rgw/in/", "s3://rgw/out/"), host));
    const Error error = Error::fromJson(host.events("failed").first()["error"].toObject());
    QCOMPARE(error.message,
             QStringLiteral("There is no bucket '%1' at rgw").arg(gone.contains("out") ? "out" : "in"));
    QCOMPARE(error.upstream->text, QStringLiteral("NoSuchBucket"));
    QVERIFY2(met < 100, "it is not asked for each object that is left");
}

QTEST_GUILESS_MAIN(TestMoverS3Job)
#include "tst_mover_s3_job.moc"
