#pragma once

#include <QtCore/QList>

#include "diagnosis/finding.h"
#include "diagnosis/scene.h"

/// The rules: pure functions from what was seen to what it means. One file each; the numbers are those of the
/// catalogue in the manual. A rule answers with one finding per thing it looked at and never with none,
/// except R0, R1, R2, R9, R16, R61, R62 and those of gateways, which speak only if there is something to say,
/// and R18 at a gateway.
namespace sluice::diagnosis {

/// Alerts that have nothing to do with the task. Needs what the other rules found.
QList<Finding> ruleUnrelatedAlerts(const Scene& scene, const QList<Finding>& others);
/// R1: the task failed, and the worker reported why. R19: what it reported is that its client was fenced.
QList<Finding> ruleReported(const Scene& scene);
/// R61: the worker's process is stopped, whatever it said before, or has ended.
QList<Finding> ruleStoppedWorker(const Scene& scene);
/// R62: the file system of this machine refuses what the task does there. Speaks only then.
QList<Finding> ruleFileSystem(const Scene& scene);
/// What the worker reported becomes evidence of the nearest confirmed cause or, without one, a finding of its
/// own: R1 too, and unknown.
void tellWhatWasSaid(const Scene& scene, QList<Finding>& findings);
/// R2: an OSD that is up does not answer. Speaks only if an operation hangs, there or at a gateway before it.
QList<Finding> ruleSilentOsd(const Scene& scene);
/// R3: the OSDs that may hold newer data are down. R5: fewer copies up than min_size, so reads and writes
/// wait; a listing waits for all PGs of its Ceph pool.
QList<Finding> ruleMinSize(const Scene& scene);
/// R9: the OSDs have no space left, and a write was refused for it.
QList<Finding> ruleOsdsFull(const Scene& scene);
/// R10: the Ceph pool is at its quota, and a write was refused for it.
QList<Finding> ruleQuota(const Scene& scene);
/// R13: no monitor quorum, and the task needs a new session or its old attempt a fence.
QList<Finding> ruleMonQuorum(const Scene& scene);
/// R16: a flag pauses reading or writing. Speaks only if such a flag is set.
QList<Finding> rulePaused(const Scene& scene);
/// R18: somebody else holds an advisory lock on the object.
QList<Finding> ruleAdvisoryLock(const Scene& scene);
/// R21: the entity's caps do not allow what the task does, or its key is refused.
QList<Finding> ruleCaps(const Scene& scene);

/// R5, R9, R10, R13 of the cluster behind a gateway: a bucket lies in its Ceph pools.
QList<Finding> ruleGatewayStorage(const Scene& scene);
/// R32: a quota of the bucket or of its owner.
QList<Finding> ruleGatewayQuota(const Scene& scene);
/// R59: the gateway does not answer, or not with what the task asks for. Needs what the other rules found:
/// what stands behind it makes it fail.
QList<Finding> ruleGatewayDown(const Scene& scene, const QList<Finding>& others);
/// R25, R27, R28, R60: the gateway refuses the key, or what is done with it.
QList<Finding> ruleGatewayRefusal(const Scene& scene);

/// Whether a rule about a Ceph cluster has nothing to look at: then it says notTouched(), unless the cluster
/// is behind a gateway.
QList<Finding> withoutCluster(const QString& rule, const QString& title, const Scene& scene);

/// A refuted finding for a task that touches no Ceph cluster.
Finding notTouched(const QString& rule, const QString& title, const Scene& scene);

}  // namespace sluice::diagnosis
