#include "flow/task_kind.h"

namespace sluice::flow {

QStringList Touches::connections() const
{
    QStringList names;
    for (const TaskPlace& place : places) {
        names.append(place.location.connection);
    }
    for (const TouchedEntity& entity : entities) {
        names.append(entity.connection);
    }
    names += services;
    names.removeAll(QString());
    names.removeDuplicates();
    return names;
}

model::TaskSpec TaskKind::specFromJson(const QJsonObject& json) const
{
    model::TaskSpec spec = model::TaskSpec::fromJson(json, m_name);
    spec.body = fromJson(model::TaskSpec::bodyFrom(json));
    return spec;
}

void TaskKind::check(const model::TaskSpec&, const FlowView&, const yaml::Value&) const {}

QString TaskKind::unreadable(const QJsonObject&) const
{
    return {};
}

RoleNeed TaskKind::roleNeed(const model::TaskSpec&) const
{
    return {};
}

QString TaskKind::subject(const model::TaskSpec&) const
{
    return {};
}

QStringList TaskKinds::names() const
{
    QStringList names;
    for (const auto& kind : m_kinds) {
        names.append(kind->name());
    }
    return names;
}

const TaskKind* TaskKinds::find(const QString& name) const
{
    for (const auto& kind : m_kinds) {
        if (kind->name() == name) {
            return kind.get();
        }
    }
    return nullptr;
}

}  // namespace sluice::flow
