
#include "fake_engine_rows.h"
#include "patience.h"
#include "ui/models/columns.h"
#include "ui/models/freshness.h"
#include "ui/models/marks.h"
#include "ui/session/session.h"

using namespace sluice;

namespace {

constexpr auto kVega = "vega/connection/vega";

QJsonObject withFacts(QJsonObject row, const QJsonObject& changes)
{
    QJsonObject facts = row["facts"].toObject();
    for (auto it = changes.begin(); it != changes.end(); ++it) {
        facts[it.key()] = it.value();
    }
    row["facts"] = facts;
    return row;
}

}  // namespace

/// When what is shown still says something about now: to the millisecond, on a clock that stands still.
class TestFreshness : public QObject {
    Q_OBJECT

    std::unique_ptr<test::FakeClock> m_clock;
    std::unique_ptr<test::FakeEngine> m_engine;
    std::unique_ptr<session::Session> m_session;

    QString why() { return models::whyUncertain(*m_session); }
    void change(const char* id, const QJsonObject& facts)
    {
        m_engine->put("estate", withFacts(m_engine->row("estate", id), facts));
    }
    static QJsonObject connection(const QJsonObject& facts) { return {{"facts", facts}}; }

private Q_SLOTS:
    void init()
    {
        m_clock = std::make_unique<test::FakeClock>(test::kSceneMs);
        m_engine = std::make_unique<test::FakeEngine>(*m_clock);
        m_session = std::make_unique<session::Session>(*m_engine, *m_clock);
        test::sceneQuiet(*m_engine, test::kSceneMs);
    }
    void cleanup()
    {
        m_session.reset();
        m_engine.reset();
    }

    void nothingIsSaidBeforeEverythingWasRead()
    {
        QCOMPARE(why(), QString("the engine does not answer yet"));
        m_engine->connectAs("anna", "operator");
        // Rows come from the event loop.
        QCOMPARE(why(), QString("not everything has been read yet"));
        QTRY_COMPARE(why(), QString());
        m_engine->lose({.code = ErrorCode::Unavailable, .message = "closed"});
        QTRY_COMPARE(why(), QString("the engine has not been reachable since 03:14:08 UTC"));
    }

    void theLimitItselfIsNotOld()
    {
        m_engine->connectAs("anna", "operator");
        QTRY_COMPARE(why(), QString());
        for (const char* other : {"rgw.vega/connection/rgw.vega", "luigid/connection/luigid"}) {
            change(other, {{"staleAfterMs", 600'000}});
        }
        change(kVega, {{"staleAfterMs", 20'000}, {"oldestFactAt", toRfc3339(test::kSceneMs)}});
        QTRY_COMPARE(models::oldestFactMs(m_engine->row("estate", kVega)), test::kSceneMs);
        m_clock->advance(20'000);
        m_session->ticker().fire();
        QTRY_COMPARE(why(), QString());
        m_clock->advance(1);
        m_session->ticker().fire();
        QTRY_COMPARE(why(), QString("the oldest fact of vega is 20 s old"));
        // A fact that is new makes it certain again.
        change(kVega, {{"oldestFactAt", toRfc3339(m_clock->nowMs())}});
        QTRY_COMPARE(why(), QString());
    }

    void eachConnectionCounts_data()
    {
        QTest::addColumn<QString>("id");
        QTest::addColumn<QString>("name");
        QTest::newRow("the first") << kVega << "vega";
        QTest::newRow("one between") << "rgw.vega/connection/rgw.vega"
                                     << "rgw.vega";
        QTest::newRow("the last") << "luigid/connection/luigid"
                                  << "luigid";
    }

    void eachConnectionCounts()
    {
        QFETCH(QString, id);
        QFETCH(QString, name);
        m_engine->connectAs("anna", "operator");
        QTRY_COMPARE(why(), QString());
        for (const char* state : {"down", "degraded", "starting", ""}) {
            change(qPrintable(id), {{"state", state}});
            const QString word = models::connectionMark(connection({{"state", state}})).word;
            QTRY_COMPARE(why(), QString("%1 is %2").arg(name, word));
        }
        change(qPrintable(id), {{"state", "up"}, {"oldestFactAt", ""}, {"lastContactAt", ""}});
        QTRY_COMPARE(why(), QString("nothing is known of %1 yet").arg(name));
    }

    void theOldestFactCountsAndNotTheLastContact()
    {
        const qint64 now = test::kSceneMs;
        const auto oldest = [&](const QString& fact, const QString& contact) {
            return models::oldestFactMs(connection({{"oldestFactAt", fact}, {"lastContactAt", contact}}));
        };
        QCOMPARE(oldest(toRfc3339(now - 60'000), toRfc3339(now)), now - 60'000);
        QCOMPARE(oldest(toRfc3339(now), toRfc3339(now - 60'000)), now);
        QCOMPARE(oldest("", toRfc3339(now)), now);
        QCOMPARE(oldest("", ""), 0);
        QCOMPARE(models::staleAfterMs(connection({{"staleAfterMs", 50'000}})), 50'000);
        QCOMPARE(models::staleAfterMs(connection({})), 15'000);
        QCOMPARE(models::staleAfterMs(connection({{"staleAfterMs", -1}})), 15'000);
    }

    void aStaleMarkIsNeverGreen()
    {
        const QJsonObject health = connection({{"availability", QJsonObject{{"word", "available"}}},
                                               {"redundancy", QJsonObject{{"word", "full"}}},
                                               {"posture", QJsonObject{{"word", "in order"}, {"count", 0}}}});
        for (const char* key : {"availability", "redundancy", "posture"}) {
            const style::StateWord fresh = models::healthMark(health, key, false);
            QCOMPARE(fresh.tone, style::Tone::Ok);
            const style::StateWord stale = models::healthMark(health, key, true);
            QVERIFY(stale.tone != style::Tone::Ok);
            QCOMPARE(stale.word, QString("unknown"));
            QCOMPARE(stale.meaning, QString("was %1").arg(fresh.word));
        }
        const QJsonObject osd = connection({{"up", true}, {"in", true}});
        QCOMPARE(models::osdMark(osd, false).tone, style::Tone::Ok);
        QVERIFY(models::osdMark(osd, true).tone != style::Tone::Ok);
    }

    void aRowIsStaleByTheLimitOfItsConnection()
    {
        m_engine->connectAs("anna", "operator");
        QTRY_COMPARE(why(), QString());
        change(kVega, {{"staleAfterMs", 30'000}});
        QTRY_COMPARE(models::staleAfterMs(m_session->estateRow("vega", "connection")), 30'000);
        const auto row = [this](const char* name, qint64 ageMs) {
            return QJsonObject{{"connection", name}, {"observedAt", toRfc3339(m_clock->nowMs() - ageMs)}};
        };
        QVERIFY(!models::isStale(*m_session, row("vega", 30'000)));
        QVERIFY(models::isStale(*m_session, row("vega", 30'001)));
        QVERIFY(!models::isStale(*m_session, row("luigid", 15'000)));
        QVERIFY(models::isStale(*m_session, row("luigid", 15'001)));
        QVERIFY(!models::isStale(*m_session, {{"connection", "vega"}}));
    }
};

QTEST_GUILESS_MAIN(TestFreshness)
#include "tst_freshness.moc"
