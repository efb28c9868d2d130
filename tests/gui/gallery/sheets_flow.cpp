#include <QtCore/QEventLoop>
#include <QtWidgets/QHBoxLayout>

#include "samples.h"
#include "sheets.h"
#include "ui/style/theme.h"
#include "ui/widgets/dag_view.h"
#include "ui/widgets/hop_bar.h"
#include "ui/widgets/key_values.h"
#include "ui/widgets/log_view.h"
#include "ui/widgets/progress_bar.h"
#include "ui/widgets/section.h"
#include "ui/widgets/section_head.h"

namespace sluice::gallery {

using namespace style;
using namespace widgets;

namespace {

void settle(DagView* view)
{
    if (view->isLayingOut()) {
        QEventLoop loop;
        QObject::connect(view, &DagView::laidOut, &loop, &QEventLoop::quit);
        loop.exec();
    }
}

}  // namespace

QWidget* flowSheet(const Theme& theme)
{
    auto* sheet = pane(1128, 780);
    auto* graph = new DagView(theme);
    graph->setNodes(nightlyRun());
    graph->setCurrentNode("copy-train-set");
    columnOf(sheet)->addWidget(graph, 1);
    auto* dock = new QHBoxLayout;
    dock->setContentsMargins(20, 12, 20, 12);
    dock->setSpacing(24);
    auto* left = new QVBoxLayout;
    auto* facts = new KeyValues(theme);
    facts->setRows({{"Attempt", "1 of this run, fence 7"},
                    {"From", "vega/landing", {}, true},
                    {"To", "vega/train-set", {}, true},
                    {"Objects", "7,439 of 7,440"},
                    {"Data", "464.9 GiB of 465.0 GiB"}});
    left->addWidget(facts);
    auto* bar = new ProgressBar(theme);
    bar->setFraction(0.99);
    bar->setThickness(6);
    bar->setTone(Tone::Warn);
    left->addWidget(bar);
    auto* more = new KeyValues(theme);
    more->setRows({{"Throughput", "0 B/s, was 212 MiB/s"},
                   {"Ends", "not known while stalled"},
                   {"Last progress", "03:07:56"},
                   {"Deadline", "5 min without progress"},
                   {"Worker", "pid 20817", "on ops-1, alive"}});
    left->addWidget(more);
    left->addStretch(1);
    dock->addLayout(left, 28);
    auto* right = new QVBoxLayout;
    auto* head = new SectionHead(theme, "Where it stands");
    head->setCount("the gate is closed at Write; objects passed and p99 time per hop");
    right->addWidget(head);
    auto* hops = new HopBar(theme);
    hops->setHops(
        {{"List", Hop::Water::Passed, {{"passed", "7,440"}, {"p99", "9 ms"}}},
         {"Read", Hop::Water::Passed, {{"passed", "7,440"}, {"p99", "38 ms"}}},
         {"Network", Hop::Water::Passed, {{"client", "0 B"}, {"p99", "12 ms"}}},
         {"Write", Hop::Water::Closed, {{"passed", "7,439"}, {"refused", "1"}, {"oldest", "12 min"}}},
         {"Verify", Hop::Water::Dry, {{"passed", "7,439"}, {"p99", "22 ms"}}},
         {"Commit", Hop::Water::Dry, {{"passed", "7,439"}, {"p99", "6 ms"}}}});
    right->addWidget(hops);
    right->addWidget(new SectionHead(theme, "Log"));
    auto* log = new LogView(theme);
    log->setLines(
        {{"03:07:56.412", "commit", "part-07440   64 MiB, checksum equal"},
         {"03:12:56.000", "engine", "stalled: no progress for 5 min", Tone::Warn},
         {"03:13:53.961", "write", "part-05120   EBUSY, lock compact, client.48213   try 145", Tone::Warn},
         {"03:13:58.970", "write", "part-05120   EBUSY, lock compact, client.48213   try 146", Tone::Warn}});
    right->addWidget(log, 1);
    dock->addLayout(right, 72);
    columnOf(sheet)->addLayout(dock);
    return sheet;
}

QWidget* largeFlowSheet(const Theme& theme)
{
    auto* sheet = pane(1128, 700);
    auto* graph = new DagView(theme);
    columnOf(sheet)->addWidget(graph, 1);
    graph->setNodes(wideRun(480, 4));
    settle(graph);
    sheet->ensurePolished();
    columnOf(sheet)->activate();
    graph->setZoom(0.25);
    graph->nextException();
    return sheet;
}

QWidget* hugeFlowSheet(const Theme& theme)
{
    auto* sheet = pane(1128, 700);
    auto* graph = new DagView(theme);
    columnOf(sheet)->addWidget(graph, 1);
    graph->setNodes(wideRun(12500, 8));
    settle(graph);
    return sheet;
}

}  // namespace sluice::gallery
