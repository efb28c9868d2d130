#include "flow/flow_context.h"

#include <algorithm>

#include "core/redact.h"

namespace sluice::flow {

QStringList FlowContext::connectionsOf(const QString& type) const
{
    QStringList names;
    for (const Connection& connection : connections) {
        if (connection.type == type) {
            names.append(connection.name);
        }
    }
    return names;
}

bool FlowContext::hasConnection(const QString& name) const
{
    return std::any_of(connections.begin(), connections.end(),
                       [&name](const Connection& connection) { return connection.name == name; });
}

bool passes(const Result<void>& checked, const yaml::Value& value, const QString& expected)
{
    if (!checked) {
        value.problem(checked.error().message + QStringLiteral(": ") + checked.error().cause, expected);
    }
    return checked.has_value();
}

bool isPublic(const QString& text, const yaml::Value& value)
{
    const bool isPublic = redactText(text) == text;
    if (!isPublic) {
        value.problem(
            QStringLiteral("this holds what looks like a secret"),
            QStringLiteral("a text that everybody may read: secrets stand in the configuration, by name"));
    }
    return isPublic;
}

}  // namespace sluice::flow
