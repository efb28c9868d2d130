#include <QtWidgets/QHBoxLayout>

#include "samples.h"
#include "sheets.h"
#include "ui/style/theme.h"
#include "ui/widgets/note_bar.h"
#include "ui/widgets/osd_tiles.h"
#include "ui/widgets/pg_bar.h"
#include "ui/widgets/quorum_ring.h"
#include "ui/widgets/section.h"
#include "ui/widgets/section_head.h"
#include "ui/widgets/summary_strip.h"

namespace sluice::gallery {

using namespace style;
using namespace widgets;

namespace {

QList<OsdTile> osds(int racks, int hostsPerRack, int perHost)
{
    QList<OsdTile> tiles;
    for (int rack = 0; rack < racks; ++rack) {
        for (int host = 0; host < hostsPerRack; ++host) {
            for (int i = 0; i < perHost; ++i) {
                const int id = int(tiles.size());
                tiles.append({.osdId = id,
                              .host = QStringLiteral("atlas-%1")
                                          .arg(rack * hostsPerRack + host + 1, 2, 10, QLatin1Char('0')),
                              .rack = racks > 1 ? QStringLiteral("r%1").arg(rack + 1) : QString(),
                              .usedPercent = 52.0 + (id * 37 % 31)});
            }
        }
    }
    if (tiles.size() > 17) {
        tiles[17].up = false;
        tiles[17].in = false;
        tiles[25].nearFull = true;
        tiles[25].usedPercent = 88;
    }
    return tiles;
}

MonMark mon(const char* name, const char* state, bool in)
{
    return {.name = name, .state = stateWord(Domain::Mon, QString::fromLatin1(state)), .inQuorum = in};
}

}  // namespace

QWidget* storageSheet(const Theme& theme)
{
    auto* sheet = pane(1376, 560);
    auto* strip = new SummaryStrip(theme);
    strip->setCells({{.state = stateWord(Domain::Availability, u"available"),
                      .detail = "all PGs active, writes 1.1 GiB/s",
                      .label = "Availability"},
                     {.state = stateWord(Domain::Redundancy, u"reduced"),
                      .detail = "111 of 2,113 PGs miss 1 copy",
                      .label = "Redundancy"},
                     {.state = postureWord(u"to fix", 2),
                      .detail = "scratch min_size, insecure global_id",
                      .label = "Posture"},
                     {.figure = "42 % recovered", .detail = "640 MiB/s, ends about 05:08"},
                     {.figure = "66 % used", .detail = "fullest osd.25, 79 %"}});
    columnOf(sheet)->addWidget(strip);
    auto* split = new QHBoxLayout;
    split->setSpacing(0);
    auto* left = new Section(theme, "Monitor quorum");
    left->head()->setCount("5 of 5");
    left->head()->setNote("3 s");
    auto* ring = new QuorumRing(theme);
    ring->setMonitors({mon("a", "leader", true), mon("b", "peon", true), mon("c", "peon", true),
                       mon("d", "peon", true), mon("e", "peon", true)},
                      3, true);
    left->addWidget(ring);
    auto* tiles = new OsdTiles(theme);
    tiles->setOsds(osds(1, 1, 3));
    left->addWidget(tiles);
    split->addWidget(left, 38);
    auto* right = new QVBoxLayout;
    right->setSpacing(0);
    auto* pgs = new Section(theme, "Placement groups");
    pgs->head()->setCount("2,113");
    pgs->head()->setNote("inactive 0, inconsistent 0, unfound 0     3 s");
    auto* bar = new PgBar(theme);
    bar->setStates({{"active+clean", 1997},
                    {"active+clean+scrubbing+deep", 5},
                    {"active+undersized+degraded+remapped+backfilling", 24},
                    {"active+undersized+degraded+remapped+backfill_wait", 87}});
    pgs->addWidget(bar);
    right->addWidget(pgs);
    auto* down = new Section(theme, "Placement groups in trouble");
    auto* bad = new PgBar(theme);
    bad->setStates({{"active+clean", 90}, {"peering", 12}, {"down", 20}, {"active+undersized+degraded", 40}});
    down->addWidget(bad);
    auto* note = new NoteBar(theme);
    note->setTone(Tone::Warn);
    note->setTexts("osd.17 on atlas-03 is down since 01:41.",
                   "Restarted 01:58, not verified. Its copies move to 46 OSDs.");
    down->addWidget(note);
    right->addWidget(down);
    right->addStretch(1);
    split->addLayout(right, 62);
    columnOf(sheet)->addLayout(split);
    columnOf(sheet)->addStretch(1);
    return sheet;
}

QWidget* storageLostSheet(const Theme& theme)
{
    auto* sheet = pane(1376, 560);
    auto* strip = new SummaryStrip(theme);
    StateWord unknown = staleWord(stateWord(Domain::Redundancy, u"full"));
    strip->setCells({{.state = stateWord(Domain::Availability, u"partly"),
                      .detail = "open sessions only",
                      .label = "Availability"},
                     {.state = unknown, .detail = "was full at 03:41:07", .label = "Redundancy"},
                     {.state = unknown, .detail = "was in order at 03:41:07", .label = "Posture"},
                     {.figure = "2 runs go on", .detail = "R-4189, R-4182 on open sessions"},
                     {.state = stateWord(Domain::Task, u"stalled"), .detail = "R-4188 needs a new session"}});
    columnOf(sheet)->addWidget(strip);
    auto* split = new QHBoxLayout;
    split->setSpacing(0);
    auto* column = new QVBoxLayout;
    column->setSpacing(0);
    auto* left = new Section(theme, "Monitor quorum");
    left->head()->setCount("1 of 3");
    auto* ring = new QuorumRing(theme);
    ring->setMonitors({mon("a", "electing", true), mon("b", "down", false), mon("c", "down", false)}, 2,
                      false);
    left->addWidget(ring);
    auto* note = new NoteBar(theme);
    note->setTone(Tone::Crit);
    note->setTexts("mon a still says HEALTH_OK.", "It is not believed: quorum_names is empty.");
    left->addWidget(note);
    column->addWidget(left);
    column->addStretch(1);
    split->addLayout(column, 38);
    auto* right = new QVBoxLayout;
    right->setSpacing(0);
    auto* pgs = new Section(theme, "Placement groups");
    pgs->head()->setCount("193");
    pgs->setStale(kNowMs - 134000, kNowMs);
    auto* bar = new PgBar(theme);
    bar->setStates({{"active+clean", 193}});
    bar->setStale(true);
    pgs->addWidget(bar);
    right->addWidget(pgs);
    auto* hosts = new Section(theme, "OSDs");
    hosts->head()->setCount("3");
    hosts->setStale(kNowMs - 134000, kNowMs);
    auto* tiles = new OsdTiles(theme);
    tiles->setOsds(osds(1, 3, 1));
    tiles->setStale(true);
    hosts->addWidget(tiles);
    right->addWidget(hosts);
    right->addStretch(1);
    split->addLayout(right, 62);
    columnOf(sheet)->addLayout(split);
    columnOf(sheet)->addStretch(1);
    return sheet;
}

QWidget* osdSheet(const Theme& theme)
{
    auto* sheet = pane(560, 860);
    auto add = [&](const char* title, const QList<OsdTile>& list) {
        auto* section = new Section(theme, title);
        auto* tiles = new OsdTiles(theme);
        tiles->setOsds(list);
        section->addWidget(tiles);
        columnOf(sheet)->addWidget(section);
    };
    add("48 OSDs in 4 racks", osds(4, 2, 6));
    QList<OsdTile> small = osds(1, 5, 1);
    small[1].up = false;
    small[2].full = true;
    add("5 OSDs", small);
    add("210 OSDs", osds(1, 7, 30));
    columnOf(sheet)->addStretch(1);
    return sheet;
}

}  // namespace sluice::gallery
