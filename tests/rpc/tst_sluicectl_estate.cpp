#include "patience.h"
#include "support/canned_engine.h"
#include "support/ctl.h"

using namespace sluice;
using namespace sluice::test;

/// `sluicectl estate` with kinds it has no words for, and with more rows than one answer holds.
class TestSluicectlEstate : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_engine = std::make_unique<CannedEngine>();
        QVERIFY(m_engine->start());
    }

    void aKindOfTheTableHasItsColumns()
    {
        Ctl all(on({"estate"}));
        QCOMPARE(all.code(), 0);
        QVERIFY2(all.out().contains("State mounted, Size 1 MiB, Users a, b, Pace ?"), qPrintable(all.out()));

        Ctl volumes(on({"estate", "--kind", "volume"}));
        QCOMPARE(volumes.code(), 0);
        const QStringList lines = volumes.out().split('\n');
        const qsizetype head =
            lines.indexOf(QRegularExpression(QStringLiteral("  KIND +NAME +STATE +SIZE +USERS +PACE +AGE")));
        QVERIFY2(head > 0, qPrintable(volumes.out()));
        QVERIFY(QRegularExpression(QStringLiteral("^  volume +vol-1 +mounted +1 MiB +a, b +\\? +1 s$"))
                    .match(lines.value(head + 1))
                    .hasMatch());

        Ctl none(on({"estate", "--kind", "lock"}));
        QCOMPARE(none.code(), 0);
        QCOMPARE(none.out(), QStringLiteral("Nothing of kind 'lock' is known.\n"));
    }

    void anEngineWithoutATableIsShownByNameAndValue()
    {
        m_engine->answer("estate.kinds", fail(Error{.code = ErrorCode::NotFound, .message = "no method"}));
        Ctl all(on({"estate"}));
        QCOMPARE(all.code(), 0);
        QVERIFY2(all.out().contains("sizeBytes=1048576 state=mounted"), qPrintable(all.out()));
    }

    void everyPageIsRead()
    {
        const qsizetype number = CannedEngine::entities().size();
        m_engine->answer("estate.list", QJsonObject{{"entities", CannedEngine::entities()}, {"page", 4}});
        Ctl json(on({"estate", "--json"}));
        QCOMPARE(json.code(), 0);
        QCOMPARE(json.json()["entities"].toArray().size(), number);
        QCOMPARE(json.json()["total"].toInt(), number);
        QCOMPARE(m_engine->calls("estate.list").size(), (number + 3) / 4);
        Ctl text(on({"estate"}));
        QCOMPARE(text.code(), 0);
        QVERIFY(text.out().contains("vol-1"));
        QVERIFY(text.out().startsWith("vega  ceph 16.2.15"));
    }

    void aWatchSaysThatItShowsAPart()
    {
        QList<QJsonObject> rows;
        for (int i = 0; i < 10'005; ++i) {
            const QString name = QString::number(100'000 + i);
            rows.append(
                {{"id", "a/volume/" + name}, {"connection", "a"}, {"kind", "volume"}, {"name", name}});
        }
        rows.append({{"id", "zeta/connection/zeta"},
                     {"connection", "zeta"},
                     {"kind", "connection"},
                     {"name", "zeta"},
                     {"facts", QJsonObject{{"type", "ceph"}, {"state", "down"}}}});
        m_engine->topic("estate").set(rows);
        Ctl watched(on({"estate", "--watch"}));
        QVERIFY(watched.waitOut("Showing 10,000 of 10,006 rows of 'estate'."));
        QVERIFY(watched.out().contains("zeta  ceph   down"));
        Ctl raw(on({"estate", "--watch", "--json"}));
        QVERIFY(raw.waitOut("a/volume/109999"));
        QTRY_VERIFY2(raw.err().contains("Showing 10,000 of 10,006 rows of 'estate'."), qPrintable(raw.err()));
        Ctl once(on({"watch", "estate", "--once"}));
        QCOMPARE(once.code(), 0);
        QVERIFY2(once.err().contains("Showing 10,000 of 10,006 rows of 'estate'."), qPrintable(once.err()));
        Ctl whole(on({"watch", "runs", "--once"}));
        QCOMPARE(whole.code(), 0);
        QVERIFY(!whole.err().contains("Showing"));
    }

private:
    QStringList on(QStringList words) const
    {
        return words + QStringList{"--state-dir", m_engine->stateDir()};
    }

    std::unique_ptr<CannedEngine> m_engine;
};

QTEST_GUILESS_MAIN(TestSluicectlEstate)
#include "tst_sluicectl_estate.moc"
