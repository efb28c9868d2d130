#include <QtCore/QElapsedTimer>
#include <QtTest/QtTest>
#include <thread>

#include "mover/pipeline.h"
#include "mover/verify_run.h"
#include "mover_fakes.h"
#include "patience.h"

using namespace sluice;
using namespace sluice::mover;

namespace {

constexpr int kObjects = 250;
/// More than there are threads.
constexpr int kLocked = 200;
constexpr qint64 kBigBytes = 100;

MoveRequest requestOf()
{
    return {.run = "R-1", .task = "copy", .attempt = 1, .fence = 1, .inFlight = 8};
}

struct Bench {
    Bench()
    {
        for (int i = 0; i < kObjects; ++i) {
            source.objects.insert(QStringLiteral("o%1").arg(i, 5, 10, QLatin1Char('0')),
                                  QByteArray(kBigBytes, static_cast<char>('a' + i % 26)));
        }
        const QStringList names = source.objects.keys();
        for (const QString& name : names.first(kLocked)) {
            destination.locked.insert(name);
            destination.objects[name] = {.version = 1, .shell = true};
        }
    }
    /// Runs while another waits until so many are there, and lets the locks go. @return whether they came
    /// while it held them
    bool run(qint64 reached, quint64 budgetBytes)
    {
        bool came = false;
        std::thread unlock([&] {
            QElapsedTimer waiting;
            waiting.start();
            while (!came && waiting.elapsed() < sluice::test::kPatienceMs) {
                QThread::msleep(5);
                came = around.progress.totals().objects >= reached;
                around.progress.report(around.host);
            }
            const std::lock_guard lock(destination.mutex);
            destination.locked.clear();
        });
        Pipeline(requestOf(), {.source = source, .destination = destination}, around.host, around.move,
                 budgetBytes)
            .run();
        unlock.join();
        around.progress.report(around.host);
        return came;
    }
    fake::MemorySource source{};
    fake::MemoryDestination destination{};
    fake::Surroundings around{};
};

/// A destination of which some objects are held up when they are looked at.
class Forbidding final : public DestinationEnd {
public:
    Result<Existing> look(const QString& name, ObjectContext& context) override
    {
        return persist(context, QStringLiteral("look"), [&]() -> Try<Existing> {
            if (forbidden && name < QStringLiteral("o%1").arg(kLocked, 5, 10, QLatin1Char('0'))) {
                return hinder(Blockage{.what = Obstacle::Lock, .object = name, .op = QStringLiteral("look")});
            }
            ++looked;
            return Existing{};
        });
    }
    Result<quint32> checksum(const QString&, const Existing&, ObjectContext&) override { return 0; }
    Result<std::unique_ptr<ObjectWriter>> open(const QString& name, SourceObject&, const Existing&,
                                               ObjectContext&) override
    {
        return fail(moved(name));
    }
    quint64 bufferBytes(quint64) const override { return 0; }
    std::atomic<bool> forbidden{true};
    std::atomic<int> looked{0};
};

}  // namespace

/// Objects that are held up do not hold up the others, however many they are.
class TestMoverBlocked : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void moreThanThereAreThreads()
    {
        Bench bench;
        QVERIFY(bench.run(kObjects - kLocked, Pipeline::kBudgetBytes));
        QVERIFY(!bench.around.stop.failure());
        for (auto at = bench.source.objects.begin(); at != bench.source.objects.end(); ++at) {
            QCOMPARE(bench.destination.objects[at.key()].bytes, at.value());
        }
        const QJsonObject figures = bench.around.host.events("progress").last();
        QCOMPARE(figures["objectsDone"].toInteger(), kObjects);
        QCOMPARE(figures["bytesDone"].toInteger(), kObjects * kBigBytes);
    }
    void moreThanThereIsMemoryFor()
    {
        Bench bench;
        QVERIFY(bench.run(kObjects - kLocked, 10 * kBigBytes));
        QVERIFY(!bench.around.stop.failure());
        QCOMPARE(bench.around.progress.totals().objects, kObjects);
    }
    void verifiesToo()
    {
        fake::Surroundings around;
        for (int i = 0; i < kObjects; ++i) {
            const QString name = QStringLiteral("o%1").arg(i, 5, 10, QLatin1Char('0'));
            around.host.manifest.insert(name, QJsonObject{{"name", name}, {"size", 1}});
        }
        Forbidding destination;
        bool came = false;
        std::thread allow([&] {
            QElapsedTimer waiting;
            waiting.start();
            while (!came && waiting.elapsed() < sluice::test::kPatienceMs) {
                QThread::msleep(5);
                came = destination.looked >= kObjects - kLocked;
            }
            destination.forbidden = false;
            around.stop.raise({});
        });
        VerifyRun(requestOf(), destination, around.host, around.move).run();
        allow.join();
        QVERIFY(came);
    }
    void whatIsSetAsideDoesNotCount()
    {
        fake::Surroundings around;
        {
            ObjectContext context(around.move, "x");
            context.yieldsTo([] { return true; });
            context.passed(Hop::Read, 0);
            context.movedBytes(5);
            QVERIFY(context.pause({.what = Obstacle::Quota}));
            QVERIFY(!context.isSetAside());  // it holds up the others as well
            QVERIFY(!context.pause({.what = Obstacle::Lock}));
            QVERIFY(context.isSetAside());
        }
        around.progress.report(around.host);
        const QJsonObject figures = around.host.events("progress").last();
        QCOMPARE(figures["bytesDone"].toInteger(), 0);
        QCOMPARE(figures["hops"]["read"]["passed"].toInteger(), 0);
    }
    void oneOfManyIsNoNews()
    {
        fake::ManualClock clock;
        Progress progress(clock);
        fake::Host host;
        const auto one = progress.begin("one");
        const auto other = progress.begin("other");
        const auto third = progress.begin("third");
        progress.block(other, {.what = Obstacle::Lock, .object = "other"}, 1);
        clock.pass(10);
        progress.block(one, {.what = Obstacle::Lock, .object = "one"}, 1);
        progress.block(third, {.what = Obstacle::Quota, .object = "third"}, 1);
        for (int tick = 0; tick < 12; ++tick) {
            clock.pass(250);
            progress.report(host);
        }
        QStringList told;
        for (const QJsonObject& blocked : host.events("blocked")) {
            told.append(blocked["object"].toString());
        }
        // of each sort the one that is blocked longest, every second
        QCOMPARE(told, QStringList({"other", "third", "other", "third", "other", "third"}));
        progress.end(third);
        progress.end(other);
        clock.pass(1);
        progress.report(host);
        QVERIFY(host.events("unblocked").isEmpty());
        QCOMPARE(host.events("blocked").size(), 7);
        QCOMPARE(host.events("blocked").last()["object"].toString(), QStringLiteral("one"));
        progress.end(one);
        progress.report(host);
        QCOMPARE(host.events("unblocked").size(), 1);
    }
};

QTEST_GUILESS_MAIN(TestMoverBlocked)
#include "tst_mover_blocked.moc"
