// The part of KeyService that gives a role a new first key when the cluster accepts none that it has.
#include <QtCore/QJsonArray>
#include <algorithm>

#include "core/canonical_json.h"
#include "engine/key_service.h"

namespace sluice::engine {
namespace {

/// A rotation as far as a plan needs it: generations by name, and whether an older key still works.
struct Renewed {
    keys::RoleKeys keys{};
    bool rotates{};
};

/// Generations that are lost are over; of those that work the newest is what attempts get.
Renewed withoutLost(keys::RoleKeys keys, const QMap<int, QString>& lost, qint64 nowMs)
{
    keys::Generation* newest = nullptr;
    for (keys::Generation& one : keys.generations) {
        if (!one.live()) {
            continue;
        }
        if (!lost.value(one.number).isEmpty()) {
            one.state = keys::GenerationState::Revoked;
            one.revokedAtMs = nowMs;
        } else {
            newest = &one;
        }
    }
    if (newest) {
        newest->state = keys::GenerationState::Current;
    }
    return {.keys = std::move(keys), .rotates = newest != nullptr};
}

}  // namespace

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

/// The rotation that a renewal is, made from the present state. Nothing is begun.
void KeyService::prepareRenewal(const QString& role, const QString& id,
                                std::function<void(const Prepared&)> done)
{
    if (auto known = currentOf(role); !known) {
        done({.error = known.error()});
        return;
    }
    judgeKeys(role, [this, role, id, done = std::move(done)](const Result<QMap<int, QString>>& lost) {
        const keys::Generation* used = m_book.role(role).current();
        if (!lost || !used) {
            done({.error = lost ? currentOf(role).error() : lost.error()});
            return;
        }
        const QString why = lost->value(used->number);
        if (why.isEmpty()) {
            done({.error = Error{
                      .code = ErrorCode::FailedPrecondition,
                      .message = QStringLiteral("Role %1 has a key that works").arg(role),
                      .cause = QStringLiteral("%1 accepts that of %2").arg(connectionOf(role), used->entity),
                      .correction = QStringLiteral("Rotate it instead: sluicectl keys rotate %1.").arg(role),
                      .source = QStringLiteral("keys")}});
            return;
        }
        entitiesOf(role, [this, role, id, why, lost = *lost, from = used->entity,
                          done](const Result<QStringList>& entities) {
            if (!entities) {
                done({.error = entities.error()});
                return;
            }
            const Renewed renewed = withoutLost(m_book.role(role), lost, m_clock.nowMs());
            auto rotation = renewed.rotates
                                ? keys::Rotation::begin(id, renewed.keys, *entities, contextFor(role))
                                : keys::Rotation::first(id, renewed.keys, *entities, contextFor(role));
            if (!rotation) {
                done({.error = rotation.error()});
                return;
            }
            done({.rotation = std::shared_ptr<keys::Rotation>(std::move(*rotation)),
                  .from = from,
                  .why = why});
        });
    });
}

void KeyService::planRenewal(const QString& role, std::function<void(const Result<QJsonObject>&)> done)
{
    if (auto may = mayBegin(role); !may) {
        done(fail(may.error()));
        return;
    }
    prepareRenewal(
        role, QStringLiteral("plan"), [this, role, done = std::move(done)](const Prepared& prepared) {
            if (prepared.error) {
                done(fail(*prepared.error));
                return;
            }
            const keys::RoleKeys& keys = prepared.rotation->role();
            QJsonArray steps;
            for (const keys::RotationStep& step : prepared.rotation->steps()) {
                steps.append(
                    QJsonObject{{"id", step.id}, {"title", step.title}, {"checkedBy", step.checkedBy}});
            }
            const int number = m_book.role(role).current()->number;
            const QJsonObject plan{
                {"action", "keys.renew"},
                {"class", 2},
                {"role", role},
                {"connection", keys.spec.connection},
                {"from", prepared.from},
                {"to", keys.named(prepared.rotation->to()).entity},
                {"why", prepared.why},
                {"steps", steps},
                {"touches",
                 QJsonArray{
                     QStringLiteral("%1, so nothing that works is taken away").arg(prepared.why),
                     QStringLiteral("Attempts that hold %1 now: %2; each takes the new key when it is reset")
                         .arg(prepared.from)
                         .arg(m_holders(role, number))}},
                {"cannotUndo",
                 QJsonArray{
                     QStringLiteral("Sluice uses %1 no more. If the entity is there, it stays as it is: "
                                    "remove it if nobody else uses it.")
                         .arg(prepared.from)}}};
            QJsonObject hashed = plan;
            hashed.remove(QStringLiteral("touches"));
            done(QJsonObject{
                {"plan", plan},
                {"planHash", sha256Of(hashed)},
                {"stateHash", sha256Of(QJsonObject{{"generations", m_book.role(role).toJson()}})}});
        });
}

void KeyService::renew(const QString& role, const actions::Asker& asker, actions::Action::Started started,
                       actions::Action::Done done)
{
    if (auto may = mayBegin(role); !may) {
        done(fail(may.error()));
        return;
    }
    const QString id = QStringLiteral("K-%1-%2").arg(role).arg(m_clock.nowMs());
    prepareRenewal(
        role, id,
        [this, role, asker, started = std::move(started), done = std::move(done)](const Prepared& prepared) {
            // Another one may have begun meanwhile.
            if (auto may = mayBegin(role); prepared.error || !may) {
                done(fail(prepared.error ? *prepared.error : may.error()));
                return;
            }
            adopt(role,
                  keys::Rotation::fromJson(prepared.rotation->toJson(), m_book.role(role).spec,
                                           contextFor(role)),
                  asker, done, started);
        });
}

}  // namespace sluice::engine
