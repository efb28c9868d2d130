#include <QtCore/QJsonDocument>
#include <QtTest/QtTest>

#include "mover/claim_book.h"
#include "mover/object_copy.h"
#include "mover/rados_destination.h"
#include "mover/rados_stage.h"
#include "mover/staged_writer.h"
#include "patience.h"
#include "tests/unit/mover_fakes.h"

using namespace sluice;
using namespace sluice::mover;

namespace {

const QJsonObject kClaim{
    {"connection", "vega"}, {"cephPool", "train"}, {"object", "x.staged"}, {"mark", "R-1/copy/1/1"}};

/// Writes down what is asked of it; every step can be refused.
class FakeStage final : public Stage {
public:
    struct Told {
        QStringList steps{};
        QString refused{};
        Error error{.code = ErrorCode::DataLoss};
        bool removes{true};
        int claimsAtBegin{-1};
    };
    FakeStage(Told& told, fake::Host& host) : m_told(told), m_host(host) {}
    QString id() const override { return QStringLiteral("x.staged"); }
    QJsonObject claim() const override { return kClaim; }
    quint64 chunkBytes() const override { return 4; }
    Result<void> reserve(ObjectContext&) override { return step("reserve"); }
    Result<void> begin(const QByteArray& chunk, ObjectContext&) override
    {
        m_told.claimsAtBegin = m_host.uploads.isEmpty() ? 0 : static_cast<int>(m_host.uploads.last().size());
        return step("begin " + chunk);
    }
    Result<void> append(quint64 offset, const QByteArray& chunk, ObjectContext&) override
    {
        return step("append " + QByteArray::number(offset) + ' ' + chunk);
    }
    Result<void> complete(quint32, ObjectContext&) override { return step("complete"); }
    Result<Stored> publish(quint32, ObjectContext&) override
    {
        return step("publish").map([] { return Stored{.version = 7, .etag = {}}; });
    }
    bool remove() override
    {
        static_cast<void>(step("remove"));
        return m_told.removes;
    }

private:
    Result<void> step(const QByteArray& name)
    {
        m_told.steps.append(QString::fromUtf8(name));
        return !m_told.refused.isEmpty() && name.startsWith(m_told.refused.toUtf8())
                   ? Result<void>(fail(m_told.error))
                   : Result<void>();
    }
    Told& m_told;
    fake::Host& m_host;
};

QByteArray df(const QJsonObject& stats)
{
    const QJsonObject other{{"name", "landing"}, {"stats", QJsonObject{{"max_avail", 0}}}};
    const QJsonObject train{{"name", "train"}, {"stats", stats}};
    return QJsonDocument(QJsonObject{{"pools", QJsonArray{other, train}}}).toJson();
}

}  // namespace

class TestMoverStaging : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void claimsAreToldBeforeTheirFirstByte();
    void whatIsLeftIsToldOnceMore();
    void stagedThenPutInPlaceThenRemoved();
    void aStepThatFailsLeavesNothing_data();
    void aStepThatFailsLeavesNothing();
    void whatCannotBeRemovedStaysAClaim();
    void noByteWithoutAClaim();
    void roomIsAskedForFirst_data();
    void roomIsAskedForFirst();
    void namesOfStagedCopies();
    void claimsNameTheirObjectsWhole();
    void piecesAreAligned();
    void aLoopIsSeenAndBacksOff();
};

void TestMoverStaging::claimsAreToldBeforeTheirFirstByte()
{
    fake::Surroundings around;
    ObjectContext context(around.move, "k");
    ClaimBook book(around.host);
    const auto upload = [](const char* key, const char* id) {
        return QJsonObject{{"connection", "rgw.vega"}, {"bucket", "b"}, {"key", key}, {"uploadId", id}};
    };
    around.host.refusedForNow = 1;
    QVERIFY(book.begun("u1", upload("k", "u1"), context));
    QVERIFY(book.begun("u2", upload("k2", "u2"), context));
    book.ended("u1");
    QVERIFY(book.begun("x.staged", kClaim, context));
    QCOMPARE(around.host.uploads, (QList<QJsonArray>{{upload("k", "u1")},
                                                     {upload("k", "u1"), upload("k2", "u2")},
                                                     {upload("k2", "u2"), kClaim}}));
    around.host.refusal = Error{.code = ErrorCode::Aborted, .message = QStringLiteral("fenced")};
    const auto fenced = book.begun("u4", upload("k", "u4"), context);
    QVERIFY(!fenced && fenced.error().code == ErrorCode::Aborted);
}

void TestMoverStaging::whatIsLeftIsToldOnceMore()
{
    fake::Surroundings around;
    ObjectContext context(around.move, "k");
    ClaimBook book(around.host);
    QVERIFY(book.settle(context));
    QVERIFY(around.host.uploads.isEmpty());
    QVERIFY(book.begun("x.staged", kClaim, context));
    book.ended("x.staged");
    QVERIFY(book.settle(context));
    QCOMPARE(around.host.uploads, (QList<QJsonArray>{{kClaim}, {}}));
    QVERIFY(book.settle(context));
    QCOMPARE(around.host.uploads.size(), 2);
}

void TestMoverStaging::stagedThenPutInPlaceThenRemoved()
{
    fake::Surroundings around;
    ObjectContext context(around.move, "x");
    ClaimBook book(around.host);
    FakeStage::Told told;
    {
        StagedWriter writer(std::make_unique<FakeStage>(told, around.host), book);
        QCOMPARE(writer.chunkBytes(), quint64(4));
        QVERIFY(writer.write("abcd", context));
        QVERIFY(writer.write("efgh", context));
        QVERIFY(writer.write("i", context));
        const auto stored = writer.finish(0, context);
        QVERIFY(stored);
        QCOMPARE(stored->version, quint64(7));
    }
    QCOMPARE(told.steps, (QStringList{"reserve", "begin abcd", "append 4 efgh", "append 8 i", "complete",
                                      "publish", "remove"}));
    QCOMPARE(told.claimsAtBegin, 1);
    QVERIFY(book.settle(context));
    QCOMPARE(around.host.uploads, (QList<QJsonArray>{{kClaim}, {}}));
}

void TestMoverStaging::aStepThatFailsLeavesNothing_data()
{
    QTest::addColumn<QString>("step");
    QTest::addColumn<QStringList>("steps");
    QTest::newRow("room") << "reserve" << QStringList{"reserve"};
    QTest::newRow("begin") << "begin" << QStringList{"reserve", "begin abcd", "remove"};
    QTest::newRow("append") << "append" << QStringList{"reserve", "begin abcd", "append 4 e", "remove"};
    QTest::newRow("compare") << "complete"
                             << QStringList{"reserve", "begin abcd", "append 4 e", "complete", "remove"};
    QTest::newRow("publish") << "publish" << QStringList{"reserve",  "begin abcd", "append 4 e",
                                                         "complete", "publish",    "remove"};
}

void TestMoverStaging::aStepThatFailsLeavesNothing()
{
    QFETCH(QString, step);
    QFETCH(QStringList, steps);
    fake::Surroundings around;
    ObjectContext context(around.move, "x");
    ClaimBook book(around.host);
    FakeStage::Told told{.refused = step};
    {
        StagedWriter writer(std::make_unique<FakeStage>(told, around.host), book);
        Result<void> went = writer.write("abcd", context);
        went = went ? writer.write("e", context) : went;
        if (went) {
            went = writer.finish(0, context).map([](const Stored&) {});
        }
        QVERIFY(!went);
        QCOMPARE(toString(went.error().code), QStringLiteral("DataLoss"));
    }
    QCOMPARE(told.steps, steps);
    QVERIFY(book.settle(context));
    QVERIFY(around.host.uploads.isEmpty() || around.host.uploads.last().isEmpty());
}

void TestMoverStaging::whatCannotBeRemovedStaysAClaim()
{
    fake::Surroundings around;
    ObjectContext context(around.move, "x");
    ClaimBook book(around.host);
    FakeStage::Told told{.removes = false};
    {
        StagedWriter writer(std::make_unique<FakeStage>(told, around.host), book);
        QVERIFY(writer.write("abcd", context));
        QVERIFY(writer.finish(0, context));
    }
    QCOMPARE(told.steps.count("remove"), 1);
    QVERIFY(book.settle(context));
    QCOMPARE(around.host.uploads, (QList<QJsonArray>{{kClaim}}));
}

void TestMoverStaging::noByteWithoutAClaim()
{
    fake::Surroundings around;
    ObjectContext context(around.move, "x");
    ClaimBook book(around.host);
    around.host.refusal = Error{.code = ErrorCode::Aborted, .message = QStringLiteral("fenced")};
    FakeStage::Told told;
    StagedWriter writer(std::make_unique<FakeStage>(told, around.host), book);
    const auto written = writer.write("abcd", context);
    QVERIFY(!written && written.error().code == ErrorCode::Aborted);
    QCOMPARE(told.steps, QStringList{"reserve"});
}

void TestMoverStaging::roomIsAskedForFirst_data()
{
    QTest::addColumn<QJsonObject>("stats");
    QTest::addColumn<quint64>("replaced");
    QTest::addColumn<quint64>("promised");
    QTest::addColumn<QString>("lacks");
    const auto stats = [](qint64 available, qint64 stored = 0, qint64 quotaBytes = 0, qint64 objects = 0,
                          qint64 quotaObjects = 0) {
        return QJsonObject{{"max_avail", available},
                           {"stored", stored},
                           {"quota_bytes", quotaBytes},
                           {"objects", objects},
                           {"quota_objects", quotaObjects}};
    };
    QTest::newRow("twice the object") << stats(200) << quint64(0) << quint64(0) << "";
    QTest::newRow("a byte too little") << stats(199) << quint64(0) << quint64(0) << "full";
    QTest::newRow("others are staged too") << stats(249) << quint64(0) << quint64(50) << "full";
    QTest::newRow("quota") << stats(1000, 50, 250) << quint64(0) << quint64(0) << "";
    QTest::newRow("quota, a byte too little") << stats(1000, 51, 250) << quint64(0) << quint64(0) << "quota";
    QTest::newRow("quota, what is replaced goes")
        << stats(1000, 150, 250) << quint64(100) << quint64(0) << "";
    QTest::newRow("quota, something smaller is replaced")
        << stats(1000, 150, 250) << quint64(99) << quint64(0) << "quota";
    QTest::newRow("quota, something larger is replaced")
        << stats(1000, 150, 250) << quint64(200) << quint64(0) << "";
    QTest::newRow("quota, others are staged too")
        << stats(1000, 50, 250) << quint64(0) << quint64(1) << "quota";
    QTest::newRow("objects") << stats(1000, 0, 0, 8, 10) << quint64(0) << quint64(0) << "";
    QTest::newRow("objects, one too many") << stats(1000, 0, 0, 9, 10) << quint64(0) << quint64(0) << "quota";
    QTest::newRow("objects, one is replaced") << stats(1000, 0, 0, 9, 10) << quint64(5) << quint64(0) << "";
}

void TestMoverStaging::roomIsAskedForFirst()
{
    QFETCH(QJsonObject, stats);
    QFETCH(quint64, replaced);
    QFETCH(quint64, promised);
    QFETCH(QString, lacks);
    const OpPlace place{.connection = "vega", .cephPool = "train", .object = "p-x"};
    const StagingNeed need{
        .sizeBytes = 100, .replacedBytes = replaced, .creates = replaced == 0, .promisedBytes = promised};
    const auto lack = lackOfRoom(df(stats), place, need);
    QCOMPARE(lack ? toString(lack->what) : QString(), lacks);
    if (lack) {
        QCOMPARE(lack->cephPool, QStringLiteral("train"));
        QCOMPARE(lack->object, QStringLiteral("p-x"));
        QCOMPARE(lack->op, QStringLiteral("reserve"));
        QVERIFY(lack->error.retryable && lack->error.message.contains("both copies"));
        QVERIFY(!lack->error.cause.isEmpty() && !lack->error.correction.isEmpty());
    }
    QVERIFY(!lackOfRoom(df(stats), {.connection = "vega", .cephPool = "other"}, need));
    QVERIFY(!lackOfRoom("no JSON", place, need));
}

void TestMoverStaging::namesOfStagedCopies()
{
    const QString name = stagedName(QStringLiteral("landing/Größe"));
    QVERIFY(name.startsWith(QStringLiteral("landing/Größe.sluice-staged.")));
    QVERIFY(isStagedName(name.toStdString()));
    QVERIFY(name != stagedName(QStringLiteral("landing/Größe")));
    for (const char* other : {"landing/x", ".sluice-staged.0123456789abcdef",
                              "x.sluice-staged.0123456789abcde", "x.sluice-staged.0123456789abcdeG",
                              "x.sluice-staged.0123456789abcdef.old", "x.sluice-other..0123456789abcdef"}) {
        QVERIFY2(!isStagedName(other), other);
    }
    for (const QString& letter :
         {QStringLiteral("a"), QStringLiteral("ü"), QString::fromUtf8("\xF0\x9F\x8C\x8A")}) {
        const QString longest = stagedName(letter.repeated(2048 / letter.toUtf8().size()));
        QVERIFY(longest.toUtf8().size() <= 2048 && longest.toUtf8().size() > 2044);
        QVERIFY(isStagedName(longest.toStdString()));
        QCOMPARE(QString::fromUtf8(longest.toUtf8()), longest);
    }
}

void TestMoverStaging::claimsNameTheirObjectsWhole()
{
    RadosRoom room;
    fake::MemoryObject source("x", 1);
    RadosPlace place{.connection = "vega", .cephPool = "train"};
    const RadosStage stage(place, room, QChar(0xFEFF) + QStringLiteral("a"), "R-1/copy/1/1", source, {}, {},
                           kRadosChunkBytes);
    QVERIFY2(stage.claim()["object"].toString().startsWith("%EF%BB%BFa.sluice-staged."),
             qPrintable(stage.claim()["object"].toString()));
}

void TestMoverStaging::piecesAreAligned()
{
    QCOMPARE(chunkBytesFor(0), kRadosChunkBytes);
    QCOMPARE(chunkBytesFor(8192), kRadosChunkBytes);
    QCOMPARE(chunkBytesFor(12288), quint64(682 * 12288));
    QCOMPARE(chunkBytesFor(3 * kRadosChunkBytes), 3 * kRadosChunkBytes);
}

/// A destination whose every write finds that it changed.
class NeverTheSame final : public DestinationEnd {
public:
    OpPlace at(const QString& name) const override
    {
        return {.connection = "rgw.vega", .object = "bucket/" + name};
    }
    Result<Existing> look(const QString& name, ObjectContext&) override
    {
        ++looks;
        return looks > stopAfter ? Result<Existing>(fail(Error{.code = ErrorCode::Internal, .message = name}))
                                 : Existing{};
    }
    Result<quint32> checksum(const QString& name, const Existing&, ObjectContext&) override
    {
        return fail(moved(name));
    }
    Result<std::unique_ptr<ObjectWriter>> open(const QString& name, SourceObject&, const Existing&,
                                               ObjectContext&) override
    {
        return fail(moved(name));
    }
    quint64 bufferBytes(quint64) const override { return 0; }
    int looks{0};
    int stopAfter{5};
};

void TestMoverStaging::aLoopIsSeenAndBacksOff()
{
    fake::Surroundings around;
    fake::MemorySource source;
    source.objects.insert("x", "bytes");
    NeverTheSame destination;
    MoveRequest request;
    int parked = 0;
    ObjectContext context(around.move, "x", [&parked](bool waits) { parked += waits ? 1 : 0; });
    const auto copied =
        ObjectCopy(request, source, destination).run({.name = "x", .sizeBytes = 5}, {}, context);
    QVERIFY(!copied && copied.error().code == ErrorCode::Internal);
    // looked at six times: after the first, second and third try at once, then after a pause each
    QCOMPARE(parked, 2);
    around.progress.report(around.host);
    const QList<QJsonObject> blocked = around.host.events("blocked");
    QCOMPARE(blocked.size(), 1);
    QCOMPARE(blocked[0]["what"].toString(), QStringLiteral("changed"));
    QCOMPARE(blocked[0]["op"].toString(), QStringLiteral("replace"));
    QCOMPARE(blocked[0]["connection"].toString(), QStringLiteral("rgw.vega"));
    QCOMPARE(blocked[0]["object"].toString(), QStringLiteral("bucket/x"));
    QCOMPARE(blocked[0]["tries"].toInt(), 2);
    QVERIFY(!blocked[0]["error"].toObject()["correction"].toString().isEmpty());
    QCOMPARE(backOffMs(Obstacle::Changed, 2), 500);
    QCOMPARE(backOffMs(Obstacle::Changed, 100), 5000);
}

QTEST_GUILESS_MAIN(TestMoverStaging)
#include "tst_mover_staging.moc"
