#include <QtCore/QRandomGenerator>
#include <QtTest/QAbstractItemModelTester>
#include <QtTest/QSignalSpy>

#include "fake_engine_rows.h"
#include "patience.h"
#include "ui/session/list_change.h"
#include "ui/session/live_table.h"
#include "ui/session/row.h"
#include "ui/session/ticker.h"

using namespace sluice;
using session::Column;
using session::LiveRows;
using session::LiveTable;

namespace {

QJsonObject row(const QString& id, int n, const QString& observedAt = {})
{
    return {{"id", id}, {"n", n}, {"name", "name of " + id}, {"observedAt", observedAt}};
}

QList<Column> columns()
{
    return {
        {.id = "name",
         .title = "Name",
         .text = [](const QJsonObject& r, qint64) { return r["name"].toString(); },
         .note = [](const QJsonObject& r, qint64) { return r["id"].toString(); },
         .name = true},
        {.id = "n",
         .title = "N",
         .text = [](const QJsonObject& r, qint64) { return QString::number(r["n"].toInt()); },
         .fraction = [](const QJsonObject& r) { return r["n"].toInt() / 100.0; },
         .sortKey = [](const QJsonObject& r) { return r["n"].toInt(); },
         .figure = true},
        {.id = "age",
         .title = "Age",
         .text = [](const QJsonObject& r,
                    qint64 now) { return QString::number((now - session::time(r, u"observedAt")) / 1000); },
         .ages = true}};
}

}  // namespace

class TestLiveTable : public QObject {
    Q_OBJECT

private:
    test::FakeClock m_clock{test::kSceneMs};

    struct Bench {
        explicit Bench(const Clock& clock)
            : ticker(clock),
              table(&rows, ticker, columns(),
                    {.observedAt = "observedAt",
                     .staleAfterMs = [](const QJsonObject&) { return qint64(15000); }}),
              tester(&table, QAbstractItemModelTester::FailureReportingMode::QtTest),
              resets(&table, &QAbstractItemModel::modelReset)
        {
        }
        LiveRows rows;
        session::Ticker ticker;
        LiveTable table;
        QAbstractItemModelTester tester;
        QSignalSpy resets;
    };

private Q_SLOTS:
    void showsRowsThroughTheColumns()
    {
        Bench b(m_clock);
        b.rows.replace({row("a", 3, toRfc3339(test::kSceneMs - 20'000)),
                        row("b", -1, toRfc3339(test::kSceneMs - 2'000))});
        QCOMPARE(b.table.rowCount(), 2);
        const QModelIndex first = b.table.index(0, 0);
        QCOMPARE(first.data().toString(), QString("name of a"));
        QCOMPARE(first.data(session::NoteRole).toString(), QString("a"));
        QCOMPARE(first.data(session::IdRole).toString(), QString("a"));
        QCOMPARE(first.data(session::RowRole).toJsonObject()["n"].toInt(), 3);
        QCOMPARE(first.data(session::AgeRole).toLongLong(), 20'000);
        QVERIFY(first.data(session::StaleRole).toBool());
        QVERIFY(!b.table.index(1, 0).data(session::StaleRole).toBool());
        QCOMPARE(b.table.index(0, 1).data(session::FractionRole).toDouble(), 0.03);
        QVERIFY(!b.table.index(1, 1).data(session::FractionRole).isValid());
        QCOMPARE(b.table.headerData(1, Qt::Horizontal).toString(), QString("N"));
        QVERIFY(
            b.table.index(0, 1).data(Qt::TextAlignmentRole).value<Qt::Alignment>().testFlag(Qt::AlignRight));
    }

    void agesTickWithoutTouchingTheRest()
    {
        Bench b(m_clock);
        b.rows.replace({row("a", 3, toRfc3339(test::kSceneMs - 20'000))});
        QSignalSpy data(&b.table, &QAbstractItemModel::dataChanged);
        m_clock.advance(1000);
        b.ticker.fire();
        QCOMPARE(data.size(), 1);
        QCOMPARE(data[0][0].toModelIndex().column(), 2);
        QCOMPARE(b.table.index(0, 2).data().toString(), QString("21"));
        m_clock.advance(-1000);
    }

    void sortsFiltersAndSearches()
    {
        Bench b(m_clock);
        b.rows.replace({row("a10", 3), row("a9", 30), row("b1", 20)});
        b.table.sort(1, Qt::DescendingOrder);
        QCOMPARE(b.table.shownIds(), QStringList({"a9", "b1", "a10"}));
        b.table.sort(0);  // Figures inside of names count as numbers.
        QCOMPARE(b.table.shownIds(), QStringList({"a9", "a10", "b1"}));
        b.table.setSearch("A1 name");
        QCOMPARE(b.table.shownIds(), QStringList({"a10"}));
        b.table.setSearch({});
        b.table.setFilter([](const QJsonObject& r) { return r["n"].toInt() > 10; });
        QCOMPARE(b.table.shownIds(), QStringList({"a9", "b1"}));
        b.table.sort(-1);
        b.table.setOrder(
            [](const QJsonObject& x, const QJsonObject& y) { return x["n"].toInt() < y["n"].toInt(); });
        QCOMPARE(b.table.shownIds(), QStringList({"b1", "a9"}));
        b.rows.replace({row("a10", 99), row("a9", 30), row("b1", 20)});  // now it passes the filter
        QCOMPARE(b.table.shownIds(), QStringList({"b1", "a9", "a10"}));
        QCOMPARE(b.resets.size(), 0);
    }

    void heldRowsChangeInPlace()
    {
        Bench b(m_clock);
        b.table.setOrder(
            [](const QJsonObject& x, const QJsonObject& y) { return x["n"].toInt() < y["n"].toInt(); });
        b.rows.replace({row("a", 1), row("b", 2), row("c", 3)});
        b.table.setHeld(true);
        b.rows.replace({row("a", 9), row("b", 2), row("c", 3), row("d", 0)});
        QCOMPARE(b.table.shownIds(), QStringList({"a", "b", "c", "d"}));
        QCOMPARE(b.table.index(0, 1).data().toString(), QString("9"));
        b.table.setHeld(false);
        QCOMPARE(b.table.shownIds(), QStringList({"d", "b", "c", "a"}));
        QCOMPARE(b.resets.size(), 0);
    }

    void aRelatedRowRefreshesTheShownOne()
    {
        Bench b(m_clock);
        b.table.setFilter([](const QJsonObject& r) { return !r["id"].toString().startsWith("x"); });
        b.table.setRelated([](const QJsonObject& r) { return r["id"].toString().mid(1); });
        b.rows.replace({row("a", 1), row("b", 2), row("xb", 7)});
        QSignalSpy data(&b.table, &QAbstractItemModel::dataChanged);
        b.rows.replace({row("a", 1), row("b", 2), row("xb", 8)});
        QCOMPARE(data.size(), 1);
        QCOMPARE(data[0][0].toModelIndex().row(), 1);
    }

    void anotherSourceIsExchangedWithoutAReset()
    {
        Bench b(m_clock);
        b.rows.replace({row("a", 1), row("b", 2)});
        LiveRows other;
        other.replace({row("b", 7), row("c", 3)});
        b.table.setRows(&other);
        QCOMPARE(b.table.shownIds(), QStringList({"b", "c"}));
        QCOMPARE(b.table.index(0, 1).data().toString(), QString("7"));
        b.rows.replace({row("z", 1)});
        QCOMPARE(b.table.rowCount(), 2);
        b.table.setRows(nullptr);
        QCOMPARE(b.table.rowCount(), 0);
        QCOMPARE(b.resets.size(), 0);
    }

    void persistentIndexesFollowTheirRow()
    {
        Bench b(m_clock);
        b.table.setOrder(
            [](const QJsonObject& x, const QJsonObject& y) { return x["n"].toInt() < y["n"].toInt(); });
        b.rows.replace({row("a", 1), row("b", 2), row("c", 3)});
        const QPersistentModelIndex b2 = b.table.index(1, 0);
        b.rows.replace({row("a", 1), row("b", 20), row("c", 3), row("d", 0)});
        QCOMPARE(b.table.shownIds(), QStringList({"d", "a", "c", "b"}));
        QCOMPARE(b2.row(), 3);
        QCOMPARE(b2.data(session::IdRole).toString(), QString("b"));
    }

    void csvQuotesWhatNeedsIt()
    {
        Bench b(m_clock);
        b.rows.replace({QJsonObject{{"id", "a"}, {"n", 1}, {"name", "say \"hi\", twice"}}});
        b.table.setSearch({});
        const QStringList lines = b.table.toCsv().split("\r\n");
        QCOMPARE(lines[0], QString("Name,N,Age"));
        QVERIFY(lines[1].startsWith("\"say \"\"hi\"\", twice\",1,"));
    }

    void anyListBecomesAnyOther()
    {
        QRandomGenerator random(7);
        for (int round = 0; round < 500; ++round) {
            QStringList pool;
            for (int i = 0; i < 12; ++i) {
                pool.append(QString::number(i));
            }
            const auto draw = [&] {
                QStringList list = pool;
                std::shuffle(list.begin(), list.end(), random);
                return list.mid(0, random.bounded(13));
            };
            QStringList current = draw();
            QStringList mirror = current;
            const QStringList wanted = draw();
            QStringList held;
            session::changeList(
                current, wanted,
                {.beginRemove = [&](int first, int last) { mirror.remove(first, last - first + 1); },
                 .endRemove = [&] { QCOMPARE(mirror, current); },
                 .beginInsert =
                     [&](int first, int last) {
                         for (int i = first; i <= last; ++i) {
                             mirror.insert(i, wanted[i]);
                         }
                     },
                 .endInsert = [&] { QCOMPARE(mirror, current); },
                 .beginMove =
                     [&](int from, int to) {
                         QVERIFY(to < from);
                         mirror.move(from, to);
                     },
                 .endMove = [&] { QCOMPARE(mirror, current); }});
            QCOMPARE(current, wanted);
        }
    }
};

QTEST_GUILESS_MAIN(TestLiveTable)
#include "tst_live_table.moc"
