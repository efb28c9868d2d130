#pragma once

#include "flow/task_kind.h"

namespace sluice::flow {

/// The body of an approve task.
struct ApproveBody {
    QString message{};

    QJsonObject toJson() const { return {{"message", message}}; }
};

/// A question to a person.
class ApproveKind final : public TaskKind {
public:
    ApproveKind();

    Body read(const yaml::Value& value, const FlowContext& context) const override;
    Body fromJson(const QJsonObject& body) const override;
    Touches touches(const model::TaskSpec& spec, const model::TaskSpec& subject) const override;
    QJsonObject words(const model::TaskSpec& spec) const override;
};

}  // namespace sluice::flow
