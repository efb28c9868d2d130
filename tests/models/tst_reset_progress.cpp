#include <QtCore/QJsonArray>
#include <QtTest/QSignalSpy>

#include "fake_engine_rows.h"
#include "patience.h"
#include "ui/models/reset_progress.h"
#include "ui/session/followed_action.h"
#include "ui/session/session.h"

using namespace sluice;
using session::FollowedAction;

namespace {

QJsonArray steps(int count, int ended)
{
    QJsonArray result;
    for (int i = 0; i < count; ++i) {
        result.append(QJsonObject{{"id", QStringLiteral("copy.lock.%1").arg(i + 1)},
                                  {"title", QStringLiteral("Break lock %1").arg(i + 1)},
                                  {"checkedBy", "nobody holds it"},
                                  {"state", i < ended    ? "verified"
                                            : i == ended ? "running"
                                                         : "waiting"},
                                  {"detail", ""},
                                  {"at", "2026-01-01T03:14:08.000Z"}});
    }
    return result;
}

/// As the topic has it: of many steps it shows the first.
QJsonObject action(const QString& id, int count, int ended, int shown = 60)
{
    QJsonArray cut;
    const QJsonArray all = steps(count, ended);
    for (int i = 0; i < qMin(count, shown); ++i) {
        cut.append(all[i]);
    }
    return {{"id", id},
            {"at", "2026-01-01T03:14:08.000Z"},
            {"action", "flow.reset"},
            {"class", 2},
            {"objects", QJsonArray{"R-4"}},
            {"principal", "anna"},
            {"reason", "dead"},
            {"state", "executing"},
            {"detail", ""},
            {"endedAt", ""},
            {"steps", cut},
            {"stepsTotal", count},
            {"stepsEnded", ended},
            {"auditSeq", 17}};
}

}  // namespace

/// How far a reset is comes from the steps of its action.
class TestResetProgress : public QObject {
    Q_OBJECT

private:
    struct Bench {
        Bench()
        {
            engine.answer("actions.show", [this](const QJsonObject& params) -> Result<QJsonObject> {
                QJsonObject full = engine.row("actions", params["action"].toString());
                if (full.isEmpty()) {
                    return fail(Error{.code = ErrorCode::NotFound});
                }
                full["steps"] = steps(full["stepsTotal"].toInt(), full["stepsEnded"].toInt());
                full["plan"] = QJsonObject{{"run", "R-4"}};
                return QJsonObject{{"action", full}};
            });
            engine.connectAs("anna", "operator");
        }

        test::FakeClock clock{test::kSceneMs};
        test::FakeEngine engine{clock};
        session::Session session{engine, clock};
        FollowedAction followed{engine, session.actions()};
    };

private Q_SLOTS:
    void theNewestResetOfTheRunSinceTheCaseOpened()
    {
        const auto row = [](const QString& id, const QString& at, const QString& method, const QString& run) {
            return QJsonObject{{"id", id}, {"at", at}, {"action", method}, {"objects", QJsonArray{run}}};
        };
        const QList<QJsonObject> rows{row("A-5", "2026-01-01T03:14:10.000Z", "flow.cancel", "R-4"),
                                      row("A-4", "2026-01-01T03:14:09.000Z", "flow.reset", "R-5"),
                                      row("A-2", "2026-01-01T03:14:07.000Z", "flow.reset", "R-4"),
                                      row("A-3", "2026-01-01T03:14:08.000Z", "flow.reset", "R-4")};
        const qint64 at = 1'767'237'248'000;
        const auto ofCase = [](qint64 opened, qint64 closed, const QString& run) {
            return QJsonObject{{"openedAt", toRfc3339(opened)},
                               {"closedAt", closed > 0 ? QJsonValue(toRfc3339(closed)) : QJsonValue()},
                               {"runs", QJsonArray{"R-1", run}}};
        };
        QCOMPARE(models::lastReset(rows, ofCase(1, 0, "R-4")), QString("A-3"));
        QCOMPARE(models::lastReset(rows, ofCase(at, 0, "R-4")), QString("A-3"));
        QCOMPARE(models::lastReset(rows, ofCase(at + 1, 0, "R-4")), QString());
        QCOMPARE(models::lastReset(rows, ofCase(1, 0, "R-6")), QString());
        // What was asked for after it was closed is of another case of the run.
        QCOMPARE(models::lastReset(rows, ofCase(1, at, "R-4")), QString("A-3"));
        QCOMPARE(models::lastReset(rows, ofCase(1, at - 1, "R-4")), QString("A-2"));
        QCOMPARE(models::lastReset(rows, {{"openedAt", toRfc3339(1)}, {"run", "R-4"}}), QString("A-3"));
    }

    void theCaseRemembersThatItWasCarriedOut()
    {
        const auto line = [](int second, const char* phase) {
            return QJsonObject{
                {"at", QStringLiteral("2026-01-01T03:14:%1Z").arg(second, 2, 10, QLatin1Char('0'))},
                {"phase", QLatin1String(phase)}};
        };
        QJsonArray lines{line(1, "found"), line(2, "decide")};
        const auto row = [&lines] { return QJsonObject{{"timeline", lines}}; };
        QVERIFY(!models::wasCarriedOut(row()));
        lines.append(line(3, "carry out"));
        QVERIFY(models::wasCarriedOut(row()));
        lines.append(line(4, "verify"));
        lines.append(line(5, "closed"));
        QVERIFY(models::wasCarriedOut(row()));
        QCOMPARE(models::recoveredAtMs(row()), 0);
        // It stopped again and went on by itself.
        lines.append(line(6, "found"));
        lines.append(line(7, "verify"));
        QVERIFY(!models::wasCarriedOut(row()));
        QVERIFY(models::recoveredAtMs(row()) > 0);
    }

    void itsStepsAndItsEndAreThoseOfTheAction()
    {
        QJsonObject row = action("A-3", 3, 1);
        models::CarriedReset reset = models::carriedReset(row);
        QCOMPARE(reset.outcome, QString());
        QCOMPARE(reset.error, QString());
        QCOMPARE(reset.stepsEnded, 1);
        QCOMPARE(reset.stepsTotal, 3);
        QCOMPARE(reset.steps.size(), 3);
        QVERIFY(reset.steps[0].worked() && !reset.steps[1].worked() && !reset.steps[2].worked());
        QCOMPARE(reset.steps[1].state, QString("running"));
        row["state"] = "failed";
        row["detail"] = "may not blocklist";
        reset = models::carriedReset(row);
        QCOMPARE(reset.outcome, QString("failed"));
        QCOMPARE(reset.error, QString("may not blocklist"));
        QVERIFY(models::carriedReset({}).id.isEmpty() && models::carriedReset({}).outcome.isEmpty());
    }

    void aStepOfEachOutcome_data()
    {
        QTest::addColumn<bool>("worked");
        for (const char* word : {"done", "verified", "already so", "not needed"}) {
            QTest::newRow(word) << true;
        }
        for (const char* word : {"waiting", "running", "not verified", "failed", "outcome unknown"}) {
            QTest::newRow(word) << false;
        }
    }

    void aStepOfEachOutcome()
    {
        QFETCH(bool, worked);
        QCOMPARE(models::CarriedStep{.state = QTest::currentDataTag()}.worked(), worked);
    }

    void thePlanIsReadOnce()
    {
        Bench b;
        b.engine.put("actions", action("A-3", 3, 0));
        b.followed.follow("A-3");
        QTRY_COMPARE(b.followed.row()["plan"].toObject()["run"].toString(), QString("R-4"));
        b.engine.put("actions", action("A-3", 3, 2));
        QTRY_COMPARE(b.followed.row()["stepsEnded"].toInt(), 2);
        QCOMPARE(b.followed.row()["steps"].toArray(), steps(3, 2));
        QCOMPARE(b.engine.callsOf("actions.show").size(), 1);
        b.followed.follow({});
        QVERIFY(b.followed.row().isEmpty());
    }

    void ofMoreStepsThanTheRowShowsAllAreRead()
    {
        Bench b;
        b.engine.put("actions", action("A-3", 80, 0));
        b.followed.follow("A-3");
        QTRY_COMPARE(b.followed.row()["steps"].toArray(), steps(80, 0));
        // What changes while they are read is read as well.
        b.engine.hold("actions.show");
        b.engine.put("actions", action("A-3", 80, 7));
        QTRY_COMPARE(b.engine.callsOf("actions.show").size(), 2);
        b.engine.put("actions", action("A-3", 80, 9));
        QTRY_COMPARE(b.followed.row()["stepsEnded"].toInt(), 9);
        QCOMPARE(b.engine.callsOf("actions.show").size(), 2);
        b.engine.release("actions.show");
        QTRY_COMPARE(b.followed.row()["steps"].toArray(), steps(80, 9));
    }

    void anAnswerThatFailedIsAskedForAgain()
    {
        Bench b;
        b.engine.put("actions", action("A-3", 3, 0));
        bool broken = true;
        b.engine.answer("actions.show", [&broken](const QJsonObject&) -> Result<QJsonObject> {
            return broken ? Result<QJsonObject>(fail(Error{.code = ErrorCode::Unavailable}))
                          : QJsonObject{{"action", QJsonObject{{"plan", QJsonObject{{"run", "R-4"}}}}}};
        });
        QTRY_VERIFY(b.session.actions().contains("A-3"));
        b.followed.follow("A-3");
        QTRY_COMPARE(b.engine.callsOf("actions.show").size(), 1);
        QTRY_VERIFY(!b.followed.row().isEmpty() && b.followed.row()["plan"].toObject().isEmpty());
        broken = false;
        b.engine.put("actions", action("A-3", 3, 1));
        QTRY_COMPARE(b.followed.row()["plan"].toObject()["run"].toString(), QString("R-4"));
    }
};

QTEST_GUILESS_MAIN(TestResetProgress)
#include "tst_reset_progress.moc"
