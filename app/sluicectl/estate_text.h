#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>

#include "live_view.h"

namespace sluice::ctl {

/// The kinds of entities that are known here; an engine may have others.
const QStringList& estateKinds();
/// Rows of topic `estate`: each connection with its health, then its entities, each with the age of its
/// facts.
QString estateText(const QList<QJsonObject>& entities, Style style, qint64 nowMs);

}  // namespace sluice::ctl
