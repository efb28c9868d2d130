#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>

#include "live_view.h"

namespace sluice::ctl {

/// Rows of topic `estate`: each connection with its health, then its entities, each with the age of its facts.
QString estateText(const QList<QJsonObject>& entities, Style style, qint64 nowMs);

}  // namespace sluice::ctl
