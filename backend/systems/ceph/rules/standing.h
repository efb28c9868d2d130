#pragma once

#include "diagnosis/rule.h"
#include "systems/ceph/rules/ceph_scene.h"

/// What is broken of a cluster or a gateway whether or not a task waits for it; see diagnosis::Standing.
namespace sluice::systems::ceph {

using diagnosis::Standing;

/// Not known yet, about the whole system.
Standing standing(const QString& rule, const QString& subject, const QString& title);
/// It is seen to be well.
void well(Standing& one, const Fact& fact, const QString& text);
/// It is seen to be broken; the evidence stands there already.
void broken(Standing& one, const diagnosis::Remedy& remedy, const QString& correction);
/// The monitors are seen to agree now: without that, what else is told of the cluster is of before.
bool monitorsAgree(const Scene& scene, const QString& connection);
/// Something is seen to be broken that the whole cluster suffers from.
bool clusterIsBroken(const QList<Standing>& others, const QString& connection);

QList<Standing> quorumsStanding(const Scene& scene, const QList<Standing>& others);
QList<Standing> managersStanding(const Scene& scene, const QList<Standing>& others);
QList<Standing> placementGroupsStanding(const Scene& scene, const QList<Standing>& others);
QList<Standing> osdsFullStanding(const Scene& scene, const QList<Standing>& others);
QList<Standing> quotasStanding(const Scene& scene, const QList<Standing>& others);
QList<Standing> pausesStanding(const Scene& scene, const QList<Standing>& others);
QList<Standing> gatewaysStanding(const Scene& scene, const QList<Standing>& others);

}  // namespace sluice::systems::ceph
