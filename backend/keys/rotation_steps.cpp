#include "keys/rotation.h"

#include "core/counted.h"

namespace sluice::keys {
namespace {

/// A refusal may be a monitor that has not heard of the change yet; after this many it is an answer.
constexpr int kMostRefusals = 10;

Error stepError(ErrorCode code, const RoleSpec& spec, const QString& message, const QString& cause,
                const QString& correction)
{
    return {.code = code,
            .message = message,
            .cause = cause,
            .correction = correction,
            .source = spec.connection};
}

QString monsOf(const SessionCensus& census)
{
    return QStringLiteral("%1 of %2 monitors").arg(census.monsAnswered).arg(census.monsTotal);
}

QStringList addressesOf(const SessionCensus& census)
{
    QStringList addresses;
    for (const LiveSession& session : census.sessions) {
        if (!session.address.isEmpty() && !addresses.contains(session.address)) {
            addresses.append(session.address);
        }
    }
    return addresses;
}

}  // namespace

void Rotation::actCensus()
{
    m_context.authority.sessionsOf(
        oldOne().entity, guarded([this](const Result<SessionCensus>& census) {
            if (!census) {
                failStep(census.error());
                return;
            }
            const int attempts = m_context.holders(m_role.spec.role, m_from);
            finish(QStringLiteral("%1 and %2 hold g%3, %4 asked")
                       .arg(counted(attempts, QStringLiteral("attempt")),
                            counted(addressesOf(*census).size(), QStringLiteral("session")))
                       .arg(m_from)
                       .arg(monsOf(*census)));
        }));
}

void Rotation::actCreate()
{
    if (m_from == 0) {
        createWith(m_role.spec.caps);
        return;
    }
    // One that is in use already is the model for itself: the old one may be gone by now.
    const QString model = newOne().live() ? newOne().entity : oldOne().entity;
    m_context.authority.capsOf(
        model, guarded([this, model](const Result<std::optional<Caps>>& caps) {
            if (!caps) {
                failStep(caps.error());
            } else if (!*caps) {
                failStep(stepError(
                    ErrorCode::FailedPrecondition, m_role.spec,
                    QStringLiteral("%1 does not exist any more").arg(model),
                    QStringLiteral("somebody removed the key in use"),
                    QStringLiteral(
                        "Create it again with its caps, or make a new first key: sluicectl keys renew %1.")
                        .arg(m_role.spec.role)));
            } else {
                createWith(**caps);
            }
        }));
}

void Rotation::createWith(const Caps& expected)
{
    const QString entity = newOne().entity;
    m_context.authority.capsOf(
        entity, guarded([this, entity, expected](const Result<std::optional<Caps>>& found) {
            if (!found) {
                failStep(found.error());
                return;
            }
            if (*found && !newOne().createTried) {
                failStep(stepError(
                    ErrorCode::AlreadyExists, m_role.spec, QStringLiteral("%1 exists already").arg(entity),
                    QStringLiteral("it was not made by this rotation, so its key may be known to others"),
                    QStringLiteral("Remove it with “%1” if nobody uses it, then try again.")
                        .arg(m_context.authority.removeCommand(entity))));
                return;
            }
            if (*found && !sameCaps(**found, expected)) {
                failStep(stepError(
                    ErrorCode::FailedPrecondition, m_role.spec,
                    QStringLiteral("The caps of %1 differ").arg(entity),
                    QStringLiteral("it has %1, expected %2").arg(capsText(**found), capsText(expected)),
                    QStringLiteral("Correct them with “%1”, then try again.")
                        .arg(m_context.authority.capsCommand(entity, expected))));
                return;
            }
            newOne().createTried = true;
            saved([this, entity, expected] {
                m_context.authority.createEntity(entity, expected,
                                                 guarded([this, expected](const Result<CreatedKey>& made) {
                                                     if (!made) {
                                                         failStep(made.error());
                                                     } else {
                                                         storeKey(expected, *made);
                                                     }
                                                 }));
            });
        }));
}

void Rotation::storeKey(const Caps& expected, const CreatedKey& made)
{
    const QString entity = newOne().entity;
    m_context.authority.capsOf(
        entity, guarded([this, entity, expected, made](const Result<std::optional<Caps>>& caps) {
            if (!caps) {
                failStep(caps.error());
                return;
            }
            if (!*caps || !sameCaps(**caps, expected)) {
                failStep(
                    stepError(ErrorCode::FailedPrecondition, m_role.spec,
                              QStringLiteral("The caps of %1 are not as asked").arg(entity),
                              QStringLiteral("it has %1, expected %2")
                                  .arg(*caps ? capsText(**caps) : QStringLiteral("none"), capsText(expected)),
                              QStringLiteral("See who changed them, correct them, then try again.")));
                return;
            }
            m_context.vault.put(
                newOne().secretName, made.key,
                guarded([this, created = made.created](const Result<void>& stored) {
                    if (!stored) {
                        failStep(stored.error());
                        return;
                    }
                    if (newOne().createdAtMs == 0) {
                        newOne().createdAtMs = m_context.clock.nowMs();
                    }
                    saved([this, created] {
                        finish(m_from > 0
                                   ? QStringLiteral("caps equal to g%1, compared word by word").arg(m_from)
                                   : QStringLiteral("caps as configured, compared word by word"),
                               created ? StepEnd::Kind::Seen : StepEnd::Kind::AlreadySo);
                    });
                }));
        }));
}

void Rotation::actDeliver()
{
    m_context.vault.get(newOne().secretName, guarded([this](const Result<QByteArray>& key) {
                            if (!key && key.error().code == ErrorCode::NotFound) {
                                goTo(QStringLiteral("create"), {});
                                return;
                            }
                            if (!key) {
                                failStep(key.error());
                                return;
                            }
                            const QString path = m_role.spec.keyringFile;
                            if (path.isEmpty()) {
                                finish(QStringLiteral("in the secret store; new attempts get it from there"));
                                return;
                            }
                            m_context.vault.deliver(path, newOne().entity, *key,
                                                    guarded([this, path, key](const Result<void>& written) {
                                                        if (!written) {
                                                            failStep(written.error());
                                                            return;
                                                        }
                                                        seeDelivered(path, *key);
                                                    }));
                        }));
}

void Rotation::seeDelivered(const QString& path, const QByteArray& key)
{
    m_context.vault.isDelivered(
        path, newOne().entity, key, guarded([this, path](const Result<bool>& there) {
            if (!there) {
                failStep(there.error());
            } else if (!*there) {
                failStep(stepError(ErrorCode::FailedPrecondition, m_role.spec,
                                   QStringLiteral("%1 does not hold the new key").arg(path),
                                   QStringLiteral("it was written, and read back it is another file or not "
                                                  "for this user only"),
                                   QStringLiteral("See who else writes it, then try again.")));
            } else {
                finish(QStringLiteral("in the secret store and in %1, mode 0600").arg(path));
            }
        }));
}

void Rotation::proveNewKey(std::function<void()> next)
{
    m_context.vault.get(
        newOne().secretName, guarded([this, next = std::move(next)](const Result<QByteArray>& key) {
            if (!key) {
                failStep(key.error());
                return;
            }
            m_context.authority.probe(
                newOne().entity, *key, guarded([this, next](const Result<ProbeOutcome>& outcome) {
                    if (!outcome) {
                        failStep(outcome.error());
                        return;
                    }
                    switch (*outcome) {
                        case ProbeOutcome::Accepted:
                            next();
                            return;
                        case ProbeOutcome::Unreachable:
                            again(
                                QStringLiteral("nobody answers the probe of g%1, will try again").arg(m_to));
                            return;
                        case ProbeOutcome::Refused:
                            if (++m_refusals < kMostRefusals) {
                                again(QStringLiteral("g%1 is refused so far, will try again").arg(m_to));
                                return;
                            }
                            failStep(stepError(
                                ErrorCode::PermissionDenied, m_role.spec,
                                QStringLiteral("%1 is refused").arg(newOne().entity),
                                QStringLiteral("the cluster does not accept the new key"),
                                QStringLiteral(
                                    "Both generations are kept. See whether somebody replaced the key, "
                                    "then try again.")));
                    }
                }));
        }));
}

void Rotation::actFirstUse()
{
    proveNewKey([this] {
        if (newOne().firstUseAtMs == 0) {
            newOne().firstUseAtMs = m_context.clock.nowMs();
        }
        newOne().state = GenerationState::Current;
        if (m_from > 0) {
            oldOne().state = GenerationState::Previous;
        }
        saved([this] {
            finish(QStringLiteral("a new connection with g%1 was accepted; new attempts use it").arg(m_to));
        });
    });
}

void Rotation::actOverlap()
{
    if (m_context.clock.nowMs() < overlapEnds()) {
        again(QStringLiteral("both keys work until %1").arg(toRfc3339(m_overlapEndsMs)));
        return;
    }
    oldOne().state = GenerationState::Retiring;
    saved([this] { finish(QStringLiteral("both keys worked until %1").arg(toRfc3339(m_overlapEndsMs))); });
}

void Rotation::actSilent()
{
    if (m_overlapEndsMs == 0) {
        goTo(QStringLiteral("overlap"), QStringLiteral("it is not known when the overlap ended"));
        return;
    }
    const int attempts = m_context.holders(m_role.spec.role, m_from);
    if (attempts > 0) {
        again(QStringLiteral("%1 still %2 g%3")
                  .arg(counted(attempts, QStringLiteral("attempt")),
                       formOf(attempts, QStringLiteral("holds"), QStringLiteral("hold")))
                  .arg(m_from));
        return;
    }
    m_context.authority.sessionsOf(
        oldOne().entity, guarded([this](const Result<SessionCensus>& census) {
            if (!census) {
                failStep(census.error());
                return;
            }
            if (!census->complete()) {
                again(QStringLiteral("only %1 told their sessions").arg(monsOf(*census)));
                return;
            }
            const qsizetype live = addressesOf(*census).size();
            if (live > 0 && m_context.clock.nowMs() < m_overlapEndsMs + m_context.lingerMs) {
                again(QStringLiteral("%1 of g%2 on %3")
                          .arg(counted(live, QStringLiteral("session")))
                          .arg(m_from)
                          .arg(monsOf(*census)));
                return;
            }
            finish(
                live == 0
                    ? QStringLiteral("no attempt, no session of g%1 on %2").arg(m_from).arg(monsOf(*census))
                    : QStringLiteral("no attempt; %1 of g%2 did not end and will be cut off")
                          .arg(counted(live, QStringLiteral("session")))
                          .arg(m_from));
        }));
}

void Rotation::actRevoke()
{
    if (const Result<void> allowed = m_role.mayRevoke(m_from); !allowed) {
        failStep(allowed.error());
        return;
    }
    if (m_overlapEndsMs == 0 || m_context.clock.nowMs() < m_overlapEndsMs) {
        goTo(QStringLiteral("overlap"), QStringLiteral("the overlap is not over by the clock as it is set"));
        return;
    }
    if (m_context.holders(m_role.spec.role, m_from) > 0) {
        goTo(QStringLiteral("silent"), QStringLiteral("an attempt holds g%1 again").arg(m_from));
        return;
    }
    // What the book says is not enough to take a key away: the cluster itself must accept the other one, now.
    proveNewKey([this] {
        m_context.authority.sessionsOf(
            oldOne().entity, guarded([this](const Result<SessionCensus>& census) {
                if (!census) {
                    failStep(census.error());
                    return;
                }
                if (!census->complete()) {
                    again(QStringLiteral("only %1 told their sessions").arg(monsOf(*census)));
                    return;
                }
                for (const QString& address : addressesOf(*census)) {
                    if (!m_cutOff.contains(address)) {
                        m_cutOff.append(address);
                    }
                }
                saved([this] { removeOld(m_cutOff); });
            }));
    });
}

void Rotation::removeOld(const QStringList& addresses)
{
    // Read first: an earlier try whose outcome was not seen may have done it.
    m_context.authority.capsOf(
        oldOne().entity, guarded([this, addresses](const Result<std::optional<Caps>>& caps) {
            if (!caps) {
                failStep(caps.error());
                return;
            }
            if (!*caps) {
                blocklistOld(addresses);
                return;
            }
            if (m_refusals > kMostRefusals) {
                failStep(stepError(ErrorCode::FailedPrecondition, m_role.spec,
                                   QStringLiteral("%1 cannot be removed").arg(oldOne().entity),
                                   QStringLiteral("the cluster takes the call, but the entity stays"),
                                   QStringLiteral("See whether somebody makes it anew, then try again.")));
                return;
            }
            m_context.authority.removeEntity(
                oldOne().entity, guarded([this, addresses](const Result<void>& removed) {
                    if (!removed && removed.error().code != ErrorCode::NotFound) {
                        failStep(removed.error());
                        return;
                    }
                    ++m_refusals;
                    m_removed = true;
                    removeOld(addresses);
                }));
        }));
}

void Rotation::blocklistOld(QStringList addresses)
{
    // A session may have been opened between the last look and the removal.
    m_context.authority.sessionsOf(oldOne().entity,
                                   guarded([this, addresses](const Result<SessionCensus>& census) {
                                       if (!census) {
                                           failStep(census.error());
                                           return;
                                       }
                                       QStringList all = addresses;
                                       for (const QString& address : addressesOf(*census)) {
                                           if (!all.contains(address)) {
                                               all.append(address);
                                           }
                                       }
                                       m_cutOff = all;
                                       saved([this, all] { blocklistNext(all, 0); });
                                   }));
}

void Rotation::blocklistNext(const QStringList& addresses, int done)
{
    if (done == addresses.size()) {
        const bool nothingToDo = !m_removed && done == 0;
        oldOne().state = GenerationState::Revoked;
        if (oldOne().revokedAtMs == 0) {
            oldOne().revokedAtMs = m_context.clock.nowMs();
        }
        saved([this, done, nothingToDo] {
            if (nothingToDo) {
                finish(QStringLiteral("%1 was gone already, and no session of it").arg(oldOne().entity),
                       StepEnd::Kind::AlreadySo);
            } else {
                finish(QStringLiteral("entity removed, %1 blocklisted")
                           .arg(counted(done, QStringLiteral("session"))));
            }
        });
        return;
    }
    m_context.authority.blocklist(addresses.at(done), m_context.blocklistS,
                                  guarded([this, addresses, done](const Result<void>& listed) {
                                      if (!listed) {
                                          failStep(listed.error());
                                          return;
                                      }
                                      blocklistNext(addresses, done + 1);
                                  }));
}

void Rotation::actProve()
{
    m_context.vault.get(
        oldOne().secretName, guarded([this](const Result<QByteArray>& key) {
            if (!key && key.error().code == ErrorCode::NotFound) {
                // Forgotten after the proof, before that was noted; the entity's absence is what remains to
                // be seen.
                m_context.authority.capsOf(
                    oldOne().entity, guarded([this](const Result<std::optional<Caps>>& caps) {
                        if (!caps) {
                            failStep(caps.error());
                        } else if (*caps) {
                            failStep(stepError(ErrorCode::FailedPrecondition, m_role.spec,
                                               QStringLiteral("%1 exists again").arg(oldOne().entity),
                                               QStringLiteral("somebody made it anew after it was revoked"),
                                               QStringLiteral("Remove it, then try again.")));
                        } else {
                            finish(QStringLiteral("%1 is gone, its key is forgotten").arg(oldOne().entity));
                        }
                    }));
                return;
            }
            if (!key) {
                failStep(key.error());
                return;
            }
            m_context.authority.probe(
                oldOne().entity, *key, guarded([this](const Result<ProbeOutcome>& outcome) {
                    if (!outcome) {
                        failStep(outcome.error());
                        return;
                    }
                    if (*outcome == ProbeOutcome::Unreachable) {
                        again(QStringLiteral("nobody answers the probe of g%1, will try again").arg(m_from));
                        return;
                    }
                    if (*outcome == ProbeOutcome::Accepted) {
                        if (++m_refusals < kMostRefusals) {
                            again(QStringLiteral("g%1 is still accepted, will try again").arg(m_from));
                            return;
                        }
                        failStep(stepError(
                            ErrorCode::FailedPrecondition, m_role.spec,
                            QStringLiteral("%1 still works").arg(oldOne().entity),
                            QStringLiteral("the cluster accepts the key that was revoked"),
                            QStringLiteral(
                                "See whether somebody made the entity anew, remove it, then try again.")));
                        return;
                    }
                    m_context.vault.remove(
                        oldOne().secretName, guarded([this](const Result<void>& removed) {
                            if (!removed) {
                                failStep(removed.error());
                                return;
                            }
                            finish(QStringLiteral("a new connection with g%1 was refused").arg(m_from));
                        }));
                }));
        }));
}

}  // namespace sluice::keys
