#include <QtTest/QtTest>

#include "mover/pipeline.h"
#include "mover/verify_run.h"
#include "mover_fakes.h"
#include "patience.h"

using namespace sluice;
using namespace sluice::mover;

namespace {

MoveRequest requestOf(bool resume = false)
{
    return {.run = "R-1", .task = "copy", .attempt = 1, .fence = 1, .inFlight = 8, .resume = resume};
}

struct Bench {
    explicit Bench(int objects, qsizetype size = 2500)
    {
        for (int i = 0; i < objects; ++i) {
            source.objects.insert(QStringLiteral("o%1").arg(i, 5, 10, QLatin1Char('0')),
                                  QByteArray(size, static_cast<char>('a' + i % 26)));
        }
    }
    void run(const MoveRequest& request, quint64 budgetBytes = Pipeline::kBudgetBytes)
    {
        Pipeline(request, {.source = source, .destination = destination}, around.host, around.move,
                 budgetBytes)
            .run();
    }
    bool equal() const
    {
        if (destination.objects.keys() != source.objects.keys()) {
            return false;
        }
        for (auto at = source.objects.begin(); at != source.objects.end(); ++at) {
            if (destination.objects[at.key()].bytes != at.value()) {
                return false;
            }
        }
        return true;
    }
    QString failure() const
    {
        return around.stop.failure() ? toString(around.stop.failure()->error.code) : QString();
    }
    fake::MemorySource source{};
    fake::MemoryDestination destination{};
    fake::Surroundings around{};
};

}  // namespace

class TestMoverPipeline : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void copiesEverything();
    void commitsInBatches();
    void neverMoreAtOnceThanAllowed();
    void budgetBoundsWhatIsInMemory();
    void keepsWhatTheManifestKnows();
    void looksAgainAtWhatTheManifestKnowsWrongly();
    void whatTheManifestKnowsIsOnlyKeptWhileItIsTrue_data();
    void whatTheManifestKnowsIsOnlyKeptWhileItIsTrue();
    void lockedObjectsDoNotHoldUpOthers();
    void destinationThatMovesIsLookedAtAgain();
    void quotaIsWaitedFor();
    void failureDoesNotStopTheRest();
    void changedSourceLeavesNothingFinished();
    void listingFailure();
    void refusedCommit();
    void fullDiskOfTheHostIsWaitedFor();
    void fullDiskDoesNotHoldUpAFailure();
    void stopsWhileBlocked();
    void emptySource();
    void verifyAgainstManifest();
    void verifySaysWhatIsWrongWithEach();
    void verifyLooksAgainAtWhatMoves();
    void verifyReadsTheWholeManifest_data();
    void verifyReadsTheWholeManifest();
};

void TestMoverPipeline::copiesEverything()
{
    Bench bench(1000);
    bench.source.objects["empty"] = QByteArray("");
    bench.run(requestOf());
    QCOMPARE(bench.failure(), QString());
    QVERIFY(bench.equal());
    const auto totals = bench.around.progress.totals();
    QCOMPARE(totals.objects, 1001);
    QCOMPARE(totals.bytes, 2500 * 1000);
    QCOMPARE(totals.kept, 0);
    QCOMPARE(bench.around.host.manifest.size(), 1001);
    const QJsonObject entry = bench.around.host.manifest["o00003"];
    QCOMPARE(entry["size"].toInteger(), 2500);
    QCOMPARE(static_cast<quint32>(entry["crc32c"].toInteger()),
             crc32c(kCrc32cStart, bench.source.objects["o00003"]));
    QCOMPARE(entry["version"].toInteger(), 1);
    QCOMPARE(entry["srcVersion"].toInteger(), 1);
    QCOMPARE(entry["etag"].toString(), QStringLiteral("e1"));
    QVERIFY(!entry["kept"].toBool());
    QStringList phases;
    for (const QJsonObject& phase : bench.around.host.events("phase")) {
        phases.append(phase["phase"].toString());
    }
    QCOMPARE(phases, QStringList({"listing", "copying", "committing"}));
    QCOMPARE(bench.source.versionsAskedOf, QStringList{QString()});
}

void TestMoverPipeline::commitsInBatches()
{
    Bench bench(2000, 10);
    bench.run(requestOf());
    QVERIFY(bench.around.host.largestBatch > 1);
    QVERIFY(bench.around.host.largestBatch <= 256);
    QCOMPARE(bench.around.host.manifest.size(), 2000);
}

void TestMoverPipeline::neverMoreAtOnceThanAllowed()
{
    Bench bench(300);
    bench.destination.beforeWrite = [](const QString&) { QThread::msleep(1); };
    bench.run(requestOf());
    QVERIFY(bench.equal());
    QVERIFY2(bench.destination.mostWriting > 4 && bench.destination.mostWriting <= 8,
             QByteArray::number(bench.destination.mostWriting).constData());
}

void TestMoverPipeline::budgetBoundsWhatIsInMemory()
{
    Bench bench(100, 1000);
    bench.source.objects["huge"] = QByteArray(50'000, 'h');  // more than the budget: alone
    bench.destination.beforeWrite = [](const QString&) { QThread::msleep(1); };
    bench.run(requestOf(), 3000);
    QVERIFY(bench.equal());
    QVERIFY2(bench.destination.mostWriting <= 3,
             QByteArray::number(bench.destination.mostWriting).constData());
}

void TestMoverPipeline::keepsWhatTheManifestKnows()
{
    Bench bench(700);
    bench.run(requestOf());
    QVERIFY(bench.equal());
    Bench again(700);
    again.source.objects["new"] = "new";
    for (auto at = bench.destination.objects.begin(); at != bench.destination.objects.end(); ++at) {
        again.destination.objects.insert(at.key(), at.value());
    }
    again.around.host.manifest = bench.around.host.manifest;
    again.run(requestOf(true));
    QCOMPARE(again.failure(), QString());
    QVERIFY(again.equal());
    QCOMPARE(again.around.progress.totals().kept, 700);
    QCOMPARE(again.around.progress.totals().objects, 701);
    // the source's version is as it was: no byte of the kept ones is read
    QCOMPARE(again.source.opened.load(), 1);
    QVERIFY(again.around.host.lookUps >= 2);
}

void TestMoverPipeline::looksAgainAtWhatTheManifestKnowsWrongly()
{
    Bench bench(5);
    bench.run(requestOf());
    bench.source.objects["o00001"] = QByteArray(2500, 'Z');  // same size, other bytes
    bench.around.host.manifest["o00001"]["srcVersion"] = 0;
    bench.destination.objects["o00002"] = {.bytes = "other", .version = 9};  // overwritten since
    bench.destination.objects.remove("o00003");
    MoveRequest request = requestOf(true);
    request.replaceAll = true;
    bench.run(request);
    QCOMPARE(bench.failure(), QString());
    QVERIFY(bench.equal());
    QCOMPARE(bench.around.progress.totals().kept, 2);
    QCOMPARE(bench.around.progress.totals().replaced, 2);
}

/// One object that an earlier attempt has put in place; then one thing is another.
void TestMoverPipeline::whatTheManifestKnowsIsOnlyKeptWhileItIsTrue_data()
{
    using Change = std::function<void(Bench & bench, const QString& name)>;
    QTest::addColumn<Change>("change");
    QTest::addColumn<QString>("becomes");  // kept, copied, or the code of the refusal
    QTest::addColumn<bool>("sourceIsRead");
    const auto row = [](const char* title, const Change& change, const char* becomes, bool sourceIsRead) {
        QTest::newRow(title) << change << QString(becomes) << sourceIsRead;
    };
    row(
        "nothing", [](Bench&, const QString&) {}, "kept", false);
    row(
        "source: version", [](Bench& b, const QString& n) { b.source.versions[n] = 2; }, "kept", true);
    row(
        "source: version not told",
        [](Bench& b, const QString& n) {
            b.source.versions[n] = 0;
            b.around.host.manifest[n]["srcVersion"] = 0;
        },
        "kept", true);
    row(
        "source: version and bytes",
        [](Bench& b, const QString& n) {
            b.source.versions[n] = 2;
            b.source.objects[n][0] = '!';
        },
        "copied", true);
    row(
        "source: an older version and bytes",
        [](Bench& b, const QString& n) {
            b.around.host.manifest[n]["srcVersion"] = 2;
            b.source.objects[n][0] = '!';
        },
        "copied", true);
    row(
        "source: size, the version as it was", [](Bench& b, const QString& n) { b.source.objects[n] += '!'; },
        "copied", true);
    row(
        "destination: version and bytes",
        [](Bench& b, const QString& n) {
            b.destination.objects[n].version = 9;
            b.destination.objects[n].bytes[0] = '!';
        },
        "AlreadyExists", true);
    row(
        "destination: ETag and bytes",
        [](Bench& b, const QString& n) {
            b.destination.objects[n].etag = "other";
            b.destination.objects[n].bytes[0] = '!';
        },
        "AlreadyExists", true);
    row(
        "destination: size, the version as it was",
        [](Bench& b, const QString& n) { b.destination.objects[n].bytes += '!'; }, "AlreadyExists", true);
    row(
        "destination: half overwritten by another task",
        [](Bench& b, const QString& n) {
            b.destination.objects[n].mark = "R-2/copy/1/1";
            b.destination.objects[n].bytes[0] = '!';
        },
        "AlreadyExists", true);
    row(
        "destination: half written by this task",
        [](Bench& b, const QString& n) {
            b.destination.objects[n].mark = "R-1/copy/1/1";
            b.destination.objects[n].bytes[0] = '!';
        },
        "copied", true);
    row(
        "both, and neither is what was committed",
        [](Bench& b, const QString& n) {
            b.source.objects[n][0] = '!';
            b.source.versions[n] = 2;
            b.destination.objects[n].bytes[0] = '?';
            b.destination.objects[n].version = 9;
        },
        "AlreadyExists", true);
    row(
        "both: a lock came and went, and the source was written anew",
        [](Bench& b, const QString& n) {
            b.source.objects[n][0] = '!';
            b.source.versions[n] = 2;
            b.destination.objects[n].version = 9;
        },
        "copied", true);
    row(
        "destination: gone", [](Bench& b, const QString& n) { b.destination.objects.remove(n); }, "copied",
        true);
}

void TestMoverPipeline::whatTheManifestKnowsIsOnlyKeptWhileItIsTrue()
{
    QFETCH(std::function<void(Bench & bench, const QString& name)>, change);
    QFETCH(QString, becomes);
    QFETCH(bool, sourceIsRead);
    Bench bench(1);
    bench.run(requestOf());
    QVERIFY(bench.equal());
    const QString name = bench.source.objects.firstKey();
    change(bench, name);
    const fake::MemoryDestination::Stored before = bench.destination.objects.value(name);
    bench.source.opened = 0;
    bench.run(requestOf(true));
    const bool copied = bench.destination.objects.value(name).version != before.version;
    QCOMPARE(!bench.failure().isEmpty() ? bench.failure() : QString(copied ? "copied" : "kept"), becomes);
    QCOMPARE(bench.source.opened > 0, sourceIsRead);
    QCOMPARE(bench.equal(), becomes != "AlreadyExists");
    if (becomes == "AlreadyExists") {
        QCOMPARE(bench.destination.objects.value(name).bytes, before.bytes);
        MoveRequest mayReplace = requestOf(true);
        mayReplace.replaceAll = true;
        Bench again(1);
        again.source.objects = bench.source.objects;
        again.source.versions = bench.source.versions;
        again.destination.objects = bench.destination.objects;
        again.around.host.manifest = bench.around.host.manifest;
        again.run(mayReplace);
        QCOMPARE(again.failure(), QString());
        QVERIFY(again.equal());
    }
}

void TestMoverPipeline::lockedObjectsDoNotHoldUpOthers()
{
    Bench bench(200);
    for (int i = 0; i < 20; ++i) {  // more than may be at work at once
        const QString name = bench.source.objects.keys()[i];
        bench.destination.locked.insert(name);
        bench.destination.objects[name] = {.version = 1, .shell = true};
    }
    std::thread unlock([&] {
        while (bench.around.progress.totals().objects < 180 && !bench.around.stop.raised()) {
            QThread::msleep(5);
        }
        const std::lock_guard lock(bench.destination.mutex);
        bench.destination.locked.clear();
    });
    bench.run(requestOf());
    unlock.join();
    QCOMPARE(bench.failure(), QString());
    QVERIFY(bench.equal());
}

void TestMoverPipeline::destinationThatMovesIsLookedAtAgain()
{
    Bench bench(20);
    QSet<QString> appeared;
    bench.destination.beforeWrite = [&](const QString& name) {
        const std::lock_guard lock(bench.destination.mutex);
        if (name == "o00004" && !appeared.contains(name)) {  // somebody is quicker, with the same bytes
            appeared.insert(name);
            bench.destination.objects[name] = {.bytes = bench.source.objects[name], .version = 7};
        }
        if (name == "o00005" && !appeared.contains(name)) {  // or with others
            appeared.insert(name);
            bench.destination.objects[name] = {.bytes = "mine", .version = 7};
        }
    };
    bench.run(requestOf());
    QCOMPARE(bench.failure(), QStringLiteral("AlreadyExists"));
    QCOMPARE(bench.around.stop.failure()->object, QStringLiteral("o00005"));
    QCOMPARE(bench.destination.objects["o00005"].bytes, QByteArray("mine"));
    QCOMPARE(bench.destination.objects["o00004"].version, 7u);
}

void TestMoverPipeline::quotaIsWaitedFor()
{
    Bench bench(10);
    bench.destination.full["o00002"] = 2;
    bench.run(requestOf());
    QCOMPARE(bench.failure(), QString());
    QVERIFY(bench.equal());
}

void TestMoverPipeline::failureDoesNotStopTheRest()
{
    Bench bench(2000, 100);
    bench.destination.objects["o00010"] = {.bytes = "differs", .version = 1};
    bench.run(requestOf());
    QCOMPARE(bench.failure(), QStringLiteral("AlreadyExists"));
    QCOMPARE(bench.around.stop.failure()->object, QStringLiteral("o00010"));
    QCOMPARE(bench.destination.objects.size(), 2000);
    QCOMPARE(bench.around.host.manifest.size(), 1999);
}

void TestMoverPipeline::changedSourceLeavesNothingFinished()
{
    Bench bench(3);
    bench.source.changed.insert("o00001");
    bench.run(requestOf());
    QCOMPARE(bench.failure(), QStringLiteral("Aborted"));
    QCOMPARE(bench.around.stop.failure()->object, QStringLiteral("o00001"));
    QVERIFY(bench.around.stop.unfinished().contains("o00001"));
    QVERIFY(!bench.destination.objects.contains("o00001"));
}

void TestMoverPipeline::listingFailure()
{
    Bench bench(3);
    bench.source.listFails = Error{.code = ErrorCode::NotFound, .message = QStringLiteral("no such folder")};
    bench.run(requestOf());
    QCOMPARE(bench.failure(), QStringLiteral("NotFound"));
}

void TestMoverPipeline::refusedCommit()
{
    Bench bench(3000, 10);
    bench.around.host.refusal = Error{.code = ErrorCode::Aborted, .message = QStringLiteral("fenced")};
    bench.run(requestOf());
    QCOMPARE(bench.failure(), QStringLiteral("Aborted"));
    QCOMPARE(bench.around.progress.totals().objects, 0);
}

void TestMoverPipeline::fullDiskOfTheHostIsWaitedFor()
{
    Bench bench(600, 10);
    bench.around.host.refusedForNow = 2;  // the question what the manifest knows
    bench.destination.beforeWrite = [&, first = std::make_shared<std::once_flag>()](const QString&) {
        std::call_once(*first, [&] { bench.around.host.refuse(2); });
    };
    bench.run(requestOf(true));
    QCOMPARE(bench.failure(), QString());
    QVERIFY(bench.equal());
    QCOMPARE(bench.around.host.refusedForNow, 0);
    QCOMPARE(bench.around.host.manifest.size(), 600);
    QCOMPARE(bench.around.progress.totals().objects, 600);

    fake::Surroundings around;
    around.host.manifest = bench.around.host.manifest;
    around.host.refusedForNow = 1;
    const MoveRequest request = requestOf();
    VerifyRun(request, bench.destination, around.host, around.move).run();
    QVERIFY(!around.stop.failure());
    QCOMPARE(around.progress.totals().objects, 600);
}

void TestMoverPipeline::fullDiskDoesNotHoldUpAFailure()
{
    Bench bench(20, 10);
    bench.around.host.refusal = fake::Host::diskFull();  // for as long as it lasts
    bench.source.bad.insert("o00019",
                            Error{.code = ErrorCode::Aborted,
                                  .message = "fenced",
                                  .upstream = Upstream{.system = "vega", .code = -ESHUTDOWN, .text = {}}});
    bench.run(requestOf());
    QCOMPARE(bench.failure(), QStringLiteral("Aborted"));
    QCOMPARE(bench.around.progress.totals().objects, 0);
}

void TestMoverPipeline::stopsWhileBlocked()
{
    Bench bench(4);
    bench.destination.locked = {"o00000", "o00001", "o00002", "o00003"};
    for (const QString& name : std::as_const(bench.destination.locked)) {
        bench.destination.objects[name] = {.version = 1, .shell = true};
    }
    std::thread stop([&] {
        QThread::msleep(100);
        bench.around.stop.raise(Error{.code = ErrorCode::Internal, .message = QStringLiteral("enough")});
    });
    bench.run(requestOf());
    stop.join();
    QCOMPARE(bench.failure(), QStringLiteral("Internal"));
}

void TestMoverPipeline::emptySource()
{
    Bench bench(0);
    MoveRequest request = requestOf();
    request.allowEmpty = true;
    bench.run(request);
    QCOMPARE(bench.failure(), QString());
    QCOMPARE(bench.around.progress.totals().objects, 0);
}

void TestMoverPipeline::verifyAgainstManifest()
{
    Bench bench(10);
    bench.run(requestOf());
    const auto verify = [&] {
        fake::Surroundings around;
        around.host.manifest = bench.around.host.manifest;
        const MoveRequest request = requestOf();
        VerifyRun(request, bench.destination, around.host, around.move).run();
        return around.stop.failure() ? around.stop.failure()->error.cause
                                     : QStringLiteral("%1 good").arg(around.progress.totals().objects);
    };
    QCOMPARE(verify(), QStringLiteral("10 good"));
    bench.destination.objects["o00003"].version = 99;  // a lock came and went
    QCOMPARE(verify(), QStringLiteral("10 good"));
    bench.destination.objects["o00004"].bytes[7] = '!';
    QVERIFY(verify().contains("'o00004': its checksum is"));
    bench.destination.objects.remove("o00005");
    QVERIFY(verify().contains("'o00005': it is gone"));
    bench.destination.objects["o00006"].mark = "R-2/other/1/1";
    QVERIFY(verify().contains("'o00006': R-2/other/1/1 began"));
}

namespace {

/// What a verify of the bench's destination against its manifest comes to.
struct Verified {
    explicit Verified(Bench& bench)
    {
        fake::Surroundings around;
        around.host.manifest = bench.around.host.manifest;
        const MoveRequest request = requestOf();
        VerifyRun(request, bench.destination, around.host, around.move).run();
        if (around.stop.failure()) {
            error = around.stop.failure()->error;
            object = around.stop.failure()->object;
        }
        objects = around.progress.totals().objects;
        around.progress.report(around.host);
        const QList<QJsonObject> lists = around.host.events("listed");
        listed = lists.isEmpty() ? QJsonObject() : lists.last();
    }
    std::optional<Error> error{};
    QString object{};
    qint64 objects{};
    QJsonObject listed{};
};

}  // namespace

void TestMoverPipeline::verifySaysWhatIsWrongWithEach()
{
    Bench bench(12);
    bench.run(requestOf());
    auto& there = bench.destination.objects;
    there["o00001"].bytes += "more";
    const Verified size(bench);
    QCOMPARE(size.error->cause, QStringLiteral("'o00001': it has 2504 bytes, not 2500"));
    QCOMPARE(size.error->message, QStringLiteral("1 objects of 12 are not as they were put there"));
    QCOMPARE(size.object, QStringLiteral("o00001"));
    QCOMPARE(size.objects, 12);
    there["o00001"].bytes.chop(4);
    there["o00002"].etag = "other";
    QCOMPARE(Verified(bench).error->cause, QStringLiteral("'o00002': its ETag is other, not e1"));
    there["o00002"].etag = "e1";
    // All are counted and named.
    for (int i = 0; i < 7; ++i) {
        there.remove(QStringLiteral("o0000%1").arg(i));
    }
    const Verified gone(bench);
    QCOMPARE(gone.error->message, QStringLiteral("7 objects of 12 are not as they were put there"));
    QCOMPARE(gone.error->cause.count("it is gone"), 7);
    QCOMPARE(toString(gone.error->code), toString(ErrorCode::Aborted));
}

void TestMoverPipeline::verifyLooksAgainAtWhatMoves()
{
    Bench bench(3);
    bench.run(requestOf());
    int moves = 2;
    bench.destination.afterLook = [&](const QString& name) {
        const std::lock_guard lock(bench.destination.mutex);
        if (name == "o00001" && moves-- > 0) {
            ++bench.destination.objects[name].version;
        }
    };
    const Verified moved(bench);
    QVERIFY2(!moved.error, moved.error ? qPrintable(moved.error->toLine()) : "");
    QCOMPARE(moved.objects, 3);
    QVERIFY(moves < 0);
    // What is overwritten meanwhile is compared as it is then.
    moves = 1;
    bench.destination.afterLook = [&](const QString& name) {
        const std::lock_guard lock(bench.destination.mutex);
        if (name == "o00002" && moves-- > 0) {
            ++bench.destination.objects[name].version;
            bench.destination.objects[name].bytes[0] = '!';
        }
    };
    QVERIFY(Verified(bench).error->cause.startsWith("'o00002': its checksum is"));
}

/// The manifest is told in pages of three.
void TestMoverPipeline::verifyReadsTheWholeManifest_data()
{
    QTest::addColumn<int>("objects");
    for (const int objects : {0, 1, 3, 4, 6, 10}) {
        QTest::addRow("%d", objects) << objects;
    }
}

void TestMoverPipeline::verifyReadsTheWholeManifest()
{
    QFETCH(int, objects);
    Bench bench(objects);
    bench.run(requestOf());
    const Verified good(bench);
    QVERIFY(!good.error);
    QCOMPARE(good.objects, objects);
    QCOMPARE(good.listed["objects"].toInt(), objects);
    QCOMPARE(good.listed["bytes"].toInt(), 2500 * objects);
    QVERIFY(good.listed["complete"].toBool());
    if (objects > 0) {
        bench.destination.objects.remove(bench.destination.objects.lastKey());
        QCOMPARE(Verified(bench).error->message,
                 QStringLiteral("1 objects of %1 are not as they were put there").arg(objects));
    }
}

QTEST_GUILESS_MAIN(TestMoverPipeline)
#include "tst_mover_pipeline.moc"
