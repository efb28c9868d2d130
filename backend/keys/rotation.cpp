#include "keys/rotation.h"

#include <QtCore/QJsonArray>
#include <algorithm>
#include <array>

#include "core/units.h"

namespace sluice::keys {
namespace {

constexpr int kFormat = 1;
constexpr int kMostBackOff = 30;

template <typename E, size_t N>
QString nameOf(E value, const std::array<const char*, N>& names)
{
    return QString::fromLatin1(names.at(size_t(value)));
}

template <typename E, size_t N>
std::optional<E> valueOf(const QString& name, const std::array<const char*, N>& names)
{
    for (size_t i = 0; i < N; ++i) {
        if (name == QLatin1String(names[i])) {
            return E(i);
        }
    }
    return std::nullopt;
}

constexpr std::array<const char*, 4> kRotationStates{"running", "done", "failed", "stopped"};
constexpr std::array<const char*, 4> kStepStates{"waiting", "running", "done", "failed"};

Error precondition(const RoleKeys& role, const QString& cause, const QString& correction)
{
    return {.code = ErrorCode::FailedPrecondition,
            .message = QStringLiteral("Role %1 cannot be rotated now").arg(role.spec.role),
            .cause = cause,
            .correction = correction,
            .source = role.spec.connection};
}

}  // namespace

QString toString(RotationState state)
{
    return nameOf(state, kRotationStates);
}

QString toString(StepState state)
{
    return nameOf(state, kStepStates);
}

Rotation::Rotation(QString id, RoleKeys role, int from, int to, RotationContext context)
    : m_id(std::move(id)),
      m_role(std::move(role)),
      m_from(from),
      m_to(to),
      m_context(std::move(context)),
      m_startedAtMs(m_context.clock.nowMs()),
      m_alive(std::make_shared<int>(0))
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &Rotation::act);
    makeSteps();
}

Rotation::~Rotation() = default;

void Rotation::makeSteps()
{
    const QString oldName = QStringLiteral("g%1").arg(m_from);
    const QString newName = QStringLiteral("g%1").arg(m_to);
    const auto add = [this](const char* id, const QString& title, const QString& checkedBy) {
        m_steps.append({.id = QLatin1String(id), .title = title, .checkedBy = checkedBy});
    };
    if (m_from > 0) {
        add("census", QStringLiteral("Census of holders"),
            QStringLiteral("attempts of the engine, sessions on every monitor"));
    }
    add("create", QStringLiteral("Create %1").arg(m_role.named(m_to).entity),
        m_from > 0 ? QStringLiteral("caps equal to %1, compared word by word").arg(oldName)
                   : QStringLiteral("caps equal to the configuration, compared word by word"));
    add("deliver", QStringLiteral("Deliver %1").arg(newName),
        QStringLiteral("read back from the secret store, mode 0600"));
    add("first-use", QStringLiteral("First use seen"),
        QStringLiteral("a new connection with %1 is accepted").arg(newName));
    if (m_from > 0) {
        add("overlap", QStringLiteral("Overlap"),
            QStringLiteral("both keys work for %1").arg(formatDuration(m_role.spec.overlapMs)));
        add("silent", QStringLiteral("Old key silent"),
            QStringLiteral("no attempt holds %1, no session of it on any monitor").arg(oldName));
        add("revoke", QStringLiteral("Revoke %1").arg(oldName),
            QStringLiteral("%1 is proved to work before; entity removed, live sessions blocklisted")
                .arg(newName));
        add("prove", QStringLiteral("Prove it"),
            QStringLiteral("a new connection with %1 is refused").arg(oldName));
    }
}

Result<std::unique_ptr<Rotation>> Rotation::begin(const QString& id, const RoleKeys& role,
                                                  const QStringList& existingEntities,
                                                  RotationContext context)
{
    const Generation* used = role.current();
    if (!used) {
        return fail(precondition(role, QStringLiteral("it has no key yet"),
                                 QStringLiteral("Wait until its first key is made; see the page Keys.")));
    }
    if (!existingEntities.contains(used->entity)) {
        return fail(precondition(
            role, QStringLiteral("somebody removed %1 from the cluster").arg(used->entity),
            QStringLiteral("Make a new first key with: sluicectl keys renew %1.").arg(role.spec.role)));
    }
    RoleKeys keys = role;
    int from = used->number;
    int to = 0;
    for (const Generation& one : role.generations) {
        if (one.number == used->number || one.state == GenerationState::Revoked) {
            continue;
        }
        if (to > 0) {
            return fail(precondition(
                role, QStringLiteral("more than two of its generations are not revoked"),
                QStringLiteral("Remove what nobody uses with “ceph auth rm”, then see the page Keys.")));
        }
        from = one.live() ? one.number : used->number;
        to = one.live() ? used->number : one.number;
    }
    if (to == 0) {
        to = keys.nextNumber(existingEntities);
        keys.generations.append(keys.named(to));
    }
    return std::unique_ptr<Rotation>(new Rotation(id, std::move(keys), from, to, std::move(context)));
}

Result<std::unique_ptr<Rotation>> Rotation::first(const QString& id, const RoleKeys& role,
                                                  const QStringList& existingEntities,
                                                  RotationContext context)
{
    RoleKeys keys = role;
    for (const Generation& one : keys.generations) {
        if (one.live()) {
            return fail(precondition(role, QStringLiteral("it has a key: generation %1").arg(one.number),
                                     QStringLiteral("Rotate it instead.")));
        }
    }
    keys.generations.removeIf([](const Generation& one) { return one.state == GenerationState::Next; });
    const int existing = keys.highestExisting(existingEntities);
    const bool takeOver = existing > 0 && !keys.generation(existing);
    const int to = takeOver ? existing : keys.nextNumber(existingEntities);
    Generation made = keys.named(to);
    made.createTried = takeOver;
    keys.generations.append(made);
    return std::unique_ptr<Rotation>(new Rotation(id, std::move(keys), 0, to, std::move(context)));
}

Result<std::unique_ptr<Rotation>> Rotation::fromJson(const QJsonObject& state, const RoleSpec& spec,
                                                     RotationContext context)
{
    const auto bad = [&](const QString& what) {
        return fail(Error{
            .code = ErrorCode::InvalidArgument,
            .message = QStringLiteral("A saved rotation of role %1 cannot be read").arg(spec.role),
            .cause = what,
            .correction = QStringLiteral("Both keys stay valid. See which are used, then rotate again."),
            .source = spec.connection});
    };
    RoleKeys role{.spec = spec};
    if (!role.restore(state["role"].toObject())) {
        return bad(QStringLiteral("one of its generations is in a state that this version does not know"));
    }
    const int from = state["from"].toInt();
    const int to = state["to"].toInt();
    const auto rotationState = valueOf<RotationState>(state["state"].toString(), kRotationStates);
    if (state["format"].toInt() != kFormat || !rotationState) {
        return bad(QStringLiteral("it was written by another version"));
    }
    if (!role.generation(to) || (from > 0 && !role.generation(from)) || from == to) {
        return bad(QStringLiteral("its generations are missing"));
    }
    auto rotation = std::unique_ptr<Rotation>(
        new Rotation(state["id"].toString(), std::move(role), from, to, std::move(context)));
    const QJsonArray steps = state["steps"].toArray();
    const int at = state["at"].toInt(-1);
    if (steps.size() != rotation->m_steps.size() || at < 0 || at > steps.size()) {
        return bad(QStringLiteral("its steps are not those of this version"));
    }
    for (qsizetype i = 0; i < steps.size(); ++i) {
        const QJsonObject json = steps.at(i).toObject();
        RotationStep& one = rotation->m_steps[i];
        const auto stepState = valueOf<StepState>(json["state"].toString(), kStepStates);
        if (json["id"].toString() != one.id || !stepState) {
            return bad(QStringLiteral("its steps are not those of this version"));
        }
        one.state = *stepState;
        one.detail = json["detail"].toString();
        one.atMs = json["atMs"].toInteger();
    }
    rotation->m_at = at;
    rotation->m_state = *rotationState;
    rotation->m_startedAtMs = state["startedAtMs"].toInteger();
    rotation->m_overlapEndsMs = state["overlapEndsMs"].toInteger();
    for (const QJsonValue& address : state["cutOff"].toArray()) {
        rotation->m_cutOff.append(address.toString());
    }
    if (state.contains(QStringLiteral("error"))) {
        rotation->m_error = Error::fromJson(state["error"].toObject());
    }
    return rotation;
}

QJsonObject Rotation::toJson() const
{
    QJsonArray steps;
    for (const RotationStep& one : m_steps) {
        steps.append(QJsonObject{
            {"id", one.id}, {"state", toString(one.state)}, {"detail", one.detail}, {"atMs", one.atMs}});
    }
    QJsonObject json{{"format", kFormat},
                     {"id", m_id},
                     {"from", m_from},
                     {"to", m_to},
                     {"state", toString(m_state)},
                     {"at", m_at},
                     {"startedAtMs", m_startedAtMs},
                     {"overlapEndsMs", m_overlapEndsMs},
                     {"cutOff", QJsonArray::fromStringList(m_cutOff)},
                     {"steps", steps},
                     {"role", m_role.toJson()}};
    if (!m_error.message.isEmpty()) {
        json["error"] = m_error.toJson();
    }
    return json;
}

QJsonObject Rotation::rowJson() const
{
    QJsonArray steps;
    for (const RotationStep& one : m_steps) {
        steps.append(QJsonObject{{"id", one.id},
                                 {"title", one.title},
                                 {"state", toString(one.state)},
                                 {"detail", one.detail},
                                 {"checkedBy", one.checkedBy},
                                 {"at", toRfc3339(one.atMs)}});
    }
    return {{"id", m_id},
            {"state", toString(m_state)},
            {"from", m_from},
            {"to", m_to},
            {"startedAt", toRfc3339(m_startedAtMs)},
            {"steps", steps}};
}

void Rotation::run()
{
    m_stopAsked = false;
    m_runAsked = true;
    if (m_active || m_state == RotationState::Done) {
        return;
    }
    m_active = true;
    m_state = RotationState::Running;
    m_error = {};
    m_tries = m_refusals = 0;
    enter();
}

void Rotation::stop()
{
    m_runAsked = false;
    if (!m_active) {
        return;
    }
    m_stopAsked = true;
    if (m_timer.isActive()) {
        m_timer.stop();
        halt(RotationState::Stopped);
    }
}

void Rotation::enter()
{
    if (m_at >= m_steps.size()) {
        halt(RotationState::Done);
        return;
    }
    step().state = StepState::Running;
    step().atMs = m_context.clock.nowMs();
    saved([this] { act(); });
}

void Rotation::act()
{
    if (m_stopAsked) {
        halt(RotationState::Stopped);
        return;
    }
    const QString id = step().id;
    if (id == QLatin1String("census")) {
        actCensus();
    } else if (id == QLatin1String("create")) {
        actCreate();
    } else if (id == QLatin1String("deliver")) {
        actDeliver();
    } else if (id == QLatin1String("first-use")) {
        actFirstUse();
    } else if (id == QLatin1String("overlap")) {
        actOverlap();
    } else if (id == QLatin1String("silent")) {
        actSilent();
    } else if (id == QLatin1String("revoke")) {
        actRevoke();
    } else {
        actProve();
    }
}

void Rotation::saved(std::function<void()> next)
{
    m_context.save(toJson(), guarded([this, next = std::move(next)](const Result<void>& written) {
                       if (!written) {
                           // Nothing may be done that is not written down; what was done before stays as it
                           // is.
                           failStep(written.error());
                           return;
                       }
                       Q_EMIT changed();
                       next();
                   }));
}

void Rotation::finishStep(const QString& detail)
{
    step().state = StepState::Done;
    step().detail = detail;
    step().atMs = m_context.clock.nowMs();
    m_tries = m_refusals = 0;
    ++m_at;
    enter();
}

void Rotation::goTo(const QString& stepId, const QString& detail)
{
    step().state = StepState::Waiting;
    step().detail = detail;
    while (m_at > 0 && step().id != stepId) {
        --m_at;
        step().state = StepState::Waiting;
    }
    m_tries = m_refusals = 0;
    enter();
}

void Rotation::again(int ms, const QString& detail)
{
    if (m_stopAsked) {
        halt(RotationState::Stopped);
        return;
    }
    if (step().detail != detail) {
        step().detail = detail;
        Q_EMIT changed();
    }
    m_timer.start(ms);
}

void Rotation::trouble(const Error& error)
{
    const bool mayPass = error.retryable || error.code == ErrorCode::OutcomeUnknown ||
                         error.code == ErrorCode::Unavailable || error.code == ErrorCode::DeadlineExceeded;
    if (!mayPass) {
        failStep(error);
        return;
    }
    const int factor = std::min(kMostBackOff, 1 << std::min(m_tries, 5));
    ++m_tries;
    again(m_context.retryMs * factor, QStringLiteral("waits, will try again: %1").arg(error.toLine()));
}

void Rotation::failStep(const Error& error)
{
    m_error = error;
    if (m_at < m_steps.size()) {
        step().state = StepState::Failed;
        step().detail = error.toLine();
        step().atMs = m_context.clock.nowMs();
    }
    halt(RotationState::Failed);
}

void Rotation::halt(RotationState state)
{
    m_state = state;
    m_runAsked = false;
    m_context.save(toJson(), guarded([this](const Result<void>& written) {
                       m_active = false;
                       if (!written && m_state == RotationState::Done) {
                           // The work is done; only the note is missing. The last step is harmless when done
                           // again.
                           m_state = RotationState::Failed;
                           m_error = written.error();
                       }
                       Q_EMIT changed();
                       if (m_runAsked) {
                           run();
                           return;
                       }
                       Q_EMIT ended();
                   }));
}

}  // namespace sluice::keys
