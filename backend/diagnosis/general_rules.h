#pragma once

#include <QtCore/QList>

#include "diagnosis/finding.h"
#include "diagnosis/scene.h"

/// The rules about any task. The numbers are those of the catalogue in the manual.
namespace sluice::diagnosis {

/// Id of what the task or its worker said itself.
inline const QString kReported = QStringLiteral("R1");

/// R1: the task failed, and the worker reported why.
QList<Finding> ruleReported(const Scene& scene);
/// R61: the worker's process is stopped, whatever it said before, or has ended.
QList<Finding> ruleStoppedWorker(const Scene& scene);
/// R62: the file system of this machine refuses what the task does there. Speaks only then.
QList<Finding> ruleFileSystem(const Scene& scene);
/// What the worker reported becomes evidence of the nearest confirmed cause or, without one, a finding of its
/// own: R1 too, and unknown.
void tellWhatWasSaid(const Scene& scene, QList<Finding>& findings);

}  // namespace sluice::diagnosis
