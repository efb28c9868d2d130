#pragma once

#include "diagnosis/rule.h"

namespace sluice::systems::luigi {

/// What luigid tells, as the rules look at it.
using diagnosis::Fact;
using diagnosis::Scene;

/// A question to luigid as it is typed in a shell; empty if it cannot be written so.
/// @param taskId luigid's whole id of a task, or empty for a question about luigid itself
QString curlCommand(const Fact& luigid, const QString& method, const QString& taskId = {});

/// Whether luigid gives no answer; nothing if that is not known. One that answers with something else, e.g.
/// too much, is not mended by a new start.
std::optional<bool> isSilent(const Scene& scene, const Fact& luigid);
diagnosis::Finding silentLuigid(const Scene& scene, const Fact& luigid);
/// It gives no worker anything to do until it is told to go on.
diagnosis::Finding pausedLuigid(const Fact& luigid);
bool isPaused(const Scene& scene, const Fact& luigid);

diagnosis::Finding disabledWorker(const Scene& scene, const Fact& worker);

/// The rules about a task of a flow that is run by Luigi.
QList<diagnosis::Finding> whatLuigidHolds(const Scene& scene, const QList<diagnosis::Finding>& others);
QList<diagnosis::Finding> whatIsDisabled(const Scene& scene, const QList<diagnosis::Finding>& others);
QList<diagnosis::Finding> whatHangs(const Scene& scene, const QList<diagnosis::Finding>& others);

}  // namespace sluice::systems::luigi
