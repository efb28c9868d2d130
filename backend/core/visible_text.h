#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QJsonObject>
#include <QtCore/QString>

namespace sluice {

/// Text from outside as it is shown to people: names of objects, locks and tasks may hold characters that
/// break a line, turn the direction of reading, steer a terminal or have no width, and would look like
/// another name or like words of ours. Each is written as an escape: \n, \r, \t, \u202e. A backslash before
/// what would read as an escape is doubled, so two names that differ are never shown alike for that reason.
QString visibleText(const QString& text);

/// Every text inside as visibleText, names of members included.
QJsonObject visibleRow(const QJsonObject& row);

/// As visibleText, but line breaks stay and no backslash is doubled: for whole pages of text made from
/// visible parts.
QString visiblePage(const QString& text);

/// JSON text with the same characters as \uXXXX: the values are the same, and no terminal or pager acts on
/// them.
QByteArray visibleJson(const QByteArray& json);

}  // namespace sluice
