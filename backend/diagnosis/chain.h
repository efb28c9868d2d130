#pragma once

#include <QtCore/QList>

#include "diagnosis/diagnose.h"
#include "diagnosis/scene.h"

namespace sluice::diagnosis {

/// The way from the task to its cause, two to four cards. `cause` is the first confirmed finding, or null.
QList<ChainLink> chainFor(const Scene& scene, const Finding* cause, const QStringList& unknowns);

}  // namespace sluice::diagnosis
