#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QStringList>

namespace sluice::diagnosis {

/// What is broken, as ids: two diagnoses tell of one outage if they have one of them in common.
/// @param diagnosis the members of a case row that Diagnosis::toJson() gives
/// @return empty without a confirmed cause, and for a cause that lies in the task alone
QStringList outageOf(const QJsonObject& diagnosis);

/// Whether both tell of the same outage.
bool sameOutage(const QStringList& one, const QStringList& other);

}  // namespace sluice::diagnosis
