#pragma once

#include <QtCore/QJsonObject>

#include "audit/record.h"

namespace sluice::audit {

/// A record as it is sent to people: what is longer than anybody reads is cut, and says so. The log holds it
/// whole. @thread any
QJsonObject shownRecord(const Record& record);

}  // namespace sluice::audit
