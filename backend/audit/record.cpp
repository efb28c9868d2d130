#include "audit/record.h"

#include <QtCore/QJsonArray>

#include "core/canonical_json.h"

namespace sluice::audit {
namespace {

constexpr int kFormVersion = 1;

QJsonObject bodyOf(const Record& record)
{
    return QJsonObject{{"v", kFormVersion},
                       {"seq", record.seq},
                       {"time", record.time},
                       {"principal", record.principal},
                       {"role", record.role},
                       {"via", record.via},
                       {"action", record.action},
                       {"class", record.actionClass},
                       {"objects", QJsonArray::fromStringList(record.objects)},
                       {"requestId", record.requestId},
                       {"planHash", record.planHash},
                       {"stateHash", record.stateHash},
                       {"outcome", record.outcome},
                       {"reason", record.reason},
                       {"detail", record.detail},
                       {"prev", record.prev}};
}

}  // namespace

QJsonObject Record::toJson() const
{
    QJsonObject json = bodyOf(*this);
    json["hash"] = hash;
    return json;
}

Record Record::fromJson(const QJsonObject& json)
{
    QStringList objects;
    for (const QJsonValue& object : json["objects"].toArray()) {
        objects.append(object.toString());
    }
    return Record{.seq = json["seq"].toInteger(),
                  .time = json["time"].toString(),
                  .principal = json["principal"].toString(),
                  .role = json["role"].toString(),
                  .via = json["via"].toString(),
                  .action = json["action"].toString(),
                  .requestId = json["requestId"].toString(),
                  .planHash = json["planHash"].toString(),
                  .stateHash = json["stateHash"].toString(),
                  .outcome = json["outcome"].toString(),
                  .reason = json["reason"].toString(),
                  .actionClass = json["class"].toInt(),
                  .objects = objects,
                  .detail = json["detail"].toObject(),
                  .prev = json["prev"].toString(),
                  .hash = json["hash"].toString()};
}

QByteArray Record::canonicalBody() const
{
    return canonicalJson(bodyOf(*this));
}

QString noPrevious()
{
    return QString(64, QLatin1Char('0'));
}

}  // namespace sluice::audit
