#include <QtCore/QJsonArray>
#include <QtCore/QRandomGenerator>
#include <QtCore/QTemporaryDir>
#include <QtTest/QSignalSpy>
#include <algorithm>

#include "core/clock.h"
#include "estate/estate_store.h"
#include "patience.h"
#include "store/database.h"

using namespace sluice;
using estate::Entity;

namespace {

Entity osd(const QString& connection, const QString& name, qint64 at, bool up = true)
{
    return {.id = estate::entityId(connection, "osd", name),
            .connection = connection,
            .kind = "osd",
            .name = name,
            .source = "osd tree",
            .observedAtMs = at,
            .facts = {{"up", up}}};
}

class SetClock final : public Clock {
public:
    qint64 nowMs() const override { return now; }
    qint64 monotonicMs() const override { return now; }
    qint64 now{};
};

}  // namespace

class TestEstate : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void twoClustersMayBothHaveOsdZero()
    {
        estate::Estate estate;
        estate.apply("vega", {osd("vega", "0", 10)}, {"osd"});
        estate.apply("atlas", {osd("atlas", "0", 10, false)}, {"osd"});
        QCOMPARE(estate.ids(), (QStringList{"atlas/osd/0", "vega/osd/0"}));
        QCOMPARE(estate.entity("vega/osd/0")->facts["up"].toBool(), true);
        QCOMPARE(estate.entity("atlas/osd/0")->facts["up"].toBool(), false);
        estate.apply("vega", {}, {"osd"});
        QCOMPARE(estate.ids(), QStringList{"atlas/osd/0"});
    }

    void refusesFactsOfAnotherConnection()
    {
        estate::Estate estate;
        estate.apply("vega", {osd("atlas", "0", 10)}, {});
        QVERIFY(estate.ids().isEmpty());
    }

    void keepsOldFactsUntilACompleteListLacksThem()
    {
        estate::Estate estate;
        estate.apply("vega", {osd("vega", "0", 10), osd("vega", "1", 10)}, {"osd"});
        estate.apply("vega", {}, {"mon"});
        QCOMPARE(estate.ids().size(), 2);
        estate.apply("vega", {osd("vega", "1", 20)}, {});
        QCOMPARE(estate.ids().size(), 2);
        QCOMPARE(estate.entity("vega/osd/0")->observedAtMs, 10);
        QSignalSpy changed(&estate, &LiveTopic::changed);
        estate.apply("vega", {osd("vega", "1", 30)}, {"osd"});
        QCOMPARE(changed.count(), 1);
        QCOMPARE(changed[0][1].toStringList(), QStringList{"vega/osd/0"});
    }

    void theOldestFactIsTheOneThatIsOverdue()
    {
        estate::Estate estate;
        const auto read = [&estate](const QString& connection, const QString& kind, qint64 at, qint64 limit) {
            estate.upsert({.id = estate::entityId(connection, kind, "a"),
                           .connection = connection,
                           .kind = kind,
                           .name = "a",
                           .observedAtMs = at,
                           .staleAfterMs = limit});
        };
        const auto oldest = [&estate](qint64 now) { return estate.oldestFact("vega", now); };
        QCOMPARE(oldest(100'000).observedAtMs, 0);
        read("vega", "mon", 95'000, 5'000);
        read("vega", "auth-entity", 85'000, 50'000);
        read("vega2", "mon", 10'000, 5'000);
        read("vega", "lock", 1'000, 0);  // asked for once: nobody renews it
        // None is overdue: the oldest of all, with the time that it has.
        QCOMPARE(oldest(100'000).observedAtMs, 85'000);
        QCOMPARE(oldest(100'000).staleAfterMs, 50'000);
        // A younger one that is overdue says more than an older one that is not.
        QCOMPARE(oldest(100'001).observedAtMs, 95'000);
        QCOMPARE(oldest(100'001).staleAfterMs, 5'000);
        QCOMPARE(oldest(200'000).observedAtMs, 85'000);
    }

    void theLimitOfAFactTravelsWithIt()
    {
        const estate::Entity once{
            .id = "vega/lock/a", .connection = "vega", .kind = "lock", .name = "a", .observedAtMs = 10};
        QVERIFY(!once.toJson().contains("staleAfterMs"));
        estate::Entity often = once;
        often.staleAfterMs = 5000;
        QCOMPARE(estate::Entity::fromJson(often.toJson()).staleAfterMs, 5000);
    }

    void anOlderFactNeverReplacesANewerOne()
    {
        estate::Estate estate;
        estate.apply("vega", {osd("vega", "0", 20, false)}, {});
        estate.apply("vega", {osd("vega", "0", 10, true)}, {});
        QCOMPARE(estate.entity("vega/osd/0")->facts["up"].toBool(), false);
    }

    void aClockSetBackHidesNothing()
    {
        SetClock clock;
        estate::Estate estate(clock);
        clock.now = 3'600'000;
        estate.apply("vega", {osd("vega", "0", 3'600'000, true)}, {});
        clock.now = 1000;
        estate.apply("vega", {osd("vega", "0", 900, false)}, {});
        QCOMPARE(estate.entity("vega/osd/0")->facts["up"].toBool(), false);
        QCOMPARE(estate.entity("vega/osd/0")->observedAtMs, 900);
        estate.apply("vega", {osd("vega", "0", 800, true)}, {});
        QCOMPARE(estate.entity("vega/osd/0")->facts["up"].toBool(), false);
    }

    void revisionMovesOnlyWithTheFacts()
    {
        estate::Estate estate;
        estate.apply("vega", {osd("vega", "0", 10)}, {});
        const quint64 first = estate.entity("vega/osd/0")->revision;
        estate.apply("vega", {osd("vega", "0", 11)}, {});
        QCOMPARE(estate.entity("vega/osd/0")->revision, first);
        QCOMPARE(estate.entity("vega/osd/0")->observedAtMs, 11);
        estate.apply("vega", {osd("vega", "0", 12, false)}, {});
        QVERIFY(estate.entity("vega/osd/0")->revision > first);
    }

    void filtersWithoutEncoding()
    {
        estate::Estate estate;
        estate.apply("vega", {osd("vega", "0", 10)}, {});
        QVERIFY(estate.matches("vega/osd/0", {{"connection", "vega"}, {"kind", QJsonArray{"osd", "mon"}}}));
        QVERIFY(!estate.matches("vega/osd/0", {{"kind", "mon"}}));
        QVERIFY(!estate.matches("vega/osd/9", {}));
        QCOMPARE(estate.row("vega/osd/0")["observedAt"].toString(), toRfc3339(10));
    }

    void whatIsLookedUpIsWhatAFilterLeaves()
    {
        estate::Estate estate;
        QRandomGenerator random(20260501);
        const QStringList connections{"a", "a-b", "a.b", "b"};
        const QStringList kinds{"mon", "mon-quorum", "osd"};
        const QList<QJsonObject> filters{{},
                                         {{"connection", "a"}},
                                         {{"kind", "mon"}},
                                         {{"kind", QJsonArray{"mon", "osd"}}},
                                         {{"connection", QJsonArray{"a", "b"}}, {"kind", "osd"}},
                                         {{"kind", "osd"}, {"name", "3"}},
                                         {{"kind", "nothing"}}};
        for (int step = 0; step < 300; ++step) {
            const QString connection = connections[random.bounded(4)];
            const QString kind = kinds[random.bounded(3)];
            const QString name = QString::number(random.bounded(6));
            if (random.bounded(3) == 0) {
                estate.apply(connection, {}, {kind});
            } else {
                estate.upsert({.id = estate::entityId(connection, kind, name),
                               .connection = connection,
                               .kind = kind,
                               .name = name,
                               .observedAtMs = step + 1,
                               .staleAfterMs = 1 + random.bounded(3)});
            }
            for (const QJsonObject& filter : filters) {
                QStringList expected = estate.ids();
                QVERIFY(std::is_sorted(expected.begin(), expected.end()));
                expected.removeIf([&](const QString& id) { return !estate.matches(id, filter); });
                QCOMPARE(estate.idsOf(filter), expected);
            }
            for (const QString& wanted : connections + QStringList{QString()}) {
                const auto listed = estate.list(wanted, kind);
                QCOMPARE(estate.count(wanted, kind), listed.size());
                QStringList ids;
                qint64 oldest = 0;
                for (const Entity& entity : listed) {
                    ids.append(entity.id);
                    QCOMPARE(entity.kind, kind);
                }
                QVERIFY(std::is_sorted(ids.begin(), ids.end()));
                for (const Entity& entity : estate.list(wanted, {})) {
                    oldest = oldest == 0 ? entity.observedAtMs : std::min(oldest, entity.observedAtMs);
                }
                if (!wanted.isEmpty()) {
                    QCOMPARE(estate.oldestFact(wanted, step + 1000).observedAtMs, oldest);
                    QCOMPARE(estate.ofKind(wanted, kind).size(), listed.size());
                }
            }
        }
    }

    void theListOfIdsIsMadeOnceForAsLongAsItHolds()
    {
        estate::Estate estate;
        estate.apply("vega", {osd("vega", "0", 10), osd("vega", "1", 10)}, {});
        const QStringList before = estate.ids();
        estate.apply("vega", {osd("vega", "1", 20, false)}, {});
        QCOMPARE(estate.ids().constData(), before.constData());
        // One comes and one goes at once: as many as before, and yet others.
        estate.apply("vega", {osd("vega", "1", 30), osd("vega", "2", 30)}, {"osd"});
        QCOMPARE(estate.ids(), (QStringList{"vega/osd/1", "vega/osd/2"}));
    }

    void refusesAnIdThatIsNotOfItsConnectionAndKind()
    {
        estate::Estate estate;
        Entity wrong = osd("vega", "0", 10);
        wrong.kind = "mon";
        estate.upsert(wrong);
        QVERIFY(estate.ids().isEmpty());
        QCOMPARE(estate.count({}, {}), 0);
    }

    void knowsAfterARestartWhatItKnewAndWhen()
    {
        QTemporaryDir dir;
        const auto open = [&dir] {
            return std::move(*store::Database::open(
                {.file = dir.filePath("s.db"), .parts = {estate::EstateStore::schema()}}));
        };
        {
            auto database = open();
            estate::Estate estate;
            estate::EstateStore store(estate, *database);
            estate.apply("vega", {osd("vega", "0", 1'700'000'000'123), osd("vega", "1", 1'700'000'000'123)},
                         {});
            store.flush();
            QTRY_VERIFY(database->figures().writes == 1);
            estate.apply("vega", {osd("vega", "0", 1'700'000'000'999)}, {"osd"});
            QTRY_VERIFY((store.flush(), database->figures().writes == 2));
        }
        auto database = open();
        estate::Estate estate;
        estate::EstateStore store(estate, *database);
        QVERIFY(store.load().has_value());
        QCOMPARE(estate.ids(), QStringList{"vega/osd/0"});
        QCOMPARE(estate.entity("vega/osd/0")->observedAtMs, 1'700'000'000'999);
        QVERIFY(estate.takeDirty().isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestEstate)
#include "tst_estate.moc"
