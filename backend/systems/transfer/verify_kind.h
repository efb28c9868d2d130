#pragma once

#include "flow/task_kind.h"

namespace sluice::systems::transfer {

inline constexpr QLatin1String kVerifyKind{"verify"};

/// The body of a verify task.
struct VerifyBody {
    /// The move task whose destination is compared with what it noted.
    QString of{};
    /// What others added to the destination since the run began is right.
    bool othersAllowed{false};

    QJsonObject toJson() const;
    static VerifyBody fromJson(const QJsonObject& json);
};

/// Compares the destination of a move with what the move noted there.
class VerifyKind final : public flow::TaskKind {
public:
    VerifyKind();

    Body read(const yaml::Value& value, const flow::FlowContext& context) const override;
    Body fromJson(const QJsonObject& body) const override;
    void check(const model::TaskSpec& spec, const flow::FlowView& flow, const yaml::Value& at) const override;
    QString subject(const model::TaskSpec& spec) const override;
    flow::Touches touches(const model::TaskSpec& spec, const model::TaskSpec& subject) const override;
    QJsonObject words(const model::TaskSpec& spec) const override;
};

}  // namespace sluice::systems::transfer
