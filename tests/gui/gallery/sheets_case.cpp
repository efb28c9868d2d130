#include <QtWidgets/QHBoxLayout>

#include "samples.h"
#include "sheets.h"
#include "ui/style/theme.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/button.h"
#include "ui/widgets/cause_list.h"
#include "ui/widgets/chain_view.h"
#include "ui/widgets/class_mark.h"
#include "ui/widgets/code_block.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/figure_row.h"
#include "ui/widgets/note_bar.h"
#include "ui/widgets/phase_bar.h"
#include "ui/widgets/section.h"
#include "ui/widgets/section_head.h"
#include "ui/widgets/step_list.h"
#include "ui/widgets/time_strip.h"

namespace sluice::gallery {

using namespace style;
using namespace widgets;

namespace {

QList<ChainCard> cards()
{
    return {
        {.icon = "task",
         .kind = "Task",
         .title = "copy-train-set",
         .lines = {"R-4182, attempt 1", "7,439 of 7,440 objects", "no progress 6 min 12 s"}},
        {.icon = "object",
         .kind = "Object",
         .title = "part-05120",
         .monoTitle = true,
         .lines = {"Ceph pool train-set, vega", "PG 7.1c, active+clean", "write refused, EBUSY"}},
        {.icon = "lock",
         .kind = "Advisory lock",
         .title = "compact",
         .monoTitle = true,
         .lines = {"exclusive, no expiry", "taken 02:58:31", "held 15 min 37 s"}},
        {.icon = "client",
         .kind = "Holder",
         .title = "client.48213",
         .monoTitle = true,
         .lines = {"10.20.4.17, etl-batch-3", "entity client.ingest.g6", "gone since 03:01:44"},
         .tone = Tone::Warn,
         .mark = stateWord(Domain::Lock, u"holder gone")},
    };
}

QList<CauseRow> causes()
{
    const auto verdict = [](const char* word) { return stateWord(Domain::Cause, QString::fromLatin1(word)); };
    return {
        {.verdict = verdict("confirmed"),
         .title = "A dead client still holds the lock",
         .rule = "R18 version 3",
         .ruleId = "R18",
         .evidence = {{"Lock compact on part-05120, holder client.48213", "rados list_lockers, vega", "4 s"},
                      {"No session of client.48213 on mon a, b, c", "sessions of 3 of 3 monitors", "4 s"},
                      {"Address 10.20.4.17:0/3318240915 is not blocklisted", "osd dump, epoch 2,914", "4 s"},
                      {"Pod compact-7c9 on etl-batch-3 ended, exit 137", "luigi, task instance", "2 min 6 s",
                       true}},
         .correction = "Reset the task with fencing: it keeps 7,439 objects and replaces 1."},
        {.verdict = verdict("unknown"),
         .title = "The task may not break this lock",
         .rule = "R20 version 1",
         .ruleId = "R20",
         .evidence = {{"Caps of client.sluice on train-set: not read yet", "auth get, asked at the preview",
                       "–"}}},
        {.verdict = verdict("refuted"),
         .title = "Ceph pool health",
         .rule = "R5 version 1",
         .ruleId = "R5",
         .summary = "64 of 64 PGs of train-set are active+clean",
         .age = "3 s"},
        {.verdict = verdict("refuted"),
         .title = "Monitor quorum",
         .rule = "R13 version 2",
         .ruleId = "R13",
         .summary = "3 of 3 monitors in quorum, leader a",
         .age = "2 s"},
        {.verdict = verdict("refuted"),
         .title = "Ceph pool quota",
         .rule = "R10 version 1",
         .ruleId = "R10",
         .summary = "61 % of 2.0 TiB, no full flag",
         .age = "3 s"},
    };
}

QList<StepRow> steps(bool after)
{
    const QStringList titles{
        "Fence attempt 1, fence 7 becomes 8",           "Prove it is dead",
        "Compare the manifest with the stored objects", "Blocklist `client.48213` for 1 h",
        "Break lock `compact` on `part-05120`",         "Start attempt 2 with the 1 missing object"};
    const QStringList checks{"its client instance is blocklisted",
                             "pid 20817 reaped",
                             "7,439 sizes and versions equal",
                             "entry in the OSD map",
                             "no holder left",
                             "first commit within 60 s"};
    QList<StepRow> rows;
    for (qsizetype i = 0; i < titles.size(); ++i) {
        const char16_t* const state = !after   ? u"todo"
                                      : i < 3  ? u"verified"
                                      : i == 3 ? u"running"
                                      : i == 4 ? u"failed"
                                               : u"todo";
        rows.append({.state = stateWord(Domain::Step, QStringView(state)),
                     .title = titles.at(i),
                     .detail = (after ? QString() : QStringLiteral("checked by: ")) + checks.at(i),
                     .right = after && i < 3    ? QStringLiteral("03:15:39")
                              : after && i == 3 ? QStringLiteral("11 of 14")
                                                : QString(),
                     .running = after && i == 3});
    }
    return rows;
}

}  // namespace

QWidget* caseSheet(const Theme& theme)
{
    auto* sheet = pane(1376, 900);
    auto* phases = new PhaseBar(theme);
    phases->setPhase("decide");
    columnOf(sheet)->addWidget(phases);
    auto* split = new QHBoxLayout;
    split->setSpacing(0);
    columnOf(sheet)->addLayout(split);

    auto* left = new QVBoxLayout;
    left->setSpacing(0);
    auto* chainSection = new Section(theme, "From the task to the cause");
    chainSection->setRuled(false);
    chainSection->head()->setNote("every link observed, oldest 4 s");
    auto* chain = new ChainView(theme);
    chain->setCards(cards());
    chainSection->addWidget(chain);
    left->addWidget(chainSection);
    auto* head = new SectionHead(theme, "Causes");
    head->setCount("5");
    head->setNote("nearest to the task's own objects first");
    head->setContentsMargins(0, 0, 0, 0);
    auto* headRow = new QVBoxLayout;
    headRow->setContentsMargins(20, 0, 20, 0);
    headRow->addWidget(head);
    left->addLayout(headRow);
    auto* list = new CauseList(theme);
    list->setCauses(causes());
    left->addWidget(list);
    auto* when = new Section(theme, "When it happened");
    when->head()->setNote("UTC, 02:58 to 03:14");
    when->setRuled(false);
    auto* strip = new TimeStrip(theme);
    strip->setEvents({{kNowMs - 937000, "lock taken"},
                      {kNowMs - 744000, "holder gone"},
                      {kNowMs - 372000, "last progress"},
                      {kNowMs - 72000, "found stalled"},
                      {kNowMs, "now"}},
                     {{kNowMs - 937000, kNowMs - 744000, "alive", Tone::Neutral},
                      {kNowMs - 744000, kNowMs, "holder gone, lock stays, 12 min 24 s", Tone::Warn}});
    when->addWidget(strip);
    left->addWidget(when);
    left->addStretch(1);
    split->addLayout(left, 66);

    auto* right = new QVBoxLayout;
    right->setSpacing(0);
    auto* plan = new Section(theme, "Next safe step: reset with fencing");
    plan->head()->setCount("6 steps");
    auto* mark = new ClassMark(theme);
    mark->setActionClass(2);
    plan->head()->addWidget(mark);
    auto* stepList = new StepList(theme);
    stepList->setSteps(steps(false));
    plan->addWidget(stepList);
    plan->setRuled(false);
    right->addWidget(plan);
    auto* touches = new Section(theme, "What it touches");
    touches->head()->setNote("redundancy stays full, survives 1 more failure");
    touches->setRuled(false);
    auto* figures = new FigureRow(theme);
    figures->setFigures({{"1 run", "1 task restarts"},
                         {"64 MiB", "1 object written again"},
                         {"4 tasks", "go on afterwards"}});
    touches->addWidget(figures);
    right->addWidget(touches);
    auto* undone = new Section(theme, "What cannot be undone");
    undone->setRuled(false);
    for (const auto& [strong, rest] :
         {std::pair{"The holder's session ends.",
                    "If etl-batch-3 comes back, its writes are refused until it connects anew."},
          {"12 MiB in part-05120 are replaced.", "The dead client wrote them; no manifest names them."}}) {
        auto* note = new NoteBar(theme);
        note->setTone(Tone::Warn);
        note->setTexts(strong, rest);
        undone->addWidget(note);
    }
    right->addWidget(undone);
    right->addStretch(1);
    split->addLayout(right, 34);
    return sheet;
}

QWidget* emptySheet(const Theme& theme)
{
    auto* sheet = pane(1080, 900);
    auto* banner = new Banner(theme);
    banner->setTone(Tone::Crit);
    banner->setTexts(
        "Monitor quorum lost: 1 of 3 monitors answers, 2 are needed. Out: b on vega-2, c on vega-3.",
        "Maps, PGs and Ceph pools of vega are as of 03:41:07. What is hatched below is what was known then.");
    banner->setAction("Open case C-319", "C");
    columnOf(sheet)->addWidget(banner);
    auto* warn = new Banner(theme);
    warn->setTexts("The engine is not reachable since 03:12:56.",
                   "Everything below is what was known then. It is tried again every 2 s.");
    columnOf(sheet)->addWidget(warn);
    auto* needs = new Section(theme, "Needs you");
    needs->head()->setCount("0");
    auto* quiet = new EmptyState(theme);
    quiet->setHeadline("Nothing needs you", stateWord(Domain::Availability, u"available"));
    quiet->setChecked("All rules were read 2 s ago; every system answered within its deadline.");
    quiet->setFigures({{"58 rules", "read 2 s ago"},
                       {"4,212 facts", "oldest 6 s"},
                       {"214 runs", "done in 24 h, 0 failed"},
                       {"0 late", "of 31 due today"}});
    needs->addWidget(quiet);
    columnOf(sheet)->addWidget(needs);
    auto* flows = new Section(theme, "Runs");
    auto* none = new EmptyState(theme);
    none->setHeadline("No run in 24 h");
    none->setChecked(
        "Looked at the engine's run list, 4 s ago. A flow file names tasks and what they need; this submits "
        "one:");
    none->setCode("sluicectl flow submit nightly-train.yaml");
    none->setAction("Submit flow…");
    flows->addWidget(none);
    columnOf(sheet)->addWidget(flows);
    auto* done = new Section(theme, "Reset with fencing");
    done->head()->setCount("3 of 6 done");
    auto* row = new QHBoxLayout;
    row->setSpacing(20);
    auto* boxed = new StepList(theme);
    boxed->setSteps(steps(true));
    row->addWidget(boxed);
    auto* code = new CodeBlock(theme);
    code->setText("osd pool set-quota\n  pool=landing\n  field=max_bytes\n  val=1099511627776");
    auto* prose = new CodeBlock(theme);
    prose->setProse(true);
    prose->setText(
        "R-4182 nightly-train stood still from 03:07:56 to 03:15:43. A client of role ingest died at "
        "03:01:44 and left lock compact on train-set/part-05120 of vega.");
    auto* codes = new QVBoxLayout;
    codes->addWidget(code);
    codes->addWidget(prose);
    codes->addStretch(1);
    row->addLayout(codes);
    done->content()->addLayout(row);
    columnOf(sheet)->addWidget(done);
    columnOf(sheet)->addStretch(1);
    return sheet;
}

}  // namespace sluice::gallery
