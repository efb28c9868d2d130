#include "systems/ceph/ceph_authority.h"

#include <QtCore/QJsonArray>

namespace sluice::systems::ceph {
namespace {

constexpr int kReadMs = 5000;
constexpr int kChangeMs = 10'000;

QJsonObject becauseOfARole()
{
    return connect::Link::because({}, QStringLiteral("key generations of a role"));
}

QJsonObject toJson(const keys::Caps& caps)
{
    QJsonObject json;
    for (auto it = caps.begin(); it != caps.end(); ++it) {
        json[it.key()] = it.value();
    }
    return json;
}

connect::Link::Reply emptied(keys::Callback<void> callback)
{
    return [callback = std::move(callback)](const Result<QJsonObject>& reply) {
        callback(reply ? Result<void>() : Result<void>(fail(reply.error())));
    };
}

}  // namespace

void CephAuthority::createEntity(const QString& entity, const keys::Caps& caps,
                                 keys::Callback<keys::CreatedKey> callback)
{
    m_link.call(m_connection, QStringLiteral("auth.create"),
                {{"entity", entity}, {"caps", toJson(caps)}, {"because", becauseOfARole()}}, kChangeMs, true,
                [callback = std::move(callback)](const Result<QJsonObject>& reply) {
                    if (!reply) {
                        callback(fail(reply.error()));
                        return;
                    }
                    callback(keys::CreatedKey{.key = (*reply)["key"].toString().toLatin1(),
                                              .created = (*reply)["created"].toBool()});
                });
}

void CephAuthority::capsOf(const QString& entity, keys::Callback<std::optional<keys::Caps>> callback)
{
    m_link.call(m_connection, QStringLiteral("auth.get"), {{"entity", entity}}, kReadMs, false,
                [callback = std::move(callback)](const Result<QJsonObject>& reply) {
                    if (!reply) {
                        if (reply.error().code == ErrorCode::NotFound) {
                            callback(std::optional<keys::Caps>());
                        } else {
                            callback(fail(reply.error()));
                        }
                        return;
                    }
                    keys::Caps caps;
                    const QJsonObject json = (*reply)["caps"].toObject();
                    for (auto it = json.begin(); it != json.end(); ++it) {
                        caps.insert(it.key(), it.value().toString());
                    }
                    callback(std::optional(caps));
                });
}

void CephAuthority::removeEntity(const QString& entity, keys::Callback<void> callback)
{
    m_link.call(m_connection, QStringLiteral("auth.remove"),
                {{"entity", entity}, {"because", becauseOfARole()}}, kChangeMs, true,
                emptied(std::move(callback)));
}

void CephAuthority::sessionsOf(const QString& entity, keys::Callback<keys::SessionCensus> callback)
{
    m_link.call(m_connection, QStringLiteral("sessions"), {}, kReadMs, false,
                [entity, callback = std::move(callback)](const Result<QJsonObject>& reply) {
                    if (!reply) {
                        callback(fail(reply.error()));
                        return;
                    }
                    keys::SessionCensus census;
                    for (const QJsonValue& mon : (*reply)["mons"].toArray()) {
                        ++census.monsTotal;
                        census.monsAnswered += mon["answered"].toBool() ? 1 : 0;
                    }
                    for (const QJsonValue& value : (*reply)["sessions"].toArray()) {
                        if (value["entity"].toString() == entity) {
                            census.sessions.append({.mon = value["mon"].toString(),
                                                    .entity = entity,
                                                    .client = value["client"].toString(),
                                                    .address = value["address"].toString()});
                        }
                    }
                    callback(census);
                });
}

void CephAuthority::blocklist(const QString& address, qint64 seconds, keys::Callback<void> callback)
{
    m_link.call(m_connection, QStringLiteral("blocklist.add"),
                {{"address", address}, {"expireSeconds", seconds}, {"because", becauseOfARole()}}, kChangeMs,
                true, emptied(std::move(callback)));
}

void CephAuthority::probe(const QString& entity, const QByteArray& key,
                          keys::Callback<keys::ProbeOutcome> callback)
{
    m_link.call(m_connection, QStringLiteral("key.probe"),
                {{"entity", entity}, {"key", QString::fromLatin1(key)}}, kChangeMs, false,
                [callback = std::move(callback)](const Result<QJsonObject>& reply) {
                    if (!reply) {
                        callback(fail(reply.error()));
                    } else {
                        callback(keys::probeOutcome(*reply));
                    }
                });
}

QString CephAuthority::removeCommand(const QString& entity) const
{
    return QStringLiteral("ceph auth rm %1").arg(entity);
}

QString CephAuthority::capsCommand(const QString& entity, const keys::Caps& caps) const
{
    return QStringLiteral("ceph auth caps %1 %2").arg(entity, keys::capsText(caps));
}

}  // namespace sluice::systems::ceph
