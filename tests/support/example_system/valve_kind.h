#pragma once

#include "flow/task_kind.h"

namespace sluice::example {

inline constexpr QLatin1String kValveKind{"valve"};

/// Opens a valve, and is done when it is open: `valve: { connection: works, name: north }`.
struct ValveBody {
    QString connection{};
    QString name{};

    QJsonObject toJson() const;
    static ValveBody fromJson(const QJsonObject& json);
};

class ValveKind final : public flow::TaskKind {
public:
    ValveKind();
    Body read(const yaml::Value& value, const flow::FlowContext& context) const override;
    Body fromJson(const QJsonObject& body) const override;
    flow::Touches touches(const model::TaskSpec& spec, const model::TaskSpec& subject) const override;
    QJsonObject words(const model::TaskSpec& spec) const override;
};

}  // namespace sluice::example
