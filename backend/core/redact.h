#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <QtCore/QStringList>

namespace sluice {

/// The one place that decides what must not reach a log, the wire, a store or a command line. Pure functions;
/// applying one twice changes nothing more.

/// Whether a parameter of this name holds a secret, judged by its name: password, secret, token, key,
/// credential, signature, pin.
bool looksSecret(const QString& name);

/// The parameters with the value of each secret-looking one replaced by "(hidden)", and all texts redacted.
QJsonObject redactParams(const QJsonObject& params);

/// A free text (status message, log line, error) without what looks like a secret: values of secret-looking
/// names (`name=value`, `name: value`, `NAME value`, `--name value`, quoted as JSON or Python, in XML, in the
/// query of an URL), user:password@ of an URL, authorization headers and cookies, cephx keys, JSON web
/// tokens, private keys in PEM, and every text in `known` of 4 or more characters.
QString redactText(const QString& text, const QStringList& known = {});

/// Every text in it redacted, however deep.
QJsonObject redactTexts(const QJsonObject& json);

/// For a text that comes line by line: also a private key of many lines, and a name whose value stands on the
/// next line, in a block of YAML below it, or in three quotes.
class LineRedactor {
public:
    QString feed(const QString& line, const QStringList& known = {});

private:
    void lookForMore(const QString& line);

    bool m_inPrivateKey{false};
    bool m_valueComes{false};
    bool m_inList{false};
    /// Of the line whose name has a block of lines below it; -1: none.
    qsizetype m_blockIndent{-1};
    /// What ends the text in three quotes that has begun.
    QString m_closing{};
    int m_describedLines{0};
    int m_quotedLines{0};
};

}  // namespace sluice
