#include <QtTest/QtTest>

#include "mover/one_object.h"
#include "mover/s3_writer.h"
#include "mover_bucket_bench.h"
#include "mover_fakes.h"
#include "s3_fake_gateway.h"

using namespace bucket;

class TestMoverBuckets : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everythingIsListed();
    void aListingThatDoesNotEndWellIsWaitedFor_data();
    void aListingThatDoesNotEndWellIsWaitedFor();
    void itGoesOnWhenTheGatewayDoes();
    void namesAreDecodedAsTheGatewaySays_data();
    void namesAreDecodedAsTheGatewaySays();
    void aMarkAtTheBeginningIsPartOfTheKey();
    void folderMarkers();
    void whatStandsBesideTheBytesIsCounted();
    void whatIsKeptAsksNothing();
    void oneObjectIsAskedForAlone();
    void oneObjectNamedExactly();
    void uploadsAreClaimedByTheirWholeName();
};

void TestMoverBuckets::everythingIsListed()
{
    Bench bench({listOf("<IsTruncated>true</IsTruncated><NextContinuationToken>t1</"
                        "NextContinuationToken><KeyCount>1</KeyCount>" +
                        content("day/a", 1)),
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
    QTest::newRow("same token twice")
        << QList{listOf(on + "t1" + end + content("day/a", 1)), listOf(on + "t1" + end + content("day/b", 1))}
        << "same continuation token";
    QTest::newRow("round in a circle")
        << QList{listOf(on + "t1" + end), listOf(on + "t2" + end), listOf(on + "t1" + end),
                 listOf("<IsTruncated>false</IsTruncated>")}
        << "same continuation token";
    QTest::newRow("no token") << QList{listOf("<IsTruncated>true</IsTruncated>")}
                              << "token of the next page is missing";
    QTest::newRow("does not say") << QList{listOf(content("day/a", 1))} << "whether it goes on";
    QTest::newRow("cut off") << QList{FakeGateway::answer(200, kOpen + content("day/a", 1))} << "";
    QTest::newRow("cut in an object")
        << QList{FakeGateway::answer(
               200, QByteArray(kOpen) + "<IsTruncated>false</IsTruncated><Contents><Key>day/a</Key><Si")}
        << "";
    QTest::newRow("fewer than counted")
        << QList{listOf("<IsTruncated>false</IsTruncated><KeyCount>2</KeyCount>" + content("day/a", 1))}
        << "says 2 objects and holds 1";
    QTest::newRow("no key") << QList{listOf(
                                   "<IsTruncated>false</IsTruncated><Contents><Size>1</Size></Contents>")}
                            << "no key";
    QTest::newRow("no size") << QList{listOf(
                                    "<IsTruncated>false</IsTruncated><Contents><Key>day/a</Key></Contents>")}
                             << "no size";
    QTest::newRow("outside") << QList{listOf("<IsTruncated>false</IsTruncated>" + content("night/a", 1))}
                             << "outside of the folder";
    QTest::newRow("not a list") << QList{FakeGateway::answer(200, "<html>login</html>")}
                                << "list of objects was expected";
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
    QVERIFY2(error["message"].toString().contains("s3://rgw/catalog/day/"),
             qPrintable(error["message"].toString()));
    QVERIFY2(error["cause"].toString().contains(cause), qPrintable(error["cause"].toString()));
}

void TestMoverBuckets::itGoesOnWhenTheGatewayDoes()
{
    Bench bench({listOf("<IsTruncated>true</IsTruncated>"),
                 listOf("<IsTruncated>false</IsTruncated>" + content("day/a", 1))});
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
    QTest::newRow("plain entities") << QByteArray() << QByteArray("day/&lt;&amp;amp;&#x9;") << "<&amp;\t"
                                    << false;
    QTest::newRow("mark") << url << QByteArray("day/%EF%BB%BFa") << QChar(0xFEFF) + QStringLiteral("a")
                          << false;
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

/// In a bucket's root a byte order mark is the first thing of a text, where most readers drop it.
void TestMoverBuckets::aMarkAtTheBeginningIsPartOfTheKey()
{
    const QString name = QChar(0xFEFF) + QStringLiteral("a");
    Bench url({listOf("<EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>" +
                      content("%EF%BB%BFa", 1))},
              "s3://rgw/catalog");
    QVERIFY(url.list());
    QCOMPARE(url.names, QStringList{name});
    Bench plain({listOf("<IsTruncated>false</IsTruncated>" + content("\xEF\xBB\xBF"
                                                                     "a",
                                                                     1))},
                "s3://rgw/catalog");
    QVERIFY(plain.list());
    QCOMPARE(plain.names, QStringList{name});
}

void TestMoverBuckets::folderMarkers()
{
    Bench bench({listOf("<IsTruncated>false</IsTruncated>" + content("day/", 0) + content("day/sub/", 0) +
                        content("day/sub/a", 1))});
    QVERIFY(bench.list());
    QCOMPARE(bench.names, QStringList({"sub/", "sub/a"}));
    QCOMPARE(bench.around.progress.leftOut().first()["what"].toString(), QStringLiteral("folderMarker"));
    // who only compares does not compare it
    Bench compared({listOf("<IsTruncated>false</IsTruncated>" + content("day/", 0))}, "s3://rgw/catalog/day/",
                   false);
    QVERIFY(compared.list());
    QCOMPARE(compared.around.progress.leftOut().at(0)["count"].toInteger(), 1);
    // one that holds bytes is data, and has no name to put it under
    Bench bytes({listOf("<IsTruncated>false</IsTruncated>" + content("day/", 5))});
    QVERIFY(bytes.list());
    QCOMPARE(bytes.bad, QStringList{"day/"});
}

void TestMoverBuckets::whatStandsBesideTheBytesIsCounted()
{
    const auto answer = [](const QByteArray& headers, const QByteArray& body) {
        return "HTTP/1.1 206 Partial Content\r\nETag: \"e\"\r\n" + headers +
               "Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body;
    };
    const QByteArray own =
        "x-amz-meta-sluice-crc32c: 7\r\nContent-Encoding: aws-chunked\r\nContent-Type: text/csv\r\n";
    const QByteArray packed = "Content-Encoding: aws-chunked, gzip\r\nContent-Type: text/csv\r\n";
    Bench bench({answer("x-amz-meta-owner: a\r\nx-amz-tagging-count: 2\r\n", "ab"),
                 answer("x-amz-meta-owner: a\r\nx-amz-tagging-count: 2\r\n", "cd"), answer(packed, "ef"),
                 answer(own, "gh"), answer("x-amz-meta-owner: a\r\n", {}), answer(packed, "ij"),
                 answer(packed, "kl"),
                 answer("Content-Disposition: attachment; filename=gr\xc3\xbcn\r\n", "mn")});
    const auto counts = [&bench] {
        QMap<QString, qint64> found;
        for (const QJsonValue kind : bench.around.progress.leftOut()) {
            found.insert(kind["what"].toString(), kind["count"].toInteger());
        }
        return found;
    };
    const auto copy = [&](quint64 size, const QList<quint64>& offsets,
                          const std::optional<Attributes>& there) {
        auto object = bench.source.open({.name = "a", .sizeBytes = size, .etag = "e"}, bench.context);
        QVERIFY2(object, object ? "" : qPrintable(object.error().toLine()));
        for (const quint64 offset : offsets) {
            QVERIFY((*object)->read(offset, std::min<quint64>(size, 2), bench.context));
        }
        (*object)->countLeftOut(there, bench.context);
    };
    copy(4, {0, 2}, {});
    QCOMPARE(counts(), (QMap<QString, qint64>{{"metadata", 1}, {"tags", 1}}));
    copy(2, {0}, {});
    QCOMPARE(counts()["metadata"], 2);
    copy(2, {0}, {});
    QCOMPARE(counts()["metadata"], 2);
    // an empty object tells it when it is opened
    copy(0, {0}, {});
    QCOMPARE(counts()["metadata"], 3);
    // what arrived is not left out, what is there and differs is
    copy(2, {0}, Attributes{{"content-type", "text/csv"}, {"content-encoding", "gzip"}});
    QCOMPARE(counts()["metadata"], 3);
    copy(2, {0}, Attributes{{"content-type", "text/html"}, {"content-encoding", "gzip"}});
    QCOMPARE(counts()["metadata"], 4);
    // no signed request carries these bytes
    copy(2, {0}, Attributes{{"content-disposition", "attachment; filename=gr\xc3\xbcn"}});
    QCOMPARE(counts(), (QMap<QString, qint64>{{"metadata", 5}, {"tags", 1}}));
}

void TestMoverBuckets::whatIsKeptAsksNothing()
{
    Bench bench({});
    bench.source.keptUnread(bench.context);
    bench.source.keptUnread(bench.context);
    QVERIFY(bench.targets.isEmpty());
    const QJsonArray leftOut = bench.around.progress.leftOut();
    QCOMPARE(leftOut.size(), 2);
    for (const auto& [index, what] : {std::pair(0, "metadata"), std::pair(1, "tags")}) {
        QCOMPARE(leftOut[index]["what"].toString(), QLatin1String(what));
        QCOMPARE(leftOut[index]["count"].toInt(), 0);
        QVERIFY(leftOut[index]["atLeast"].toBool());
        QVERIFY(leftOut[index]["why"].toString().contains("not asked again"));
    }
    Bench verify({}, "s3://rgw/catalog/day/", false);
    verify.source.keptUnread(verify.context);
    QVERIFY(verify.around.progress.leftOut().isEmpty());
}

void TestMoverBuckets::oneObjectIsAskedForAlone()
{
    Bench bench({});
    auto folder = std::make_unique<fake::MemorySource>();
    fake::MemorySource& asked = *folder;
    OneObject one(std::move(folder), {.name = "a"});
    one.countVersions({}, bench.context);
    one.keptUnread(bench.context);
    QCOMPARE(asked.versionsAskedOf, QStringList{"a"});
    QCOMPARE(asked.unread, 1);
}

void TestMoverBuckets::oneObjectNamedExactly()
{
    Bench bench({listOf("<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>" +
                        content("day/one.csv", 7)),
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
    const QByteArray denied = FakeGateway::answer(403, "<Error><Code>AccessDenied</Code></Error>");
    Bench bound({denied});
    const auto nothing = bound.source.find("one.csv", bound.context);
    QVERIFY(nothing && !nothing->has_value());
    QVERIFY(!*bound.source.holdsAnything(bound.context));
    // one that may list nothing still reads what is named
    Bench unlisted({denied, FakeGateway::answer(200, {}, "ETag: \"0123456789abcdef\"\r\n")});
    const auto named = unlisted.source.find("one.csv", unlisted.context);
    QVERIFY(named && named->has_value());
    QCOMPARE((*named)->name, QStringLiteral("one.csv"));
    QCOMPARE((*named)->etag, QStringLiteral("0123456789abcdef"));
    QVERIFY(unlisted.targets[1].endsWith("/catalog/day/one.csv"));
    Bench there({listOf("<IsTruncated>false</IsTruncated>" + content("day/a", 1))});
    QVERIFY(*there.source.holdsAnything(there.context));
}

void TestMoverBuckets::uploadsAreClaimedByTheirWholeName()
{
    QMutex mutex;
    QHash<QByteArray, QByteArray> begun;
    FakeGateway gateway([&](const FakeGateway::Request& request) {
        if (request.target.contains("uploads")) {
            const QMutexLocker lock(&mutex);
            begun = request.headers;
        }
        return request.target.contains("uploads")
                   ? FakeGateway::answer(200,
                                         "<InitiateMultipartUploadResult><UploadId>u1</UploadId></"
                                         "InitiateMultipartUploadResult>")
                   : FakeGateway::answer(404, "<Error><Code>NoSuchUpload</Code></Error>");
    });
    S3Place place({.connection = "rgw",
                   .endpoint = gateway.endpoint(),
                   .region = "default",
                   .accessKey = "AK",
                   .secretKey = "s"},
                  *model::Location::parse("s3://rgw/catalog"));
    fake::Surroundings around;
    ObjectContext context(around.move, "x");
    ClaimBook book(around.host);
    fake::MemoryObject object("x", 1);
    object.headers = {{"content-type", "text/html"}, {"cache-control", "no-cache"}};
    S3MultipartWriter writer(place, QChar(0xFEFF) + QStringLiteral("a"), object, {}, book);
    QVERIFY(!writer.write("x", context));
    QCOMPARE(around.host.uploads.first().first()["key"].toString(), QStringLiteral("%EF%BB%BFa"));
    QCOMPARE(around.host.uploads.first().first()["uploadId"].toString(), QStringLiteral("u1"));
    const QMutexLocker lock(&mutex);
    QCOMPARE(begun.value("content-type"), QByteArray("text/html"));
    QCOMPARE(begun.value("cache-control"), QByteArray("no-cache"));
    QVERIFY(begun.value("authorization").contains("SignedHeaders=cache-control;content-type;host"));
}

QTEST_GUILESS_MAIN(TestMoverBuckets)
#include "tst_mover_buckets.moc"
