#pragma once

#include <QtCore/QString>
#include <QtCore/QStringList>

namespace sluice::csv {

/// One line of RFC 4180, with its line break.
QString line(const QStringList& cells);
/// A text from outside that a spreadsheet would work out as a formula gets an apostrophe in front.
QString inert(const QString& text);

}  // namespace sluice::csv
