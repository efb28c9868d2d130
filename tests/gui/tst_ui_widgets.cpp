#include <QtGui/QAction>
#include <QtGui/QClipboard>
#include <QtGui/QHelpEvent>
#include <QtGui/QStandardItemModel>
#include <QtTest/QSignalSpy>
#include <QtWidgets/QApplication>
#include <QtWidgets/QLabel>
#include <QtWidgets/QToolTip>
#include <QtWidgets/QVBoxLayout>
#include <memory>

#include "patience.h"
#include "ui/style/state_words.h"
#include "ui/style/theme.h"
#include "ui/widgets/age_label.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/button.h"
#include "ui/widgets/cause_list.h"
#include "ui/widgets/cell_delegate.h"
#include "ui/widgets/chain_view.h"
#include "ui/widgets/chip.h"
#include "ui/widgets/code_block.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/hop_bar.h"
#include "ui/widgets/osd_tiles.h"
#include "ui/widgets/pg_bar.h"
#include "ui/widgets/phase_bar.h"
#include "ui/widgets/progress_bar.h"
#include "ui/widgets/quorum_ring.h"
#include "ui/widgets/search_field.h"
#include "ui/widgets/section.h"
#include "ui/widgets/segmented.h"
#include "ui/widgets/state_label.h"
#include "ui/widgets/step_list.h"
#include "ui/widgets/summary_strip.h"
#include "ui/widgets/table_view.h"
#include "ui/widgets/time_strip.h"
#include "widgets_support.h"

using namespace sluice;
using namespace sluice::style;
using namespace sluice::widgets;

namespace {

constexpr qint64 kNow = 1'795'000'000'000;

/// Hit areas that can be told apart and are large enough.
void verifyParts(const ItemWidget& widget, int least = kHitMinimum)
{
    for (int i = 0; i < widget.partCount(); ++i) {
        const QRect rect = widget.partRect(i);
        QVERIFY2(rect.width() >= least && rect.height() >= 18,
                 qPrintable(QStringLiteral("part %1 is %2x%3").arg(i).arg(rect.width()).arg(rect.height())));
        QVERIFY(!widget.partName(i).isEmpty());
        for (int k = i + 1; k < widget.partCount(); ++k) {
            QVERIFY2(!rect.intersects(widget.partRect(k)),
                     qPrintable(QStringLiteral("parts %1 and %2 overlap").arg(i).arg(k)));
        }
        QCOMPARE(widget.partAt(rect.center()), i);
    }
}

QList<Hop> hops(Hop::Water write)
{
    return {{"List", Hop::Water::Passed, {{"passed", "7,440"}}},
            {"Write", write, {{"passed", "7,439"}, {"refused", "1"}}},
            {"Commit", Hop::Water::Dry, {}}};
}

MonMark mon(const char* name, const char16_t* state, bool in)
{
    return {.name = QString::fromLatin1(name),
            .state = stateWord(Domain::Mon, QStringView(state)),
            .inQuorum = in};
}

}  // namespace

class TestUiWidgets : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<Theme> m_theme{};
    const Theme& theme() const { return *m_theme; }

private Q_SLOTS:
    void initTestCase()
    {
        m_theme = std::make_unique<Theme>(ThemeMode::Light);
        m_theme->applyTo(*qApp);
    }

    void aToolTipShowsMarkupAsItIsWritten()
    {
        QWidget window;
        window.show();
        for (const char* text : {"<b>all is well</b>", "<img src=x>name", "plain"}) {
            QToolTip::showText(window.mapToGlobal(QPoint(5, 5)), QString::fromLatin1(text), &window);
            QLabel* tip = nullptr;
            for (QWidget* widget : QApplication::topLevelWidgets()) {
                tip = widget->isVisible() && widget->inherits("QTipLabel") ? qobject_cast<QLabel*>(widget)
                                                                           : tip;
            }
            QVERIFY(tip);
            QCOMPARE(tip->text(), QString::fromLatin1(text));
            QCOMPARE(tip->textFormat(), Qt::PlainText);
            QVERIFY(tip->width() >= tip->fontMetrics().horizontalAdvance(tip->text()));
        }
        QToolTip::hideText();
    }

    void aStateLabelNamesItsState()
    {
        StateLabel label(theme());
        label.setState(stateWord(Domain::Task, u"stalled"));
        label.setDetail(QStringLiteral("for 6 min 12 s"));
        QCOMPARE(label.accessibleName(), QStringLiteral("stalled for 6 min 12 s"));
        const QImage stalled = test::picture(label);
        QVERIFY(test::contains(stalled, theme().shape(Tone::Warn)));
        label.setState(stateWord(Domain::Task, u"done"));
        const QImage done = test::picture(label);
        QVERIFY(test::contains(done, theme().shape(Tone::Ok)));
        QVERIFY(stalled != done);
        QVERIFY(label.minimumSizeHint().width() < label.sizeHint().width());
    }

    void anOldFactSaysSo()
    {
        AgeLabel label(theme());
        label.setObservedAt(kNow - 4000, 10'000);
        label.refresh(kNow);
        QCOMPARE(label.text(), QStringLiteral("4 s"));
        QVERIFY(!label.isStale());
        label.refresh(kNow + 130'000);
        QVERIFY(label.isStale());
        QVERIFY(label.text().startsWith(QStringLiteral("as of ")));
        QVERIFY(label.text().endsWith(QStringLiteral("2 min 14 s old")));
        label.setShort(true);
        QCOMPARE(label.text(), QStringLiteral("2 min 14 s"));
        QVERIFY(label.accessibleName().startsWith(QStringLiteral("old")));
        label.setObservedAt(0, 10'000);
        QCOMPARE(label.text(), QStringLiteral("never seen"));
    }

    void aStaleSectionIsHatchedAtItsLeftEdge()
    {
        Section section(theme(), QStringLiteral("Ceph pools"));
        section.addWidget(new QWidget);
        section.resize(400, 160);
        QVERIFY(!test::contains(test::picture(section).copy(0, 0, 8, 160), theme().shape(Tone::Warn)));
        section.setStale(kNow - 134'000, kNow);
        QVERIFY(section.isStale());
        const QImage stale = test::picture(section);
        int amber = 0;
        for (int y = 0; y < 160; ++y) {
            const QColor colour = stale.pixelColor(3, y);
            amber += colour.red() > colour.blue() + 40 ? 1 : 0;
        }
        QVERIFY(amber > 20);
        section.setStale(0, kNow);
        QVERIFY(!section.isStale());
    }

    void aDisabledButtonSaysWhy()
    {
        QAction action(QStringLiteral("Reset 1 task…"));
        Button button(theme(), {}, ButtonLook::Primary);
        button.followAction(&action);
        QCOMPARE(button.text(), action.text());
        action.setToolTip(QStringLiteral("Start waits until Ceph answers."));
        action.setEnabled(false);
        QVERIFY(!button.isEnabled());
        QCOMPARE(button.toolTip(), action.toolTip());
        QCOMPARE(button.accessibleDescription(), action.toolTip());
        action.setEnabled(true);
        QVERIFY(button.toolTip().isEmpty());
        const QSignalSpy triggered(&action, &QAction::triggered);
        QTest::mouseClick(&button, Qt::LeftButton);
        QCOMPARE(triggered.count(), 1);
        QVERIFY(button.sizeHint().height() >= kHitMinimum);
    }

    void theRingJoinsOnlyWhoAgree()
    {
        QuorumRing ring(theme());
        ring.resize(ring.sizeHint());
        ring.setMonitors({mon("a", u"leader", true), mon("b", u"peon", true), mon("c", u"peon", true)}, 2,
                         true);
        const int whole = test::count(test::picture(ring), theme().shape(Tone::Ok));
        ring.setMonitors({mon("a", u"leader", true), mon("b", u"peon", true), mon("c", u"down", false)}, 2,
                         true);
        const int part = test::count(test::picture(ring), theme().shape(Tone::Ok));
        ring.setMonitors({mon("a", u"electing", true), mon("b", u"down", false), mon("c", u"down", false)}, 2,
                         false);
        const QImage lost = test::picture(ring);
        QVERIFY(whole > part);
        QCOMPARE(test::count(lost, theme().shape(Tone::Ok)), 0);
        QVERIFY(test::contains(lost, theme().shape(Tone::Crit)));
        QVERIFY(test::contains(lost, theme().word(Tone::Crit)));
        verifyParts(ring);
        QCOMPARE(test::accessibleNames(ring).at(1), QStringLiteral("mon b, no answer, 2 of 3 needed"));
        ring.setStale(true);
        QCOMPARE(test::count(test::picture(ring), theme().shape(Tone::Crit)), 0);
    }

    void keysWalkTheParts()
    {
        QuorumRing ring(theme());
        ring.setMonitors({mon("a", u"leader", true), mon("b", u"peon", true), mon("c", u"peon", true)}, 2,
                         true);
        test::give(ring);
        QCOMPARE(ring.currentPart(), 0);
        const QSignalSpy activated(&ring, &ItemWidget::partActivated);
        QTest::keyClick(&ring, Qt::Key_Right);
        QTest::keyClick(&ring, Qt::Key_Down);
        QTest::keyClick(&ring, Qt::Key_Right);
        QCOMPARE(ring.currentPart(), 2);
        QTest::keyClick(&ring, Qt::Key_Home);
        QCOMPARE(ring.currentPart(), 0);
        QTest::keyClick(&ring, Qt::Key_Return);
        QCOMPARE(activated.count(), 1);
        QCOMPARE(activated.at(0).at(0).toInt(), 0);
        QTest::mouseClick(&ring, Qt::LeftButton, {}, ring.partRect(1).center());
        QCOMPARE(ring.currentPart(), 1);
        ring.setMonitors({}, 0, false);
        QCOMPARE(ring.currentPart(), -1);
    }

    void theStripSaysThreeWords()
    {
        SummaryStrip strip(theme());
        strip.resize(1200, kSummaryStrip);
        strip.setCells({{.state = stateWord(Domain::Availability, u"available"),
                         .detail = "all PGs active",
                         .label = "Availability"},
                        {.state = stateWord(Domain::Redundancy, u"reduced"),
                         .detail = "111 PGs miss 1 copy",
                         .label = "Redundancy"},
                        {.figure = "66 % used", .detail = "fullest osd.25"}});
        verifyParts(strip);
        const QStringList names = test::accessibleNames(strip);
        QCOMPARE(names.at(1), QStringLiteral("Redundancy: reduced, 111 PGs miss 1 copy"));
        QCOMPARE(names.at(2), QStringLiteral("66 % used, fullest osd.25"));
        QVERIFY(test::contains(test::picture(strip), theme().word(Tone::Warn)));
        QCOMPARE(strip.height(), kSummaryStrip);
    }

    void theChainShowsTheCulpritAndOpensCards()
    {
        ChainView chain(theme());
        chain.resize(900, 120);
        chain.setCards({{.icon = "task", .kind = "Task", .title = "copy", .lines = {"7,439 of 7,440"}},
                        {.icon = "client",
                         .kind = "Holder",
                         .title = "client.48213",
                         .lines = {"gone"},
                         .tone = Tone::Warn}});
        QVERIFY(test::contains(test::picture(chain).copy(chain.partRect(1)), theme().wash(Tone::Warn)));
        QVERIFY(!test::contains(test::picture(chain).copy(chain.partRect(0)), theme().wash(Tone::Warn)));
        verifyParts(chain);
        const QSignalSpy activated(&chain, &ItemWidget::partActivated);
        test::give(chain);
        QTest::keyClick(&chain, Qt::Key_Tab);
        QCOMPARE(chain.currentPart(), 1);
        QTest::keyClick(&chain, Qt::Key_Return);
        QCOMPARE(activated.count(), 1);
        QCOMPARE(test::accessibleNames(chain).at(1), QStringLiteral("Holder client.48213, gone"));
    }

    void refutedCausesStayInOneLine()
    {
        CauseList list(theme());
        list.setCauses({{.verdict = stateWord(Domain::Cause, u"confirmed"),
                         .title = "A dead client",
                         .rule = "R18 version 3",
                         .evidence = {{"Lock compact", "vega", "4 s"}}},
                        {.verdict = stateWord(Domain::Cause, u"refuted"),
                         .title = "Quota",
                         .rule = "R10 version 1",
                         .summary = "61 %",
                         .age = "3 s"}});
        list.resize(800, list.heightForWidth(800));
        QVERIFY(list.partRect(0).height() > list.partRect(1).height());
        verifyParts(list);
        const QStringList names = test::accessibleNames(list);
        QVERIFY(names.at(0).contains(QStringLiteral("confirmed")) &&
                names.at(0).contains(QStringLiteral("Lock compact, vega, 4 s")));
        QVERIFY(names.at(1).contains(QStringLiteral("refuted")) &&
                names.at(1).contains(QStringLiteral("61 %")));
        const int open = list.partRect(0).height();
        QTest::mouseClick(&list, Qt::LeftButton, {}, QPoint(200, 10));
        QVERIFY(list.partRect(0).height() < open);
        list.setCauses({{.verdict = stateWord(Domain::Cause, u"confirmed"),
                         .title = "A dead client",
                         .rule = "R18 version 3",
                         .evidence = {{"Lock compact", "vega", "9 s"}}}});
        QVERIFY2(list.partRect(0).height() < open, "what a person closed stays closed");
    }

    void longEvidenceWrapsInsteadOfVanishing()
    {
        CauseList list(theme());
        CauseRow cause{.verdict = stateWord(Domain::Cause, u"unknown"),
                       .title = "Caps",
                       .rule = "R21",
                       .evidence = {{"short", "source", "1 s"}}};
        list.setCauses({cause});
        const int one = list.heightForWidth(700);
        cause.evidence[0].text = QStringLiteral(
            "The capabilities of client.ingest allow rwx on the Ceph pool landing and on nothing else that "
            "this task writes to");
        list.setCauses({cause});
        QVERIFY(list.heightForWidth(700) > one);
        QVERIFY(list.heightForWidth(560) >= list.heightForWidth(1200));
    }

    void stepsReadTheirStateAndCheck()
    {
        StepList steps(theme());
        steps.setSteps({{.state = stateWord(Domain::Step, u"verified"),
                         .title = "Break lock `compact`",
                         .detail = "no holder left",
                         .right = "03:15:41"},
                        {.state = stateWord(Domain::Step, u"failed"), .title = "Start attempt 2"}});
        steps.resize(360, steps.heightForWidth(360));
        verifyParts(steps);
        QCOMPARE(test::accessibleNames(steps).at(0),
                 QStringLiteral("step 1: Break lock compact, verified, no holder left, 03:15:41"));
        QVERIFY(test::contains(test::picture(steps), theme().shape(Tone::Crit)));
        QVERIFY(steps.heightForWidth(140) > steps.heightForWidth(360));
    }

    void theGateStandsWhereTheWaterStops()
    {
        HopBar bar(theme());
        bar.resize(600, bar.sizeHint().height());
        bar.setHops(hops(Hop::Water::Closed));
        bar.resize(600, bar.sizeHint().height());
        const QImage closed = test::picture(bar);
        QVERIFY(test::contains(closed.copy(bar.partRect(1)), theme().shape(Tone::Warn)));
        QVERIFY(test::contains(closed.copy(bar.partRect(0)), theme().shape(Tone::Ok)));
        verifyParts(bar);
        QCOMPARE(test::accessibleNames(bar).at(1),
                 QStringLiteral("Write, the gate is closed here, 7,439 passed, 1 refused"));
        bar.setHops(hops(Hop::Water::Passed));
        QVERIFY(!test::contains(test::picture(bar), theme().shape(Tone::Warn)));
        bar.setStale(true);
        QCOMPARE(test::count(test::picture(bar), theme().shape(Tone::Ok)), 0);
    }

    void everyPgStateHasTenPixels()
    {
        PgBar bar(theme());
        bar.setStates({{"active+undersized+degraded+remapped+backfill_wait", 2},
                       {"active+clean", 19'970},
                       {"down", 1},
                       {"active+clean+scrubbing", 1},
                       {"peering", 0}});
        bar.resize(600, bar.heightForWidth(600));
        QCOMPARE(bar.partCount(), 4);
        QCOMPARE(bar.pgParts().first().state, QStringLiteral("active+clean"));
        QCOMPARE(bar.pgParts().last().state, QStringLiteral("down"));
        const QImage image = test::picture(bar);
        int red = 0;
        for (int x = 0; x < 600; ++x) {
            red += image.pixelColor(x, 9).rgb() == theme().shape(Tone::Crit).rgb() ? 1 : 0;
        }
        QVERIFY2(red >= 10, qPrintable(QString::number(red)));
        QCOMPARE(test::accessibleNames(bar).first(), QStringLiteral("19,970 active+clean"));
        bar.setStale(true);
        QCOMPARE(test::count(test::picture(bar), theme().shape(Tone::Ok)), 0);
        QCOMPARE(test::accessibleNames(bar).first(), QStringLiteral("19,970 was active+clean"));
        PgBar none(theme());
        none.resize(300, 40);
        QVERIFY(!test::picture(none).isNull());
    }

    void osdsAreCardsTilesOrBars_data()
    {
        QTest::addColumn<int>("hosts");
        QTest::addColumn<int>("perHost");
        QTest::addColumn<int>("parts");
        QTest::newRow("cards") << 3 << 1 << 3;
        QTest::newRow("tiles") << 8 << 6 << 48;
        QTest::newRow("bars") << 12 << 30 << 12;
    }

    void osdsAreCardsTilesOrBars()
    {
        QFETCH(int, hosts);
        QFETCH(int, perHost);
        QFETCH(int, parts);
        QList<OsdTile> osds;
        for (int i = 0; i < hosts * perHost; ++i) {
            osds.append({.osdId = i,
                         .host = QStringLiteral("host-%1").arg(i / perHost, 2, 10, QLatin1Char('0')),
                         .usedPercent = 61});
        }
        osds[1].up = false;
        OsdTiles tiles(theme());
        tiles.resize(600, 100);
        tiles.setOsds(osds);
        tiles.resize(600, tiles.heightForWidth(600));
        QCOMPARE(tiles.partCount(), parts);
        verifyParts(tiles);
        const QImage image = test::picture(tiles);
        QVERIFY(test::contains(image, theme().shape(perHost == 30 ? Tone::Warn : Tone::Crit)));
        tiles.setStale(true);
        QCOMPARE(test::count(test::picture(tiles), theme().shape(Tone::Crit)), 0);
    }

    void arrowsWalkTheTilesAsTheyStand()
    {
        QList<OsdTile> osds;
        for (int i = 0; i < 24; ++i) {
            osds.append({.osdId = i, .host = QStringLiteral("host-%1").arg(i / 12), .usedPercent = 50.0 + i});
        }
        OsdTiles tiles(theme());
        tiles.resize(420, 300);
        tiles.setOsds(osds);
        test::give(tiles);
        QCOMPARE(tiles.currentPart(), 0);
        QTest::keyClick(&tiles, Qt::Key_Right);
        QCOMPARE(tiles.currentPart(), 1);
        QTest::keyClick(&tiles, Qt::Key_Down);
        QCOMPARE(tiles.currentPart(), 13);
        QTest::keyClick(&tiles, Qt::Key_Up);
        QCOMPARE(tiles.currentPart(), 1);
        QCOMPARE(test::accessibleNames(tiles).at(1), QStringLiteral("osd.1, host-0, up, in, 51 % used"));
    }

    void phasesSayWhatIsDoneAndWhatIsNow()
    {
        PhaseBar bar(theme());
        bar.resize(1000, 52);
        bar.setPhase(QStringLiteral("decide"));
        const QStringList names = test::accessibleNames(bar);
        QCOMPARE(names.at(1), QStringLiteral("Cause named, done"));
        QCOMPARE(names.at(2), QStringLiteral("Decide, now"));
        QCOMPARE(names.at(3), QStringLiteral("Carry out, to do"));
        QVERIFY(test::contains(test::picture(bar).copy(bar.partRect(1)), theme().shape(Tone::Ok)));
        QVERIFY(test::contains(test::picture(bar).copy(bar.partRect(2)), theme().shape(Tone::Progress)));
        bar.setFailed(true);
        QVERIFY(test::contains(test::picture(bar).copy(bar.partRect(2)), theme().shape(Tone::Crit)));
        bar.setFailed(false);
        bar.setPhase(QStringLiteral("closed"));
        QVERIFY(test::contains(test::picture(bar).copy(bar.partRect(5)), theme().shape(Tone::Ok)));
        verifyParts(bar);
    }

    void labelsOfTheTimeStripDodge()
    {
        TimeStrip strip(theme());
        strip.resize(500, 110);
        QList<TimeMark> marks;
        for (int i = 0; i < 8; ++i) {
            marks.append({kNow + i * 1000, QStringLiteral("something happened %1").arg(i)});
        }
        marks.append({kNow + 900'000, QStringLiteral("now")});
        strip.setEvents(marks, {{kNow, kNow + 900'000, QStringLiteral("stands still"), Tone::Warn}});
        QCOMPARE(strip.partCount(), 9);
        QVERIFY(strip.partRect(8).right() <= strip.width());
        QVERIFY(test::contains(test::picture(strip), theme().shape(Tone::Warn)));
        QCOMPARE(test::accessibleNames(strip).last(), QStringLiteral("now, ") + clockText(kNow + 900'000));
        strip.setEvents({{kNow, QStringLiteral("alone")}}, {});
        QVERIFY(!test::picture(strip).isNull());
    }

    void anEmptyStateOffersOneThing()
    {
        EmptyState empty(theme());
        empty.setHeadline(QStringLiteral("No run in 24 h"));
        empty.setChecked(QStringLiteral("Looked at the run list 4 s ago."));
        const int without = empty.heightForWidth(500);
        empty.setAction(QStringLiteral("Submit flow…"));
        QVERIFY(empty.heightForWidth(500) > without);
        empty.resize(500, empty.heightForWidth(500));
        empty.show();
        const QSignalSpy triggered(&empty, &EmptyState::actionTriggered);
        auto* button = empty.findChild<Button*>();
        QVERIFY(button->isVisible());
        QVERIFY(empty.rect().contains(button->geometry()));
        QTest::mouseClick(button, Qt::LeftButton);
        QCOMPARE(triggered.count(), 1);
        QCOMPARE(empty.accessibleName(), QStringLiteral("No run in 24 h"));
    }

    void aBannerStaysAndLeadsOn()
    {
        Banner banner(theme());
        banner.setTone(Tone::Crit);
        banner.setTexts(QStringLiteral("Monitor quorum lost."), QStringLiteral("1 of 3 answers."));
        banner.setAction(QStringLiteral("Open case C-319"), QStringLiteral("C"));
        banner.resize(900, banner.sizeHint().height());
        QVERIFY(test::contains(test::picture(banner), theme().wash(Tone::Crit)));
        const QSignalSpy triggered(&banner, &Banner::actionTriggered);
        QTest::mouseClick(banner.findChild<Button*>(), Qt::LeftButton);
        QCOMPARE(triggered.count(), 1);
        QVERIFY(banner.accessibleName().contains(QStringLiteral("1 of 3")));
    }

    void aChipIsAFilter()
    {
        Chip chip(theme());
        chip.setState(stateWord(Domain::Task, u"failed"));
        chip.setCount(QStringLiteral("2"));
        QCOMPARE(chip.accessibleName(), QStringLiteral("failed 2"));
        const int off = chip.sizeHint().width();
        const QSignalSpy toggled(&chip, &QAbstractButton::toggled);
        QTest::mouseClick(&chip, Qt::LeftButton);
        QCOMPARE(toggled.count(), 1);
        QVERIFY(chip.sizeHint().width() > off);
        QCOMPARE(chip.sizeHint().height(), kChip);
    }

    void aSegmentedSwitchChooses()
    {
        Segmented choice(theme(), {QStringLiteral("Graph"), QStringLiteral("Table")});
        choice.resize(choice.sizeHint());
        verifyParts(choice);
        const QSignalSpy chosen(&choice, &Segmented::chosen);
        QTest::mouseClick(&choice, Qt::LeftButton, {}, choice.partRect(1).center());
        QCOMPARE(choice.choice(), 1);
        QCOMPARE(chosen.count(), 1);
        choice.setChoice(0);
        QCOMPARE(chosen.count(), 1);
        QCOMPARE(choice.choice(), 0);
    }

    void escapeEmptiesASearchField()
    {
        SearchField field(theme(), QStringLiteral("filter"), QStringLiteral("/"));
        test::give(field);
        QTest::keyClicks(&field, QStringLiteral("stalled"));
        const QSignalSpy escaped(&field, &SearchField::escaped);
        const QSignalSpy edited(&field, &QLineEdit::textEdited);
        QTest::keyClick(&field, Qt::Key_Escape);
        QCOMPARE(field.text(), QString());
        QCOMPARE(escaped.count(), 1);
        QCOMPARE(edited.count(), 1);
    }

    void aProgressBarStandsStill()
    {
        ProgressBar bar(theme());
        bar.resize(200, 8);
        bar.setFraction(0.5);
        const QImage half = test::picture(bar);
        int filled = 0;
        for (int x = 0; x < 200; ++x) {
            filled += half.pixelColor(x, 4).rgb() == theme().shape(Tone::Progress).rgb() ? 1 : 0;
        }
        QVERIFY(filled >= 96 && filled <= 102);
        bar.setFraction(-1);
        QCOMPARE(test::count(test::picture(bar), theme().shape(Tone::Progress)), 0);
    }

    void codeIsAsHighAsItsText()
    {
        CodeBlock block(theme());
        block.setText(QStringLiteral("osd pool set-quota"));
        const int one = block.heightForWidth(400);
        block.setText(QStringLiteral("osd pool set-quota\n  pool=landing\n  field=max_bytes"));
        QVERIFY(block.heightForWidth(400) > one + 20);
        block.resize(400, block.heightForWidth(400));
        QTest::mouseClick(block.findChild<Button*>(), Qt::LeftButton);
        QCOMPARE(QGuiApplication::clipboard()->text(), block.toPlainText());
    }

    void tablesActivateCopyAndLetTabGo()
    {
        QWidget window;
        auto* column = new QVBoxLayout(&window);
        auto* table = new TableView(theme());
        auto* after = new QPushButton(QStringLiteral("after"));
        column->addWidget(table);
        column->addWidget(after);
        QStandardItemModel model(0, 2);
        for (const char* name : {"nightly-train", "lake-compact"}) {
            auto* state = new QStandardItem;
            state->setData(QVariant::fromValue(stateWord(Domain::Run, u"running")), StateRole);
            auto* item = new QStandardItem(QString::fromLatin1(name));
            item->setData(QStringLiteral("R-1"), NoteRole);
            model.appendRow({state, item});
        }
        table->setModel(&model);
        table->setFitRows(true);
        QCOMPARE(table->sizeHint().height(), kTableHead + 2 * kRowNormal);
        window.resize(500, 300);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        window.activateWindow();
        table->setFocus(Qt::TabFocusReason);
        QTRY_VERIFY(table->hasFocus());
        QCOMPARE(table->currentIndex().row(), 0);
        const QSignalSpy activated(table, &TableView::rowActivated);
        QTest::keyClick(table, Qt::Key_Down);
        QTest::keyClick(table, Qt::Key_Return);
        QCOMPARE(activated.count(), 1);
        QCOMPARE(activated.at(0).at(0).toModelIndex().row(), 1);
        QTest::keyClick(table, Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("running\tlake-compact R-1"));
        QVERIFY(test::contains(table->viewport()->grab().toImage(), theme().accent(Accent::Base)));
        QTest::keyClick(table, Qt::Key_Tab);
        QTRY_VERIFY(after->hasFocus());
        model.removeRow(0);
        QCOMPARE(table->sizeHint().height(), kTableHead + kRowNormal);
    }

    void anElidedCellIsItsToolTip()
    {
        QStandardItemModel model(1, 1);
        model.setData(model.index(0, 0), QStringLiteral("land"));
        TableView table(theme());
        table.setModel(&model);
        table.setColumnWidth(0, 80);
        table.resize(200, 80);
        const auto shown = [&table, &model] {
            const QPoint at = table.visualRect(model.index(0, 0)).center();
            QHelpEvent help(QEvent::ToolTip, at, table.viewport()->mapToGlobal(at));
            QCoreApplication::sendEvent(table.viewport(), &help);
            return QToolTip::text();
        };
        QCOMPARE(shown(), QString());
        model.setData(model.index(0, 0), QStringLiteral("day-2/part-00090-of-the-second-night.bin"));
        QCOMPARE(shown(), QString("day-2/part-00090-of-the-second-night.bin"));
    }

    void anOldRowHasNoGreen()
    {
        QStandardItemModel model(1, 1);
        model.setData(model.index(0, 0), QVariant::fromValue(stateWord(Domain::Connection, u"up")),
                      StateRole);
        TableView table(theme());
        table.setModel(&model);
        table.resize(200, 80);
        QVERIFY(test::contains(table.viewport()->grab().toImage(), theme().shape(Tone::Ok)));
        model.setData(model.index(0, 0), true, StaleRole);
        QCOMPARE(test::count(table.viewport()->grab().toImage(), theme().shape(Tone::Ok)), 0);
    }
};

QTEST_MAIN(TestUiWidgets)
#include "tst_ui_widgets.moc"
