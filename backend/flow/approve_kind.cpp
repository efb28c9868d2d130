#include "flow/approve_kind.h"

namespace sluice::flow {

ApproveKind::ApproveKind()
    : TaskKind(QStringLiteral("approve"), {.title = QStringLiteral("approval"), .asksAPerson = true})
{
}

TaskKind::Body ApproveKind::read(const yaml::Value& value, const FlowContext&) const
{
    const yaml::Map approve = value.map(QStringLiteral("a map with message"));
    approve.refuseOthers({"message"});
    const yaml::Value message =
        approve.required(QStringLiteral("message"), QStringLiteral("what the person is asked"));
    return model::makeBody(
        ApproveBody{.message = isPublic(message.text(), message) ? message.text() : QString()});
}

TaskKind::Body ApproveKind::fromJson(const QJsonObject& body) const
{
    return model::makeBody(ApproveBody{.message = body["message"].toString()});
}

Touches ApproveKind::touches(const model::TaskSpec&, const model::TaskSpec&) const
{
    return {};
}

QJsonObject ApproveKind::words(const model::TaskSpec& spec) const
{
    return model::bodyOf<ApproveBody>(spec).toJson();
}

}  // namespace sluice::flow
