// The part of KeyService that gives a role a new first key when the cluster accepts none that it has.
#include <QtCore/QJsonArray>

#include "engine/key_actions.h"
#include "engine/key_service.h"

namespace sluice::engine {
keys::RoleKeys KeyService::withoutLost(keys::RoleKeys keys, const QStringList& lost, qint64 nowMs)
{
    if (lost.isEmpty()) {
        return keys;
    }
    keys::Generation* newest = nullptr;
    for (keys::Generation& one : keys.generations) {
        if (!one.live()) {
            continue;
        }
        if (lost.contains(one.entity)) {
            one.state = keys::GenerationState::Revoked;
            one.revokedAtMs = nowMs;
        } else {
            newest = &one;
        }
    }
    if (newest) {
        newest->state = keys::GenerationState::Current;
    }
    return keys;
}

/// Why each live generation is of no use, by its number; empty for one that works.
struct KeyService::Judging {
    QString role{};
    QList<keys::Generation> left{};
    QMap<int, QString> lost{};
    std::function<void(const Result<QMap<int, QString>>&)> done{};
};

void KeyService::judgeKeys(const QString& role, std::function<void(const Result<QMap<int, QString>>&)> done)
{
    auto judging = std::make_shared<Judging>(Judging{.role = role, .done = std::move(done)});
    for (const keys::Generation& one : m_book.role(role).generations) {
        if (one.live()) {
            judging->left.append(one);
        }
    }
    judgeNext(judging);
}

void KeyService::judgeNext(std::shared_ptr<Judging> judging)
{
    if (judging->left.isEmpty()) {
        judging->done(judging->lost);
        return;
    }
    const keys::Generation one = judging->left.takeFirst();
    const QString connection = connectionOf(judging->role);
    keys::KeyAuthority& authority = authorityOf(judging->role);
    const auto found = [this, judging, number = one.number](const QString& why) {
        judging->lost.insert(number, why);
        judgeNext(judging);
    };
    authority.capsOf(one.entity, [=, this, &authority](const Result<std::optional<keys::Caps>>& caps) {
        if (!caps) {
            judging->done(fail(caps.error()));
            return;
        }
        if (!*caps) {
            found(QStringLiteral("%1 does not exist on %2 any more").arg(one.entity, connection));
            return;
        }
        m_vault.get(one.secretName, [=, this, &authority](const Result<QByteArray>& key) {
            if (!key) {
                if (key.error().code == ErrorCode::NotFound) {
                    found(QStringLiteral("Sluice has not the key of %1 any more").arg(one.entity));
                } else {
                    judging->done(fail(key.error()));
                }
                return;
            }
            authority.probe(one.entity, key->trimmed(), [=](const Result<keys::ProbeOutcome>& outcome) {
                if (outcome && *outcome != keys::ProbeOutcome::Unreachable) {
                    found(*outcome == keys::ProbeOutcome::Accepted
                              ? QString()
                              : QStringLiteral("%1 refuses the key that Sluice has for %2")
                                    .arg(connection, one.entity));
                    return;
                }
                judging->done(
                    outcome
                        ? fail(Error{
                              .code = ErrorCode::Unavailable,
                              .message =
                                  QStringLiteral("Whether the key of %1 works is not known").arg(one.entity),
                              .cause =
                                  QStringLiteral("%1 gave no answer to a connection with it").arg(connection),
                              .correction = QStringLiteral("Ask again when %1 answers.").arg(connection),
                              .retryable = true,
                              .source = connection})
                        : fail(outcome.error()));
            });
        });
    });
}

void KeyService::planRenewal(const actions::Call& call, actions::Description::Planned done)
{
    const QString role = call.params["role"].toString();
    const auto free = isFree(role);
    const auto may = free ? m_link.mayAct(connectionOf(role)) : free;
    const auto known = may ? currentOf(role) : fail(may.error());
    if (!known) {
        done(fail(known.error()));
        return;
    }
    judgeKeys(role, [this, role, done = std::move(done)](const Result<QMap<int, QString>>& lost) {
        const keys::Generation* used = m_book.role(role).current();
        if (!lost || !used) {
            done(fail(lost ? currentOf(role).error() : lost.error()));
            return;
        }
        const QString why = lost->value(used->number);
        if (why.isEmpty()) {
            done(fail(
                Error{.code = ErrorCode::FailedPrecondition,
                      .message = QStringLiteral("Role %1 has a key that works").arg(role),
                      .cause = QStringLiteral("%1 accepts that of %2").arg(connectionOf(role), used->entity),
                      .correction = QStringLiteral("Rotate it instead: sluicectl keys rotate %1.").arg(role),
                      .source = QStringLiteral("keys")}));
            return;
        }
        entitiesOf(role, [this, role, why, lost = *lost, used = *used,
                          done](const Result<QStringList>& entities) {
            if (!entities) {
                done(fail(entities.error()));
                return;
            }
            const keys::RoleKeys& keys = m_book.role(role);
            QStringList gone;
            for (const keys::Generation& one : keys.generations) {
                if (!lost.value(one.number).isEmpty()) {
                    gone.append(one.entity);
                }
            }
            const keys::RoleKeys left = withoutLost(keys, gone, m_clock.nowMs());
            const auto course = left.current() ? keys::courseOfRotation(left, *entities)
                                               : keys::courseOfFirstKey(left, *entities);
            if (!course) {
                done(fail(course.error()));
                return;
            }
            const QString to = keys.named(course->to).entity;
            done(actions::Plan{
                .title = keyActionTitle(QStringLiteral("keys.renew"), role),
                .objects = {QStringLiteral("role/") + role, used.entity, to},
                .decided = {{"role", role},
                            {"connection", keys.spec.connection},
                            {"from", used.entity},
                            {"to", to},
                            {"why", why},
                            {"lost", QJsonArray::fromStringList(gone)},
                            {"rotatesFrom", course->from > 0 ? keys.named(course->from).entity : QString()},
                            {"takesOver", course->takesOver}},
                .state = {{"generations", keys.toJson()}},
                .touches = {QStringLiteral("%1, so nothing that works is taken away").arg(why),
                            QStringLiteral(
                                "Attempts that hold %1 now: %2; each takes the new key when it is reset")
                                .arg(used.entity)
                                .arg(m_holders(role, used.number))},
                .cannotUndo = {
                    QStringLiteral("Sluice uses %1 no more. If the entity is there, it stays as it "
                                   "is: remove it if nobody else uses it.")
                        .arg(used.entity)}});
        });
    });
}

}  // namespace sluice::engine
