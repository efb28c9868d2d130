#include <QtTest/QtTest>

#include "mover_bucket_bench.h"

using namespace bucket;

class TestMoverVersions : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void olderVersionsAreCounted();
    void versionsThatCannotBeAskedFor_data();
    void versionsThatCannotBeAskedFor();
    void moreVersionsThanAreCounted();
    void countingEndsSoonAfterTheLastObject();
};

void TestMoverVersions::olderVersionsAreCounted()
{
    const QByteArray older = "<IsLatest>false</IsLatest>";
    const QByteArray latest = "<IsLatest>true</IsLatest>";
    const QList<QByteArray> answers{
        FakeGateway::answer(503, {}),
        FakeGateway::answer(503, {}),
        kept("Suspended"),
        FakeGateway::answer(503, {}),
        FakeGateway::answer(503, {}),
        versions("<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextKeyMarker>day/b+b</"
                 "NextKeyMarker><NextVersionIdMarker>v2"
                 "</NextVersionIdMarker><Version><Key>day/a</Key>" +
                 latest + "</Version><Version><Key>day/a</Key>" + older +
                 "</Version><Version><Key>day/b+b</Key>" + older +
                 "</Version><DeleteMarker><Key>day/b+b</Key>" + latest + "</DeleteMarker>"),
        FakeGateway::answer(503, {}),
        versions("<IsTruncated>false</IsTruncated><DeleteMarker><Key>day/c</Key>" + older +
                 "</DeleteMarker><Version><Key>day/a c</Key>" + older + "</Version>")};
    Bench bench(answers);
    bench.source.countVersions({}, bench.context);
    QCOMPARE(bench.targets.size(), answers.size());
    QVERIFY(bench.targets.last().contains("key-marker=day%2Fb%20b") &&
            bench.targets.last().contains("version-id-marker=v2"));
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
    QVERIFY(!one.around.progress.leftOut().first()["atLeast"].toBool());
    Bench verify(answers, "s3://rgw/catalog/day/", false);
    verify.source.countVersions({}, verify.context);
    QVERIFY(verify.targets.isEmpty());
}

void TestMoverVersions::versionsThatCannotBeAskedFor_data()
{
    QTest::addColumn<QList<QByteArray>>("answers");
    QTest::addColumn<int>("asked");
    QTest::addColumn<int>("count");
    QTest::addColumn<QString>("why");
    const QByteArray denied = FakeGateway::answer(403, "<Error><Code>AccessDenied</Code></Error>");
    const QByteArray unknown = FakeGateway::answer(501, "<Error><Code>NotImplemented</Code></Error>");
    const QByteArray older = "<Version><Key>day/a</Key><IsLatest>false</IsLatest></Version>";
    const QByteArray goesOn =
        versions("<IsTruncated>true</IsTruncated><NextKeyMarker>day/a</NextKeyMarker>" + older);
    QTest::newRow("never had any") << QList{kept({}), versions(older)} << 1 << 0 << "";
    QTest::newRow("no right to ask whether, but to list")
        << QList{denied, versions("<IsTruncated>false</IsTruncated>" + older)} << 2 << 1 << "";
    QTest::newRow("no right to ask") << QList{denied} << 2 << 0 << "AccessDenied";
    QTest::newRow("no right to list them") << QList{kept("Enabled"), denied} << 2 << 0 << "403 AccessDenied";
    QTest::newRow("no right to list the next ones")
        << QList{kept("Enabled"), goesOn, denied} << 3 << 1 << "403 AccessDenied";
    QTest::newRow("does not know them") << QList{unknown} << 2 << 0 << "501 NotImplemented";
    QTest::newRow("no words") << QList{kept("Enabled"), FakeGateway::answer(403, {})} << 2 << 0 << "(403)";
    QTest::newRow("no answer to whether") << QList{FakeGateway::answer(200, "<html>login</html>")} << 2 << 0
                                          << "a list of versions was expected";
    QTest::newRow("no list") << QList{kept("Enabled"), FakeGateway::answer(200, "<html>login</html>")} << 2
                             << 0 << "a list of versions was expected";
    QTest::newRow("cut off") << QList{kept("Enabled"),
                                      FakeGateway::answer(200, "<ListVersionsResult><Version>")}
                             << 2 << 0 << "not understood";
    QTest::newRow("no marker") << QList{kept("Enabled"), versions("<IsTruncated>true</IsTruncated>")} << 2
                               << 0 << "marker of the next page is missing";
    QTest::newRow("does not say whether it goes on")
        << QList{kept("Enabled"), versions(older)} << 2 << 0 << "marker of the next page is missing";
    const QByteArray busy = FakeGateway::answer(503, "<Error><Code>SlowDown</Code></Error>");
    QTest::newRow("busy") << QList{busy} << 6 << 0 << "503 SlowDown";
    QTest::newRow("cannot now") << QList{FakeGateway::answer(500, {})} << 6 << 0 << "(500)";
    QTest::newRow("cannot list them now")
        << QList{kept("Enabled"), FakeGateway::answer(500, {})} << 4 << 0 << "(500)";
    QTest::newRow("cannot list the next ones now")
        << QList{kept("Enabled"), goesOn, busy} << 5 << 1 << "503 SlowDown";
    QTest::newRow("same marker twice") << QList{kept("Enabled"), goesOn} << 3 << 2 << "same marker twice";
}

void TestMoverVersions::versionsThatCannotBeAskedFor()
{
    QFETCH(QList<QByteArray>, answers);
    QFETCH(int, asked);
    QFETCH(int, count);
    QFETCH(QString, why);
    Bench bench(answers);
    bench.source.countVersions({}, bench.context);
    const QJsonArray leftOut = bench.around.progress.leftOut();
    QCOMPARE(leftOut.size(), count == 0 && why.isEmpty() ? 0 : 1);
    if (!leftOut.isEmpty()) {
        const QJsonValue kind = leftOut.first();
        QCOMPARE(kind["what"].toString(), QStringLiteral("versions"));
        QCOMPARE(kind["count"].toInt(), count);
        QCOMPARE(kind["atLeast"].toBool(), !why.isEmpty());
        QVERIFY2(kind["why"].toString().contains(why), qPrintable(kind["why"].toString()));
    }
    QCOMPARE(bench.targets.size(), asked);
    QVERIFY2(bench.waiting == 0, "a number holds nothing up");
    bench.around.progress.report(bench.around.host);
    QVERIFY(bench.around.host.events("blocked").isEmpty());
    QCOMPARE(bench.around.host.events("leftOut").size(), leftOut.size());
}

void TestMoverVersions::moreVersionsThanAreCounted()
{
    const auto page = [](const QByteArray& key) {
        return versions("<IsTruncated>true</IsTruncated><NextKeyMarker>" + key +
                        "</NextKeyMarker><Version><Key>" + key +
                        "</Key><IsLatest>false</IsLatest></Version>");
    };
    const QList<QByteArray> answers{kept("Enabled"), page("day/a"), page("day/ab"), page("day/ac"),
                                    page("day/ad")};
    Bench bench(answers, "s3://rgw/catalog/day/", true, {.pages = 3, .ms = 60'000});
    bench.source.countVersions({}, bench.context);
    QCOMPARE(bench.targets.size(), 4);
    const QJsonValue kind = bench.around.progress.leftOut().first();
    QCOMPARE(kind["count"].toInt(), 3);
    QVERIFY(kind["atLeast"].toBool());
    QCOMPARE(kind["why"].toString(), QStringLiteral("only the first 3 pages of its versions are counted"));
    // Of one object all are known once the list is past its name.
    Bench one(answers, "s3://rgw/catalog/day/", true, {.pages = 3, .ms = 60'000});
    one.source.countVersions(QStringLiteral("a"), one.context);
    QCOMPARE(one.targets.size(), 3);
    QCOMPARE(one.around.progress.leftOut().first()["count"].toInt(), 1);
    QVERIFY(!one.around.progress.leftOut().first()["atLeast"].toBool());
}

void TestMoverVersions::countingEndsSoonAfterTheLastObject()
{
    const auto page = [](const QByteArray& key) {
        return versions("<IsTruncated>true</IsTruncated><NextKeyMarker>" + key +
                        "</NextKeyMarker><Version><Key>" + key +
                        "</Key><IsLatest>false</IsLatest></Version>");
    };
    const QList<QByteArray> answers{kept("Enabled"), page("day/a"), page("day/b"), page("day/c"),
                                    page("day/d")};
    const CountLimits limits{.pages = 4, .ms = 60'000};
    Bench slow(answers, "s3://rgw/catalog/day/", true, limits);
    slow.answerMs = 25'000;
    slow.source.countVersions({}, slow.context);
    QCOMPARE(slow.targets.size(), 3);
    const QJsonValue kind = slow.around.progress.leftOut().first();
    QCOMPARE(kind["count"].toInt(), 2);
    QVERIFY2(kind["why"].toString().contains("no longer than 60000 ms"), qPrintable(kind["why"].toString()));
    // While objects are at work it has time, and after them a little more.
    Bench busy(answers, "s3://rgw/catalog/day/", true, limits);
    busy.answerMs = 25'000;
    {
        const ObjectContext object(busy.around.move, "a");
        busy.source.countVersions({}, busy.context);
        QCOMPARE(busy.targets.size(), 5);
        QVERIFY(busy.around.progress.leftOut().first()["why"].toString().contains("first 4 pages"));
        busy.clock.passedMs += 1'000'000;
        QCOMPARE(busy.around.progress.idleMs(), 0);
    }
    QCOMPARE(busy.around.progress.idleMs(), 0);
    busy.clock.passedMs += 7;
    QCOMPARE(busy.around.progress.idleMs(), 7);
    busy.around.progress.listingDone();
    QCOMPARE(busy.around.progress.idleMs(), 0);
    // One that gives no answer at all is given up.
    Bench silent({QByteArray()}, "s3://rgw/catalog/day/", true, {.ms = 20});
    silent.source.countVersions({}, silent.context);
    const QString why = silent.around.progress.leftOut().first()["why"].toString();
    QVERIFY2(why.contains("longer than 20 ms"), qPrintable(why));
    // Nothing more is asked for a move that has stopped.
    Bench stopped(answers);
    stopped.around.stop.raise({});
    stopped.source.countVersions({}, stopped.context);
    QVERIFY(stopped.targets.size() <= 1 && stopped.around.progress.leftOut().isEmpty());
}

QTEST_GUILESS_MAIN(TestMoverVersions)
#include "tst_mover_versions.moc"
