#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <QtCore/QStringList>

namespace sluice {

/// The one place that decides what must not reach a log, the wire, a store or a command line. Pure functions;
/// applying one twice changes nothing more.

/// Whether a parameter of this name holds a secret, judged by its name: password, secret, token, key,
/// credential, signature.
bool looksSecret(const QString& name);

/// The parameters with the value of each secret-looking one replaced by "(hidden)", and all texts redacted.
QJsonObject redactParams(const QJsonObject& params);

/// A free text (status message, log line, error) without what looks like a secret: values of secret-looking
/// names (`name=value`, `name: value`, `NAME value`, `--name value`, quoted as JSON or Python, in XML, in the
/// query of an URL), user:password@ of an URL, authorization headers and cookies, cephx keys, JSON web tokens,
/// private keys in PEM, and every text in `known` of 4 or more characters.
QString redactText(const QString& text, const QStringList& known = {});

/// Every text in it redacted, however deep.
QJsonObject redactTexts(const QJsonObject& json);

/// For a text that comes line by line: also a private key of many lines, and a name whose value stands on the
/// next line.
class LineRedactor {
public:
    QString feed(const QString& line, const QStringList& known = {});

private:
    bool m_inPrivateKey{false};
    bool m_valueComes{false};
};

}  // namespace sluice
