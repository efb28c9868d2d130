#include "samples.h"

namespace sluice::gallery {

using widgets::DagNode;

QList<DagNode> nightlyRun()
{
    const auto done = [](const char* id, const char* detail, QStringList needs = {}) {
        return DagNode{.id = id, .name = id, .state = "done", .detail = detail, .needs = std::move(needs)};
    };
    const auto waiting = [](const char* id, const char* detail, QStringList needs) {
        return DagNode{.id = id, .name = id, .state = "waiting", .detail = detail, .needs = std::move(needs)};
    };
    return {
        done("land-clicks", "done in 4 min"),
        done("land-orders", "done in 3 min"),
        done("land-catalog", "done in 48 s"),
        done("verify-landing", "done in 3 min", {"land-clicks", "land-orders"}),
        done("dedupe-orders", "done, Luigi try 2", {"land-orders"}),
        done("claim-volume", "done, vol-feat-07", {"land-catalog"}),
        done("build-features", "done in 11 min", {"verify-landing", "dedupe-orders", "claim-volume"}),
        {.id = "copy-train-set",
         .name = "copy-train-set",
         .state = "stalled",
         .detail = "stalled 6 min 12 s",
         .fraction = 0.99,
         .needs = {"build-features"}},
        {.id = "copy-holdout",
         .name = "copy-holdout",
         .state = "running",
         .detail = "running, 62 %",
         .fraction = 0.62,
         .needs = {"build-features"}},
        {.id = "copy-labels",
         .name = "copy-labels",
         .state = "verifying",
         .detail = "verifying, 91 %",
         .fraction = 0.91,
         .needs = {"build-features"}},
        waiting("train-embed", "waiting, Luigi", {"copy-train-set", "copy-holdout", "copy-labels"}),
        waiting("approve-publish", "waits for a person", {"train-embed"}),
        waiting("publish-s3", "waiting, move", {"approve-publish"}),
        waiting("publish-index", "waiting, move", {"approve-publish"}),
    };
}

QList<DagNode> wideRun(int width, int layers)
{
    QList<DagNode> nodes;
    nodes.append({.id = "list", .name = "list", .state = "done", .detail = "done in 2 s"});
    for (int layer = 0; layer < layers; ++layer) {
        for (int i = 0; i < width; ++i) {
            const int doneUntil = width * (layers - layer) / (layers + 1);
            const char* state = i < doneUntil                ? "done"
                                : i < doneUntil + width / 40 ? "running"
                                : i < doneUntil + width / 30 ? "ready"
                                                             : "waiting";
            if (layer == 1 && (i == width / 3 || i == width / 3 + 7)) {
                state = "failed";
            }
            DagNode node{.id = QStringLiteral("t%1-%2").arg(layer).arg(i),
                         .name = QStringLiteral("part-%1").arg(i),
                         .state = state,
                         .detail = state};
            node.needs.append(layer == 0 ? QStringLiteral("list")
                                         : QStringLiteral("t%1-%2").arg(layer - 1).arg(i));
            nodes.append(node);
        }
    }
    DagNode end{.id = "publish", .name = "publish", .state = "waiting", .detail = "waiting"};
    for (int i = 0; i < width; ++i) {
        end.needs.append(QStringLiteral("t%1-%2").arg(layers - 1).arg(i));
    }
    nodes.append(end);
    return nodes;
}

}  // namespace sluice::gallery
