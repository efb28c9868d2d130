#include "ceph/access_facts.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

namespace sluice::ceph {

QList<Fact> authEntities(const QJsonObject& authLs)
{
    QList<Fact> facts;
    const QJsonArray entities = authLs["auth_dump"].toArray();
    for (const QJsonValue& value : entities) {
        const QString entity = value["entity"].toString();
        facts.append({.kind = QStringLiteral("auth-entity"),
                      .name = entity,
                      .source = QStringLiteral("auth ls"),
                      .facts = {{"entity", entity}, {"caps", capsOf(value.toObject())}}});
    }
    return facts;
}

QJsonObject capsOf(const QJsonObject& entity)
{
    QJsonObject caps;
    const QJsonObject given = entity["caps"].toObject();
    for (const char* service : {"mon", "osd", "mgr", "mds"}) {
        const QString key = QString::fromLatin1(service);
        if (given.contains(key)) {
            caps[key] = given[key].toString();
        }
    }
    return caps;
}

QList<MonSession> clientSessions(const QString& mon, const QByteArray& answer)
{
    QList<MonSession> sessions;
    const QJsonArray all = QJsonDocument::fromJson(answer).array();
    for (const QJsonValue& value : all) {
        if (value["con_type"].toString() != QLatin1String("client") || !value["open"].toBool()) {
            continue;
        }
        const QJsonObject addr = value["addrs"].toObject()["addrvec"].toArray().first().toObject();
        sessions.append(
            {.mon = mon,
             .entity = value["entity_name"].toString(),
             .client = QStringLiteral("client.%1").arg(value["global_id"].toInteger()),
             .address = addr["addr"].toString() + '/' + QString::number(addr["nonce"].toInteger())});
    }
    return sessions;
}

}  // namespace sluice::ceph
