#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>

namespace sluice::ctl {

/// A plan as a person reads it before saying yes. `answer` is that of flow.plan_reset or keys.plan_rotate.
QString planText(const QJsonObject& answer);

}  // namespace sluice::ctl
