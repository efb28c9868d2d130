#include "flow/claim.h"

namespace sluice::flow {

QJsonObject Claim::toJson() const
{
    return {{"kind", kind}, {"connection", connection}, {"body", body}};
}

Claim Claim::fromJson(const QJsonObject& json)
{
    return {.kind = json["kind"].toString(),
            .connection = json["connection"].toString(),
            .body = json["body"].toObject()};
}

}  // namespace sluice::flow
