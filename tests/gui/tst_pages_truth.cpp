#include <QtCore/QTemporaryDir>
#include <QtWidgets/QAbstractButton>
#include <QtWidgets/QDialog>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLineEdit>

#include "pages_bench.h"
#include "patience.h"
#include "ui/session/column.h"
#include "ui/session/row.h"
#include "ui/shell/header_strip.h"
#include "ui/shell/page.h"
#include "ui/shell/page_head.h"
#include "ui/shell/status_line.h"
#include "ui/widgets/button.h"
#include "ui/widgets/chip.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/item_widget.h"
#include "ui/widgets/note_bar.h"
#include "ui/widgets/section.h"
#include "ui/widgets/section_head.h"
#include "ui/widgets/table_view.h"
#include "ui/widgets/text_label.h"

using namespace sluice;
using session::str;
using test::PagesBench;
using test::partNames;

namespace {

QStringList headerWords(PagesBench& b)
{
    QStringList words;
    for (const QAbstractButton* item :
         b.window().findChild<shell::HeaderStrip*>()->findChildren<QAbstractButton*>()) {
        if (item->isVisible()) {
            words << item->accessibleName();
        }
    }
    return words;
}

QJsonObject withFacts(const QJsonObject& row, const QJsonObject& values)
{
    QJsonObject facts = row["facts"].toObject();
    for (auto it = values.begin(); it != values.end(); ++it) {
        facts[it.key()] = it.value();
    }
    QJsonObject changed = row;
    changed["facts"] = facts;
    return changed;
}

/// The first cell that is not shown in full, but for texts in the column that gives way; empty: none.
QString cutCell(const QTableView* view)
{
    for (int column = 0; column < view->model()->columnCount(); ++column) {
        const bool state = view->model()->index(0, column).data(session::StateRole).isValid();
        if (view->horizontalHeader()->sectionResizeMode(column) == QHeaderView::Stretch && !state) {
            continue;
        }
        for (int row = 0; row < view->model()->rowCount(); ++row) {
            const QModelIndex cell = view->model()->index(row, column);
            const int needed = view->itemDelegate()->sizeHint({}, cell).width();
            if (view->columnWidth(column) < needed) {
                return QStringLiteral("%1: %2 has %3 px of %4")
                    .arg(view->objectName(), cell.data().toString())
                    .arg(view->columnWidth(column))
                    .arg(needed);
            }
        }
    }
    return {};
}

}  // namespace

/// What the window may say: nothing calm while nobody can know, nothing without its age, nothing cut.
class TestPagesTruth : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anApprovedGateHasStarted()
    {
        PagesBench b(test::sceneStalled);
        b.engine.change("tasks", "R-4/gate", {{"state", "waiting"}});
        b.console.open("task", "R-4/gate");
        auto* note = b.child<widgets::NoteBar>("taskNote");
        QTRY_COMPARE(note->accessibleName(), QString("Nothing has started yet: waiting, then a person."));
        b.engine.change("tasks", "R-4/gate", {{"state", "done"}, {"approvedBy", "root"}});
        QTRY_COMPARE(b.child<widgets::TextLabel>("taskLine")->text(), QString("approved by root"));
        QTRY_VERIFY(!note->isVisible());
    }

    void whatIsHiddenIsCounted()
    {
        PagesBench b(test::sceneStalled);
        b.key(Qt::Key_3);
        auto* pools = b.child<QTableView>("cephPools");
        const auto head = [pools] {
            QWidget* section = pools->parentWidget();
            while (qobject_cast<widgets::Section*>(section) == nullptr) {
                section = section->parentWidget();
            }
            return static_cast<widgets::Section*>(section)->head()->accessibleName();
        };
        QTRY_COMPARE(head(), QString("Ceph pools, 3, copies / min_size; 1 internal Ceph pool hidden"));
        QJsonObject row = pools->model()->index(0, 0).data(session::RowRole).toJsonObject();
        QJsonObject facts = row["facts"].toObject();
        facts["internal"] = true;
        row["facts"] = facts;
        b.engine.put("estate", row);
        QTRY_COMPARE(head(), QString("Ceph pools, 2, copies / min_size; 2 internal Ceph pools hidden"));
    }

    void onlyARequestIsWrittenBeforeTheCall()
    {
        PagesBench b(test::sceneStalled);
        b.key(Qt::Key_7);
        auto* facts = b.child<QWidget>("recordFacts");
        for (const char* outcome : {"intent", "verified", "refused"}) {
            b.engine.change("audit", "16", {{"outcome", outcome}});
            b.console.open("record", "16");
            QTRY_COMPARE(facts->accessibleName().contains("written before the call"),
                         QLatin1String(outcome) == QLatin1String("intent"));
        }
    }

    void aGateThatWaitsNeedsAPerson()
    {
        PagesBench b(test::sceneQuiet);
        QTRY_VERIFY(b.child<widgets::EmptyState>("quiet")->isVisible());
        QTRY_COMPARE(b.page()->subtitle(), QString("All quiet. No run moves."));
        b.engine.change("runs", "R-3", {{"state", "ready"}, {"endedAt", ""}});
        b.engine.change("tasks", "R-3/gate",
                        {{"state", "ready"}, {"stateSince", toRfc3339(test::kSceneMs - 720'000)}});
        QTRY_COMPARE(b.page()->subtitle(), QString("1 thing needs you. No run moves."));
        // The subtitle reads the rows; what the page shows follows a turn of the event loop later.
        QTRY_VERIFY(!b.child<widgets::EmptyState>("quiet")->isVisible());
        QCOMPARE(b.child<widgets::TextLabel>("gateTitle")->text(), QString("gate waits for a person"));
        QCOMPARE(b.child<widgets::TextLabel>("gateQuestion")->text(), QString("It asks: Publish?"));
        QCOMPARE(b.child<widgets::TextLabel>("gateWaits")->text(), QString("for 12 min"));
        QVERIFY(headerWords(b).contains("1 gate waits for you"));
        b.shoot("now-gate");

        // It leads to the task, and back.
        QTest::mouseClick(b.child<widgets::Button>("openGate"), Qt::LeftButton);
        QCOMPARE(b.page()->objectName(), QString("flows"));
        QTRY_COMPARE(b.child<widgets::TextLabel>("taskName")->text(), QString("gate"));
        b.key(Qt::Key_1);

        QCOMPARE(b.child<widgets::Button>("approveGate")->text(), QString("Approve gate…"));
        b.key(Qt::Key_A);
        QVERIFY(b.dialog());
        auto* reason = b.dialog()->findChild<QLineEdit*>("reason");
        QTRY_VERIFY(reason->hasFocus());
        b.key(Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY(!b.dialog());
        const QJsonObject sent = b.engine.callsOf("flow.approve").value(0);
        QCOMPARE(str(sent, u"run") + '/' + str(sent, u"task"), QString("R-3/gate"));
        b.engine.change("tasks", "R-3/gate", {{"state", "done"}});
        QTRY_COMPARE(b.page()->subtitle(), QString("All quiet. No run moves."));
        QTRY_VERIFY(b.child<widgets::EmptyState>("quiet")->isVisible());
        QVERIFY(b.page()->findChild<QWidget*>("gateCard") == nullptr);
    }

    void aGateSaysWhyItCannotBeApproved()
    {
        PagesBench b(test::sceneStalled);
        b.engine.connectAs("guest", "viewer");
        b.engine.change("tasks", "R-4/gate", {{"state", "ready"}});
        QTRY_COMPARE(b.page()->subtitle(), QString("2 things need you. 1 run moves."));
        auto* approve = b.child<widgets::Button>("approveGate");
        QVERIFY(!approve->isEnabled());
        QCOMPARE(approve->toolTip(), QString("You are a viewer; changes need an operator"));
        b.key(Qt::Key_A);
        QVERIFY(!b.dialog());
        b.shoot("now-gate-and-case");
    }

    void theOldestFactIsTheOldest()
    {
        PagesBench b(test::sceneQuorumLost);
        // The monitors answered a second ago; what was known of the storage is from before.
        QTRY_VERIFY(headerWords(b).contains("Oldest fact 2 min 17 s"));
        const auto* line = b.window().findChild<shell::StatusLine*>();
        QVERIFY(partNames(line).contains("vega, degraded, oldest fact 2 min 17 s old"));
        QVERIFY(!partNames(line).contains("vega, degraded, oldest fact 1 s old"));
        // An engine that does not say it: the last contact.
        QJsonObject row = b.engine.row("estate", "vega/connection/vega");
        QJsonObject facts = row["facts"].toObject();
        facts.remove("oldestFactAt");
        row["facts"] = facts;
        b.engine.put("estate", row);
        QTRY_VERIFY(partNames(line).contains("vega, degraded, oldest fact 1 s old"));
    }

    void nothingIsCalmWhileTheEngineIsSilent()
    {
        PagesBench b(test::sceneQuiet);
        QTRY_VERIFY(headerWords(b).contains("No open case"));
        auto* quiet = b.child<widgets::EmptyState>("quiet");
        QTRY_COMPARE(quiet->accessibleName(), QString("Nothing needs you"));
        QCOMPARE(b.child<widgets::NoteBar>("healthNote")->accessibleName(),
                 QString("All 3 connections answer within their deadline."));
        b.engine.lose({.code = ErrorCode::Unavailable, .message = "the connection was closed"});
        QTRY_VERIFY(headerWords(b).contains("Cases unknown, was none"));
        QTRY_COMPARE(quiet->accessibleName(), QString("Unknown now, was: nothing needs you"));
        QVERIFY(
            quiet->accessibleDescription().contains("the engine has not been reachable since 03:14:08 UTC"));
        QCOMPARE(b.page()->subtitle(), QString("Unknown now, was quiet."));
        QVERIFY(b.child<widgets::NoteBar>("healthNote")
                    ->accessibleName()
                    .startsWith("Whether every connection answers is unknown now."));
        b.shoot("now-lost");
        b.engine.connectAs("operator A", "operator");
        QTRY_COMPARE(quiet->accessibleName(), QString("Nothing needs you"));
        QTRY_VERIFY(headerWords(b).contains("No open case"));
    }

    void nothingIsCalmWhileAConnectionIsNotUpOrOld_data()
    {
        QTest::addColumn<QJsonObject>("change");
        QTest::addColumn<qint64>("later");
        QTest::addColumn<QString>("why");
        QTest::newRow("degraded") << QJsonObject{{"state", "degraded"}} << qint64(0)
                                  << QStringLiteral("vega is degraded");
        QTest::newRow("never answered") << QJsonObject{{"oldestFactAt", ""}, {"lastContactAt", ""}}
                                        << qint64(0) << QStringLiteral("nothing is known of vega yet");
        QTest::newRow("old") << QJsonObject() << qint64(13'000)
                             << QStringLiteral("the oldest fact of vega is 16 s old");
    }

    void nothingIsCalmWhileAConnectionIsNotUpOrOld()
    {
        QFETCH(QJsonObject, change);
        QFETCH(qint64, later);
        QFETCH(QString, why);
        PagesBench b(test::sceneQuiet);
        QTRY_COMPARE(b.child<widgets::EmptyState>("quiet")->accessibleName(), QString("Nothing needs you"));
        b.engine.put("estate", withFacts(b.engine.row("estate", "vega/connection/vega"), change));
        b.clock.advance(later);
        b.session.ticker().fire();
        QTRY_COMPARE(b.child<widgets::EmptyState>("quiet")->accessibleName(),
                     QString("Unknown now, was: nothing needs you"));
        QVERIFY2(b.child<widgets::EmptyState>("quiet")->accessibleDescription().contains(why),
                 qPrintable(b.child<widgets::EmptyState>("quiet")->accessibleDescription()));
        QTRY_VERIFY(headerWords(b).contains("Cases unknown, was none"));
        QCOMPARE(b.page()->subtitle(), QString("Unknown now, was quiet. No run moves."));
        QVERIFY(!b.child<widgets::NoteBar>("healthNote")->accessibleName().startsWith("All 3"));
    }

    void aLeaseThatIsNotSafeIsSaid()
    {
        PagesBench b(test::sceneQuiet);
        b.key(Qt::Key_3);
        QVERIFY(!b.child<widgets::NoteBar>("leaseCaveat")->isVisible());
        const QJsonObject lease{
            {"state", "held"},
            {"owner", "4f1c"},
            {"caveat", "A lock in a Ceph pool rules that out: ceph osd pool create sluice"}};
        b.engine.put("estate", withFacts(b.engine.row("estate", "vega/connection/vega"), {{"lease", lease}}));
        QTRY_VERIFY(b.child<widgets::NoteBar>("leaseCaveat")->isVisible());
        QCOMPARE(b.child<widgets::NoteBar>("leaseCaveat")->accessibleName(),
                 QString("The lease of vega is a config-key. A lock in a Ceph pool rules that out: ceph osd "
                         "pool create sluice"));
        b.shoot("storage-caveat");
    }

    void aCaseClosedWithoutAResetSaysWhy()
    {
        PagesBench b(test::sceneStalled);
        b.key(Qt::Key_C);
        QTRY_COMPARE(b.page()->objectName(), QString("case"));
        const QJsonArray timeline{
            QJsonObject{{"at", toRfc3339(b.clock.nowMs())}, {"text", "R-4 was cancelled"}}};
        b.engine.change(
            "cases", "C-1",
            {{"phase", "closed"}, {"closedAt", toRfc3339(b.clock.nowMs())}, {"timeline", timeline}});
        QTRY_COMPARE(b.child<widgets::TextLabel>("stepTitle")->text(), QString("R-4 was cancelled"));
        QVERIFY(b.child<widgets::TextLabel>("stepTitle")->isVisible());
        b.shoot("case-cancelled");
    }

    /// The engine holds its last actions only.
    void aCaseThatWasResetLongAgoSaysSo()
    {
        PagesBench b(test::sceneStalled);
        b.key(Qt::Key_C);
        QTRY_COMPARE(b.page()->objectName(), QString("case"));
        const qint64 now = b.clock.nowMs();
        const auto line = [now](qint64 ago, const char* phase, const char* text) {
            return QJsonObject{
                {"at", toRfc3339(now - ago)}, {"phase", QLatin1String(phase)}, {"text", QLatin1String(text)}};
        };
        const QJsonArray timeline{line(90'000, "found", "found: copy-train made no progress"),
                                  line(80'000, "carry out", "reset by anna"),
                                  line(70'000, "verify", "it moves"), line(0, "closed", "it moves")};
        b.engine.change("cases", "C-1",
                        {{"phase", "closed"}, {"closedAt", toRfc3339(now)}, {"timeline", timeline}});
        auto* head = b.child<QWidget>("stepHead");
        QTRY_VERIFY2(head->accessibleName().startsWith("Reset with fencing"),
                     qPrintable(head->accessibleName()));
        bool said = false;
        for (const auto* note : b.page()->findChildren<widgets::NoteBar*>()) {
            said = said || note->accessibleName().contains("the audit record has them");
        }
        QVERIFY(said);
        b.shoot("case-reset-long-ago");
    }

    void beforeAnythingWasReadNothingIsClaimed()
    {
        PagesBench b(nullptr, false);
        QVERIFY(headerWords(b).contains("Cases unknown"));
        QCOMPARE(b.page()->subtitle(), QString());
    }

    void aPlanThatCannotBeReadIsReadAgain()
    {
        PagesBench b(test::sceneStalled);
        bool fails = true;
        b.engine.answer("flow.plan_reset", [&fails](const QJsonObject&) -> Result<QJsonObject> {
            if (fails) {
                return fail({.code = ErrorCode::Unavailable, .message = "vega does not answer"});
            }
            return QJsonObject{
                {"planHash", "p"},
                {"plan", QJsonObject{{"steps", QJsonArray{QJsonObject{{"id", "a"}, {"title", "Fence"}}}}}}};
        });
        b.console.open("case", "C-1");
        auto* preview = b.child<widgets::Button>("preview");
        auto* trouble = b.child<widgets::NoteBar>("caseTrouble");
        QTRY_VERIFY(trouble->isVisible());
        QVERIFY(!preview->isEnabled());
        QCOMPARE(b.child<widgets::TextLabel>("whyNotPreview")->text(), QString("Reset waits for a plan"));

        // The engine looked again by itself: still none, then one.
        b.engine.change("cases", "C-1", {{"lookedAt", toRfc3339(test::kSceneMs)}});
        QTRY_COMPARE(b.engine.callsOf("flow.plan_reset").size(), 2);
        fails = false;
        b.engine.change("cases", "C-1", {{"lookedAt", toRfc3339(test::kSceneMs + 5000)}});
        QTRY_VERIFY(preview->isEnabled());
        QVERIFY(!trouble->isVisible());
        // While there is a plan, looking does not read it over and over.
        const qsizetype read = b.engine.callsOf("flow.plan_reset").size();
        b.engine.change("cases", "C-1",
                        {{"lookedAt", toRfc3339(test::kSceneMs + 9000)}, {"summary", "seen again"}});
        QTRY_COMPARE(b.child<widgets::TextLabel>("summary")->text(), QString("seen again"));
        QCOMPARE(b.engine.callsOf("flow.plan_reset").size(), read);

        // A person looks again.
        fails = true;
        b.key(Qt::Key_L);
        QTRY_VERIFY(trouble->isVisible());
        fails = false;
        b.key(Qt::Key_L);
        QTRY_VERIFY(preview->isEnabled());

        // The engine was away when it was asked.
        b.engine.lose({.code = ErrorCode::Unavailable, .message = "the connection was closed"});
        b.engine.change("cases", "C-1", {{"phase", "cause named"}});
        b.engine.connectAs("operator A", "operator");
        QTRY_COMPARE(b.engine.callsOf("flow.plan_reset").size() > read + 2, true);
        QTRY_VERIFY(preview->isEnabled());
        QVERIFY(!trouble->isVisible());
    }

    void anErrorOfOneCaseIsNotShownUnderAnother()
    {
        PagesBench b(test::sceneStalled);
        b.engine.answer("flow.plan_reset", [](const QJsonObject& params) -> Result<QJsonObject> {
            if (str(params, u"run") == QLatin1String("R-4")) {
                return fail({.code = ErrorCode::Unavailable, .message = "R-4 has no plan"});
            }
            return QJsonObject{{"planHash", "p"}, {"plan", QJsonObject{{"steps", QJsonArray()}}}};
        });
        QJsonObject other = b.engine.row("cases", "C-1");
        other["id"] = "C-9";
        other["run"] = "R-5";
        b.engine.put("cases", other);
        b.console.open("case", "C-1");
        auto* trouble = b.child<widgets::NoteBar>("caseTrouble");
        QTRY_VERIFY(trouble->isVisible());
        b.engine.hold("flow.plan_reset");
        b.console.open("case", "C-9");
        QTRY_COMPARE(b.page()->title(), QString("C-9 copy-train does not move"));
        QTRY_COMPARE(b.engine.callsOf("flow.plan_reset").size(), 2);
        QVERIFY(!trouble->isVisible());
        // Back to the first before the second answered: the late answer is not the first one's.
        b.console.open("case", "C-1");
        QTRY_COMPARE(b.engine.callsOf("flow.plan_reset").size(), 3);
        b.engine.release("flow.plan_reset");
        QTRY_VERIFY(trouble->isVisible());
        QVERIFY(trouble->accessibleName().contains("R-4 has no plan"));
    }

    void aChipThatVanishesDropsItsFilter()
    {
        PagesBench b(test::sceneStalled);
        b.key(Qt::Key_2);
        b.window().findChild<widgets::ItemWidget*>("view")->activatePart(1);
        auto* tasks = b.child<QTableView>("tasks");
        QTRY_COMPARE(tasks->model()->rowCount(), 6);
        b.child<widgets::Chip>("chip-stalled")->setChecked(true);
        QTRY_COMPARE(tasks->model()->rowCount(), 1);
        b.engine.change("tasks", "R-4/copy-train", {{"state", "running"}});
        b.engine.change(
            "runs", "R-4",
            {{"state", "running"}, {"counts", QJsonObject{{"done", 1}, {"running", 1}, {"waiting", 4}}}});
        QTRY_VERIFY(b.page()->findChild<QWidget*>("chip-stalled") == nullptr);
        QTRY_COMPARE(tasks->model()->rowCount(), 6);
    }

    void submitSendsOnlyWhatTheFieldNames()
    {
        QTemporaryDir dir;
        const auto write = [&dir](const QString& name, const QByteArray& text) {
            QFile file(dir.filePath(name));
            return file.open(QIODevice::WriteOnly) && file.write(text) == text.size() ? file.fileName()
                                                                                      : QString();
        };
        const QString first = write("first.yaml", "flow: first\ntasks: { a: { move: {} } }\n");
        const QByteArray text = "flow: second\ntasks: { a: { move: {} } }\n";
        const QString second = write("second.yaml", text);
        PagesBench b(test::sceneStalled);
        b.key(Qt::Key_2);
        b.key(Qt::Key_N, Qt::ControlModifier);
        QDialog* dialog = b.dialog();
        auto* go = dialog->findChild<widgets::Button*>("go");
        auto* path = dialog->findChild<QLineEdit*>("path");
        b.dialogs.flowFile = first;
        QTest::mouseClick(dialog->findChild<widgets::Button*>("open"), Qt::LeftButton);
        QTRY_VERIFY(go->isEnabled());

        path->setFocus();
        path->selectAll();
        QTest::keyClicks(path, second);
        QVERIFY(!go->isEnabled());
        QVERIFY2(go->toolTip().contains("until the file is checked"), qPrintable(go->toolTip()));
        QVERIFY(!dialog->findChild<QWidget*>("verdict")->isVisible());
        b.shoot("submit-edited");
        QTest::keyClick(path, Qt::Key_Return, Qt::ControlModifier);
        QVERIFY(b.engine.callsOf("flow.submit").isEmpty());

        // An answer about a file that is not named any more says nothing.
        b.engine.hold("flow.check");
        QTest::keyClick(path, Qt::Key_Return);
        QTRY_COMPARE(b.engine.callsOf("flow.check").size(), 2);
        QTest::keyClicks(path, "x");
        b.engine.release("flow.check");
        QTest::keyClick(path, Qt::Key_Backspace);
        QVERIFY(!go->isEnabled());
        QTest::keyClick(path, Qt::Key_Return);
        QTRY_VERIFY(go->isEnabled());
        QCOMPARE(b.engine.callsOf("flow.check").size(), 3);

        QTest::keyClicks(dialog->findChild<QLineEdit*>("reason"), " the nightly copy failed ");
        b.shoot("submit-reason");
        QTest::mouseClick(go, Qt::LeftButton);
        QTRY_VERIFY(!b.dialog());
        const QJsonObject sent = b.engine.callsOf("flow.submit").value(0);
        QCOMPARE(sent["text"].toString(), QString::fromUtf8(text));
        QCOMPARE(str(sent, u"file"), QString("second.yaml"));
        QCOMPARE(str(sent, u"reason"), QString("the nightly copy failed"));
    }

    void theReasonOfASubmitMayBeEmpty()
    {
        QTemporaryDir dir;
        QFile file(dir.filePath("f.yaml"));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("flow: f\ntasks: { a: { move: {} } }\n") > 0);
        file.close();
        PagesBench b(test::sceneStalled);
        b.key(Qt::Key_2);
        b.key(Qt::Key_N, Qt::ControlModifier);
        b.dialogs.flowFile = file.fileName();
        QTest::mouseClick(b.dialog()->findChild<widgets::Button*>("open"), Qt::LeftButton);
        QTRY_VERIFY(b.dialog()->findChild<widgets::Button*>("go")->isEnabled());
        QTest::mouseClick(b.dialog()->findChild<widgets::Button*>("go"), Qt::LeftButton);
        QTRY_VERIFY(!b.dialog());
        QVERIFY(!b.engine.callsOf("flow.submit").value(0).contains("reason"));
    }

    void aPageThatIsNotThereSaysSo()
    {
        PagesBench b(test::sceneQuiet);
        auto* line = b.window().findChild<shell::StatusLine*>();
        const QList<std::pair<Qt::Key, QString>> missing{
            {Qt::Key_4, "Routes"}, {Qt::Key_6, "Observe"}, {Qt::Key_8, "Settings"}};
        for (const auto& [key, name] : missing) {
            b.key(key);
            QCOMPARE(line->accessibleDescription(), name + QString(" is not part of this version"));
            QCOMPARE(b.page()->objectName(), QString("now"));
        }
        b.shoot("no-such-page");
        // The keys come back, by themselves or with the next page.
        b.clock.advance(10'000);
        b.window().refreshAges();
        QVERIFY(!line->accessibleDescription().contains("not part of"));
        b.key(Qt::Key_4);
        b.key(Qt::Key_5);
        QVERIFY(!line->accessibleDescription().contains("not part of"));
    }

    void theChainMayTakeMinutesToRead()
    {
        PagesBench b(test::sceneStalled);
        b.key(Qt::Key_7);
        b.engine.hold("audit.verify");
        b.key(Qt::Key_V);
        auto* verdict = b.child<widgets::TextLabel>("chainVerdict");
        QTRY_COMPARE(verdict->text(), QString("Reading the chain…"));
        QCOMPARE(b.engine.calls().last().method, QString("audit.verify"));
        QCOMPARE(b.engine.calls().last().timeoutMs, 600'000);
        b.clock.advance(75'000);
        b.session.ticker().fire();
        bool said = false;
        for (const widgets::TextLabel* label : b.page()->findChildren<widgets::TextLabel*>()) {
            said = said || label->text() == QLatin1String("record by record, for 1 min 15 s");
        }
        QVERIFY(said);
        QVERIFY(!b.page()->actions().value(0).action->isEnabled());
        b.shoot("audit-reading");
        b.engine.release("audit.verify");
        QTRY_COMPARE(verdict->text(), QString("Chain intact"));
    }

    void numbersAndStatesAreNeverCut()
    {
        PagesBench b(test::sceneStalled);
        b.engine.put("actions", QJsonObject{{"id", "A-9"},
                                            {"at", toRfc3339(test::kSceneMs - 20'000)},
                                            {"action", "keys.rotate"},
                                            {"title", "Rotate ingest"},
                                            {"class", 2},
                                            {"principal", "operator A"},
                                            {"state", "outcome unknown"},
                                            {"auditSeq", 19}});
        for (const QSize size : {QSize(1440, 900), QSize(1120, 700)}) {
            b.window().resize(size);
            b.shoot(QStringLiteral("numbers-%1").arg(size.width()));
            for (const auto& [page, tables] :
                 QList<std::pair<QString, QStringList>>{{"now", {"actions", "health"}},
                                                        {"storage", {"mons", "cephPools"}},
                                                        {"audit", {"records"}}}) {
                b.console.open("page", page);
                for (const QString& table : tables) {
                    auto* view = b.child<QTableView>(table);
                    QTRY_VERIFY(view->isVisible() && view->model()->rowCount() > 0);
                    QTRY_COMPARE(cutCell(view), QString());
                }
            }
        }
    }

    void wideNumbersMakeTheirColumnGrow()
    {
        PagesBench b(test::sceneStalled);
        auto* view = b.child<QTableView>("actions");
        QTRY_VERIFY(view->isVisible());
        b.child<widgets::TableView>("actions")->horizontalHeader()->resizeSection(0, 41);
        b.engine.change("actions", "A-4", {{"state", "outcome unknown"}});
        QTRY_VERIFY(view->columnWidth(0) >=
                    view->itemDelegate()->sizeHint({}, view->model()->index(0, 0)).width());
    }

    void oldFiguresOfTheStripSaySo()
    {
        PagesBench b(test::sceneQuiet);
        b.key(Qt::Key_3);
        auto* strip = b.child<widgets::ItemWidget>("strip");
        QTRY_COMPARE(strip->partCount(), 5);
        QCOMPARE(partNames(strip).value(4), QString("Use: 71 % used, fullest osd.1, 73 %"));
        QVERIFY(!partNames(strip).value(3).contains("as of"));
        b.clock.advance(60'000);
        b.session.ticker().fire();
        QTRY_VERIFY(partNames(strip).value(4).contains("as of 03:14:05, 1 min 3 s old"));
        QVERIFY(partNames(strip).value(3).contains("as of 03:14:05, 1 min 3 s old"));
        QTRY_VERIFY(partNames(b.window().findChild<shell::HeadTabs*>()).value(0).contains("unknown"));
        auto* cephPools = b.child<QTableView>("cephPools");
        QTRY_COMPARE(cephPools->height(), cephPools->sizeHint().height());
        // What is drawn below is not green any more.
        const auto* pgs = b.child<widgets::ItemWidget>("pgs");
        QVERIFY2(partNames(pgs).value(0).contains("was active+clean"), qPrintable(partNames(pgs).value(0)));
        b.shoot("storage-old");
    }

    void withoutAQuorumNothingIsSaidAboutChecks()
    {
        PagesBench b(test::sceneQuorumLost);
        b.engine.remove("estate", "vega/health-check/AUTH_INSECURE_GLOBAL_ID_RECLAIM_ALLOWED");
        b.engine.put(
            "estate",
            withFacts(b.engine.row("estate", "vega/health/vega"),
                      {{"availability", QJsonObject{{"word", "partly"},
                                                    {"why",
                                                     "No monitor quorum: sessions that exist go on, new ones "
                                                     "are impossible until it is back"}}}}));
        b.key(Qt::Key_3);
        auto* section = b.child<widgets::Section>("checkSection");
        QTRY_VERIFY(section->isStale());
        QCOMPARE(b.child<widgets::TextLabel>("noChecks")->text(),
                 QString("Unknown now; Ceph raised no check then."));
        // The reason of the word stands there in full.
        auto* strip = b.child<QWidget>("strip");
        QTRY_COMPARE(strip->height(), strip->heightForWidth(strip->width()));
        QVERIFY(strip->height() > style::kSummaryStrip);
        b.shoot("storage-no-check");
        b.window().resize(1120, 700);
        QTRY_COMPARE(strip->height(), strip->heightForWidth(strip->width()));
        b.shoot("storage-no-check-small");
        // Back to what it was.
        test::sceneQuiet(b.engine, test::kSceneMs);
        QTRY_VERIFY(!section->isStale());
    }

    void theFocusStaysOnThePage()
    {
        PagesBench b(test::sceneStalled);
        b.console.open("case", "C-1");
        auto* preview = b.child<QPushButton>("preview");
        QTRY_VERIFY(preview->isEnabled());
        preview->setFocus();
        QTRY_VERIFY(preview->hasFocus());
        // The button goes while it has the focus: keys typed next are still for the page.
        b.engine.change("cases", "C-1", {{"phase", "closed"}, {"closedAt", toRfc3339(b.clock.nowMs())}});
        QTRY_VERIFY(!preview->isVisible());
        QWidget* focus = b.window().focusWidget();
        QVERIFY(focus != nullptr);
        QVERIFY2(focus == b.page() || b.page()->isAncestorOf(focus), qPrintable(focus->objectName()));
        b.key(Qt::Key_2);
        QCOMPARE(b.page()->objectName(), QString("flows"));
    }
};

QTEST_MAIN(TestPagesTruth)
#include "tst_pages_truth.moc"
