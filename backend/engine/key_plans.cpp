// The part of KeyService that plans rotations and first keys.
#include "core/units.h"
#include "engine/key_actions.h"
#include "engine/key_service.h"

namespace sluice::engine {
namespace {

Error noRole(const QString& role)
{
    return Error{.code = ErrorCode::NotFound,
                 .message = QStringLiteral("There is no role '%1'").arg(role),
                 .cause = QStringLiteral("the configuration names no such role"),
                 .correction = QStringLiteral("See the roles with: sluicectl keys list."),
                 .source = QStringLiteral("keys")};
}

Error underWay(const QString& role)
{
    return Error{
        .code = ErrorCode::FailedPrecondition,
        .message = QStringLiteral("A rotation of role %1 is under way").arg(role),
        .cause = QStringLiteral("the one before has not revoked its old key yet"),
        .correction = QStringLiteral("Wait until it has ended; see its steps with: sluicectl keys list."),
        .source = QStringLiteral("keys")};
}

}  // namespace

/// @error NotFound: no such role. FailedPrecondition: a rotation of it is under way.
Result<void> KeyService::isFree(const QString& role) const
{
    return !m_book.contains(role) ? Result<void>(fail(noRole(role)))
           : runs(role)           ? Result<void>(fail(underWay(role)))
                                  : Result<void>();
}

void KeyService::planRotation(const actions::Call& call, actions::Description::Planned done)
{
    const QString role = call.params["role"].toString();
    if (auto free = isFree(role); !free) {
        done(fail(free.error()));
        return;
    }
    if (auto current = m_book.currentOf(role); !current) {
        done(fail(current.error()));
        return;
    }
    // A plan can be looked at wherever; it is carried out where this engine may act.
    if (auto may = m_link.mayAct(connectionOf(role)); !may && !call.asker.requestId.isEmpty()) {
        done(fail(may.error()));
        return;
    }
    entitiesOf(role, [this, role, done = std::move(done)](const Result<QStringList>& entities) {
        const keys::RoleKeys& keys = m_book.role(role);
        const auto course = entities ? keys::courseOfRotation(keys, *entities) : fail(entities.error());
        if (!course) {
            done(fail(course.error()));
            return;
        }
        const QString from = keys.named(course->from).entity;
        const QString to = keys.named(course->to).entity;
        // Holders come and go without making the plan wrong.
        done(actions::Plan{
            .title = keyActionTitle(QStringLiteral("keys.rotate"), role),
            .objects = {QStringLiteral("role/") + role, from, to},
            .decided = {{"role", role},
                        {"connection", keys.spec.connection},
                        {"from", from},
                        {"to", to},
                        {"overlapMs", keys.spec.overlapMs}},
            .state = {{"generations", keys.toJson()}},
            .touches = {QStringLiteral("Attempts that hold %1 now: %2; each keeps it until it ends")
                            .arg(from)
                            .arg(m_holders(role, course->from))},
            .cannotUndo = {
                QStringLiteral(
                    "After the overlap of %1 the key of %2 is removed; what still uses it is refused.")
                    .arg(formatDuration(keys.spec.overlapMs), from)}});
    });
}

void KeyService::planFirstKey(const actions::Call& call, actions::Description::Planned done)
{
    const QString role = call.params["role"].toString();
    if (auto free = isFree(role); !free) {
        done(fail(free.error()));
        return;
    }
    entitiesOf(role, [this, role, done = std::move(done)](const Result<QStringList>& entities) {
        const keys::RoleKeys& keys = m_book.role(role);
        const auto course = entities ? keys::courseOfFirstKey(keys, *entities) : fail(entities.error());
        if (!course) {
            done(fail(course.error()));
            return;
        }
        const QString to = keys.named(course->to).entity;
        done(actions::Plan{.title = keyActionTitle(QStringLiteral("keys.first"), role),
                           .objects = {QStringLiteral("role/") + role, to},
                           .decided = {{"role", role},
                                       {"connection", keys.spec.connection},
                                       {"to", to},
                                       {"takesOver", course->takesOver}},
                           .state = {{"generations", keys.toJson()}}});
    });
}

}  // namespace sluice::engine
