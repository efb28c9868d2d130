#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QJsonObject>

namespace sluice {

/// The one byte form of a JSON object that is hashed: keys sorted by code point, no white space, UTF-8,
/// integers without exponent, no other numbers than integers up to 2^53.
/// @source RFC 8785, restricted to integers
QByteArray canonicalJson(const QJsonObject& object);

/// Lower-case hex SHA-256 of `canonicalJson(object)`.
QString sha256Of(const QJsonObject& object);
QString sha256Of(const QByteArray& bytes);

}  // namespace sluice
