#include "systems/ceph/rules/rules.h"

#include "systems/ceph/rules/standing.h"

namespace sluice::systems::ceph {
namespace {

using diagnosis::Rule;

CephBlocked reported(const TaskView& task)
{
    return CephBlocked(diagnosis::Blocked::fromJson(task.blocked, 0));
}

bool touchesCluster(const TaskView& task)
{
    return !clustersOf(cephPoolsOf(task), reported(task)).isEmpty();
}

bool touchesBucket(const TaskView& task)
{
    return !touchedBuckets(task).isEmpty();
}

bool touchesAny(const TaskView& task)
{
    return touchesCluster(task) || touchesBucket(task);
}

auto judgedBy(QList<Finding> (*rule)(const CephScene&))
{
    return [rule](const Scene& scene, const QList<Finding>&) { return rule(CephScene(scene)); };
}

auto judgedAfterOthersBy(QList<Finding> (*rule)(const CephScene&, const QList<Finding>&))
{
    return
        [rule](const Scene& scene, const QList<Finding>& others) { return rule(CephScene(scene), others); };
}

auto card(const char* kind)
{
    return [kind = QString::fromLatin1(kind)](const Scene&, const Finding& cause) {
        return QList<ChainLink>{diagnosis::plainCard(kind, QStringLiteral("warn"), cause)};
    };
}

auto cards(QList<ChainLink> (*of)(const CephScene&, const Finding&))
{
    return [of](const Scene& scene, const Finding& cause) { return of(CephScene(scene), cause); };
}

Rule lockRule()
{
    return {.ids = {"R18"},
            .applies = touchesCluster,
            .probes = {"observe.now", "lock.list", "object.pg", "sessions", "blocklist.has"},
            .judge = judgedBy(ruleAdvisoryLock),
            .chain = [](const Scene& scene, const Finding&) { return lockCards(CephScene(scene)); }};
}

QList<Rule> clusterRules()
{
    return {
        lockRule(),
        {.ids = {"R5", "R3"},
         .applies = touchesCluster,
         .probes = {"observe.now", "object.pg", "pool.pgs"},
         .judge = judgedBy(ruleMinSize),
         .chain = cards(placementGroupCards),
         .standing = placementGroupsStanding},
        {.ids = {"R2"},
         .applies = touchesAny,
         .probes = {"observe.now", "object.pg", "pool.pgs", "osd.answers"},
         .judge = judgedBy(ruleSilentOsd),
         .chain = card("ceph-pool")},
        {.ids = {"R21"},
         .applies = touchesCluster,
         .probes = {"auth.get", "key.probe", "lock.list", "sessions", "blocklist.has"},
         .judge = judgedBy(ruleCaps),
         .chain = card("auth-entity")},
        {.ids = {"R10"},
         .applies = touchesCluster,
         .probes = {"observe.now"},
         .judge = judgedBy(ruleQuota),
         .chain = card("ceph-pool"),
         .standing = quotasStanding},
        {.ids = {"R9"},
         .applies = touchesCluster,
         .probes = {"observe.now"},
         .judge = judgedBy(ruleOsdsFull),
         .chain = card("ceph-pool"),
         .standing = osdsFullStanding},
        {.ids = {"R13"},
         .applies = touchesCluster,
         .probes = {"observe.now"},
         .judge = judgedBy(ruleMonQuorum),
         .chain = cards(monitorCards),
         .standing = quorumsStanding,
         .besidesTheObject = true},
        {.ids = {"R16"},
         .applies = touchesAny,
         .probes = {"observe.now"},
         .judge = judgedBy(rulePaused),
         .chain = card("ceph-pool"),
         .standing = pausesStanding},
    };
}

QList<Rule> gatewayRules()
{
    return {
        {.ids = {"R60", "R25", "R27", "R28"},
         .applies = touchesBucket,
         .probes = {"s3.look"},
         .judge = judgedBy(ruleGatewayRefusal),
         .chain = card("ceph-pool")},
        {.ids = {"R32"},
         .applies = touchesBucket,
         .probes = {"s3.look"},
         .judge = judgedBy(ruleGatewayQuota),
         .chain = card("ceph-pool")},
        {.ids = {"R5", "R9", "R10", "R13"},
         .applies = touchesBucket,
         .probes = {"observe.now", "s3.look", "pool.pgs"},
         .judge = judgedBy(ruleGatewayStorage),
         .chain = card("ceph-pool")},
        {.ids = {"R59"},
         .applies = touchesBucket,
         .probes = {"observe.now", "s3.look", "pool.pgs", "osd.answers"},
         .judge = judgedAfterOthersBy(ruleGatewayDown),
         .chain = card("ceph-pool"),
         .standing = gatewaysStanding},
    };
}

/// What stands behind a gateway is what was observed of it.
void completeBuckets(TaskView& task, const FactSource& facts)
{
    for (diagnosis::Touched& one : task.touched) {
        if (one.kind == kBucketKind) {
            const auto gateway = facts.fact(idOf(one.connection, QStringLiteral("gateway"), one.connection));
            one.behind = gateway ? gateway->facts["cluster"].toString() : QString();
        }
    }
}

}  // namespace

diagnosis::RulePart rules()
{
    const Rule failure{
        .ids = {"R19"},
        .applies = touchesAny,
        .revise = [](const Scene& scene,
                     QList<Finding>& findings) { explainFailure(CephScene(scene), findings); },
        .chain = [](const Scene&, const Finding& cause) -> QList<ChainLink> {
            return {diagnosis::plainCard(QStringLiteral("report"), QStringLiteral("crit"), cause)};
        }};
    // Only what is seen without a task: no task waits for it.
    const Rule manager{
        .ids = {"R63"}, .applies = [](const TaskView&) { return false; }, .standing = managersStanding};
    const Rule alerts{
        .ids = {"R0"}, .applies = touchesAny, .judge = judgedAfterOthersBy(ruleUnrelatedAlerts)};
    return {.rules = QList<Rule>{failure} + clusterRules() + gatewayRules() + QList<Rule>{manager, alerts},
            .probes = probeKinds(),
            .placeOfObject = [](const Scene& scene) { return placeOfObject(CephScene(scene)); },
            .complete = completeBuckets};
}

}  // namespace sluice::systems::ceph
