#pragma once

#include <QtCore/QString>

namespace sluice::model {

/// Names as they travel between processes and lie in files: JSON, CBOR and SQLite drop a byte order mark at the
/// beginning of a text, and with it two names would become one. It is written there as %EF%BB%BF; what begins like that
/// by itself gets one %25 more. Every other name is as it is.
QString nameOnWire(const QString& name);
QString nameFromWire(const QString& text);

}  // namespace sluice::model
