#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <functional>

#include "context.h"

namespace sluice::ctl {

/// A change of class 2: the plan is shown; only with --yes or --expect it is carried out, with that very
/// plan's hash.
struct PlannedChange {
    QString planMethod{};
    QString method{};
    QJsonObject params{};
    QString again{};  ///< the command line that does it, without --yes
    /// Called when it is begun, with the action's id.
    std::function<void(const QString& action)> begun{};
};

void planThenChange(Context& context, PlannedChange change);

/// The end of a planned change: prints the action with --json, then ends.
void finishWithAction(Context& context, ExitCode code, const QJsonObject& row);

}  // namespace sluice::ctl
