#include "luigi/redact.h"

#include <QtCore/QRegularExpression>
#include <QtCore/QSet>

namespace sluice::luigi {
namespace {

constexpr int kLeastKnown = 4;

QString hidden()
{
    return QStringLiteral("(hidden)");
}

/// "dbPassword" and "db_password" give "db", "password".
QStringList wordsOf(const QString& name)
{
    static const QRegularExpression hump(QStringLiteral("([a-z0-9])([A-Z])"));
    static const QRegularExpression gap(QStringLiteral("[^a-z0-9]+"));
    return QString(name).replace(hump, QStringLiteral("\\1_\\2")).toLower().split(gap, Qt::SkipEmptyParts);
}

}  // namespace

bool looksSecret(const QString& name)
{
    static const QSet<QString> kWords{
        QStringLiteral("key"),       QStringLiteral("keys"),      QStringLiteral("pwd"),
        QStringLiteral("pass"),      QStringLiteral("auth"),      QStringLiteral("apikey"),
        QStringLiteral("accesskey"), QStringLiteral("secretkey"), QStringLiteral("privatekey")};
    const QStringList words = wordsOf(name);
    for (const QString& word : words) {
        if (kWords.contains(word)) {
            return true;
        }
    }
    const QString whole = words.join(QString());
    for (const char* part : {"password", "passwd", "passphrase", "secret", "token", "credential"}) {
        if (whole.contains(QLatin1String(part))) {
            return true;
        }
    }
    return false;
}

QJsonObject redactParams(const QJsonObject& params)
{
    QJsonObject out;
    for (auto it = params.begin(); it != params.end(); ++it) {
        out[it.key()] = looksSecret(it.key()) ? QJsonValue(hidden()) : it.value();
    }
    return out;
}

QString redactText(const QString& text, const QStringList& known)
{
    static const QRegularExpression pair(
        QStringLiteral("([A-Za-z_][A-Za-z0-9_.-]*)(\\s*[=:]\\s*)(\"[^\"]*\"?|'[^']*'?|[^\\s,;)&\"']+)"));
    static const QRegularExpression user(QStringLiteral("://[^/\\s@]*@"));
    static const QRegularExpression bearer(QStringLiteral("\\b(bearer|basic)\\s+[A-Za-z0-9._~+/=-]{8,}"),
                                           QRegularExpression::CaseInsensitiveOption);
    QString clean = text;
    for (const QString& secret : known) {
        if (secret.size() >= kLeastKnown) {
            clean.replace(secret, hidden());
        }
    }
    clean.replace(user, QStringLiteral("://(hidden)@"));
    clean.replace(bearer, QStringLiteral("\\1 (hidden)"));
    QString out;
    qsizetype from = 0;
    qsizetype look = 0;
    for (;;) {
        const QRegularExpressionMatch match = pair.match(clean, look);
        if (!match.hasMatch()) {
            break;
        }
        if (!looksSecret(match.captured(1))) {
            // "Error: secret_key=…": the value of one pair may be the next pair.
            look = match.capturedEnd(2);
            continue;
        }
        out += QStringView(clean).mid(from, match.capturedStart(3) - from);
        out += hidden();
        from = match.capturedEnd(3);
        look = from;
    }
    out += QStringView(clean).mid(from);
    return out;
}

}  // namespace sluice::luigi
