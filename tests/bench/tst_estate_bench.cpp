// Figures of a large estate, printed: memory of the engine's side and how long a change takes until a client
// has it, over real sockets. Nothing here passes or fails by time.
#include <malloc.h>

#include <QtCore/QElapsedTimer>
#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <algorithm>

#include "estate/estate.h"
#include "patience.h"
#include "support/test_engine.h"
#include "support/wait.h"

using namespace sluice;
using estate::Entity;

namespace {

constexpr int kEntities = 200'000;
constexpr int kConnections = 4;
constexpr int kWindows = 20;
constexpr int kWindowRows = 200;
constexpr int kChanges = 400;

double residentMiB()
{
    ::malloc_trim(0);
    QFile file(QStringLiteral("/proc/self/statm"));
    if (!file.open(QIODevice::ReadOnly)) {
        return 0;
    }
    return file.readAll().split(' ').value(1).toDouble() * 4096 / (1024 * 1024);
}

QString nameOf(int n)
{
    return QStringLiteral("%1").arg(n, 6, 10, QLatin1Char('0'));
}

Entity task(int connection, int n, qint64 at)
{
    const QString place = QStringLiteral("luigi%1").arg(connection);
    return {.id = estate::entityId(place, "luigi-task", nameOf(n)),
            .connection = place,
            .kind = "luigi-task",
            .name = nameOf(n),
            .source = "luigid task_list",
            .observedAtMs = at,
            .staleAfterMs = 15'000,
            .facts = {{"family", "Extract"},
                      {"status", "PENDING"},
                      {"displayName", QStringLiteral("Extract(day=2026-05-01, shard=%1)").arg(n)},
                      {"startedAt", ""},
                      {"priority", n},
                      {"dependsOn", QJsonArray{nameOf(n / 2)}}}};
}

qint64 percentile(QList<qint64> times, double part)
{
    std::sort(times.begin(), times.end());
    return times.isEmpty() ? 0 : times[std::min<qsizetype>(times.size() - 1, qsizetype(times.size() * part))];
}

}  // namespace

class EstateBench : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void manyEntitiesAndWindows()
    {
        const double before = residentMiB();
        estate::Estate estate;
        test::TestEngine engine;
        engine.serve(estate);
        QVERIFY(engine.start());
        QElapsedTimer clock;
        clock.start();
        for (int c = 0; c < kConnections; ++c) {
            QList<Entity> batch;
            for (int n = 0; n < kEntities / kConnections; ++n) {
                batch.append(task(c, n, 1000));
            }
            estate.apply(batch.first().connection, batch, {"luigi-task"});
        }
        qInfo("filled: %d entities in %lld ms, %.0f MiB more", kEntities, clock.elapsed(),
              residentMiB() - before);

        rpc::Client client;
        QVERIFY(test::connected(client, engine));
        QObject context;
        int loaded = 0;
        QHash<QString, qint64> seenAtUs;
        clock.restart();
        for (int w = 0; w < kWindows; ++w) {
            const int connection = w % kConnections;
            client.subscribe({.topic = "estate",
                              .filter = {{"connection", QStringLiteral("luigi%1").arg(connection)},
                                         {"kind", "luigi-task"}},
                              .offset = w / kConnections * kWindowRows,
                              .limit = kWindowRows},
                             &context, [&](const rpc::TopicChange& change) {
                                 loaded += change.reset ? 1 : 0;
                                 for (const QJsonObject& row : change.upserts) {
                                     seenAtUs.insert(row["id"].toString(), clock.nsecsElapsed() / 1000);
                                 }
                             });
        }
        QTRY_COMPARE(loaded, kWindows);
        qInfo("subscribed: %d windows of %d rows in %lld ms", kWindows, kWindowRows, clock.elapsed());

        // A change inside a window, then the same while others come and go outside of it.
        qint64 at = 1000;
        for (const bool busy : {false, true}) {
            QList<qint64> times;
            for (int i = 0; i < kChanges; ++i) {
                const int w = i % kWindows;
                ++at;
                const Entity changed =
                    task(w % kConnections, w / kConnections * kWindowRows + i % kWindowRows, at);
                seenAtUs.remove(changed.id);
                const qint64 begun = clock.nsecsElapsed() / 1000;
                if (busy) {
                    const Entity other = task(w % kConnections, kEntities + i, at);
                    estate.apply(other.connection, {other, changed}, {});
                } else {
                    estate.apply(changed.connection, {changed}, {});
                }
                QVERIFY(test::waitFor([&] { return seenAtUs.contains(changed.id); }));
                times.append(seenAtUs[changed.id] - begun);
            }
            qInfo("delta, %s: p50 %.1f ms, p99 %.1f ms, most %.1f ms",
                  busy ? "a row comes with each" : "rows that change", percentile(times, 0.5) / 1000.0,
                  percentile(times, 0.99) / 1000.0, percentile(times, 1) / 1000.0);
        }
        qInfo("in all: %.0f MiB more than before (the client's rows are among them)", residentMiB() - before);

        // What the engine does for one poll of all of a connection.
        QList<Entity> batch;
        for (int n = 0; n < kEntities / kConnections; ++n) {
            batch.append(task(0, n, 9000));
        }
        clock.restart();
        estate.apply(batch.first().connection, batch, {"luigi-task"});
        const qint64 applied = clock.nsecsElapsed() / 1000;
        estate.oldestFact("luigi0", 10'000);
        qInfo("one poll of %lld entities: %.1f ms, its oldest fact: %.3f ms", qint64(batch.size()),
              applied / 1000.0, (clock.nsecsElapsed() / 1000 - applied) / 1000.0);
    }
};

QTEST_GUILESS_MAIN(EstateBench)
#include "tst_estate_bench.moc"
