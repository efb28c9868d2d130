#include "rpc/method_table.h"

#include <QtCore/QJsonArray>
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/log.h"
#include "core/units.h"
#include "rpc/codec.h"
#include "rpc/incoming.h"

namespace sluice::rpc {
namespace {

constexpr int kMaxRequestId = 128;
/// Names, paths and reasons: they are looked up, recorded, and said again in answers.
constexpr qsizetype kMaxString = 4096;
constexpr qsizetype kMaxStrings = 1000;
constexpr double kMaxExactInteger = 9007199254740992.0;

constexpr std::array<std::pair<Role, const char*>, 3> kRoles{{
    {Role::Viewer, "viewer"},
    {Role::Operator, "operator"},
    {Role::Admin, "admin"},
}};

bool isInteger(const QJsonValue& value)
{
    if (!value.isDouble()) {
        return false;
    }
    const double number = value.toDouble();
    return std::abs(number) <= kMaxExactInteger && std::trunc(number) == number;
}

bool hasType(const QJsonValue& value, const QString& type)
{
    if (type == QLatin1String("string") || type == QLatin1String("text")) {
        return value.isString();
    }
    if (type == QLatin1String("integer")) {
        return isInteger(value);
    }
    if (type == QLatin1String("number")) {
        return value.isDouble();
    }
    if (type == QLatin1String("boolean")) {
        return value.isBool();
    }
    if (type == QLatin1String("object")) {
        return value.isObject();
    }
    if (type == QLatin1String("array")) {
        return value.isArray();
    }
    if (type == QLatin1String("strings")) {
        const QJsonArray items = value.toArray();
        return value.isArray() && std::all_of(items.begin(), items.end(),
                                              [](const QJsonValue& item) { return item.isString(); });
    }
    return false;
}

/// Nothing for a value of a sensible size; else what is too large in it.
QString tooLong(const QJsonValue& value, const QString& type)
{
    const auto isLong = [](const QJsonValue& item) { return item.toString().size() > kMaxString; };
    if (type == QLatin1String("strings")) {
        const QJsonArray items = value.toArray();
        if (items.size() > kMaxStrings) {
            return QStringLiteral("has more than %1 texts").arg(kMaxStrings);
        }
        return std::any_of(items.begin(), items.end(), isLong)
                   ? QStringLiteral("has a text longer than %1 characters").arg(kMaxString)
                   : QString();
    }
    return type == QLatin1String("string") && isLong(value)
               ? QStringLiteral("is longer than %1 characters").arg(kMaxString)
               : QString();
}

QString article(const QString& type)
{
    if (type == QLatin1String("strings")) {
        return QStringLiteral("an array of strings");
    }
    const bool vowel = type.startsWith('i') || type.startsWith('o') || type.startsWith('a');
    return (vowel ? QStringLiteral("an ") : QStringLiteral("a ")) + type;
}

constexpr qsizetype kMaxTextBytes = 4096;

/// Whole flow files come in a parameter of this type.
bool isWholeFile(const Method& method, const QString& name)
{
    return std::any_of(method.params.begin(), method.params.end(), [&name](const Field& field) {
        return field.name == name && field.type == QLatin1String("text");
    });
}

Refusal badParams(const QString& method, const QString& cause, const QString& correction)
{
    return {kInvalidParams, Error{.code = ErrorCode::InvalidArgument,
                                  .message = QStringLiteral("%1 was called wrongly").arg(method),
                                  .cause = cause,
                                  .correction = correction,
                                  .source = QStringLiteral("rpc")}};
}

std::optional<Refusal> refuseParams(const Method& method, const QJsonObject& params)
{
    for (const Field& field : method.params) {
        const QJsonValue value = params.value(field.name);
        if (value.isUndefined() || (value.isNull() && !field.required)) {
            if (field.required) {
                return badParams(method.name, QStringLiteral("params.%1 is missing").arg(field.name),
                                 QStringLiteral("Give %1 (%2).").arg(article(field.type), field.doc));
            }
            continue;
        }
        if (!hasType(value, field.type)) {
            return badParams(method.name,
                             QStringLiteral("params.%1 is not %2").arg(field.name, article(field.type)),
                             QStringLiteral("Give %1 (%2).").arg(article(field.type), field.doc));
        }
        if (const QString what = tooLong(value, field.type); !what.isEmpty()) {
            return badParams(method.name, QStringLiteral("params.%1 %2").arg(field.name, what),
                             QStringLiteral("Give a shorter one (%1).").arg(field.doc));
        }
    }
    // A reason goes into the record of every step, a name into messages: none of them needs more.
    for (auto it = params.begin(); it != params.end(); ++it) {
        const qsizetype bytes = isWholeFile(method, it.key()) ? 0 : it.value().toString().toUtf8().size();
        if (bytes > kMaxTextBytes) {
            return badParams(method.name,
                             QStringLiteral("params.%1 has %2 bytes")
                                 .arg(shortened(it.key(), kMaxRequestId), QString::number(bytes)),
                             QStringLiteral("Say it in at most %1 bytes.").arg(kMaxTextBytes));
        }
    }
    if (method.mutation) {
        const QString id = params.value(QLatin1String("requestId")).toString();
        if (id.isEmpty() || id.size() > kMaxRequestId) {
            return badParams(
                method.name, QStringLiteral("params.requestId is empty or longer than %1").arg(kMaxRequestId),
                QStringLiteral("Give a fresh unique text for every change, and the same one again only "
                               "to repeat that change."));
        }
    }
    return std::nullopt;
}

}  // namespace

QString toString(Role role)
{
    for (const auto& [value, name] : kRoles) {
        if (value == role) {
            return QString::fromLatin1(name);
        }
    }
    return QStringLiteral("viewer");
}

Role roleFromString(const QString& name)
{
    for (const auto& [value, text] : kRoles) {
        if (name == QLatin1String(text)) {
            return value;
        }
    }
    return Role::Viewer;
}

MethodTable::MethodTable()
{
    const QList<Field> window{
        {"subscription", "string", true,
         "names the subscription in topic.delta, topic.window and topic.unsubscribe"},
        {"epoch", "string", true, "changes with every start of the engine"},
        {"revision", "integer", true, "the topic's revision that the rows are of"},
        {"total", "integer", true, "rows that match the filter, inside the window or not"},
        {"rows", "array", true, "the rows of the window, in order"},
    };
    add({.name = "identify",
         .params = {{"protocol", "integer", true, "the protocol the client speaks: 2"},
                    {"nonce", "string", true, "the client's, new for this connection"},
                    {"proof", "string", true, "made with the engine's token, see above"},
                    {"key", "string", false,
                     "which secret the proof is made with; owner (default) is the only one"},
                    {"client", "string", true, "name and version of the client program"},
                    {"encoding", "string", false,
                     "json (default) or cbor: how everything after this call is written"}},
         .result = {{"proof", "string", true, "the engine's"},
                    {"principal", "object", true, "{name, role}: who the engine takes the client for"},
                    {"profile", "object", true, "{name, colour, production}"},
                    {"singlePerson", "boolean", true, "no identity provider: there is no second person"}},
         .since = "0.1",
         .doc = "The first message of a client, and allowed only there."});
    add({.name = "topic.subscribe",
         .params = {{"topic", "string", true, "name of the topic"},
                    {"filter", "object", false,
                     "members that a row must equal; an array means any of these values"},
                    {"fields", "strings", false,
                     "members of the rows to send; id is always sent. Default: all"},
                    {"offset", "integer", false, "first row of the window. Default 0"},
                    {"limit", "integer", false,
                     "rows of the window. Default and maximum: what the engine allows"}},
         .result = window,
         .since = "0.1",
         .doc =
             "Gives the rows as they are now; every later change inside the window follows as topic.delta."});
    add({.name = "topic.window",
         .params = {{"subscription", "string", true, "from topic.subscribe"},
                    {"offset", "integer", true, "first row of the window"},
                    {"limit", "integer", true, "rows of the window"}},
         .result = window,
         .since = "0.1",
         .doc = "Moves the window and gives all of it afresh; also the way out of a gap in the revisions."});
    add({.name = "topic.unsubscribe",
         .params = {{"subscription", "string", true, "from topic.subscribe"}},
         .since = "0.1",
         .doc = "Ends a subscription. No delta of it follows the answer."});
}

void MethodTable::add(Method method)
{
    if (method.name.isEmpty() || m_methods.contains(method.name)) {
        qFatal("method table: two rows named '%s', or one without a name", qPrintable(method.name));
    }
    if (method.mutation) {
        const bool there = std::any_of(method.params.cbegin(), method.params.cend(),
                                       [](const Field& f) { return f.name == QLatin1String("requestId"); });
        if (!there) {
            method.params.append(
                {"requestId", "string", true,
                 "unique to this change; the same one again repeats the answer, not the change"});
        }
    }
    m_methods.insert(method.name, std::move(method));
}

void MethodTable::addTopic(TopicDoc topic)
{
    m_topics.append(std::move(topic));
}

const Method* MethodTable::find(const QString& name) const
{
    const auto it = m_methods.constFind(name);
    return it == m_methods.constEnd() ? nullptr : &it.value();
}

QList<Method> MethodTable::all() const
{
    QList<Method> methods = m_methods.values();
    std::sort(methods.begin(), methods.end(),
              [](const Method& a, const Method& b) { return a.name < b.name; });
    return methods;
}

std::optional<Refusal> MethodTable::refuse(const Request& request) const
{
    const Method* method = find(request.method);
    if (!method) {
        return Refusal{
            kMethodNotFound,
            Error{.code = ErrorCode::NotFound,
                  .message =
                      QStringLiteral("There is no method %1").arg(shortened(request.method, kMaxRequestId)),
                  .cause = QStringLiteral("this engine does not have it"),
                  .correction = QStringLiteral("Use a method of the protocol document, or a newer engine."),
                  .source = QStringLiteral("rpc")}};
    }
    if (request.principal.role < method->role) {
        return Refusal{kEngineError, Error{.code = ErrorCode::PermissionDenied,
                                           .message = QStringLiteral("%1 is not allowed").arg(method->name),
                                           .cause = QStringLiteral("it needs the role %1; %2 has the role %3")
                                                        .arg(toString(method->role), request.principal.name,
                                                             toString(request.principal.role)),
                                           .correction = QStringLiteral("Ask someone with that role."),
                                           .source = QStringLiteral("rpc")}};
    }
    if (auto refusal = refuseParams(*method, request.params)) {
        return refusal;
    }
    const std::optional<Error> closed =
        method->mutation && !method->whileStopped && m_gate ? m_gate() : std::optional<Error>();
    return closed ? std::optional(Refusal{kEngineError, *closed}) : std::nullopt;
}

void MethodTable::dispatch(const Request& request, const Reply& reply) const
{
    if (const auto refusal = refuse(request)) {
        reply(fail(refusal->error));
        return;
    }
    const Method* method = find(request.method);
    if (!method->handler) {
        log::error("rpc", QStringLiteral("method %1 has no handler").arg(method->name));
        reply(fail(Error{.code = ErrorCode::Internal,
                         .message = QStringLiteral("%1 cannot be carried out").arg(method->name),
                         .cause = QStringLiteral("this engine does not implement it"),
                         .correction = QStringLiteral("Use another engine."),
                         .source = QStringLiteral("rpc")}));
        return;
    }
    Request accepted = request;
    accepted.requestId =
        method->mutation ? request.params.value(QLatin1String("requestId")).toString() : QString();
    if (method->mutation && accepted.paramsHash.isEmpty()) {
        accepted.paramsHash = hashOfParams(request.params);
    }
    method->handler(accepted, reply);
}

}  // namespace sluice::rpc
