#include "keys/rotation.h"

#include <QtCore/QJsonArray>

#include "core/units.h"

namespace sluice::keys {
namespace {

Error precondition(const RoleKeys& role, const QString& cause, const QString& correction)
{
    return {.code = ErrorCode::FailedPrecondition,
            .message = QStringLiteral("Role %1 cannot be rotated now").arg(role.spec.role),
            .cause = cause,
            .correction = correction,
            .source = role.spec.connection};
}

}  // namespace

QList<RotationStep> rotationSteps(const QString& oldEntity, const QString& newEntity, qint64 overlapMs)
{
    const QString oldName = oldEntity.section('.', -1);
    const QString newName = newEntity.section('.', -1);
    const bool first = oldEntity.isEmpty();
    QList<RotationStep> steps{
        {QStringLiteral("create"), QStringLiteral("Create %1").arg(newEntity),
         first ? QStringLiteral("caps equal to the configuration, compared word by word")
               : QStringLiteral("caps equal to %1, compared word by word").arg(oldName)},
        {QStringLiteral("deliver"), QStringLiteral("Deliver %1").arg(newName),
         QStringLiteral("read back from the secret store, mode 0600")},
        {QStringLiteral("first-use"), QStringLiteral("First use seen"),
         QStringLiteral("a new connection with %1 is accepted").arg(newName)}};
    if (first) {
        return steps;
    }
    steps.prepend({QStringLiteral("census"), QStringLiteral("Census of holders"),
                   QStringLiteral("attempts of the engine, sessions on every monitor")});
    return steps +
           QList<RotationStep>{
               {QStringLiteral("overlap"), QStringLiteral("Overlap"),
                QStringLiteral("both keys work for %1").arg(formatDuration(overlapMs))},
               {QStringLiteral("silent"), QStringLiteral("Old key silent"),
                QStringLiteral("no attempt holds %1, no session of it on any monitor").arg(oldName)},
               {QStringLiteral("revoke"), QStringLiteral("Revoke %1").arg(oldName),
                QStringLiteral("%1 is proved to work before; entity removed, live sessions blocklisted")
                    .arg(newName)},
               {QStringLiteral("prove"), QStringLiteral("Prove it"),
                QStringLiteral("a new connection with %1 is refused").arg(oldName)}};
}

Result<Course> courseOfRotation(const RoleKeys& role, const QStringList& existingEntities)
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
    Course course{.from = used->number};
    for (const Generation& one : role.generations) {
        if (one.number == used->number || one.state == GenerationState::Revoked) {
            continue;
        }
        if (course.to > 0) {
            return fail(
                precondition(role, QStringLiteral("more than two of its generations are not revoked"),
                             QStringLiteral("Remove those that nobody uses from %1, then see the page Keys.")
                                 .arg(role.spec.connection)));
        }
        course = {.from = one.live() ? one.number : used->number,
                  .to = one.live() ? used->number : one.number};
    }
    if (course.to == 0) {
        course.to = role.nextNumber(existingEntities);
    }
    return course;
}

Result<Course> courseOfFirstKey(const RoleKeys& role, const QStringList& existingEntities)
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
    const bool takesOver = existing > 0 && !keys.generation(existing);
    return Course{.to = takesOver ? existing : keys.nextNumber(existingEntities), .takesOver = takesOver};
}

RoleKeys onCourse(RoleKeys role, const Course& course)
{
    if (course.from == 0) {
        role.generations.removeIf([](const Generation& one) { return one.state == GenerationState::Next; });
    }
    if (!role.generation(course.to)) {
        Generation made = role.named(course.to);
        made.createTried = course.takesOver;
        role.generations.append(made);
    }
    return role;
}

Rotation::Rotation(RoleKeys role, int from, int to, RotationContext context)
    : m_role(std::move(role)),
      m_from(from),
      m_to(to),
      m_context(std::move(context)),
      m_alive(std::make_shared<int>(0))
{
}

Rotation::~Rotation() = default;

void Rotation::resume(const QJsonObject& saved, qint64 overlapEndsMs)
{
    m_overlapEndsMs = overlapEndsMs;
    m_cutOff.clear();
    for (const QJsonValue& address : saved["cutOff"].toArray()) {
        m_cutOff.append(address.toString());
    }
}

QJsonObject Rotation::toJson() const
{
    return {{"role", m_role.toJson()}, {"cutOff", QJsonArray::fromStringList(m_cutOff)}};
}

qint64 Rotation::overlapEnds()
{
    if (m_overlapEndsMs == 0) {
        m_overlapEndsMs = m_context.clock.nowMs() + m_role.spec.overlapMs;
    }
    return m_overlapEndsMs;
}

void Rotation::act(const QString& step, Acted done)
{
    m_done = std::move(done);
    if (step == QLatin1String("census")) {
        actCensus();
    } else if (step == QLatin1String("create")) {
        actCreate();
    } else if (step == QLatin1String("deliver")) {
        actDeliver();
    } else if (step == QLatin1String("first-use")) {
        actFirstUse();
    } else if (step == QLatin1String("overlap")) {
        actOverlap();
    } else if (step == QLatin1String("silent")) {
        actSilent();
    } else if (step == QLatin1String("revoke")) {
        actRevoke();
    } else {
        actProve();
    }
}

void Rotation::saved(std::function<void()> next)
{
    m_context.save(toJson(), guarded([this, next = std::move(next)](const Result<void>& written) {
                       if (!written) {
                           // Nothing may be done that is not written down.
                           failStep(written.error());
                           return;
                       }
                       next();
                   }));
}

void Rotation::finish(const QString& text, StepEnd::Kind kind)
{
    m_refusals = 0;
    std::exchange(m_done, {})(StepEnd{.kind = kind, .text = text});
}

void Rotation::goTo(const QString& stepId, const QString& text)
{
    m_refusals = 0;
    std::exchange(m_done, {})(StepEnd{.kind = StepEnd::Kind::Back, .text = text, .backTo = stepId});
}

void Rotation::again(const QString& text)
{
    std::exchange(m_done, {})(StepEnd{.kind = StepEnd::Kind::Waits, .text = text});
}

void Rotation::failStep(const Error& error)
{
    std::exchange(m_done, {})(fail(error));
}

}  // namespace sluice::keys
