#include <QtCore/QJsonArray>
#include <QtWidgets/QDialog>
#include <QtWidgets/QLineEdit>

#include "pages_bench.h"
#include "patience.h"
#include "ui/session/row.h"
#include "ui/shell/page.h"
#include "ui/widgets/button.h"
#include "ui/widgets/code_block.h"
#include "ui/widgets/item_widget.h"
#include "ui/widgets/text_label.h"

using namespace sluice;
using session::str;
using test::PagesBench;
using test::partNames;

namespace {

QJsonObject refusedKey(PagesBench& b)
{
    const QJsonObject evidence{
        {"text", "A new connection with the key that Sluice has for client.ingest.g1 is refused"},
        {"source", "key probe"},
        {"observedAt", toRfc3339(b.clock.nowMs())},
        {"entity", "vega/key-probe/client.ingest.g1"}};
    const QJsonObject remedy{{"method", "keys.renew"},
                             {"params", QJsonObject{{"role", "ingest"}}},
                             {"title", "Make a new first key for role ingest"},
                             {"class", 2},
                             {"steps", QJsonArray{"Make a new first key", "Reset the task"}}};
    return {
        {"rule", "R21"},
        {"verdict", "confirmed"},
        {"summary", "client.ingest.g1 has another key by now than Sluice"},
        {"remedy", remedy},
        {"findings", QJsonArray{QJsonObject{{"rule", "R21"},
                                            {"version", 1},
                                            {"title", "client.ingest.g1 has another key by now than Sluice"},
                                            {"verdict", "confirmed"},
                                            {"distance", 1},
                                            {"evidence", QJsonArray{evidence}},
                                            {"correction", "Make a new first key for role ingest"},
                                            {"remedy", remedy}}}}};
}

QJsonObject standingCase(PagesBench& b)
{
    const QString ago = toRfc3339(b.clock.nowMs() - 74'000);
    const QString soon = toRfc3339(b.clock.nowMs() - 2000);
    const auto seen = [&soon](const char* text, const char* entity) {
        return QJsonObject{
            {"text", text}, {"source", "monitor banner"}, {"observedAt", soon}, {"entity", entity}};
    };
    const QString correction =
        "Start mon.b or mon.c: one is enough. Until then no client gets a session, and nothing is fenced or "
        "reset. What has its session goes on.";
    const QJsonObject remedy{
        {"method", ""},
        {"params", QJsonObject()},
        {"title", "Start mon.b or mon.c of vega: one is enough"},
        {"class", 1},
        {"steps", QJsonArray{"Start mon.b on 10.20.4.12: systemctl start ceph-mon@b",
                             "Check that the monitors have a quorum",
                             "Then start the others, so that one may fail again: mon.c"}},
        {"commands", QJsonArray{"systemctl start ceph-mon@b"}}};
    return {
        {"id", "C-7"},
        {"run", ""},
        {"runs", QJsonArray()},
        {"tasks", QJsonArray()},
        {"subject", "vega/mon-quorum/vega"},
        {"title", "No monitor quorum on vega"},
        {"phase", "cause named"},
        {"openedAt", ago},
        {"closedAt", QJsonValue()},
        {"lookedAt", soon},
        {"summary", "No monitor quorum on vega. " + correction},
        {"rule", "R13"},
        {"verdict", "confirmed"},
        {"remedy", remedy},
        {"byRun", QJsonArray()},
        {"findings",
         QJsonArray{QJsonObject{
             {"rule", "R13"},
             {"version", 1},
             {"title", "No monitor quorum on vega"},
             {"verdict", "confirmed"},
             {"distance", 3},
             {"evidence", QJsonArray{seen("vega has no monitor quorum: 1 of 3 monitors answer, 2 are needed, "
                                          "for 1 min 14 s",
                                          "vega/mon-quorum/vega"),
                                     seen("Monitor b does not answer: connection refused", "vega/mon/b"),
                                     seen("Monitor c does not answer: connection refused", "vega/mon/c")}},
             {"correction", correction},
             {"remedy", remedy}}}},
        {"chain",
         QJsonArray{QJsonObject{{"kind", "mon-quorum"},
                                {"title", "Monitor quorum of vega"},
                                {"lines", QJsonArray{"lost", "for 1 min 14 s", "2 of 3 needed"}},
                                {"tone", "crit"}},
                    QJsonObject{{"kind", "mon"},
                                {"title", "mon.b and mon.c"},
                                {"lines", QJsonArray{"mon.b does not answer", "mon.c does not answer"}},
                                {"tone", "crit"}}}},
        {"timeline", QJsonArray{QJsonObject{{"code", "found"},
                                            {"at", ago},
                                            {"text", "found: No monitor quorum on vega"},
                                            {"phase", "found"}}}}};
}

QJsonObject renewalPlan()
{
    return {
        {"planHash", "plan-n1"},
        {"plan",
         QJsonObject{{"action", "keys.renew"},
                     {"class", 2},
                     {"role", "ingest"},
                     {"connection", "vega"},
                     {"from", "client.ingest.g1"},
                     {"to", "client.ingest.g2"},
                     {"why", "client.ingest.g1 is refused by vega"},
                     {"steps", QJsonArray{QJsonObject{{"id", "create"},
                                                      {"title", "Create client.ingest.g2 with equal caps"},
                                                      {"checkedBy", "caps compared word by word"}},
                                          QJsonObject{{"id", "deliver"},
                                                      {"title", "Deliver it to new attempts"},
                                                      {"checkedBy", "the secret store holds it"}}}},
                     {"touches",
                      QJsonArray{"client.ingest.g1 is refused by vega, so nothing that works is taken away"}},
                     {"cannotUndo", QJsonArray{"Sluice uses client.ingest.g1 no more."}}}}};
}

}  // namespace

/// What a case page offers for remedies of each kind, and for the other runs that stand in the case.
class TestCasePage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRefusedKeyIsMadeAnewFromTheCase()
    {
        PagesBench b(test::sceneStalled);
        b.engine.answer("keys.plan_renew",
                        [](const QJsonObject&) -> Result<QJsonObject> { return renewalPlan(); });
        b.engine.answer("keys.renew", [](const QJsonObject&) -> Result<QJsonObject> {
            return QJsonObject{{"action", "A-14"}};
        });
        b.engine.change("cases", "C-1", refusedKey(b));
        b.console.open("case", "C-1");
        auto* steps = b.child<widgets::ItemWidget>("caseSteps");
        QTRY_COMPARE(steps->partCount(), 2);
        QTRY_VERIFY(partNames(steps).value(0).contains("checked by: caps compared word by word"));
        QCOMPARE(str(b.engine.callsOf("keys.plan_renew").last(), u"role"), QString("ingest"));
        auto* preview = b.child<widgets::Button>("preview");
        QTRY_VERIFY(preview->isEnabled());
        QCOMPARE(preview->text(), QString("Preview the new key…"));
        QCOMPARE(b.child<widgets::TextLabel>("whyNotPreview")->text(), QString());
        b.shoot("case-new-key");
        b.key(Qt::Key_R);
        QVERIFY(b.dialog());
        auto* go = b.dialog()->findChild<widgets::Button*>("go");
        QTRY_VERIFY(go->isEnabled());
        QCOMPARE(go->text(), QString("Make a new key for ingest"));
        b.shoot("new-key-confirm");
        QTest::keyClicks(b.dialog()->findChild<QLineEdit*>("reason"), "it was removed by hand");
        b.key(Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY(!b.dialog());
        const QList<QJsonObject> sent = b.engine.callsOf("keys.renew");
        QCOMPARE(sent.size(), 1);
        QCOMPARE(str(sent[0], u"role"), QString("ingest"));
        QCOMPARE(str(sent[0], u"planHash"), QString("plan-n1"));
        QVERIFY(b.engine.callsOf("flow.reset").isEmpty());
    }

    void aNewKeyWaitsForTheCluster()
    {
        PagesBench b(test::sceneStalled);
        b.engine.answer("keys.plan_renew", [](const QJsonObject&) -> Result<QJsonObject> {
            return fail({.code = ErrorCode::FailedPrecondition, .message = "The key of ingest works"});
        });
        b.engine.change("cases", "C-1", refusedKey(b));
        b.console.open("case", "C-1");
        auto* preview = b.child<widgets::Button>("preview");
        QTRY_COMPARE(b.child<widgets::TextLabel>("whyNotPreview")->text(),
                     QString("The new key waits for a plan"));
        QVERIFY(!preview->isEnabled());
    }

    void eachRunShowsItsOwnEvidence()
    {
        PagesBench b(test::sceneStalled);
        b.console.open("case", "C-1");
        QVERIFY(!b.child<widgets::ItemWidget>("otherRuns")->isVisible());
        const auto finding = [&b](const QString& object) {
            return QJsonObject{
                {"rule", "R18"},
                {"version", 3},
                {"title", "A client that is gone still holds a lock on " + object},
                {"verdict", "confirmed"},
                {"distance", 0},
                {"evidence", QJsonArray{QJsonObject{
                                 {"text", "Lock compact on train/" + object + " is held by client.48213"},
                                 {"source", "rados list_lockers"},
                                 {"observedAt", toRfc3339(b.clock.nowMs())},
                                 {"entity", "vega/lock/train/" + object + "/compact"}}}},
                {"correction", "Reset the task."}};
        };
        b.engine.change(
            "cases", "C-1",
            {{"runs", QJsonArray{"R-4", "R-5"}},
             {"byRun",
              QJsonArray{QJsonObject{{"run", "R-4"}, {"findings", QJsonArray{finding("part-05120")}}},
                         QJsonObject{{"run", "R-5"}, {"findings", QJsonArray{finding("part-00007")}}}}}});
        auto* others = b.child<widgets::ItemWidget>("otherRuns");
        QTRY_VERIFY(others->isVisible());
        QCOMPARE(others->partCount(), 1);
        QVERIFY2(partNames(others)[0].contains("R-5") && partNames(others)[0].contains("part-00007"),
                 qPrintable(partNames(others)[0]));
        QVERIFY(partNames(others)[0].contains("confirmed"));
        b.shoot("case-two-runs");
        // Evidence that got old names no cause, here as above.
        b.clock.advance(60'000);
        QTRY_VERIFY2(partNames(others)[0].contains("unknown"), qPrintable(partNames(others)[0]));
    }

    void whatMovesAgainAfterTheResetWasNotCarriedOutMovesWithoutIt_data()
    {
        QTest::addColumn<QStringList>("phases");
        QTest::addColumn<QString>("head");
        QTest::newRow("the reset") << QStringList{"decide", "carry out", "verify"} << "Reset with fencing";
        QTest::newRow("by itself, after a reset that was refused")
            << QStringList{"decide", "carry out", "decide", "verify"} << "It moves again without a reset";
        QTest::newRow("a run joins while it is watched")
            << QStringList{"carry out", "verify", "verify"} << "Reset with fencing";
    }

    void whatMovesAgainAfterTheResetWasNotCarriedOutMovesWithoutIt()
    {
        QFETCH(QStringList, phases);
        QFETCH(QString, head);
        PagesBench b(test::sceneStalled);
        b.key(Qt::Key_C);
        QTRY_COMPARE(b.page()->objectName(), QString("case"));
        b.engine.put("actions", {{"id", "A-12"},
                                 {"at", toRfc3339(b.clock.nowMs())},
                                 {"action", "flow.reset"},
                                 {"title", "Reset R-4"},
                                 {"class", 2},
                                 {"objects", QJsonArray{"R-4"}},
                                 {"state", "failed"},
                                 {"detail", ""},
                                 {"steps", QJsonArray()}});
        QJsonArray timeline;
        for (const QString& phase : phases) {
            b.clock.advance(1000);
            // What is said of it is for reading; it may be in any language.
            timeline.append(
                QJsonObject{{"at", toRfc3339(b.clock.nowMs())}, {"text", "Etwas geschah"}, {"phase", phase}});
        }
        b.engine.change("cases", "C-1", {{"phase", "verify"}, {"timeline", timeline}});
        QTRY_VERIFY2(b.child<QWidget>("stepHead")->accessibleName().startsWith(head),
                     qPrintable(b.child<QWidget>("stepHead")->accessibleName()));
    }

    /// A cluster that lost its quorum while no run works with it.
    void aCaseThatNoRunWaitsInSaysWhatToCopy()
    {
        PagesBench b(test::sceneQuiet);
        QTRY_VERIFY(b.session.openCases().isEmpty());
        b.engine.put("cases", standingCase(b));
        b.console.open("page", "now");
        QTRY_COMPARE(b.session.openCases().size(), 1);
        QTRY_VERIFY2(b.page()->subtitle().startsWith("1 thing needs you."), qPrintable(b.page()->subtitle()));
        QTRY_VERIFY(!b.child<QWidget>("quiet")->isVisible());
        QStringList texts;
        for (const auto* label : b.page()->findChildren<widgets::TextLabel*>()) {
            texts.append(label->text());
        }
        QVERIFY2(texts.contains("no run waits for it yet"), qPrintable(texts.join('|')));
        QVERIFY(texts.contains("No monitor quorum on vega"));
        b.shoot("now-without-a-run");
        b.window().resize(1120, 800);
        QTRY_VERIFY(b.page()->width() < 1120);
        b.shoot("now-without-a-run-1120");
        b.window().resize(1440, 900);
        b.console.open("case", "C-7");
        auto* commands = b.child<widgets::CodeBlock>("caseCommands");
        QTRY_VERIFY(commands->isVisible());
        QCOMPARE(commands->toPlainText(), QString("systemctl start ceph-mon@b"));
        QVERIFY2(b.child<widgets::TextLabel>("whyNotPreview")->text().contains("closes by itself"),
                 qPrintable(b.child<widgets::TextLabel>("whyNotPreview")->text()));
        b.shoot("case-without-a-run");
        b.engine.answer("doctor.run", [](const QJsonObject&) -> Result<QJsonObject> {
            return QJsonObject{{"case", QJsonObject{{"id", "C-7"}}}};
        });
        b.key(Qt::Key_L);
        QTRY_COMPARE(b.engine.callsOf("doctor.run").size(), 1);
        QCOMPARE(str(b.engine.callsOf("doctor.run").last(), u"run"), QString("C-7"));
        b.engine.change("cases", "C-7", {{"phase", "closed"}, {"closedAt", toRfc3339(b.clock.nowMs())}});
        QTRY_VERIFY(b.session.openCases().isEmpty());
        QTRY_VERIFY(!commands->isVisible());
    }

    /// The words are for reading, in whatever language; the codes say what they mean.
    void whatATimelineMeansComesAsCodes()
    {
        PagesBench b(test::sceneStalled);
        b.console.open("case", "C-1");
        const qint64 began = b.clock.nowMs();
        const auto event = [](qint64 at, const QString& code, const QString& rule, const QString& text) {
            return QJsonObject{{"at", toRfc3339(at)}, {"code", code}, {"rule", rule}, {"text", text}};
        };
        const QJsonArray told{event(began - 300'000, "found", "", "copy-train steht still"),
                              event(began - 200'000, "cause unknown", "", "Ursache unklar"),
                              event(began - 100'000, "cause named", "R18", "der Halter ist fort")};
        b.engine.change("cases", "C-1", {{"timeline", told}});
        auto* times = b.child<widgets::ItemWidget>("times");
        QTRY_VERIFY(partNames(times).join(';').contains("cause unknown"));
        QVERIFY2(partNames(times).join(';').contains("found"), qPrintable(partNames(times).join(';')));
        QVERIFY(partNames(times).join(';').contains("cause named by R18"));
    }
};

QTEST_MAIN(TestCasePage)
#include "tst_case_page.moc"
