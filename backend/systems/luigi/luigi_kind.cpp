#include "systems/luigi/luigi_kind.h"

#include "luigi/luigi_job.h"

namespace sluice::systems::luigi {

QJsonObject LuigiBody::toJson() const
{
    return {{"luigiConnection", connection},
            {"luigiModule", module},
            {"luigiTask", task},
            {"luigiParams", params}};
}

LuigiBody LuigiBody::fromJson(const QJsonObject& json)
{
    return {.connection = json["luigiConnection"].toString(),
            .module = json["luigiModule"].toString(),
            .task = json["luigiTask"].toString(),
            .params = json["luigiParams"].toObject()};
}

LuigiKind::LuigiKind()
    : TaskKind(
          kLuigiKind,
          {.title = QStringLiteral("Luigi task"), .logIsProgress = true, .reporter = QStringLiteral("luigi")})
{
}

flow::TaskKind::Body LuigiKind::read(const yaml::Value& value, const flow::FlowContext& context) const
{
    const yaml::Map luigi = value.map(QStringLiteral("a map with connection, module and task"));
    luigi.refuseOthers({"connection", "module", "task", "params"});
    LuigiBody body;
    const yaml::Value connection =
        luigi.required(QStringLiteral("connection"), QStringLiteral("a connection of type luigi"));
    body.connection = connection.text();
    const QStringList known = context.connectionsOf(QStringLiteral("luigi"));
    if (!body.connection.isEmpty() && !known.contains(body.connection)) {
        connection.problem(QStringLiteral("there is no Luigi connection '%1'").arg(body.connection),
                           QStringLiteral("one of ") + known.join(QStringLiteral(", ")));
    }
    const yaml::Value module = luigi.required(QStringLiteral("module"), QStringLiteral("a Python module"));
    body.module = module.text();
    if (module.present()) {
        flow::passes(sluice::luigi::checkModule(body.module), module,
                     QStringLiteral("a Python module, e.g. jobs.daily"));
    }
    const yaml::Value task =
        luigi.required(QStringLiteral("task"), QStringLiteral("a Luigi task of that module"));
    body.task = task.text();
    if (task.present()) {
        flow::passes(sluice::luigi::checkTaskName(body.task), task,
                     QStringLiteral("a Luigi task of that module"));
    }
    luigi.optional(QStringLiteral("params"))
        .map(QStringLiteral("a map of parameters"))
        .each([&body](const QString& key, const yaml::Value& v) {
            // What is refused is not taken: a secret must not be stored with the flow.
            if (flow::passes(sluice::luigi::checkParam(key, v.text()), v,
                             QStringLiteral("a parameter of the task that is no secret"))) {
                body.params[key] = v.text();
            }
        });
    return model::makeBody(body);
}

flow::TaskKind::Body LuigiKind::fromJson(const QJsonObject& body) const
{
    return model::makeBody(LuigiBody::fromJson(body));
}

flow::Touches LuigiKind::touches(const model::TaskSpec& spec, const model::TaskSpec&) const
{
    return {.services = {model::bodyOf<LuigiBody>(spec).connection}};
}

QJsonObject LuigiKind::words(const model::TaskSpec& spec) const
{
    const auto& body = model::bodyOf<LuigiBody>(spec);
    return {{"from", body.module + '.' + body.task}, {"to", body.connection}};
}

}  // namespace sluice::systems::luigi
