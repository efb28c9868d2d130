#include <QtTest/QtTest>

#include "mover/one_object.h"
#include "mover/s3_source.h"
#include "mover_fakes.h"
#include "patience.h"
#include "s3_fake_gateway.h"

using namespace sluice;
using namespace sluice::mover;

namespace {

constexpr char kOpen[] = "<?xml version=\"1.0\"?><ListBucketResult>";

QByteArray content(const QByteArray& key, int size)
{
    return "<Contents><Key>" + key + "</Key><Size>" + QByteArray::number(size) + "</Size><ETag>&quot;" +
           QByteArray(32, 'a') + "&quot;</ETag><LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>";
}

QByteArray listOf(const QByteArray& inner)
{
    return FakeGateway::answer(200, kOpen + inner + "</ListBucketResult>");
}

QByteArray versions(const QByteArray& inner)
{
    return FakeGateway::answer(200, "<ListVersionsResult>" + inner + "</ListVersionsResult>");
}

/// The answer of a bucket that keeps versions, or never did.
QByteArray kept(const QByteArray& status)
{
    return FakeGateway::answer(200, "<VersioningConfiguration>" + (status.isEmpty() ? QByteArray() : "<Status>" + status + "</Status>") +
                                        "</VersioningConfiguration>");
}

/// Answers in order; the last one for ever.
struct Bench {
    explicit Bench(QList<QByteArray> answers, const QString& place = "s3://rgw/catalog/day/", bool tells = true)
        : gateway([this, answers = std::move(answers)](const FakeGateway::Request& request) {
              const QMutexLocker lock(&mutex);
              targets.append(request.target);
              return answers[std::min(targets.size(), answers.size()) - 1];
          }),
          source(std::make_shared<S3Place>(GatewayAccess{.connection = "rgw",
                                                         .endpoint = gateway.endpoint(),
                                                         .region = "default",
                                                         .accessKey = "AK",
                                                         .secretKey = "secret"},
                                           *model::Location::parse(place)),
                 tells)
    {
    }

    Result<void> list()
    {
        return source.list(
            [this](const QList<ListedObject>& objects) {
                for (const ListedObject& object : objects) {
                    (object.bad ? bad : names).append(object.name);
                }
                return true;
            },
            context);
    }

    /// Lists until it waits, then stops it. @return the first `blocked`
    QJsonObject blocked()
    {
        std::atomic<bool> ended{false};
        std::thread thread([&] {
            static_cast<void>(list());
            ended = true;
        });
        while (around.host.events("blocked").isEmpty() && !ended) {
            QThread::msleep(5);
            around.progress.report(around.host);
        }
        around.stop.raise(Error{.code = ErrorCode::Cancelled, .message = "enough"});
        thread.join();
        return around.host.events("blocked").value(0);
    }

    QMutex mutex{};
    QList<QByteArray> targets{};
    FakeGateway gateway;
    S3Source source;
    fake::Surroundings around{};
    ObjectContext context{around.move, "x"};
    QStringList names{};
    QStringList bad{};
};

}  // namespace

class TestMoverBuckets : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everythingIsListed();
    void aListingThatDoesNotEndWellIsWaitedFor_data();
    void aListingThatDoesNotEndWellIsWaitedFor();
    void itGoesOnWhenTheGatewayDoes();
    void namesAreDecodedAsTheGatewaySays_data();
    void namesAreDecodedAsTheGatewaySays();
    void folderMarkers();
    void whatStandsBesideTheBytesIsCounted();
    void olderVersionsAreCounted();
    void versionsThatCannotBeAskedFor_data();
    void versionsThatCannotBeAskedFor();
    void oneObjectIsAskedForAlone();
    void oneObjectNamedExactly();
};

void TestMoverBuckets::everythingIsListed()
{
    Bench bench({listOf("<IsTruncated>true</IsTruncated><NextContinuationToken>t1</NextContinuationToken><KeyCount>1</KeyCount>" + content("day/a", 1)),
                 listOf("<IsTruncated>true</IsTruncated><NextContinuationToken>t2</NextContinuationToken>"),
                 listOf("<IsTruncated>false</IsTruncated>" + content("day/b", 2))});
    const auto listed = bench.list();
    QVERIFY2(listed, listed ? "" : qPrintable(listed.error().toLine()));
    QCOMPARE(bench.names, QStringList({"a", "b"}));
    QVERIFY(bench.targets[2].contains("continuation-token=t2"));
}

void TestMoverBuckets::aListingThatDoesNotEndWellIsWaitedFor_data()
{
    QTest::addColumn<QList<QByteArray>>("answers");
    QTest::addColumn<QString>("cause");
    const QByteArray on = "<IsTruncated>true</IsTruncated><NextContinuationToken>";
    const QByteArray end = "</NextContinuationToken>";
    QTest::newRow("same token twice") << QList{listOf(on + "t1" + end + content("day/a", 1)), listOf(on + "t1" + end + content("day/b", 1))} << "same continuation token";
    QTest::newRow("round in a circle") << QList{listOf(on + "t1" + end), listOf(on + "t2" + end), listOf(on + "t1" + end), listOf("<IsTruncated>false</IsTruncated>")} << "same continuation token";
    QTest::newRow("no token") << QList{listOf("<IsTruncated>true</IsTruncated>")} << "token of the next page is missing";
    QTest::newRow("does not say") << QList{listOf(content("day/a", 1))} << "whether it goes on";
    QTest::newRow("cut off") << QList{FakeGateway::answer(200, kOpen + content("day/a", 1))} << "";
    QTest::newRow("cut in an object") << QList{FakeGateway::answer(200, QByteArray(kOpen) + "<IsTruncated>false</IsTruncated><Contents><Key>day/a</Key><Si")} << "";
    QTest::newRow("fewer than counted") << QList{listOf("<IsTruncated>false</IsTruncated><KeyCount>2</KeyCount>" + content("day/a", 1))} << "says 2 objects and holds 1";
    QTest::newRow("no key") << QList{listOf("<IsTruncated>false</IsTruncated><Contents><Size>1</Size></Contents>")} << "no key";
    QTest::newRow("no size") << QList{listOf("<IsTruncated>false</IsTruncated><Contents><Key>day/a</Key></Contents>")} << "no size";
    QTest::newRow("outside") << QList{listOf("<IsTruncated>false</IsTruncated>" + content("night/a", 1))} << "outside of the folder";
    QTest::newRow("not a list") << QList{FakeGateway::answer(200, "<html>login</html>")} << "list of objects was expected";
}

void TestMoverBuckets::aListingThatDoesNotEndWellIsWaitedFor()
{
    QFETCH(QList<QByteArray>, answers);
    QFETCH(QString, cause);
    Bench bench(answers);
    const QJsonObject blocked = bench.blocked();
    QCOMPARE(blocked["what"].toString(), QStringLiteral("unreadable"));
    QCOMPARE(blocked["op"].toString(), QStringLiteral("list"));
    QCOMPARE(blocked["object"].toString(), QStringLiteral("catalog/day/"));
    const QJsonValue error = blocked["error"];
    QVERIFY2(error["message"].toString().contains("s3://rgw/catalog/day/"), qPrintable(error["message"].toString()));
    QVERIFY2(error["cause"].toString().contains(cause), qPrintable(error["cause"].toString()));
}

void TestMoverBuckets::itGoesOnWhenTheGatewayDoes()
{
    Bench bench({listOf("<IsTruncated>true</IsTruncated>"), listOf("<IsTruncated>false</IsTruncated>" + content("day/a", 1))});
    QVERIFY(bench.list());
    QCOMPARE(bench.names, QStringList{"a"});
}

void TestMoverBuckets::namesAreDecodedAsTheGatewaySays_data()
{
    QTest::addColumn<QByteArray>("says");
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("isBad");
    const QByteArray url = "<EncodingType>url</EncodingType>";
    QTest::newRow("url") << url << QByteArray("day/a%2Bb%20c+d%2541") << "a+b c d%41" << false;
    QTest::newRow("plain") << QByteArray() << QByteArray("day/a%2Bb c+d") << "a%2Bb c+d" << false;
    QTest::newRow("plain entities") << QByteArray() << QByteArray("day/&lt;&amp;amp;&#x9;") << "<&amp;\t" << false;
    QTest::newRow("mark") << url << QByteArray("day/%EF%BB%BFa") << QChar(0xFEFF) + QStringLiteral("a") << false;
    QTest::newRow("not UTF-8") << url << QByteArray("day/gr%FCn") << "gr%FCn" << true;
}

void TestMoverBuckets::namesAreDecodedAsTheGatewaySays()
{
    QFETCH(QByteArray, says);
    QFETCH(QByteArray, key);
    QFETCH(QString, name);
    QFETCH(bool, isBad);
    // wherever it says so: before the objects or behind them
    for (const QByteArray& answer : {says + content(key, 1), content(key, 1) + says}) {
        Bench bench({listOf("<IsTruncated>false</IsTruncated>" + answer)});
        QVERIFY(bench.list());
        QCOMPARE(isBad ? bench.bad : bench.names, QStringList{name});
        QVERIFY((isBad ? bench.names : bench.bad).isEmpty());
    }
}

void TestMoverBuckets::folderMarkers()
{
    Bench bench({listOf("<IsTruncated>false</IsTruncated>" + content("day/", 0) + content("day/sub/", 0) + content("day/sub/a", 1))});
    QVERIFY(bench.list());
    QCOMPARE(bench.names, QStringList({"sub/", "sub/a"}));
    QCOMPARE(bench.around.progress.leftOut().first()["what"].toString(), QStringLiteral("folderMarker"));
    // who only compares does not compare it
    Bench compared({listOf("<IsTruncated>false</IsTruncated>" + content("day/", 0))}, "s3://rgw/catalog/day/", false);
    QVERIFY(compared.list());
    QCOMPARE(compared.around.progress.leftOut().size(), 1);
    // one that holds bytes is data, and has no name to put it under
    Bench bytes({listOf("<IsTruncated>false</IsTruncated>" + content("day/", 5))});
    QVERIFY(bytes.list());
    QCOMPARE(bytes.bad, QStringList{"day/"});
}

void TestMoverBuckets::whatStandsBesideTheBytesIsCounted()
{
    const auto answer = [](const QByteArray& headers, const QByteArray& body) {
        return "HTTP/1.1 206 Partial Content\r\nETag: \"e\"\r\n" + headers + "Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body;
    };
    const QByteArray own = "x-amz-meta-sluice-crc32c: 7\r\nContent-Type: text/csv\r\n";
    Bench bench({answer("x-amz-meta-owner: a\r\nx-amz-tagging-count: 2\r\n", "ab"), answer("x-amz-meta-owner: a\r\n", "cd"),
                 answer("Content-Encoding: gzip\r\n", "ef"), answer(own, "gh"), answer("x-amz-meta-owner: a\r\n", "ij"),
                 answer("x-amz-meta-owner: a\r\n", "ij"), answer("x-amz-meta-owner: a\r\n", {})});
    const auto read = [&bench](const QString& name, quint64 size, QList<quint64> offsets) {
        auto object = bench.source.open({.name = name, .sizeBytes = size, .etag = "e"}, bench.context);
        QVERIFY2(object, object ? "" : qPrintable(object.error().toLine()));
        for (const quint64 offset : offsets) {
            QVERIFY((*object)->read(offset, 2, bench.context));
        }
    };
    const auto copy = [&](const QString& name, quint64 size, const QList<quint64>& offsets) {
        read(name, size, offsets);
        bench.source.carried({.name = name}, bench.context);
    };
    const auto counts = [&bench] {
        QMap<QString, qint64> found;
        for (const QJsonValue kind : bench.around.progress.leftOut()) {
            found.insert(kind["what"].toString(), kind["count"].toInteger());
        }
        return found;
    };
    copy("a", 4, {0, 2});
    QCOMPARE(counts(), (QMap<QString, qint64>{{"metadata", 1}, {"tags", 1}}));
    copy("b", 2, {0});
    QCOMPARE(counts()["metadata"], 2);
    copy("c", 2, {0});
    QCOMPARE(counts()["metadata"], 2);
    // what was only read is not there yet, and what is tried again is there once
    read("again", 2, {0});
    QCOMPARE(counts()["metadata"], 2);
    copy("again", 2, {0});
    QCOMPARE(counts()["metadata"], 3);
    copy("empty", 0, {});
    QCOMPARE(counts(), (QMap<QString, qint64>{{"metadata", 4}, {"tags", 1}}));
    // what was kept from an earlier attempt is asked for
    const qsizetype asked = bench.targets.size();
    bench.source.carried({.name = "kept", .sizeBytes = 9}, bench.context);
    QCOMPARE(counts(), (QMap<QString, qint64>{{"metadata", 5}, {"tags", 1}}));
    QCOMPARE(bench.targets.size(), asked + 1);
    // who only compares counts nothing
    Bench verify({answer("x-amz-meta-owner: a\r\n", "ab")}, "s3://rgw/catalog/day/", false);
    auto object = verify.source.open({.name = "a", .sizeBytes = 2, .etag = "e"}, verify.context);
    QVERIFY(object && (*object)->read(0, 2, verify.context));
    verify.source.carried({.name = "a", .sizeBytes = 2}, verify.context);
    QCOMPARE(verify.targets.size(), 1);
    QVERIFY(verify.around.progress.leftOut().isEmpty());
}

void TestMoverBuckets::olderVersionsAreCounted()
{
    const QByteArray older = "<IsLatest>false</IsLatest>";
    const QByteArray latest = "<IsLatest>true</IsLatest>";
    const QList<QByteArray> answers{
        FakeGateway::answer(503, {}),
        kept("Suspended"),
        FakeGateway::answer(503, {}),
        versions("<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextKeyMarker>day/b+b</NextKeyMarker><NextVersionIdMarker>v2"
                 "</NextVersionIdMarker><Version><Key>day/a</Key>" + latest + "</Version><Version><Key>day/a</Key>" + older +
                 "</Version><Version><Key>day/b+b</Key>" + older + "</Version><DeleteMarker><Key>day/b+b</Key>" + latest + "</DeleteMarker>"),
        FakeGateway::answer(503, {}),
        versions("<IsTruncated>false</IsTruncated><DeleteMarker><Key>day/c</Key>" + older + "</DeleteMarker><Version><Key>day/a c</Key>" +
                 older + "</Version>")};
    Bench bench(answers);
    bench.source.countVersions({}, bench.context);
    QCOMPARE(bench.targets.size(), answers.size());
    QVERIFY(bench.targets.last().contains("key-marker=day%2Fb%20b") && bench.targets.last().contains("version-id-marker=v2"));
    QVERIFY(bench.targets.last().contains("prefix=day%2F&"));
    const QJsonArray leftOut = bench.around.progress.leftOut();
    QCOMPARE(leftOut.size(), 1);
    QCOMPARE(leftOut.first()["what"].toString(), QStringLiteral("versions"));
    QCOMPARE(leftOut.first()["count"].toInt(), 3);
    QCOMPARE(leftOut.first()["example"].toString(), QStringLiteral("day/a"));
    // of one object only its own, not those of what begins like it
    Bench one(answers);
    one.source.countVersions(QStringLiteral("a"), one.context);
    QCOMPARE(one.around.progress.leftOut().first()["count"].toInt(), 1);
    QVERIFY(one.targets.last().contains("prefix=day%2Fa&"));
    Bench verify(answers, "s3://rgw/catalog/day/", false);
    verify.source.countVersions({}, verify.context);
    QVERIFY(verify.targets.isEmpty());
}

void TestMoverBuckets::versionsThatCannotBeAskedFor_data()
{
    QTest::addColumn<QList<QByteArray>>("answers");
    QTest::addColumn<int>("asked");
    const QByteArray denied = FakeGateway::answer(403, "<Error><Code>AccessDenied</Code></Error>");
    QTest::newRow("never had any") << QList{kept({}), versions("<Version><Key>day/a</Key><IsLatest>false</IsLatest></Version>")} << 1;
    QTest::newRow("no right to ask") << QList{denied} << 1;
    QTest::newRow("no right to list them") << QList{kept("Enabled"), denied} << 2;
    QTest::newRow("does not know them") << QList{FakeGateway::answer(501, "<Error><Code>NotImplemented</Code></Error>")} << 1;
    QTest::newRow("no list") << QList{kept("Enabled"), FakeGateway::answer(200, "<html>login</html>")} << 2;
    QTest::newRow("cut off") << QList{kept("Enabled"), FakeGateway::answer(200, "<ListVersionsResult><Version>")} << 2;
    QTest::newRow("no marker") << QList{kept("Enabled"), versions("<IsTruncated>true</IsTruncated>")} << 2;
    QTest::newRow("same marker twice") << QList{kept("Enabled"), versions("<IsTruncated>true</IsTruncated><NextKeyMarker>day/a</NextKeyMarker>")} << 3;
}

void TestMoverBuckets::versionsThatCannotBeAskedFor()
{
    QFETCH(QList<QByteArray>, answers);
    QFETCH(int, asked);
    Bench bench(answers);
    bench.source.countVersions({}, bench.context);
    QVERIFY(bench.around.progress.leftOut().isEmpty());
    QCOMPARE(bench.targets.size(), asked);
    QVERIFY2(bench.around.host.events("blocked").isEmpty(), "a number holds nothing up");
}

void TestMoverBuckets::oneObjectIsAskedForAlone()
{
    Bench bench({});
    auto folder = std::make_unique<fake::MemorySource>();
    fake::MemorySource& asked = *folder;
    OneObject one(std::move(folder), {.name = "a"});
    one.countVersions({}, bench.context);
    one.carried({.name = "a"}, bench.context);
    QCOMPARE(asked.versionsAskedOf, QStringList{"a"});
    QCOMPARE(asked.carriedAlong, QStringList{"a"});
}

void TestMoverBuckets::oneObjectNamedExactly()
{
    Bench bench({listOf("<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>" + content("day/one.csv", 7)),
                 listOf("<IsTruncated>false</IsTruncated>" + content("day/one.csv.old", 7)),
                 listOf("<IsTruncated>false</IsTruncated>")});
    const auto found = bench.source.find("one.csv", bench.context);
    QVERIFY(found && found->has_value());
    QCOMPARE((*found)->name, QStringLiteral("one.csv"));
    QCOMPARE((*found)->sizeBytes, 7u);
    QVERIFY(bench.targets[0].contains("max-keys=1&prefix=day%2Fone.csv"));
    QVERIFY(!bench.source.find("one.csv", bench.context)->has_value());
    QVERIFY(!bench.source.find("one.csv", bench.context)->has_value());
    // a key that may only list the folder finds nothing beside it, and does not wait for the right
    Bench bound({FakeGateway::answer(403, "<Error><Code>AccessDenied</Code></Error>")});
    const auto nothing = bound.source.find("one.csv", bound.context);
    QVERIFY(nothing && !nothing->has_value());
}

QTEST_GUILESS_MAIN(TestMoverBuckets)
#include "tst_mover_buckets.moc"
