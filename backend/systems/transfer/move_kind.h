#pragma once

#include "flow/task_kind.h"

namespace sluice::systems::transfer {

inline constexpr QLatin1String kMoveKind{"move"};

/// The body of a move task.
struct MoveBody {
    model::Location from{};
    model::Location to{};
    bool replaceExisting{false};
    int inFlight{16};
    /// A source without any object is right.
    bool allowEmpty{false};

    QJsonObject toJson() const;
    static MoveBody fromJson(const QJsonObject& json);
};

/// What a task that works on these places touches.
flow::Touches touchesOf(const QList<flow::TaskPlace>& places);

/// Objects or files from one place to another.
class MoveKind final : public flow::TaskKind {
public:
    /// @param inFlight objects at a time, for a task that does not say
    explicit MoveKind(int inFlight);

    Body read(const yaml::Value& value, const flow::FlowContext& context) const override;
    Body fromJson(const QJsonObject& body) const override;
    QString unreadable(const QJsonObject& body) const override;
    flow::RoleNeed roleNeed(const model::TaskSpec& spec) const override;
    flow::Touches touches(const model::TaskSpec& spec, const model::TaskSpec& subject) const override;
    QJsonObject words(const model::TaskSpec& spec) const override;

private:
    int m_inFlight;
};

}  // namespace sluice::systems::transfer
