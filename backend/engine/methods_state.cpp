// Methods about the engine's own files.
#include <QtCore/QJsonArray>

#include "engine/named_link.h"
#include "engine/parts.h"
#include "rpc/method_table.h"

namespace sluice::engine {

using rpc::Reply;
using rpc::Request;
using rpc::Role;

namespace {

QJsonArray findingsOf(const StateGuard& guard)
{
    QJsonArray findings;
    for (const StateFinding& finding : guard.findings()) {
        findings.append(finding.toJson());
    }
    return findings;
}

void acceptState(Engine::Parts* parts, const Request& request, const Reply& reply)
{
    const QJsonArray findings = findingsOf(*parts->guard);
    if (findings.isEmpty() || request.params["findings"].toArray() != findings) {
        reply(fail(Error{.code = ErrorCode::FailedPrecondition,
                         .message = QStringLiteral("Nothing was accepted"),
                         .cause = findings.isEmpty()
                                      ? QStringLiteral("the engine's files fit together")
                                      : QStringLiteral("what was shown is not what is found now"),
                         .correction = QStringLiteral("Look again: sluicectl engine accept-state"),
                         .source = QStringLiteral("sluiced")}));
        return;
    }
    parts->actions->run({.method = request.method,
                         .title = QStringLiteral("Accept the state folder as it is"),
                         .actionClass = 2,
                         .objects = {QStringLiteral("engine/") + parts->engineId},
                         .detail = {{"findings", findings}},
                         .asker = askerOf(request),
                         .execute =
                             [parts](actions::Action::Done done) {
                                 parts->guard->accept([done](const Result<void>& accepted) {
                                     done(accepted ? Result<QJsonObject>(QJsonObject())
                                                   : Result<QJsonObject>(fail(accepted.error())));
                                 });
                             }},
                        reply);
}

}  // namespace

void addStateMethods(rpc::MethodTable& table, Engine::Parts* parts)
{
    table.add(
        {.name = "engine.accept_state",
         .role = Role::Admin,
         .actionClass = 2,
         .mutation = true,
         .whileStopped = true,
         .params = {{"findings", "array", true,
                     "stateFindings of topic engine, as they were shown to the person"},
                    {"reason", "string", true,
                     "why what is missing is given up; goes into the audit record"}},
         .result = {{"action", "string", true, "id of the action; follow it with actions.show"}},
         .since = "0.1",
         .doc = "Takes the engine's own files as they are, although they do not fit together; the engine "
                "acts again.",
         .handler = [parts](const Request& request, Reply reply) { acceptState(parts, request, reply); }});
}

void addSystemActions(rpc::MethodTable& table, const connect::Systems& systems, actions::ActionRunner* runner,
                      connect::Link* link)
{
    const connect::LinkFor linkFor = [link](const actions::Asker& asker) {
        auto named = std::make_shared<NamedLink>(*link);
        named->actFor(asker);
        return named;
    };
    for (const connect::System& system : systems) {
        if (system.makeActions) {
            for (const actions::Description& description : system.makeActions(linkFor)) {
                actions::addAction(table, runner, description);
            }
        }
    }
}

}  // namespace sluice::engine
