#pragma once

#include <QtCore/QString>

namespace sluice {

/// What stands in place of a secret.
QString hiddenText();

/// The text with the values of secret-looking names hidden: in assignments, options, JSON, Python and XML.
QString hideNamedValues(const QString& text);

}  // namespace sluice
