#pragma once

#include <QtCore/QString>

namespace sluice {

/// What stands in place of a secret.
QString hiddenText();

/// Whether a name says by itself that its value is secret. "key", "keys", "auth" and "pass" alone do not: they
/// are words of sentences too.
bool isStrongName(const QString& name);

/// The text with the values of secret-looking names hidden: in assignments, options, JSON, Python and XML.
QString hideNamedValues(const QString& text);

}  // namespace sluice
