#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <QtCore/QStringList>

#include "core/error.h"

namespace sluice::audit {

/// One entry of the audit log, version 1 of its form: resources/docs/audit-record.md.
/// `detail` holds only text, integers, booleans, lists and objects of these; `time` is RFC 3339 in UTC; the
/// hashes are lower-case hex SHA-256. No member may ever hold a secret.
struct Record {
    qint64 seq{};
    QString time{};
    QString principal{};
    QString role{};
    QString via{};
    QString action{};
    QString requestId{};
    QString planHash{};
    QString stateHash{};
    QString outcome{};
    QString reason{};
    int actionClass{};
    QStringList objects{};
    QJsonObject detail{};
    QString prev{};
    QString hash{};

    /// All members, `actionClass` as "class", with the version of the form as "v".
    QJsonObject toJson() const;
    static Record fromJson(const QJsonObject& json);
    /// The bytes that are stored and hashed: canonical JSON of all members but `hash`.
    QByteArray canonicalBody() const;
};

/// `prev` of the first record: 64 zeros.
QString noPrevious();

}  // namespace sluice::audit
