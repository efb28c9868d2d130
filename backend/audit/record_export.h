#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QStringList>

#include "audit/record.h"

namespace sluice::audit {

/// One line per record, in one of two forms.
/// jsonl: the stored bytes as they are, with `"hash"` as one more member at the end, so that the hash can be
/// checked: resources/docs/audit-record.md.
/// csv: for people; RFC 4180, a header line first; a text that a spreadsheet would take for a formula begins
/// with an apostrophe.
enum class ExportForm { JsonLines, Csv };

/// Names of the forms on the wire: "jsonl", "csv".
QStringList exportForms();
/// What stands before the first record; empty if nothing.
QByteArray exportHead(ExportForm form);
QByteArray exportLine(ExportForm form, const Record& record, const QByteArray& body);

}  // namespace sluice::audit
