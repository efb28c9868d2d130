#include "keys/role_book.h"

#include <QtCore/QJsonArray>
#include <algorithm>
#include <array>
#include <utility>

#include "core/clock.h"

namespace sluice::keys {
namespace {

constexpr std::array<std::pair<GenerationState, const char*>, 5> kStates{{
    {GenerationState::Next, "next"},
    {GenerationState::Current, "current"},
    {GenerationState::Previous, "previous"},
    {GenerationState::Retiring, "retiring"},
    {GenerationState::Revoked, "revoked"},
}};

std::optional<GenerationState> stateFromString(const QString& text)
{
    for (const auto& [state, name] : kStates) {
        if (text == QLatin1String(name)) {
            return state;
        }
    }
    return std::nullopt;
}

/// N of "<stem>.g<N>", 0 for any other entity.
int numberOf(const QString& entity, const QString& stem)
{
    const QString prefix = stem + QStringLiteral(".g");
    if (!entity.startsWith(prefix)) {
        return 0;
    }
    bool good = false;
    const int number = entity.mid(prefix.size()).toInt(&good);
    return good && number > 0 && QString::number(number) == entity.mid(prefix.size()) ? number : 0;
}

}  // namespace

QString toString(GenerationState state)
{
    for (const auto& [value, name] : kStates) {
        if (value == state) {
            return QString::fromLatin1(name);
        }
    }
    return QStringLiteral("next");
}

QJsonObject Generation::toJson() const
{
    return {{"number", number},
            {"entity", entity},
            {"secretName", secretName},
            {"state", toString(state)},
            {"createTried", createTried},
            {"createdAtMs", createdAtMs},
            {"firstUseAtMs", firstUseAtMs},
            {"revokedAtMs", revokedAtMs}};
}

std::optional<Generation> Generation::fromJson(const QJsonObject& json)
{
    const auto state = stateFromString(json["state"].toString());
    if (!state) {
        return std::nullopt;
    }
    return Generation{.number = json["number"].toInt(),
                      .entity = json["entity"].toString(),
                      .secretName = json["secretName"].toString(),
                      .state = *state,
                      .createTried = json["createTried"].toBool(),
                      .createdAtMs = json["createdAtMs"].toInteger(),
                      .firstUseAtMs = json["firstUseAtMs"].toInteger(),
                      .revokedAtMs = json["revokedAtMs"].toInteger()};
}

QString RoleKeys::id() const
{
    return QStringLiteral("%1/role/%2").arg(spec.connection, spec.role);
}

const Generation* RoleKeys::current() const
{
    for (const Generation& one : generations) {
        if (one.state == GenerationState::Current) {
            return &one;
        }
    }
    return nullptr;
}

const Generation* RoleKeys::generation(int number) const
{
    for (const Generation& one : generations) {
        if (one.number == number) {
            return &one;
        }
    }
    return nullptr;
}

Generation* RoleKeys::generation(int number)
{
    return const_cast<Generation*>(std::as_const(*this).generation(number));
}

Generation RoleKeys::named(int number) const
{
    return {.number = number,
            .entity = QStringLiteral("%1.g%2").arg(spec.entity, QString::number(number)),
            .secretName = QStringLiteral("cephx/%1/%2.g%3").arg(spec.connection, spec.role).arg(number)};
}

int RoleKeys::numberNamed(const QString& entity) const
{
    for (const Generation& one : generations) {
        if (one.entity == entity) {
            return one.number;
        }
    }
    return numberOf(entity, spec.entity);
}

int RoleKeys::highestExisting(const QStringList& existingEntities) const
{
    int highest = 0;
    for (const QString& entity : existingEntities) {
        highest = std::max(highest, numberOf(entity, spec.entity));
    }
    return highest;
}

int RoleKeys::nextNumber(const QStringList& existingEntities) const
{
    int highest = highestExisting(existingEntities);
    for (const Generation& one : generations) {
        highest = std::max(highest, one.number);
    }
    return highest + 1;
}

Result<void> RoleKeys::mayRevoke(int number) const
{
    const Generation* one = generation(number);
    const Generation* kept = current();
    QString cause;
    if (!one) {
        cause = QStringLiteral("the role has no generation %1").arg(number);
    } else if (!kept) {
        cause = QStringLiteral("it would be the last live key");
    } else if (kept->number == number) {
        cause = QStringLiteral("it is the key in use");
    } else if (kept->firstUseAtMs <= 0) {
        cause = QStringLiteral("the new key was never seen to work");
    } else {
        return {};
    }
    return fail(
        {.code = ErrorCode::FailedPrecondition,
         .message = QStringLiteral("Generation %1 of role %2 is not revoked").arg(number).arg(spec.role),
         .cause = cause,
         .correction =
             QStringLiteral("Rotate the role first: the last live key of a role is never taken away."),
         .source = spec.connection});
}

QJsonObject RoleKeys::toJson() const
{
    QJsonArray list;
    for (const Generation& one : generations) {
        list.append(one.toJson());
    }
    return {{"role", spec.role}, {"connection", spec.connection}, {"generations", list}};
}

bool RoleKeys::restore(const QJsonObject& json)
{
    generations.clear();
    for (const QJsonValue& one : json["generations"].toArray()) {
        const auto generation = Generation::fromJson(one.toObject());
        if (!generation) {
            generations.clear();
            return false;
        }
        generations.append(*generation);
    }
    return true;
}

QJsonObject RoleKeys::row(const HolderCensus& holders, const QJsonObject& rotation) const
{
    QJsonArray list;
    for (const Generation& one : generations) {
        if (one.state == GenerationState::Next) {
            continue;
        }
        list.append(QJsonObject{{"generation", one.number},
                                {"entity", one.entity},
                                {"state", toString(one.state)},
                                {"createdAt", toRfc3339(one.createdAtMs)},
                                {"firstUseAt", toRfc3339(one.firstUseAtMs)},
                                {"revokedAt", toRfc3339(one.revokedAtMs)},
                                {"holders", holders ? holders(spec.role, one.number) : 0}});
    }
    const Generation* used = current();
    return {{"id", id()},
            {"role", spec.role},
            {"connection", spec.connection},
            {"entity", used ? used->entity : spec.entity},
            {"overlapMs", spec.overlapMs},
            {"generations", list},
            {"rotation", rotation.isEmpty() ? QJsonValue() : QJsonValue(rotation)}};
}

void RoleBook::add(const RoleSpec& spec)
{
    m_roles[spec.role].spec = spec;
}

const RoleKeys& RoleBook::role(const QString& role) const
{
    const auto it = m_roles.find(role);
    Q_ASSERT(it != m_roles.end());
    return *it;
}

void RoleBook::replace(const RoleKeys& keys)
{
    m_roles[keys.spec.role] = keys;
}

QStringList RoleBook::withoutKey() const
{
    QStringList roles;
    for (const RoleKeys& keys : m_roles) {
        const bool any = std::any_of(keys.generations.begin(), keys.generations.end(),
                                     [](const Generation& one) { return one.live(); });
        if (!any) {
            roles.append(keys.spec.role);
        }
    }
    return roles;
}

Result<Generation> RoleBook::currentOf(const QString& role) const
{
    const auto it = m_roles.find(role);
    if (it == m_roles.end()) {
        return fail(
            {.code = ErrorCode::NotFound,
             .message = QStringLiteral("There is no role %1").arg(role),
             .cause = QStringLiteral("the configuration names: %1").arg(roles().join(QStringLiteral(", "))),
             .correction =
                 QStringLiteral("Correct the role in the flow file or add it to the configuration."),
             .source = QStringLiteral("keys")});
    }
    if (const Generation* used = it->current()) {
        return *used;
    }
    return fail(
        {.code = ErrorCode::FailedPrecondition,
         .message = QStringLiteral("Role %1 has no key yet").arg(role),
         .cause = QStringLiteral("its first key is made when %1 answers").arg(it->spec.connection),
         .correction = QStringLiteral("Wait until %1 answers; see the page Keys.").arg(it->spec.connection),
         .retryable = true,
         .source = it->spec.connection});
}

QJsonObject RoleBook::toJson() const
{
    QJsonArray list;
    for (const RoleKeys& keys : m_roles) {
        list.append(keys.toJson());
    }
    return {{"roles", list}};
}

void RoleBook::restore(const QJsonObject& json)
{
    for (const QJsonValue& value : json["roles"].toArray()) {
        const QJsonObject one = value.toObject();
        const auto it = m_roles.find(one["role"].toString());
        if (it != m_roles.end() && it->spec.connection == one["connection"].toString()) {
            static_cast<void>(it->restore(one));
        }
    }
}

}  // namespace sluice::keys
