#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>

namespace sluice::actions {

/// Who asks, how, under which request id, and why.
struct Asker {
    QString principal{};
    QString role{};
    QString via{};
    QString requestId{};
    QString reason{};
    QString paramsHash{};  ///< of all that was asked for; a request id stands for these parameters only

    /// What is kept of it, so that a next life of the engine acts in the same name.
    QJsonObject toJson() const
    {
        return {{"principal", principal}, {"role", role},     {"via", via},
                {"requestId", requestId}, {"reason", reason}, {"paramsHash", paramsHash}};
    }
    static Asker fromJson(const QJsonObject& json)
    {
        return {.principal = json["principal"].toString(),
                .role = json["role"].toString(),
                .via = json["via"].toString(),
                .requestId = json["requestId"].toString(),
                .reason = json["reason"].toString(),
                .paramsHash = json["paramsHash"].toString()};
    }
    bool isNobody() const { return principal.isEmpty(); }
};

/// What the engine does by itself. @param via what of it: "sluiced", "rotation"
inline Asker engineItself(const QString& via)
{
    return {.principal = QStringLiteral("engine"), .role = QStringLiteral("engine"), .via = via};
}

}  // namespace sluice::actions
