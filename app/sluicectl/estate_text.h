#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>

#include "entity_kinds.h"
#include "live_view.h"

namespace sluice::ctl {

/// Rows of topic `estate`: each connection with its health, then its entities, each with the age of its
/// facts. If all are of one kind without words of ours, they stand in the columns of the engine's table.
QString estateText(const QList<QJsonObject>& entities, const EntityKinds& kinds, Style style, qint64 nowMs);

}  // namespace sluice::ctl
