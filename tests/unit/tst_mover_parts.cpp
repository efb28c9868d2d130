#include <QtCore/QJsonArray>
#include <QtTest/QtTest>
#include <thread>

#include "mover/budget.h"
#include "mover/crc32c.h"
#include "mover/file_ops.h"
#include "mover/move_request.h"
#include "mover/object_copy.h"
#include "mover/progress.h"
#include "mover/rados_ops.h"
#include "mover/s3_place.h"
#include "mover/s3_writer.h"
#include "mover_fakes.h"
#include "patience.h"

using namespace sluice;
using namespace sluice::mover;

namespace {

using fake::ManualClock;

QJsonObject goodOrder()
{
    return {
        {"mode", "copy"},
        {"run", "R-7"},
        {"task", "R-7/copy"},
        {"attempt", 2},
        {"fence", 5},
        {"from",
         QJsonObject{{"type", "rados"}, {"connection", "vega"}, {"cephPool", "landing"}, {"prefix", "a-"}}},
        {"to", QJsonObject{{"type", "s3"}, {"connection", "rgw.vega"}, {"bucket", "b"}, {"prefix", "p/"}}},
        {"clusters",
         QJsonObject{{"vega", QJsonObject{{"conf", "/c"}, {"entity", "client.x"}, {"key", "k"}}}}},
        {"gateways", QJsonObject{{"rgw.vega", QJsonObject{{"endpoint", "http://h"}, {"accessKey", "a"}}}}},
        {"inFlight", 1000},
        {"onExisting", "refuse"},
        {"replace", QJsonArray{"one"}},
        {"resume", true}};
}

const Blockage* blockage(const Hindrance& hindrance)
{
    return std::get_if<Blockage>(&hindrance);
}

}  // namespace

class TestMoverParts : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void crc32cVectors();
    void budgetNeverGivesMoreThanThereIs();
    void backOff();
    void orderIsRead();
    void badOrders_data();
    void badOrders();
    void marks();
    void plans_data();
    void plans();
    void progressCountsBytesOnce();
    void blockedIsToldEverySecond();
    void shortBlockagesAreNotTold();
    void hangingOperations();
    void anObjectPassesAHopOnce();
    void p99();
    void radosCodes();
    void s3Errors();
    void s3Parts();
    void namesOfFiles_data();
    void namesOfFiles();
};

void TestMoverParts::crc32cVectors()
{
    // the published check value is finally inverted, Ceph's is not
    QCOMPARE(crc32c(kCrc32cStart, QByteArray("123456789")) ^ 0xffffffffU, 0xe3069283U);
    QCOMPARE(crc32c(kCrc32cStart, QByteArray()), kCrc32cStart);
    QCOMPARE(crc32c(kCrc32cStart, QByteArray(32, '\0')) ^ 0xffffffffU, 0x8a9136aaU);
    QCOMPARE(crc32c(kCrc32cStart, QByteArray(32, '\xff')) ^ 0xffffffffU, 0x62a8ab43U);
    QByteArray bytes(1000, Qt::Uninitialized);
    for (int i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<char>(i * 37);
    }
    for (qsizetype cut = 0; cut < 40; ++cut) {
        const quint32 start = crc32c(kCrc32cStart, bytes.first(cut));
        QCOMPARE(crc32c(start, bytes.mid(cut)), crc32c(kCrc32cStart, bytes));
        QCOMPARE(crc32cByTable(kCrc32cStart, bytes.mid(cut)), crc32c(kCrc32cStart, bytes.mid(cut)));
    }
}

void TestMoverParts::budgetNeverGivesMoreThanThereIs()
{
    Budget budget(100);
    QCOMPARE(budget.take(1000), 100u);
    std::atomic<bool> got{false};
    std::thread waiting([&] {
        const Share share(budget, 30);
        got = true;
    });
    // It must go on waiting: there is no sign of that to wait for.
    QTest::qWait(20);
    QVERIFY(!got);
    budget.giveBack(100);
    waiting.join();
    QVERIFY(got);
    QCOMPARE(budget.take(100), 100u);
    budget.giveBack(100);
}

void TestMoverParts::backOff()
{
    QCOMPARE(backOffMs(Obstacle::Lock, 1), 250);
    QCOMPARE(backOffMs(Obstacle::Lock, 2), 500);
    QCOMPARE(backOffMs(Obstacle::Lock, 100), 5000);
    QCOMPARE(backOffMs(Obstacle::Quota, 100), 2000);
    QCOMPARE(backOffMs(Obstacle::Permission, 1), 5000);
}

void TestMoverParts::orderIsRead()
{
    const auto request = MoveRequest::fromJson(goodOrder());
    QVERIFY(request);
    QCOMPARE(request->mark(), QStringLiteral("R-7/copy/2/5"));
    QCOMPARE(request->inFlight, 256);
    QVERIFY(request->mayReplace("one"));
    QVERIFY(!request->mayReplace("two"));
    QVERIFY(request->resume);
    QCOMPARE(request->clusters["vega"].entity, QStringLiteral("client.x"));
    QCOMPARE(request->gateways["rgw.vega"].region, QStringLiteral("default"));
    QJsonObject order = goodOrder();
    order["run"] = 7;
    order["task"] = "copy";
    QCOMPARE(MoveRequest::fromJson(order)->mark(), QStringLiteral("R-7/copy/2/5"));
    // verify needs no source
    order["mode"] = "verify";
    order.remove("from");
    QVERIFY(MoveRequest::fromJson(order));
    QCOMPARE(MoveRequest::fromJson(order)->stallAfterMs, 30'000);
    order["stallAfterMs"] = 5000;
    QCOMPARE(MoveRequest::fromJson(order)->stallAfterMs, 5000);
}

void TestMoverParts::badOrders_data()
{
    QTest::addColumn<QString>("member");
    QTest::addColumn<QJsonValue>("value");
    QTest::newRow("no run") << "run" << QJsonValue("");
    QTest::newRow("unknown mode") << "mode" << QJsonValue("compare");
    QTest::newRow("unknown source") << "from" << QJsonValue(QJsonObject{{"type", "volume"}, {"path", "/a"}});
    QTest::newRow("unknown end") << "to" << QJsonValue(QJsonObject{{"type", ""}, {"path", "/a"}});
    QTest::newRow("no cluster") << "clusters" << QJsonValue(QJsonObject());
    QTest::newRow("no gateway") << "gateways" << QJsonValue(QJsonObject());
    QTest::newRow("relative path") << "to" << QJsonValue(QJsonObject{{"type", "file"}, {"path", "a/b"}});
    QTest::newRow("into itself") << "to"
                                 << QJsonValue(QJsonObject{{"type", "rados"},
                                                           {"connection", "vega"},
                                                           {"cephPool", "landing"},
                                                           {"prefix", "a-/b"}});
}

void TestMoverParts::badOrders()
{
    QFETCH(QString, member);
    QFETCH(QJsonValue, value);
    QJsonObject order = goodOrder();
    order[member] = value;
    const auto request = MoveRequest::fromJson(order);
    QVERIFY(!request);
    QCOMPARE(toString(request.error().code), toString(ErrorCode::InvalidArgument));
    QVERIFY(!request.error().cause.isEmpty() && !request.error().correction.isEmpty());
}

void TestMoverParts::marks()
{
    const auto request = MoveRequest::fromJson(goodOrder());
    QVERIFY(request->ownsMark("R-7/copy/1/4"));
    QVERIFY(request->ownsMark("R-7/copy/2/5"));
    QVERIFY(!request->ownsMark("R-7/copy/3/6"));
    QVERIFY(!request->ownsMark("R-7/copying/1/1"));
    QVERIFY(!request->ownsMark("R-8/copy/1/1"));
    QVERIFY(!request->ownsMark("R-7/copy"));
    QVERIFY(!request->ownsMark(""));
}

void TestMoverParts::plans_data()
{
    QTest::addColumn<Existing>("existing");
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("plan");
    const auto row = [](const char* title, const Existing& existing, const char* name, Plan plan) {
        QTest::newRow(title) << existing << QString(name) << static_cast<int>(plan);
    };
    row("nothing", {}, "x", Plan::Create);
    row("shell of a lock", {.exists = true, .shell = true}, "x", Plan::Overwrite);
    row("same size", {.exists = true, .sizeBytes = 10}, "x", Plan::Compare);
    row("same size, may go", {.exists = true, .sizeBytes = 10}, "one", Plan::Compare);
    row("other size", {.exists = true, .sizeBytes = 9}, "x", Plan::Refuse);
    row("other size, may go", {.exists = true, .sizeBytes = 9}, "one", Plan::Overwrite);
    row("own unfinished", {.exists = true, .sizeBytes = 10, .partialOf = "R-7/copy/1/4"}, "x",
        Plan::Overwrite);
    row("foreign unfinished", {.exists = true, .sizeBytes = 10, .partialOf = "R-6/copy/1/4"}, "x",
        Plan::Refuse);
    row("foreign unfinished, may go", {.exists = true, .sizeBytes = 10, .partialOf = "R-6/copy/1/4"}, "one",
        Plan::Overwrite);
}

void TestMoverParts::plans()
{
    QFETCH(Existing, existing);
    QFETCH(QString, name);
    QFETCH(int, plan);
    QCOMPARE(static_cast<int>(planFor(existing, 10, name, *MoveRequest::fromJson(goodOrder()))), plan);
}

void TestMoverParts::progressCountsBytesOnce()
{
    ManualClock clock;
    Progress progress(clock);
    fake::Host host;
    progress.report(host);
    QVERIFY(host.events("progress").isEmpty());
    const auto id = progress.begin("x");
    progress.moved(id, 100);
    progress.moved(id, 50);  // begun again
    progress.moved(id, 120);
    progress.op(id, "write", {});
    clock.pass(40);
    progress.report(host);
    QCOMPARE(host.events("progress").last()["bytesDone"].toInteger(), 120);
    const QJsonObject working = host.events("progress").last()["inFlight"].toArray().first().toObject();
    QCOMPARE(working["name"].toString(), QStringLiteral("x"));
    QCOMPARE(working["op"].toString(), QStringLiteral("write"));
    QCOMPARE(working["sinceMs"].toInteger(), 40);
    progress.end(id);
    progress.committed(1, 1, 0);
    progress.report(host);
    progress.report(host);
    QCOMPARE(host.events("progress").size(), 2);
    QCOMPARE(host.events("progress").last()["objectsKept"].toInteger(), 1);
    progress.listed(3, 300);
    progress.report(host);
    QVERIFY(!host.events("listed").last()["complete"].toBool());
    progress.listingDone();
    progress.report(host);
    QVERIFY(host.events("listed").last()["complete"].toBool());
}

void TestMoverParts::blockedIsToldEverySecond()
{
    ManualClock clock;
    Progress progress(clock);
    fake::Host host;
    const auto id = progress.begin("x");
    Blockage lock{.what = Obstacle::Lock,
                  .connection = "vega",
                  .cephPool = "train",
                  .object = "p-x",
                  .op = "write",
                  .holder = LockHolder{.lock = "l", .client = "client.1", .cookie = "c", .address = "a:0/1"}};
    for (int tick = 0; tick < 16; ++tick) {
        progress.block(id, lock, tick + 1);
        progress.report(host);
        clock.pass(250);
    }
    QCOMPARE(host.events("blocked").size(), 4);
    const QJsonObject last = host.events("blocked").last();
    QCOMPARE(last["what"].toString(), QStringLiteral("lock"));
    QCOMPARE(last["cephPool"].toString(), QStringLiteral("train"));
    QCOMPARE(last["object"].toString(), QStringLiteral("p-x"));
    QCOMPARE(last["lock"].toObject()["client"].toString(), QStringLiteral("client.1"));
    QVERIFY(last["sinceMs"].toInteger() >= 3000);
    QVERIFY(last["tries"].toInt() > 8);
    progress.unblock(id);
    progress.report(host);
    QCOMPARE(host.events("unblocked").size(), 1);
    QCOMPARE(host.events("unblocked").first()["object"].toString(), QStringLiteral("p-x"));
}

void TestMoverParts::shortBlockagesAreNotTold()
{
    ManualClock clock;
    Progress progress(clock);
    fake::Host host;
    const auto id = progress.begin("x");
    progress.block(id, {.what = Obstacle::Lock}, 1);
    clock.pass(100);
    progress.report(host);
    progress.unblock(id);
    progress.report(host);
    QVERIFY(host.events("blocked").isEmpty());
    QVERIFY(host.events("unblocked").isEmpty());
}

void TestMoverParts::hangingOperations()
{
    ManualClock clock;
    Progress progress(clock);
    fake::Host host;
    const auto id = progress.begin("x");
    progress.op(id, "write", {.connection = "vega", .cephPool = "train", .object = "p-x"});
    clock.pass(2900);
    QVERIFY(progress.waitingLongerThan(3000).empty());
    clock.pass(200);
    const auto waiting = progress.waitingLongerThan(3000);
    QCOMPARE(waiting.size(), 1u);
    QCOMPARE(waiting[0].place.cephPool, QStringLiteral("train"));
    progress.waitsFor(waiting[0].id, {.what = Obstacle::MinSize, .object = "p-x", .op = "write"});
    progress.report(host);
    QCOMPARE(host.events("blocked").first()["what"].toString(), QStringLiteral("min_size"));
    QCOMPARE(host.events("blocked").first()["sinceMs"].toInteger(), 3100);
    // what was judged for an operation that is over says nothing about the next
    progress.op(id, "", {});
    progress.waitsFor(id, {.what = Obstacle::MinSize, .op = "write"});
    progress.report(host);
    QCOMPARE(host.events("unblocked").size(), 1);
    clock.pass(2000);
    progress.report(host);
    QCOMPARE(host.events("blocked").size(), 1);
    // much to move may take its time
    progress.op(id, "write",
                {.connection = "vega", .cephPool = "train", .object = "p-x", .bytes = 40'000'000});
    clock.pass(12'000);
    QVERIFY(progress.waitingLongerThan(3000).empty());
    clock.pass(1000);
    QCOMPARE(progress.waitingLongerThan(3000).size(), 1u);
    // what was in its way before says nothing about an operation that hangs since
    progress.op(id, "", {});
    progress.block(id, {.what = Obstacle::Lock, .object = "p-x", .op = "write"}, 1);
    clock.pass(9000);
    progress.report(host);
    QVERIFY(progress.waitingLongerThan(3000).empty());
    QCOMPARE(host.events("blocked").last()["what"].toString(), QStringLiteral("lock"));
    progress.op(id, "write", {.connection = "vega", .cephPool = "train", .object = "p-x"});
    clock.pass(3000);
    QCOMPARE(progress.waitingLongerThan(3000).size(), 1u);
    progress.waitsFor(id, {.what = Obstacle::Timeout, .object = "p-x", .op = "write"});
    progress.report(host);
    QCOMPARE(host.events("blocked").last()["what"].toString(), QStringLiteral("timeout"));
    QCOMPARE(host.events("blocked").last()["sinceMs"].toInteger(), 3000);
}

void TestMoverParts::anObjectPassesAHopOnce()
{
    ManualClock clock;
    Progress progress(clock);
    fake::Host host;
    const Progress::Id one = progress.begin("one");
    const Progress::Id two = progress.begin("two");
    for (int part = 0; part < 5; ++part) {
        progress.passed(one, Hop::Read, 100);  // in pieces, and read again after it was refused
    }
    progress.passed(two, Hop::Read, 100);
    progress.passed(one, Hop::Write, 100);
    progress.passed(Hop::Commit, 100, 2);
    progress.report(host);
    const QJsonObject hops = host.events("progress").last()["hops"].toObject();
    QCOMPARE(hops["read"]["passed"].toInteger(), 2);
    QCOMPARE(hops["write"]["passed"].toInteger(), 1);
    QCOMPARE(hops["commit"]["passed"].toInteger(), 2);
    QCOMPARE(hops["read"]["p99Us"].toInteger(), 100);
}

void TestMoverParts::p99()
{
    ManualClock clock;
    Progress progress(clock);
    fake::Host host;
    for (int i = 1; i <= 300; ++i) {
        progress.passed(Hop::Write, i == 150 ? 900'000 : 100);
    }
    progress.refused();
    progress.report(host);
    QJsonObject write = host.events("progress").last()["hops"].toObject()["write"].toObject();
    QCOMPARE(write["passed"].toInteger(), 300);
    QCOMPARE(write["p99Us"].toInteger(), 100);
    QCOMPARE(write["refused"].toInteger(), 1);
    for (int i = 0; i < 6; ++i) {
        progress.passed(Hop::Write, 900'000);
    }
    progress.report(host);
    write = host.events("progress").last()["hops"].toObject()["write"].toObject();
    QCOMPARE(write["p99Us"].toInteger(), 900'000);
}

void TestMoverParts::radosCodes()
{
    const OpPlace place{.connection = "vega", .cephPool = "train", .object = "x"};
    const auto kind = [&](int code) { return hindranceOf(code, place, "write"); };
    QCOMPARE(toString(blockage(kind(-EDQUOT))->what), QStringLiteral("quota"));
    QCOMPARE(toString(blockage(kind(-ENOSPC))->what), QStringLiteral("full"));
    QCOMPARE(toString(blockage(kind(-EPERM))->what), QStringLiteral("permission"));
    QCOMPARE(toString(blockage(kind(-ETIMEDOUT))->what), QStringLiteral("timeout"));
    const Hindrance fenced = kind(-ESHUTDOWN);
    QVERIFY(!blockage(fenced));
    QCOMPARE(toString(std::get<Error>(fenced).code), QStringLiteral("Aborted"));
    QVERIFY(std::get<Error>(fenced).message.contains("fenced"));
    for (const int code :
         {EDQUOT, ENOSPC, EPERM, EACCES, ETIMEDOUT, ESHUTDOWN, ENOENT, EFBIG, ENAMETOOLONG, EIO, EINVAL}) {
        const Hindrance hindrance = kind(-code);
        const Error& error = blockage(hindrance) ? blockage(hindrance)->error : std::get<Error>(hindrance);
        QVERIFY(error.message.contains("train/x"));
        QVERIFY(!error.cause.isEmpty() && !error.correction.isEmpty());
        QCOMPARE(error.upstream->code, -code);
    }
}

void TestMoverParts::s3Errors()
{
    const auto what = [](ErrorCode code, bool retryable) {
        const Hindrance hindrance = s3Hindrance(Error{.code = code, .retryable = retryable}, {}, "write");
        return blockage(hindrance) ? toString(blockage(hindrance)->what) : QStringLiteral("fails");
    };
    QCOMPARE(what(ErrorCode::Unavailable, true), QStringLiteral("gateway"));
    QCOMPARE(what(ErrorCode::OutcomeUnknown, false), QStringLiteral("timeout"));
    QCOMPARE(what(ErrorCode::ResourceExhausted, true), QStringLiteral("quota"));
    QCOMPARE(what(ErrorCode::Unauthenticated, false), QStringLiteral("permission"));
    QCOMPARE(what(ErrorCode::NotFound, false), QStringLiteral("fails"));
    QCOMPARE(what(ErrorCode::DataLoss, true), QStringLiteral("gateway"));
    QCOMPARE(what(ErrorCode::DataLoss, false), QStringLiteral("fails"));
    QVERIFY(versionOfEtag("d41d8cd98f00b204e9800998ecf8427e") != 0);
    QVERIFY(versionOfEtag("d41d8cd98f00b204e9800998ecf8427e") < (1ULL << 60));
}

void TestMoverParts::s3Parts()
{
    constexpr quint64 kMiB = 1024 * 1024;
    QCOMPARE(s3PartBytes(65 * kMiB), 16 * kMiB);
    QCOMPARE(s3PartBytes(160'000 * kMiB), 16 * kMiB);
    QCOMPARE(s3PartBytes(160'001 * kMiB), 17 * kMiB);
    QVERIFY(5 * kMiB * kMiB / s3PartBytes(5 * kMiB * kMiB) <= 10'000);
}

void TestMoverParts::namesOfFiles_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("good");
    QTest::newRow("plain") << "a/b" << true;
    QTest::newRow("dots") << "..a/.b/c.." << true;
    QTest::newRow("up") << "a/../b" << false;
    QTest::newRow("here") << "./b" << false;
    QTest::newRow("absolute") << "/etc/passwd" << false;
    QTest::newRow("folder") << "a/" << false;
    QTest::newRow("empty part") << "a//b" << false;
    QTest::newRow("empty") << "" << false;
    QTest::newRow("long") << QString(256, 'x') << false;
    QTest::newRow("zero") << QString(QStringLiteral("a%1b").arg(QChar(0))) << false;
    QTest::newRow("own folder") << ".sluice-staged/x" << false;
}

void TestMoverParts::namesOfFiles()
{
    QFETCH(QString, name);
    QFETCH(bool, good);
    const auto parts = pathParts(name);
    QCOMPARE(parts.has_value(), good);
    if (!good) {
        QCOMPARE(toString(parts.error().code), toString(ErrorCode::InvalidArgument));
    }
}

QTEST_GUILESS_MAIN(TestMoverParts)
#include "tst_mover_parts.moc"
