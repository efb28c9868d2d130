#pragma once

#include <QtCore/QList>

#include "systems/ceph/rules/ceph_scene.h"

/// The rules about Ceph clusters and their gateways: pure functions from what was seen to what it means. One
/// file each; the numbers are those of the catalogue in the manual. A rule answers with one finding per thing
/// it looked at and never with none, except R0, R2, R9, R16 and those of gateways, which speak only if there
/// is something to say, and R18 and R21 at a gateway. Which tasks each is for stands in its row.
namespace sluice::systems::ceph {

/// All rows: rules, probes, and how to tell where an object lies.
diagnosis::RulePart rules();

/// Alerts that have nothing to do with the task. Needs what the other rules found.
QList<Finding> ruleUnrelatedAlerts(const CephScene& scene, const QList<Finding>& others);
/// R2: an OSD that is up does not answer. Speaks only if an operation hangs, there or at a gateway before it.
QList<Finding> ruleSilentOsd(const CephScene& scene);
/// R3: the OSDs that may hold newer data are down. R5: fewer copies up than min_size, so reads and writes
/// wait; a listing waits for all PGs of its Ceph pool.
QList<Finding> ruleMinSize(const CephScene& scene);
/// R9: the OSDs have no space left, and a write was refused for it.
QList<Finding> ruleOsdsFull(const CephScene& scene);
/// R10: the Ceph pool is at its quota, and a write was refused for it.
QList<Finding> ruleQuota(const CephScene& scene);
/// R13: no monitor quorum, and the task needs a new session or its old attempt a fence.
QList<Finding> ruleMonQuorum(const CephScene& scene);
/// R16: a flag pauses reading or writing. Speaks only if such a flag is set.
QList<Finding> rulePaused(const CephScene& scene);
/// R18: somebody else holds an advisory lock on the object.
QList<Finding> ruleAdvisoryLock(const CephScene& scene);
/// R21: the entity's caps do not allow what the task does, or its key is refused.
QList<Finding> ruleCaps(const CephScene& scene);

/// R5, R9, R10, R13 of the cluster behind a gateway: a bucket lies in its Ceph pools.
QList<Finding> ruleGatewayStorage(const CephScene& scene);
/// R32: a quota of the bucket or of its owner.
QList<Finding> ruleGatewayQuota(const CephScene& scene);
/// R59: the gateway does not answer, or not with what the task asks for. Needs what the other rules found:
/// what stands behind it makes it fail.
QList<Finding> ruleGatewayDown(const CephScene& scene, const QList<Finding>& others);
/// R25, R27, R28, R60: the gateway refuses the key, or what is done with it.
QList<Finding> ruleGatewayRefusal(const CephScene& scene);

/// What a task that failed reported, R1: that its client was fenced makes it R19; a Ceph pool, a bucket or a
/// key that fails for everybody makes it an outage.
void explainFailure(const CephScene& scene, QList<Finding>& findings);

/// The rows of probes.
QList<diagnosis::ProbeKind> probeKinds();

/// The cards between the object and the cause.
QList<ChainLink> lockCards(const CephScene& scene);
QList<ChainLink> placementGroupCards(const CephScene& scene, const Finding& cause);
QList<ChainLink> monitorCards(const CephScene& scene, const Finding& cause);
/// Where the object lies: its Ceph pool and its placement group.
QStringList placeOfObject(const CephScene& scene);

}  // namespace sluice::systems::ceph
