#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>

namespace sluice::ctl {

/// A row of topic `cases`: the summary, every cause with its evidence, the remedy.
QString caseText(const QJsonObject& row, qint64 nowMs);

}  // namespace sluice::ctl
