
#include "fake_engine_rows.h"
#include "patience.h"
#include "ui/models/case_truth.h"
#include "ui/models/columns.h"
#include "ui/models/freshness.h"
#include "ui/models/marks.h"
#include "ui/models/words.h"
#include "ui/session/live_table.h"
#include "ui/session/row.h"
#include "ui/session/session.h"
#include "ui/systems/ceph/columns.h"
#include "ui/systems/ceph/quorum_loss.h"

using namespace sluice;
using session::str;

/// What is told as of now is of now: words, verdicts and what works follow the age of what they rest on.
class TestCaseTruth : public QObject {
    Q_OBJECT

private:
    struct Bench {
        explicit Bench(void (*scene)(test::FakeEngine&, qint64))
        {
            scene(engine, test::kSceneMs);
            engine.connectAs("a", "operator");
            if (!sluice::test::waitUntil(
                    [this] { return session.cases().isLoaded() && session.estate().isLoaded(); })) {
                qFatal("nothing is read");
            }
        }
        QJsonObject finding(int n)
        {
            return models::caseOfNow(session, session.cases().row("C-1"))["findings"].toArray()[n].toObject();
        }

        test::FakeClock clock{test::kSceneMs};
        test::FakeEngine engine{clock};
        session::Session session{engine, clock};
    };

private Q_SLOTS:
    void oldEvidenceIsUnknown()
    {
        Bench b(test::sceneStalled);
        const QJsonObject asked = b.session.cases().row("C-1");
        QCOMPARE(models::caseOfNow(b.session, asked), asked);
        const qint64 age = b.clock.nowMs() - models::oldestEvidence(models::leadingFinding(asked));
        b.clock.advance(15'000 - age);
        QCOMPARE(str(b.finding(0), u"verdict"), QString("confirmed"));
        b.clock.advance(1);
        QCOMPARE(str(b.finding(0), u"verdict"), QString("unknown"));
        QCOMPARE(str(b.finding(0), u"was"), QString("confirmed"));
        QVERIFY(models::findingMark(b.finding(0)).tone == style::Tone::Neutral);
        const QJsonObject now = models::caseOfNow(b.session, asked);
        QVERIFY(models::causeText(now).startsWith("unknown now, was: A client that is gone"));
        QVERIFY(str(now, u"summary").startsWith("Unknown now"));
        for (const QJsonValue& link : now["chain"].toArray()) {
            QCOMPARE(link["tone"].toString(), QString("neutral"));
        }
        // Looked at again, it is known again.
        QJsonObject fresh = asked;
        QJsonArray findings = fresh["findings"].toArray();
        QJsonObject first = findings[0].toObject();
        QJsonArray evidence = first["evidence"].toArray();
        for (qsizetype i = 0; i < evidence.size(); ++i) {
            QJsonObject seen = evidence[i].toObject();
            seen["observedAt"] = toRfc3339(b.clock.nowMs());
            evidence[i] = seen;
        }
        first["evidence"] = evidence;
        findings[0] = first;
        fresh["findings"] = findings;
        QCOMPARE(str(models::caseOfNow(b.session, fresh)["findings"].toArray()[0].toObject(), u"verdict"),
                 QString("confirmed"));
    }

    void aRefutedCauseWearsOutToo()
    {
        Bench b(test::sceneStalled);
        b.clock.advance(3'600'000);
        int refuted = 0;
        for (const QJsonValue& value :
             models::caseOfNow(b.session, b.session.cases().row("C-1"))["findings"].toArray()) {
            QVERIFY(value["verdict"] != QLatin1String("refuted") || value["evidence"].toArray().isEmpty());
            refuted += value["was"] == QLatin1String("refuted") ? 1 : 0;
        }
        QVERIFY(refuted > 0);
    }

    void whatWasActedOnStays_data()
    {
        QTest::addColumn<QString>("phase");
        for (const char* phase : {"carry out", "verify", "closed"}) {
            QTest::newRow(phase) << QString(phase);
        }
    }
    void whatWasActedOnStays()
    {
        QFETCH(QString, phase);
        Bench b(test::sceneStalled);
        b.clock.advance(3'600'000);
        QJsonObject row = b.session.cases().row("C-1");
        row["phase"] = phase;
        const QJsonObject now = models::caseOfNow(b.session, row);
        QCOMPARE(now["findings"], row["findings"]);
        QCOMPARE(now["summary"], row["summary"]);
        const QJsonArray chain = now["chain"].toArray();
        const bool amber = std::any_of(chain.begin(), chain.end(), [](const QJsonValue& link) {
            return link["tone"] != QLatin1String("neutral");
        });
        QCOMPARE(amber, phase != "closed");
    }

    void aFailureDoesNotWearOut()
    {
        Bench b(test::sceneStalled);
        QJsonObject row = b.session.cases().row("C-1");
        QJsonArray findings = row["findings"].toArray();
        QJsonObject first = findings[0].toObject();
        first["rule"] = "R1";
        findings[0] = first;
        row["findings"] = findings;
        b.clock.advance(3'600'000);
        QCOMPARE(str(models::leadingFinding(models::caseOfNow(b.session, row)), u"rule"), QString("R1"));
        QCOMPARE(str(models::leadingFinding(models::caseOfNow(b.session, row)), u"verdict"),
                 QString("confirmed"));
    }

    void evidenceLastsAsLongAsItsFact()
    {
        Bench b(test::sceneStalled);
        b.engine.put("estate", {{"id", "vega/auth-entity/client.x"},
                                {"connection", "vega"},
                                {"kind", "auth-entity"},
                                {"name", "client.x"},
                                {"observedAt", toRfc3339(test::kSceneMs)},
                                {"staleAfterMs", 50'000},
                                {"facts", QJsonObject()}});
        QTRY_VERIFY(!b.session.fact("vega/auth-entity/client.x").isEmpty());
        QCOMPARE(models::evidenceStaleAfterMs(b.session, {{"entity", "vega/auth-entity/client.x"}}), 50'000);
        QCOMPARE(models::evidenceStaleAfterMs(b.session, {{"entity", "vega/osd/0"}}), 15'000);
    }

    void aFactIsOldByItsOwnReading()
    {
        Bench b(test::sceneQuiet);
        const auto row = [&](qint64 limit) {
            QJsonObject fact{{"id", "vega/auth-entity/client.x"},
                             {"connection", "vega"},
                             {"kind", "auth-entity"},
                             {"observedAt", toRfc3339(test::kSceneMs)}};
            if (limit > 0) {
                fact["staleAfterMs"] = limit;
            }
            return fact;
        };
        b.clock.advance(15'001);
        QVERIFY(!models::isStale(b.session, row(50'000)));
        QVERIFY(models::isStale(b.session, row(5'000)));
        QVERIFY(models::isStale(b.session, row(0)));  // as the newest answers of its connection
        b.clock.advance(34'999);
        QVERIFY(!models::isStale(b.session, row(50'000)));
        b.clock.advance(1);
        QVERIFY(models::isStale(b.session, row(50'000)));
        // The oldest fact has the limit of its own, too.
        const QJsonObject connection{
            {"facts", QJsonObject{{"staleAfterMs", 5000}, {"oldestFactStaleAfterMs", 50'000}}}};
        QCOMPARE(models::staleAfterMs(connection), 50'000);
    }

    void greenGoesWithTime()
    {
        Bench b(test::sceneQuiet);
        session::LiveTable table(&b.session.estate(), b.session.ticker(),
                                 systems::ceph::cephPoolColumns(b.session), models::estateTraits(b.session));
        table.setFilter([](const QJsonObject& row) { return row["kind"] == QLatin1String("ceph-pool"); });
        QVERIFY(table.rowCount() > 0);
        const auto writes = [&] {
            for (int column = 0; column < table.columnCount(); ++column) {
                if (table.columns()[column].id == QLatin1String("writes")) {
                    return table.index(0, column);
                }
            }
            return QModelIndex();
        };
        QVERIFY(writes().data(session::StateRole).value<style::StateWord>().tone == style::Tone::Ok);
        QList<QModelIndex> told;
        connect(&table, &session::LiveTable::dataChanged, this,
                [&told](const QModelIndex& first, const QModelIndex& last) { told << first << last; });
        b.clock.advance(46'000);
        b.session.ticker().fire();
        QVERIFY(writes().data(session::StateRole).value<style::StateWord>().tone != style::Tone::Ok);
        // No row changed, and the view is told all the same.
        QVERIFY(!told.isEmpty());
        QVERIFY(told.first().column() <= writes().column() && told.last().column() >= writes().column());
    }

    void whatWorksIsFoundByTrying()
    {
        Bench b(test::sceneQuorumLost);
        const auto changes = [&] {
            for (const QJsonObject& row : systems::ceph::whatStillWorks(b.session, "vega")) {
                if (row["id"] == QLatin1String("changes")) {
                    return row;
                }
            }
            return QJsonObject();
        };
        QCOMPARE(str(changes(), u"word"), QString("blocked"));
        QVERIFY(str(changes(), u"evidence").contains("no monitor quorum can renew it"));
        QJsonObject known = b.engine.row("estate", "vega/connection/vega");
        QJsonObject facts = known["facts"].toObject();
        facts["canAct"] = true;
        facts["whyNot"] = "";
        b.engine.change("estate", "vega/connection/vega",
                        {{"facts", facts}, {"observedAt", toRfc3339(b.clock.nowMs())}});
        QTRY_COMPARE(str(changes(), u"word"), QString("possible"));
        b.engine.lose(Error{.code = ErrorCode::DeadlineExceeded, .message = "The engine hangs"});
        QCOMPARE(str(changes(), u"word"), QString("blocked"));
        for (const QJsonObject& row : systems::ceph::whatStillWorks(b.session, "vega")) {
            QVERIFY(row["tone"].toInt() != int(style::Tone::Ok) ||
                    b.clock.nowMs() - row["at"].toInteger() <= 15'000);
        }
        b.clock.advance(60'000);
        for (const QJsonObject& row : systems::ceph::whatStillWorks(b.session, "vega")) {
            QVERIFY(row["tone"].toInt() != int(style::Tone::Ok));
        }
    }
};

QTEST_GUILESS_MAIN(TestCaseTruth)
#include "tst_case_truth.moc"
