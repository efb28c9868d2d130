#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>
#include <QtCore/QList>
#include <utility>

namespace sluice::s3 {

/// Names and values of a query, not encoded, in any order; a name may come twice.
using Query = QList<std::pair<QByteArray, QByteArray>>;

/// Percent-encodes every byte except A-Z a-z 0-9 - . _ ~ (and '/' if it is kept), with upper-case hex digits.
/// @source AWS Signature Version 4, "UriEncode"
QByteArray percentEncode(QByteArrayView bytes, bool keepSlash = false);
QByteArray percentDecode(QByteArrayView text);

/// The one form of a query that is both sent and signed: encoded, sorted by code point of name then value,
/// every name with '='.
QByteArray canonicalQuery(const Query& query);

}  // namespace sluice::s3
