#pragma once

#include <QtCore/QString>

namespace sluice::model {

/// Names as they travel between processes and lie in files: JSON, CBOR and SQLite drop a byte order mark at
/// the beginning of a text, and SQLite gives U+FFFE and U+FFFF back as U+FFFD; with it two names would become
/// one. They are written there as %EF%BB%BF, %EF%BF%BE and %EF%BF%BF; what looks like that by itself gets one
/// %25 more. Every other name is as it is.
QString nameOnWire(const QString& name);
QString nameFromWire(const QString& text);

}  // namespace sluice::model
