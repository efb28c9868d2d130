#include "keys/key_authority.h"

#include <QtCore/QJsonObject>
#include <QtCore/QRegularExpression>
#include <QtCore/QStringList>

namespace sluice::keys {
namespace {

QStringList words(const QString& caps)
{
    static const QRegularExpression gap(QStringLiteral("[\\s,;]+"));
    return caps.split(gap, Qt::SkipEmptyParts);
}

}  // namespace

bool sameCaps(const Caps& a, const Caps& b)
{
    for (const Caps* caps : {&a, &b}) {
        for (auto it = caps->begin(); it != caps->end(); ++it) {
            if (words(a.value(it.key())) != words(b.value(it.key()))) {
                return false;
            }
        }
    }
    return true;
}

QString capsText(const Caps& caps)
{
    QStringList parts;
    for (auto it = caps.begin(); it != caps.end(); ++it) {
        parts.append(QStringLiteral("%1 '%2'").arg(it.key(), it.value()));
    }
    return parts.join(' ');
}

ProbeOutcome probeOutcome(const QJsonObject& reply)
{
    if (reply["ok"].toBool()) {
        return ProbeOutcome::Accepted;
    }
    const ErrorCode code = errorCodeFromString(reply["error"].toObject()["code"].toString());
    return code == ErrorCode::PermissionDenied || code == ErrorCode::Unauthenticated
               ? ProbeOutcome::Refused
               : ProbeOutcome::Unreachable;
}

}  // namespace sluice::keys
