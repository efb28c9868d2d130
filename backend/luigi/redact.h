#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <QtCore/QStringList>

namespace sluice::luigi {

/// Whether a parameter of this name holds a secret, judged by its name: password, secret, token, key,
/// credential.
bool looksSecret(const QString& name);

/// The parameters with the value of each secret-looking one replaced by "(hidden)".
QJsonObject redactParams(const QJsonObject& params);

/// A free text (status message, log line, error) without what looks like a secret: `name=value` and `name:
/// value` pairs with a secret-looking name, user:password@ of an URL, and every text in `known` of 4 or more
/// characters.
QString redactText(const QString& text, const QStringList& known = {});

}  // namespace sluice::luigi
