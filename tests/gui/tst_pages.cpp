#include <QtCore/QJsonArray>
#include <QtCore/QTemporaryDir>
#include <QtGui/QAction>
#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>
#include <QtTest/QSignalSpy>
#include <QtWidgets/QDialog>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QListView>
#include <QtWidgets/QScrollArea>
#include <QtWidgets/QScrollBar>

#include "pages_bench.h"
#include "patience.h"
#include "ui/session/column.h"
#include "ui/session/row.h"
#include "ui/shell/find_box.h"
#include "ui/shell/page.h"
#include "ui/shell/status_line.h"
#include "ui/widgets/button.h"
#include "ui/widgets/chain_view.h"
#include "ui/widgets/code_block.h"
#include "ui/widgets/dag_view.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/hop_bar.h"
#include "ui/widgets/item_widget.h"
#include "ui/widgets/key_values.h"
#include "ui/widgets/log_view.h"
#include "ui/widgets/note_bar.h"
#include "ui/widgets/section.h"
#include "ui/widgets/state_label.h"
#include "ui/widgets/table_view.h"
#include "ui/widgets/text_label.h"

using namespace sluice;
using session::str;
using test::PagesBench;
using test::partNames;

namespace {

QStringList rowTexts(const QTableView* view)
{
    QStringList rows;
    for (int row = 0; row < view->model()->rowCount(); ++row) {
        QStringList cells;
        for (int column = 0; column < view->model()->columnCount(); ++column) {
            cells << view->model()->index(row, column).data().toString();
        }
        rows << cells.join('|');
    }
    return rows;
}

int staleSections(const shell::Page* page)
{
    int stale = 0;
    for (const widgets::Section* section : page->findChildren<widgets::Section*>()) {
        stale += section->isStale() && section->isVisible() ? 1 : 0;
    }
    return stale;
}

QStringList bannerTexts(const shell::Page* page)
{
    QStringList texts;
    for (const shell::PageBanner& banner : page->banners()) {
        texts << banner.headline;
    }
    return texts;
}

}  // namespace

/// The real window on an engine in memory, driven by keyboard and mouse.
class TestPages : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void numberKeysLeadToThePages()
    {
        PagesBench b(test::sceneStalled);
        QCOMPARE(b.page()->objectName(), QString("now"));
        const QList<std::pair<Qt::Key, QString>> keys{{Qt::Key_2, "flows"},
                                                      {Qt::Key_3, "storage"},
                                                      {Qt::Key_5, "keys"},
                                                      {Qt::Key_7, "audit"},
                                                      {Qt::Key_1, "now"}};
        for (const auto& [key, name] : keys) {
            b.key(key);
            QCOMPARE(b.page()->objectName(), name);
        }
        for (const Qt::Key missing : {Qt::Key_4, Qt::Key_6, Qt::Key_8}) {
            b.key(missing);
            QCOMPARE(b.page()->objectName(), QString("now"));
        }
    }

    void nowSaysWhatNeedsAPerson()
    {
        PagesBench b(test::sceneStalled);
        QTRY_COMPARE(b.page()->subtitle(), QString("1 thing needs you. 1 run moves."));
        QCOMPARE(rowTexts(b.child<QTableView>("runs")),
                 QStringList({"stalled|nightly-train|1 of 6|0 B/s|not known|vega, rgw.vega, luigid",
                              "running|clicks-hourly|5 of 7|188 MiB/s|03:21|vega"}));
        QCOMPARE(rowTexts(b.child<QTableView>("health")).value(0),
                 QString("vega|available|full|in order|3 s"));
        // The loud alarm is seen to be ruled out.
        QVERIFY(b.child<widgets::NoteBar>("healthNote")
                    ->accessibleName()
                    .contains("does not touch any stalled task (R0)"));
        b.clock.advance(1000);
        b.session.ticker().fire();
        QCOMPARE(rowTexts(b.child<QTableView>("health")).value(0),
                 QString("vega|available|full|in order|4 s"));

        // A row of the runs leads to its run, by keyboard.
        b.child<QTableView>("runs")->setFocus();
        b.key(Qt::Key_Down);
        b.key(Qt::Key_Return);
        QCOMPARE(b.page()->objectName(), QString("flows"));
        QTRY_COMPARE(b.child<widgets::TextLabel>("taskName")->text(), QString("copy-holdout"));
    }

    void flowsFollowsATask()
    {
        PagesBench b(test::sceneStalled);
        b.key(Qt::Key_2);
        auto* graph = b.child<widgets::DagView>("graph");
        QTRY_COMPARE(graph->nodeCount(), 6);
        QTRY_COMPARE(graph->currentNode(), QString("R-4/copy-train"));
        QCOMPARE(graph->waitingBehind("R-4/copy-train"), 4);
        auto* name = b.child<widgets::TextLabel>("taskName");
        auto* line = b.child<widgets::TextLabel>("taskLine");
        QCOMPARE(name->text(), QString("copy-train"));
        QCOMPARE(line->text(), QString("no progress for 6 min 12 s"));
        const QStringList hops = partNames(b.child<widgets::HopBar>("hops"));
        QVERIFY2(hops.value(3).contains("Write") && hops.value(3).contains("refused"),
                 qPrintable(hops.value(3)));
        QTRY_VERIFY(
            b.child<widgets::LogView>("log")->plainText().contains("lock compact, client.48213, try 147"));
        QVERIFY(b.child<widgets::Button>("openCase")->isVisible());

        // Left along the edge: the task before; the dock follows.
        graph->setFocus();
        b.key(Qt::Key_Left);
        QCOMPARE(graph->currentNode(), QString("R-4/land"));
        QTRY_COMPARE(name->text(), QString("land"));
        QVERIFY(!b.child<widgets::Button>("openCase")->isVisible());
        // With the mouse: another one.
        QTest::mouseClick(graph->viewport(), Qt::LeftButton, {}, graph->nodeRect("R-4/gate").center());
        QTRY_COMPARE(name->text(), QString("gate"));

        // What changes in the engine changes here, and the picked task stays picked.
        b.engine.change("tasks", "R-4/gate", {{"state", "ready"}});
        QTRY_COMPARE(line->text(), QString("waits for a person"));
        QCOMPARE(graph->currentNode(), QString("R-4/gate"));
        QVERIFY(b.child<widgets::Button>("approve")->isVisible());
        b.shoot("flows-gate");
    }

    void flowsSaysWhatIsLeftOut()
    {
        PagesBench b(test::sceneStalled);
        b.key(Qt::Key_2);
        auto* line = b.child<widgets::TextLabel>("leftOut");
        QTRY_COMPARE(b.child<widgets::DagView>("graph")->currentNode(), QString("R-4/copy-train"));
        QVERIFY(!line->isVisible());
        const QJsonArray kinds{
            QJsonObject{{"what", "omap"}, {"count", 1}, {"example", "a"}},
            QJsonObject{{"what", "xattrs"}, {"count", 1200}, {"example", "b"}},
            QJsonObject{{"what", "others"}, {"count", 7}, {"example", "c"}},
            QJsonObject{
                {"what", "versions"}, {"count", 1}, {"example", "d"}, {"atLeast", true}, {"why", "e"}},
            QJsonObject{
                {"what", "versions"}, {"count", 0}, {"example", ""}, {"atLeast", true}, {"why", "e"}}};
        b.engine.change("tasks", "R-4/land", {{"leftOut", kinds}});
        QTRY_VERIFY(line->isVisible());
        QCOMPARE(
            line->text(),
            QString("land left out omap of 1 object, attributes of 1,200 objects, at least 1 older version, "
                    "possibly older versions (could not be counted)"));
        const QImage picture = line->grab().toImage();
        const QColor ground = picture.pixelColor(0, 0);
        int first = 0;
        const auto blank = [&](int x) {
            for (int y = 0; y < picture.height(); ++y) {
                if (picture.pixelColor(x, y) != ground) {
                    return false;
                }
            }
            return true;
        };
        while (first < picture.width() && blank(first)) {
            ++first;
        }
        QVERIFY2(first >= style::kPagePadding && first < picture.width(),
                 "it begins where the run's name does");
        b.child<widgets::DagView>("graph")->setCurrentNode("R-4/land");
        QStringList warned;
        for (const widgets::KeyValue& row : b.child<widgets::KeyValues>("facts")->rows()) {
            if (row.tone == style::Tone::Warn) {
                warned << row.key + '|' + row.value;
            }
        }
        QCOMPARE(warned, (QStringList{"Left out|omap of 1 object", "|attributes of 1,200 objects",
                                      "|at least 1 older version",
                                      "|possibly older versions (could not be counted)"}));
        b.engine.change("tasks", "R-4/land", {{"onlyReads", true}});
        QTRY_COMPARE(line->text(), QString("land did not compare omap of 1 object, attributes of 1,200 "
                                           "objects, at least 1 older version, "
                                           "possibly older versions (could not be counted)"));
        const auto named = [&b](const QString& key) {
            const QList<widgets::KeyValue> rows = b.child<widgets::KeyValues>("facts")->rows();
            return std::any_of(rows.begin(), rows.end(),
                               [&key](const widgets::KeyValue& row) { return row.key == key; });
        };
        QTRY_VERIFY(named("Not compared") && !named("Left out"));
        b.engine.change("tasks", "R-4/land", {{"leftOut", QJsonArray()}});
        QTRY_VERIFY(!line->isVisible());
    }

    void flowsFiltersTheRuns()
    {
        PagesBench b(test::sceneStalled);
        b.key(Qt::Key_2);
        auto* list = b.child<QListView>("runList");
        QTRY_COMPARE(list->model()->rowCount(), 7);
        b.key(Qt::Key_Slash);
        auto* filter = b.window().findChild<QLineEdit*>("filter");
        QTRY_VERIFY(filter->hasFocus());
        QTest::keyClicks(filter, "clicks");
        QCOMPARE(list->model()->rowCount(), 2);
        QTest::keyClick(filter, Qt::Key_Return);
        auto* graph = b.child<widgets::DagView>("graph");
        QTRY_COMPARE(graph->nodeCount(), 7);
        // Digits typed into a field do not change the page.
        b.key(Qt::Key_Slash);
        QTest::keyClicks(filter, "3");
        QCOMPARE(b.page()->objectName(), QString("flows"));
    }

    void flowsShowsTheTasksAsATable()
    {
        PagesBench b(test::sceneStalled);
        b.key(Qt::Key_2);
        auto* view = b.window().findChild<widgets::ItemWidget*>("view");
        view->activatePart(1);
        auto* tasks = b.child<QTableView>("tasks");
        QTRY_VERIFY(tasks->isVisible());
        QTRY_COMPARE(tasks->model()->rowCount(), 6);
        QVERIFY(rowTexts(tasks).value(1).startsWith("stalled|copy-train|7,439 of 7,440|476 MiB"));
        b.shoot("flows-table");
    }

    void submitShowsEveryMistakeAndThenSubmits()
    {
        QTemporaryDir dir;
        const auto write = [&dir](const QString& name, const QByteArray& text) {
            QFile file(dir.filePath(name));
            return file.open(QIODevice::WriteOnly) && file.write(text) == text.size() ? file.fileName()
                                                                                      : QString();
        };
        PagesBench b(test::sceneStalled);
        b.key(Qt::Key_2);
        b.key(Qt::Key_N, Qt::ControlModifier);
        QDialog* dialog = b.dialog();
        QVERIFY(dialog);
        auto* go = dialog->findChild<widgets::Button*>("go");
        QVERIFY(!go->isEnabled());
        QCOMPARE(go->toolTip(), QString("Submit waits for a flow file"));

        b.dialogs.flowFile =
            write("bad.yaml", "flow: nightly-train\ntasks:\n  land:      { role: ingest }\n");
        QTest::mouseClick(dialog->findChild<widgets::Button*>("open"), Qt::LeftButton);
        auto* mistakes = dialog->findChild<QTableView*>("mistakes");
        QTRY_VERIFY(mistakes->isVisible());
        QCOMPARE(rowTexts(mistakes),
                 QStringList{"3:12|task 'land' has no kind|one of move, luigi, approve, verify"});
        QVERIFY(!go->isEnabled());
        QCOMPARE(go->toolTip(), QString("Submit waits until the file has no mistake"));
        QVERIFY(dialog->findChild<widgets::CodeBlock*>()->toPlainText().contains("→    3    land:"));
        b.shoot("submit-mistake");
        b.key(Qt::Key_Return, Qt::ControlModifier);
        QVERIFY(b.engine.callsOf("flow.submit").isEmpty());

        const QByteArray good =
            "flow: nightly-train\ntasks:\n  land: { move: { from: \"file:/a\", to: \"rados://vega/landing\" "
            "} }\n";
        b.dialogs.flowFile = write("good.yaml", good);
        QTest::mouseClick(dialog->findChild<widgets::Button*>("open"), Qt::LeftButton);
        QTRY_VERIFY(go->isEnabled());
        QVERIFY(!mistakes->isVisible());
        QVERIFY(dialog->findChild<widgets::StateLabel*>("verdict")->accessibleName().contains(
            "6 tasks, no mistake"));
        QCOMPARE(go->text(), QString("Submit nightly-train"));
        b.shoot("submit-good");
        b.key(Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY(!b.dialog());
        const QList<QJsonObject> sent = b.engine.callsOf("flow.submit");
        QCOMPARE(sent.size(), 1);
        QCOMPARE(sent[0]["text"].toString(), QString::fromUtf8(good));
        QCOMPARE(str(sent[0], u"file"), QString("good.yaml"));
        QVERIFY(!str(sent[0], u"requestId").isEmpty());
        // The new run is picked as soon as it is there.
        b.engine.put(
            "runs",
            test::rowsOf(
                R"([{"id":"R-7","flow":"nightly-train","state":"ready","submittedBy":"operator A","submittedAt":"@-1s","startedAt":"","endedAt":"","tasksTotal":1,"tasksDone":0,"counts":{"ready":1}}])",
                test::kSceneMs)
                .first());
        QTRY_COMPARE(b.child<QListView>("runList")->currentIndex().data(session::IdRole).toString(),
                     QString("R-7"));
    }

    void submitSaysWhyAFileCannotBeRead()
    {
        PagesBench b(test::sceneEmpty);
        b.key(Qt::Key_2);
        b.key(Qt::Key_N, Qt::ControlModifier);
        b.dialogs.flowFile = "/no/such/flow.yaml";
        QTest::mouseClick(b.dialog()->findChild<widgets::Button*>("open"), Qt::LeftButton);
        auto* error = b.dialog()->findChild<widgets::NoteBar*>("error");
        QTRY_VERIFY(error->isVisible());
        QVERIFY2(error->accessibleName().contains("/no/such/flow.yaml cannot be read"),
                 qPrintable(error->accessibleName()));
        b.key(Qt::Key_Escape);
        QTRY_VERIFY(!b.dialog());
        QVERIFY(b.engine.callsOf("flow.check").isEmpty());
    }

    void approveLetsTheRunGoOn()
    {
        PagesBench b(test::sceneStalled);
        b.engine.change("tasks", "R-4/gate", {{"state", "ready"}});
        b.key(Qt::Key_2);
        // A task that waits for a person is picked before one that is stalled.
        QTRY_COMPARE(b.child<widgets::TextLabel>("taskName")->text(), QString("gate"));
        b.key(Qt::Key_A);
        QVERIFY(b.dialog());
        auto* reason = b.dialog()->findChild<QLineEdit*>("reason");
        QTRY_VERIFY(reason->hasFocus());
        QTest::keyClicks(reason, "looked at it");
        b.shoot("approve");
        b.key(Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY(!b.dialog());
        const QJsonObject sent = b.engine.callsOf("flow.approve").value(0);
        QCOMPARE(str(sent, u"run"), QString("R-4"));
        QCOMPARE(str(sent, u"task"), QString("gate"));
        QCOMPARE(str(sent, u"reason"), QString("looked at it"));
        QVERIFY(!str(sent, u"requestId").isEmpty());
    }

    void whatComesToNeedAPersonIsPickedUnlessAnotherWasChosen()
    {
        PagesBench b(test::sceneStalled);
        b.engine.change("tasks", "R-4/copy-train", {{"state", "running"}, {"blocked", QJsonValue()}});
        b.key(Qt::Key_2);
        const auto picked = [&b] { return b.child<widgets::TextLabel>("taskName")->text(); };
        QTRY_COMPARE(picked(), QString("copy-train"));
        b.engine.change("tasks", "R-4/gate", {{"state", "ready"}});
        QTRY_COMPARE(picked(), QString("gate"));
        b.engine.change("tasks", "R-4/gate", {{"state", "done"}});
        b.engine.change("tasks", "R-4/copy-train", {{"state", "stalled"}});
        QTRY_COMPARE(picked(), QString("copy-train"));
        b.key(Qt::Key_Left);
        const QString chosen = picked();
        QVERIFY(chosen != "copy-train" && chosen != "gate");
        b.engine.change("tasks", "R-4/gate", {{"state", "ready"}});
        QTRY_VERIFY(!rowTexts(b.child<QTableView>("tasks")).filter("ready|gate").isEmpty());
        QCOMPARE(picked(), chosen);
    }

    void aRowThatTheFilterTakesAwayIsNoChoice()
    {
        PagesBench b(test::sceneStalled);
        b.engine.change("tasks", "R-4/copy-train", {{"state", "running"}, {"blocked", QJsonValue()}});
        b.engine.change("runs", "R-4",
                        {{"counts", QJsonObject{{"running", 1}, {"done", 1}, {"waiting", 4}}}});
        b.key(Qt::Key_2);
        const auto picked = [&b] { return b.child<widgets::TextLabel>("taskName")->text(); };
        QTRY_COMPARE(picked(), QString("copy-train"));
        QTRY_VERIFY(b.child<QAbstractButton>("chip-waiting"));
        b.child<QAbstractButton>("chip-waiting")->click();
        auto* tasks = b.child<QTableView>("tasks");
        QTRY_COMPARE(tasks->model()->rowCount(), 4);
        QCOMPARE(picked(), QString("copy-train"));
        b.engine.change("tasks", "R-4/gate", {{"state", "ready"}});
        QTRY_COMPARE(picked(), QString("gate"));
    }

    void cancelShowsWhatEnds()
    {
        PagesBench b(test::sceneStalled);
        b.key(Qt::Key_2);
        QTRY_VERIFY(b.child<widgets::Button>("cancelRun")->isVisible());
        QTest::mouseClick(b.child<widgets::Button>("cancelRun"), Qt::LeftButton);
        QVERIFY(b.dialog());
        QTRY_VERIFY(b.dialog()->findChild<widgets::Button*>("cancel")->hasFocus());
        QCOMPARE(str(b.engine.callsOf("flow.plan_cancel").value(0), u"run"), QString("R-4"));
        QTRY_COMPARE(
            rowTexts(b.dialog()->findChild<QTableView*>("steps")),
            QStringList({"1|Kill and fence attempt 1 of copy-train|its process is reaped, its client fenced",
                         "2|Mark R-4 as cancelled|no attempt of it is left"}));
        b.shoot("cancel-run");
        QTest::mouseClick(b.dialog()->findChild<widgets::Button*>("go"), Qt::LeftButton);
        QTRY_VERIFY(!b.dialog());
        QCOMPARE(str(b.engine.callsOf("flow.cancel").value(0), u"run"), QString("R-4"));
        QCOMPARE(str(b.engine.callsOf("flow.cancel").value(0), u"planHash"), QString("77c1e0"));
    }

    void resetThroughTheCase()
    {
        PagesBench b(test::sceneStalled);
        QTRY_COMPARE(b.page()->subtitle(), QString("1 thing needs you. 1 run moves."));
        b.key(Qt::Key_C);
        QCOMPARE(b.page()->objectName(), QString("case"));
        QCOMPARE(b.page()->title(), QString("C-1 copy-train does not move"));
        QVERIFY(partNames(b.child<widgets::ItemWidget>("phases")).value(2).contains("Decide"));
        const QStringList chain = partNames(b.child<widgets::ItemWidget>("chain"));
        QCOMPARE(chain.size(), 4);
        QVERIFY2(chain[3].contains("client.48213"), qPrintable(chain[3]));
        const QStringList causes = partNames(b.child<widgets::ItemWidget>("causes"));
        QCOMPARE(causes.size(), 6);
        QVERIFY2(causes[0].contains("confirmed") && causes[0].contains("part-05120"), qPrintable(causes[0]));
        QVERIFY2(causes[4].contains("Monitor quorum") && causes[4].contains("refuted"),
                 qPrintable(causes[4]));
        auto* steps = b.child<widgets::ItemWidget>("caseSteps");
        QTRY_COMPARE(steps->partCount(), 4);
        QVERIFY(partNames(steps)[2].contains("checked by: no holder is left"));

        // Enter on the one button: the plan, with Cancel first; Escape changes nothing.
        auto* preview = b.child<widgets::Button>("preview");
        QVERIFY(preview->hasFocus());
        b.key(Qt::Key_Return);
        QVERIFY(b.dialog());
        auto* go = b.dialog()->findChild<widgets::Button*>("go");
        QTRY_VERIFY(go->isEnabled());
        QCOMPARE(go->text(), QString("Reset 1 task"));
        QTRY_VERIFY(b.dialog()->findChild<widgets::Button*>("cancel")->hasFocus());
        QCOMPARE(b.dialog()->findChild<QTableView*>("steps")->model()->rowCount(), 4);
        b.key(Qt::Key_Escape);
        QTRY_VERIFY(!b.dialog());
        QVERIFY(b.engine.callsOf("flow.reset").isEmpty());

        QTRY_VERIFY(preview->isEnabled());
        b.key(Qt::Key_R);
        QVERIFY(b.dialog());
        go = b.dialog()->findChild<widgets::Button*>("go");
        QTRY_VERIFY(go->isEnabled());
        QTest::keyClicks(b.dialog()->findChild<QLineEdit*>("reason"), "holder is gone");
        b.shoot("reset-confirm");
        b.key(Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY(!b.dialog());
        const QList<QJsonObject> sent = b.engine.callsOf("flow.reset");
        QCOMPARE(sent.size(), 1);
        QCOMPARE(str(sent[0], u"run"), QString("R-4"));
        QCOMPARE(str(sent[0], u"planHash"), QString("plan-1"));
        QCOMPARE(str(sent[0], u"reason"), QString("holder is gone"));
        QVERIFY(!str(sent[0], u"requestId").isEmpty());

        carryOut(b);
    }

    void aDialogIsAsHighAsItsPlan()
    {
        PagesBench b(test::sceneStalled);
        b.console.open("case", "C-1");
        QTRY_VERIFY(b.child<widgets::Button>("preview")->isEnabled());
        b.key(Qt::Key_R);
        QTRY_VERIFY(b.dialog()->findChild<widgets::Button*>("go")->isEnabled());
        const auto hidden = [&b] {
            return b.dialog()->findChild<QScrollArea*>()->verticalScrollBar()->maximum();
        };
        const auto reasonIsInSight = [&b] {
            const auto* reason = b.dialog()->findChild<QLineEdit*>("reason");
            return !reason->visibleRegion().isEmpty() &&
                   reason->visibleRegion().boundingRect() == reason->rect();
        };
        const auto inSight = [&b](const QString& text) {
            for (const widgets::NoteBar* note : b.dialog()->findChildren<widgets::NoteBar*>()) {
                if (note->accessibleName().startsWith(text)) {
                    return note->visibleRegion().boundingRect() == note->rect();
                }
            }
            return false;
        };
        QTRY_VERIFY(inSight("The session of client.48213"));
        QTRY_VERIFY(inSight("part-05120"));
        QTRY_COMPARE(hidden(), 0);
        QVERIFY(reasonIsInSight());
        b.shoot("reset-whole");
        const QSize given = b.dialog()->size() + QSize(40, 60);
        b.dialog()->resize(given);
        QTRY_COMPARE(b.dialog()->findChild<QLineEdit*>("reason")->width(), given.width() - 48);
        QCOMPARE(b.dialog()->size(), given);
        b.key(Qt::Key_Escape);
        QTRY_VERIFY(!b.dialog());

        // Twenty things that cannot be undone: now it scrolls, but for the reason.
        QJsonObject plan = planOf(b);
        QJsonArray steps = plan["steps"].toArray();
        steps.append(QJsonObject{
            {"id", "remove"},
            {"title",
             "Remove what attempt 1 left of day-2/part-00090-of-the-second-night-and-all-its-labels.bin"},
            {"checkedBy", "it is gone"}});
        plan["steps"] = steps;
        QJsonArray forever;
        for (int i = 0; i < 20; ++i) {
            forever.append(QStringLiteral("day-2/part-%1.bin (12 MiB) is removed and written again: an "
                                          "earlier attempt left it half written")
                               .arg(i));
        }
        plan["cannotUndo"] = forever;
        b.engine.answer("flow.plan_reset", [plan](const QJsonObject&) -> Result<QJsonObject> {
            return QJsonObject{{"planHash", "plan-2"}, {"plan", plan}};
        });
        b.key(Qt::Key_R);
        QTRY_VERIFY(b.dialog()->findChild<widgets::Button*>("go")->isEnabled());
        QTRY_COMPARE(b.dialog()->height(), b.window().height() - 48);
        QTRY_VERIFY(hidden() > 0);
        QVERIFY(reasonIsInSight());
        auto* table = b.dialog()->findChild<QTableView*>("steps");
        QCOMPARE(table->textElideMode(), Qt::ElideMiddle);
        QVERIFY(table->model()->index(4, 1).data(Qt::ToolTipRole).toString().endsWith("all-its-labels.bin"));
        b.shoot("reset-long");
    }

    void aVoidPlanSaysWhatChanged()
    {
        PagesBench b(test::sceneStalled);
        b.console.open("case", "C-1");
        QTRY_VERIFY(b.child<widgets::Button>("preview")->isEnabled());
        b.engine.answer("flow.reset", [](const QJsonObject&) -> Result<QJsonObject> {
            return fail({.code = ErrorCode::FailedPrecondition,
                         .message = "The plan is void",
                         .cause = "the state of R-4 changed"});
        });
        b.key(Qt::Key_R);
        auto* go = b.dialog()->findChild<widgets::Button*>("go");
        QTRY_VERIFY(go->isEnabled());
        b.engine.answer("flow.plan_reset", [](const QJsonObject&) -> Result<QJsonObject> {
            return QJsonObject{
                {"planHash", "plan-2"},
                {"plan",
                 QJsonObject{{"action", "flow.reset"},
                             {"run", "R-4"},
                             {"steps", QJsonArray{QJsonObject{
                                           {"id", "copy-train.fence"},
                                           {"title", "Fence attempt 2 of copy-train, fence 9 becomes 10"},
                                           {"checkedBy", "its client instance is in the blocklist"}}}}}}};
        });
        b.key(Qt::Key_Return, Qt::ControlModifier);
        auto* note = b.dialog()->findChild<widgets::NoteBar*>("void");
        QTRY_VERIFY(note->isVisible());
        QVERIFY(note->accessibleName().contains("The plan is void"));
        QVERIFY(note->accessibleName().contains("new: Fence attempt 2"));
        QVERIFY(note->accessibleName().contains("no longer: Prove attempt 1 dead"));
        QTRY_VERIFY(b.dialog()->findChild<widgets::Button*>("cancel")->hasFocus());
        b.shoot("reset-void");
        b.engine.answer("flow.reset", [](const QJsonObject&) -> Result<QJsonObject> {
            return QJsonObject{{"action", "A-12"}};
        });
        b.key(Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY(!b.dialog());
        QCOMPARE(str(b.engine.callsOf("flow.reset").last(), u"planHash"), QString("plan-2"));
    }

    void anUnknownOutcomeIsNotSentAgain()
    {
        PagesBench b(test::sceneStalled);
        b.console.open("case", "C-1");
        QTRY_VERIFY(b.child<widgets::Button>("preview")->isEnabled());
        b.engine.answer("flow.reset", [](const QJsonObject&) -> Result<QJsonObject> {
            return fail({.code = ErrorCode::OutcomeUnknown,
                         .message = "The connection broke after the request was sent"});
        });
        b.key(Qt::Key_R);
        auto* go = b.dialog()->findChild<widgets::Button*>("go");
        QTRY_VERIFY(go->isEnabled());
        b.key(Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY(b.dialog()->findChild<widgets::NoteBar*>("error")->isVisible());
        QVERIFY(!go->isEnabled());
        QCOMPARE(b.dialog()->findChild<widgets::Button*>("cancel")->text(), QString("Close"));
        b.key(Qt::Key_Return, Qt::ControlModifier);
        QCOMPARE(b.engine.callsOf("flow.reset").size(), 1);
        b.shoot("reset-unknown");
        b.key(Qt::Key_Escape);
        QTRY_VERIFY(!b.dialog());
    }

    void lookAgainAsksTheEngine()
    {
        PagesBench b(test::sceneStalled);
        b.console.open("case", "C-1");
        b.key(Qt::Key_L);
        QTRY_COMPARE(b.engine.callsOf("doctor.run").size(), 1);
        QCOMPARE(str(b.engine.callsOf("doctor.run").value(0), u"run"), QString("R-4"));
        b.key(Qt::Key_H);
        auto* text = b.child<widgets::CodeBlock>("handOver");
        QTRY_VERIFY(text->isVisible());
        QVERIFY(text->toPlainText().contains("Ruled out: Ceph pool health"));
        QCOMPARE(QGuiApplication::clipboard()->text(), text->toPlainText());
        QCOMPARE(b.window().findChild<shell::StatusLine*>()->accessibleDescription(),
                 QString("Hand-over text of C-1 copied"));
        b.shoot("case-hand-over");
        // Back to where it came from.
        b.key(Qt::Key_Escape);
        QTRY_COMPARE(b.page()->objectName(), QString("now"));
    }

    void rotateAKey()
    {
        PagesBench b(test::sceneStalled);
        b.key(Qt::Key_5);
        auto* roles = b.child<QTableView>("roles");
        QTRY_COMPARE(roles->model()->rowCount(), 2);
        QTRY_COMPARE(rowTexts(roles).value(0), QString("ingest|vega|g1|none|4 d 0 h|2|none"));
        b.key(Qt::Key_R);
        QVERIFY(b.dialog());
        auto* go = b.dialog()->findChild<widgets::Button*>("go");
        QTRY_VERIFY(go->isEnabled());
        QCOMPARE(go->text(), QString("Rotate key of ingest"));
        QCOMPARE(b.dialog()->findChild<QTableView*>("steps")->model()->rowCount(), 8);
        b.shoot("rotate-confirm");
        b.key(Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY(!b.dialog());
        const QJsonObject sent = b.engine.callsOf("keys.rotate").value(0);
        QCOMPARE(str(sent, u"role"), QString("ingest"));
        QCOMPARE(str(sent, u"planHash"), QString("plan-r1"));

        // It begins: the steps are shown, and there is nothing to rotate now, which is said.
        test::sceneRotation(b.engine, test::kSceneMs);
        auto* steps = b.child<widgets::ItemWidget>("rotation");
        QTRY_COMPARE(steps->partCount(), 8);
        QVERIFY(partNames(steps)[0].contains("2 attempts"));
        QCOMPARE(b.child<widgets::StateLabel>("rotationState")->text(), QString("step 4 of 8"));
        QTRY_COMPARE(b.child<widgets::TextLabel>("whyNotRotate")->text(),
                     QString("A rotation of ingest is under way."));
        b.key(Qt::Key_R);
        QVERIFY(!b.dialog());
        QCOMPARE(rowTexts(b.child<QTableView>("generations")).size(), 2);
    }

    void verifyTheChain()
    {
        PagesBench b(test::sceneStalled);
        b.key(Qt::Key_7);
        auto* verdict = b.child<widgets::TextLabel>("chainVerdict");
        QTRY_COMPARE(verdict->text(), QString("Chain not verified yet"));
        b.key(Qt::Key_V);
        QTRY_COMPARE(verdict->text(), QString("Chain intact"));
        QVERIFY(b.page()->banners().isEmpty());
        QVERIFY(b.child<widgets::CodeBlock>("recordBody")
                    ->toPlainText()
                    .startsWith("{\"action\":\"keys.rotate\""));
        b.shoot("audit-intact");

        b.engine.answer("audit.verify", [](const QJsonObject&) -> Result<QJsonObject> {
            return QJsonObject{
                {"ok", false},
                {"records", 16},
                {"head", "41f7"},
                {"firstBad", QJsonObject{{"seq", 7}, {"why", "its hash is not that of its bytes"}}}};
        });
        b.key(Qt::Key_V);
        QTRY_COMPARE(verdict->text(), QString("Chain broken"));
        QTRY_COMPARE(bannerTexts(b.page()), QStringList{"The audit chain is broken at record 7."});
        auto* records = b.child<QTableView>("records");
        QTRY_COMPARE(records->currentIndex().data(session::IdRole).toString(), QString("7"));
        b.shoot("audit-broken");
    }

    void filesInDoubtAreSaidWhereOneLooksFirst()
    {
        PagesBench b(test::sceneStalled);
        QVERIFY(b.page()->banners().isEmpty());
        const QJsonArray findings{QJsonObject{
            {"file", "audit.db"}, {"what", "records 5 to 8 are missing at its end"}, {"stops", false}}};
        b.engine.change("engine", "engine", {{"stateFindings", findings}});
        QTRY_COMPARE(bannerTexts(b.page()), QStringList{"The engine's own files do not fit together."});
        QVERIFY(b.page()->banners()[0].detail.startsWith(
            "audit.db: records 5 to 8 are missing at its end. Stop the engine"));
        b.shoot("now-doubt");
        b.engine.change("engine", "engine", {{"acting", false}, {"notActingWhy", "audit.db is cut"}});
        QTRY_COMPARE(bannerTexts(b.page()),
                     QStringList{"Nothing is changed: the engine's own files do not fit together."});
        b.key(Qt::Key_7);
        QTRY_COMPARE(bannerTexts(b.page()), QStringList{"The audit chain is broken."});
        QVERIFY(b.page()->banners()[0].detail.startsWith("Records 5 to 8"));
    }

    /// There is nothing to accept then.
    void aFileThatIsDamagedWhileItIsOpenIsSaidWithWhatToDo()
    {
        PagesBench b(test::sceneStalled);
        const QJsonArray findings{QJsonObject{{"file", "audit.db-wal"},
                                              {"what", "frame 4 of 9 is not what was written"},
                                              {"stops", true},
                                              {"correction", "Copy the folder"}}};
        b.engine.change("engine", "engine", {{"stateFindings", findings}, {"acting", false}});
        QTRY_COMPARE(
            bannerTexts(b.page()),
            QStringList{"Nothing is changed: the engine's own files were damaged while it had them open."});
        QCOMPARE(b.page()->banners()[0].detail,
                 QString("audit.db-wal: frame 4 of 9 is not what was written. Copy the folder."));
        b.key(Qt::Key_7);
        QTRY_VERIFY(b.page()->banners().isEmpty());
    }

    void aRecordThatDoesNotMatchItsHashIsSaid()
    {
        PagesBench b(test::sceneStalled);
        b.engine.change("audit", "9", {{"principal", "somebody else"}});
        b.console.open("record", "9");
        auto* note = b.child<widgets::NoteBar>("recordNote");
        QTRY_VERIFY(note->isVisible());
        QVERIFY(note->accessibleName().contains("does not have the hash it carries"));
        b.console.open("record", "10");
        QTRY_VERIFY(!note->isVisible());
    }

    void searchTheAudit()
    {
        PagesBench b(test::sceneStalled);
        b.key(Qt::Key_7);
        auto* records = b.child<QTableView>("records");
        QTRY_COMPARE(records->model()->rowCount(), 16);
        b.key(Qt::Key_Slash);
        auto* search = b.window().findChild<QLineEdit*>("search");
        QTRY_VERIFY(search->hasFocus());
        QTest::keyClicks(search, "\"operator B\" cancel");
        QTRY_COMPARE(records->model()->rowCount(), 2);
        search->clear();
        QTest::keyClicks(search, "no such thing");
        auto* none = b.child<widgets::EmptyState>("noRecord");
        QTRY_VERIFY(none->isVisible());
        QVERIFY(!records->isVisible());
        b.shoot("audit-none");
        Q_EMIT none->actionTriggered();
        QTRY_COMPARE(records->model()->rowCount(), 16);
        QTRY_VERIFY(records->isVisible());
    }

    void quorumLostSaysWhatStillWorks()
    {
        PagesBench b(test::sceneQuorumLost);
        b.key(Qt::Key_3);
        QTRY_COMPARE(bannerTexts(b.page()),
                     QStringList{"Monitor quorum lost: 1 of 3 monitors answers, 2 are needed. Out: b, c."});
        const QStringList strip = partNames(b.child<widgets::ItemWidget>("strip"));
        QVERIFY2(strip[0].contains("partly"), qPrintable(strip[0]));
        QVERIFY2(strip[1].contains("unknown"), qPrintable(strip[1]));
        QTRY_VERIFY(partNames(b.child<widgets::ItemWidget>("strip"))[3].contains("1 run goes on"));
        QTRY_COMPARE(
            rowTexts(b.child<QTableView>("works")).value(0),
            QString("Reads and writes of open sessions|go on|R-5/copy-holdout copies, 188 MiB/s|1 s"));
        QVERIFY(rowTexts(b.child<QTableView>("works"))
                    .value(1)
                    .startsWith("New sessions|impossible|R-6/copy-labels tried 21 times"));
        QCOMPARE(rowTexts(b.child<QTableView>("mons")),
                 QStringList({"a|probing|0.4 ms", "b|no answer|refused", "c|no answer|refused"}));
        // Old facts stay, with their age, and are never green.
        QVERIFY(rowTexts(b.child<QTableView>("cephPools")).value(1).contains("unknown"));
        QCOMPARE(staleSections(b.page()), 4);
        // The case is one key away; a reset waits, and says why.
        b.key(Qt::Key_C);
        QCOMPARE(b.page()->title(), QString("C-2 copy-labels does not move"));
        b.key(Qt::Key_2);
        b.console.open("run", "R-6");
        auto* reset = b.child<widgets::Button>("reset");
        QTRY_VERIFY(reset->isVisible());
        QVERIFY(!reset->isEnabled());
        QVERIFY2(reset->toolTip().contains("lease of vega ended"), qPrintable(reset->toolTip()));
        QTRY_VERIFY(b.child<widgets::NoteBar>("taskNote")->accessibleName().contains("lease of vega ended"));
        b.key(Qt::Key_R);
        QVERIFY(!b.dialog());
    }

    void quorumComesBackByItself()
    {
        PagesBench b(test::sceneQuorumLost);
        b.key(Qt::Key_3);
        QTRY_COMPARE(b.page()->banners().size(), 1);
        test::sceneStalled(b.engine, test::kSceneMs);
        QTRY_VERIFY(b.page()->banners().isEmpty());
        QTRY_VERIFY(!b.child<QTableView>("works")->isVisible());
        QTRY_COMPARE(rowTexts(b.child<QTableView>("mons")).value(0), QString("a|leader|0.4 ms"));
    }

    void aLostEngineLeavesWhatWasKnown()
    {
        PagesBench b(test::sceneStalled);
        b.key(Qt::Key_2);
        QTRY_COMPARE(b.child<widgets::DagView>("graph")->nodeCount(), 6);
        b.clock.advance(30'000);
        b.engine.lose({.code = ErrorCode::Unavailable,
                       .message = "the connection was closed",
                       .correction = "Start sluiced."});
        QTRY_COMPARE(
            bannerTexts(b.page()),
            QStringList{
                "The engine has not been reachable since 03:14:38 UTC. What you see was known then."});
        QCOMPARE(b.child<widgets::DagView>("graph")->nodeCount(), 6);
        QCOMPARE(b.child<QListView>("runList")->model()->rowCount(), 7);
        const shell::PageAction submit = b.page()->actions().value(0);
        QTRY_VERIFY(!submit.action->isEnabled());
        QVERIFY(submit.action->toolTip().contains("not been reachable"));
        b.session.ticker().fire();
        b.shoot("engine-lost");
        b.key(Qt::Key_3);
        QTRY_COMPARE(staleSections(b.page()), 5);
        b.engine.connectAs("operator A", "operator");
        QTRY_VERIFY(b.page()->banners().isEmpty());
    }

    void beforeTheFirstRowsThereIsASkeleton()
    {
        PagesBench b(nullptr, false);
        b.shoot("connecting-now");
        QVERIFY(!b.child<QTableView>("runs")->isVisible());
        QVERIFY(!b.child<widgets::EmptyState>("quiet")->isVisible());
        test::sceneQuiet(b.engine, test::kSceneMs);
        b.engine.connectAs("operator A", "operator");
        QTRY_VERIFY(b.child<widgets::EmptyState>("quiet")->isVisible());
    }

    void emptyPagesSayWhatToDo()
    {
        PagesBench b(test::sceneEmpty);
        QTRY_COMPARE(b.page()->subtitle(), QString("No connection in this profile. No run moves."));
        b.key(Qt::Key_2);
        QTRY_VERIFY(b.child<widgets::EmptyState>("noRuns")->isVisible());
        b.key(Qt::Key_3);
        QTRY_VERIFY(b.child<widgets::EmptyState>("noCluster")->isVisible());
        b.key(Qt::Key_5);
        QTRY_VERIFY(b.child<widgets::EmptyState>("noRoles")->isVisible());
        b.key(Qt::Key_7);
        QTRY_VERIFY(b.child<widgets::EmptyState>("noRecord")->isVisible());
    }

    void viewersAreToldWhy()
    {
        PagesBench b(test::sceneStalled);
        b.engine.connectAs("guest", "viewer");
        b.console.open("case", "C-1");
        auto* preview = b.child<widgets::Button>("preview");
        QTRY_VERIFY(!preview->isEnabled());
        QCOMPARE(b.child<widgets::TextLabel>("whyNotPreview")->text(),
                 QString("You are a viewer; changes need an operator"));
        b.key(Qt::Key_R);
        QVERIFY(!b.dialog());
    }

    void ctrlKOffersBeforeAnythingIsTyped()
    {
        PagesBench b(test::sceneStalled);
        b.key(Qt::Key_K, Qt::ControlModifier);
        auto* find = b.window().findChild<shell::FindBox*>();
        QTRY_VERIFY(find->hasFocus());
        QTRY_VERIFY(find->list() && find->list()->isVisible());
        QCOMPARE(partNames(find->list()),
                 QStringList({"Now, page", "Flows, page", "Storage, page", "Keys, page", "Audit, page",
                              "Submit flow…, class 1 reversible", "Verify chain, reads the whole audit"}));
        b.shoot("find-empty");
        QTest::keyClicks(find, "x");
        QTest::keyClick(find, Qt::Key_Escape);
        QTRY_VERIFY(!find->list()->isVisible());
        b.key(Qt::Key_K, Qt::ControlModifier);
        QTest::keyClick(find, Qt::Key_Down);
        QTest::keyClick(find, Qt::Key_Return);
        QCOMPARE(b.page()->objectName(), QString("flows"));
    }

    void ctrlQClosesTheWindow()
    {
        PagesBench b(test::sceneQuiet);
        b.key(Qt::Key_Q, Qt::ControlModifier);
        QTRY_VERIFY(!b.window().isVisible());
    }

    void ctrlKFindsThings()
    {
        PagesBench b(test::sceneStalled);
        QTRY_COMPARE(b.session.estate().size() > 10, true);
        b.key(Qt::Key_K, Qt::ControlModifier);
        auto* find = b.window().findChild<shell::FindBox*>();
        QTRY_VERIFY(find->hasFocus());
        QTest::keyClicks(find, "osd.1");
        QCOMPARE(find->list()->hits().value(0).id, QString("vega/osd/1"));
        QTest::keyClick(find, Qt::Key_Return);
        QTRY_COMPARE(b.page()->objectName(), QString("storage"));
        b.key(Qt::Key_K, Qt::ControlModifier);
        QTest::keyClicks(find, "C-1");
        b.shoot("find");
        QTest::keyClick(find, Qt::Key_Return);
        QTRY_COMPARE(b.page()->objectName(), QString("case"));
        b.key(Qt::Key_K, Qt::ControlModifier);
        QTest::keyClicks(find, "R-5");
        QTest::keyClick(find, Qt::Key_Return);
        QTRY_COMPARE(b.page()->objectName(), QString("flows"));
    }

    void theGatewayHasATabOfItsOwn()
    {
        PagesBench b(test::sceneQuiet);
        b.key(Qt::Key_3);
        QTRY_COMPARE(b.page()->tabs().size(), 2);
        b.page()->setCurrentTab("rgw.vega");
        QTRY_VERIFY(b.child<QWidget>("gateway")->isVisible());
        b.shoot("storage-gateway");
    }

    void aNarrowTableKeepsItsStatesInSight()
    {
        PagesBench b(test::sceneStalled);
        // 1120 is the least; a smaller screen makes it smaller.
        b.window().setMinimumWidth(800);
        for (const auto& [page, name, last] :
             {std::tuple{"keys", "roles", "Rotation"}, std::tuple{"keys", "generations", "Holders"},
              std::tuple{"audit", "records", "Outcome"}}) {
            b.console.open("page", page);
            auto* table = b.child<QTableView>(name);
            const QHeaderView* head = table->horizontalHeader();
            const int count = head->count();
            QCOMPARE(table->model()->headerData(count - 1, Qt::Horizontal).toString(), QString(last));
            for (const int width : {1120, 1024}) {
                b.window().resize(width, 700);
                QTRY_VERIFY2(head->length() <= table->viewport()->width(),
                             qPrintable(QStringLiteral("%1 at %2: %3 in %4")
                                            .arg(name)
                                            .arg(width)
                                            .arg(head->length())
                                            .arg(table->viewport()->width())));
                QCOMPARE(table->columnViewportPosition(count - 1) + table->columnWidth(count - 1),
                         head->length());
            }
            QTRY_COMPARE(squeezed(b.page()), QString());
            b.shoot(QStringLiteral("narrow-%1").arg(name));
            b.window().resize(800, 700);
            QTRY_VERIFY(head->length() > table->viewport()->width());
            QTRY_VERIFY(table->horizontalScrollBar()->isVisible());
            // Wide again: as it was.
            b.window().resize(1440, 900);
            QTRY_COMPARE(head->length(), table->viewport()->width());
            QTRY_VERIFY(!table->horizontalScrollBar()->isVisible());
        }
    }

    void theSmallestWindowStillHoldsEverything()
    {
        PagesBench b(test::sceneStalled);
        b.window().resize(1120, 700);
        for (const char* page : {"now", "flows", "storage", "keys", "audit"}) {
            b.console.open("page", page);
            QTRY_COMPARE(squeezed(b.page()), QString());
            QVERIFY2(b.window().width() == 1120 && b.window().height() == 700, page);
            b.shoot(QStringLiteral("small-%1").arg(page));
        }
        b.console.open("case", "C-1");
        QTRY_COMPARE(squeezed(b.page()), QString());
        QCOMPARE(b.window().size(), QSize(1120, 700));
        b.shoot("small-case");
    }

private:
    /// What stands on the page with less room than it needs.
    static QString squeezed(QWidget* page)
    {
        QStringList found;
        for (const QWidget* widget : page->findChildren<QWidget*>()) {
            const QSize least = widget->minimumSizeHint();
            if (widget->isVisible() && !qobject_cast<const QHeaderView*>(widget) &&
                (widget->width() < least.width() || widget->height() < least.height())) {
                found << QStringLiteral("%1 '%2' %3x%4 of %5x%6")
                             .arg(widget->metaObject()->className(), widget->objectName())
                             .arg(widget->width())
                             .arg(widget->height())
                             .arg(least.width())
                             .arg(least.height());
            }
        }
        return found.join(QStringLiteral("; "));
    }

    /// The engine carries the reset out; the case shows each step, then whether it worked, then that it is
    /// closed.
    static void carryOut(PagesBench& b)
    {
        QJsonObject plan = planOf(b);
        QJsonObject action{{"id", "A-12"},
                           {"at", toRfc3339(b.clock.nowMs() + 1000)},
                           {"action", "flow.reset"},
                           {"title", "Reset R-4"},
                           {"class", 2},
                           {"principal", "operator A"},
                           {"reason", "holder is gone"},
                           {"objects", QJsonArray{"R-4", "R-4/copy-train"}},
                           {"state", "executing"},
                           {"detail", ""},
                           {"endedAt", ""},
                           {"auditSeq", 17}};
        QJsonArray all = plan["steps"].toArray();
        int ended = 0;
        b.engine.answer("actions.show", [&](const QJsonObject& params) -> Result<QJsonObject> {
            QJsonObject full = b.engine.row("actions", params["action"].toString());
            full["plan"] = plan;
            return QJsonObject{{"action", full}};
        });
        const auto tell = [&](const QString& step, const QString& state, const QString& detail = {}) {
            b.clock.advance(1000);
            for (qsizetype i = 0; i < all.size(); ++i) {
                QJsonObject one = all[i].toObject();
                one["state"] = one["id"] == step ? state : one["state"].toString("waiting");
                one["detail"] = one["id"] == step ? detail : one["detail"].toString();
                one["at"] = one["id"] == step ? toRfc3339(b.clock.nowMs()) : one["at"].toString();
                all[i] = one;
            }
            ended += state != QLatin1String("running") && !step.isEmpty() ? 1 : 0;
            action["steps"] = all;
            action["stepsTotal"] = all.size();
            action["stepsEnded"] = ended;
            b.engine.put("actions", action);
        };
        tell("copy-train.fence", "running");
        b.engine.change("cases", "C-1", {{"phase", "carry out"}});
        auto* steps = b.child<widgets::ItemWidget>("caseSteps");
        QTRY_VERIFY(partNames(steps).value(0).contains("running"));
        tell("copy-train.fence", "done");
        tell("copy-train.dead", "running");
        tell("copy-train.dead", "verified", "its process is reaped");
        QTRY_VERIFY(partNames(steps).value(1).contains("03:14:12"));
        QVERIFY(partNames(steps).value(1).contains("verified"));
        tell("copy-train.lock.1", "running", "waits, will try again: no answer from vega");
        QTRY_VERIFY(partNames(steps).value(2).contains("running"));
        QVERIFY(partNames(steps).value(3).contains("to do"));
        QVERIFY(b.child<QWidget>("stepHead")->accessibleName().contains("2 of 4 done"));
        b.shoot("case-carry-out");
        tell("copy-train.lock.1", "verified", "client.48213 does not hold it any more");
        tell("copy-train.start", "done");
        b.engine.change("cases", "C-1", {{"phase", "verify"}});
        b.engine.change("tasks", "R-4/copy-train",
                        {{"state", "running"},
                         {"attempt", 2},
                         {"fence", 8},
                         {"objectsDone", 7440},
                         {"blocked", QJsonValue()},
                         {"lastProgressAt", toRfc3339(b.clock.nowMs())}});
        b.engine.change("runs", "R-4", {{"state", "running"}});
        auto* outcome = b.child<QTableView>("outcome");
        QTRY_COMPARE(rowTexts(outcome).value(0),
                     QString("Attempt of copy-train|1, fence 7|2|2, fence 8|verified"));
        QTRY_COMPARE(rowTexts(outcome).value(2),
                     QString("Objects stored by copy-train|7,439|7,439 or more|7,440 of 7,440|verified"));
        QCOMPARE(rowTexts(outcome).value(3),
                 QString("Holders of lock compact|1, client.48213 is gone|0|0|verified"));
        QVERIFY(b.child<widgets::CodeBlock>("handOver")->isVisible());
        b.shoot("case-verify");
        action["state"] = "verified";
        action["detail"] = "each task of R-4 that was reset moves again or is done";
        action["auditSeq"] = 24;
        tell({}, {});
        b.engine.change("cases", "C-1", {{"phase", "closed"}, {"closedAt", toRfc3339(b.clock.nowMs())}});
        QTRY_VERIFY(b.page()->subtitle().contains("closed 03:14:16"));
        QVERIFY(!b.child<widgets::Button>("preview")->isVisible());
        b.shoot("case-closed");
    }

    static QJsonObject planOf(PagesBench& b)
    {
        QJsonObject plan;
        b.engine.call("flow.plan_reset", {}, &b.engine,
                      [&plan](const Result<QJsonObject>& reply) { plan = reply->value("plan").toObject(); });
        [&plan] { QTRY_VERIFY(!plan.isEmpty()); }();
        return plan;
    }
};

QTEST_MAIN(TestPages)
#include "tst_pages.moc"
