#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>

#include "live_view.h"

namespace sluice::ctl {

/// Rows of topic `roles`: every generation of every role, and rotations under way.
QString rolesText(const QList<QJsonObject>& roles, Style style, qint64 nowMs);

}  // namespace sluice::ctl
