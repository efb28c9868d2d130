#pragma once

#include "flow/task_kind.h"

namespace sluice::systems::luigi {

inline constexpr QLatin1String kLuigiKind{"luigi"};

/// The body of a luigi task.
struct LuigiBody {
    QString connection{};
    QString module{};
    QString task{};
    QJsonObject params{};

    QJsonObject toJson() const;
    static LuigiBody fromJson(const QJsonObject& json);
};

/// A Luigi task with its parameters, run by Luigi.
class LuigiKind final : public flow::TaskKind {
public:
    LuigiKind();

    Body read(const yaml::Value& value, const flow::FlowContext& context) const override;
    Body fromJson(const QJsonObject& body) const override;
    flow::Touches touches(const model::TaskSpec& spec, const model::TaskSpec& subject) const override;
    QJsonObject words(const model::TaskSpec& spec) const override;
};

}  // namespace sluice::systems::luigi
