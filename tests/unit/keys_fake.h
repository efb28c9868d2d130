#pragma once

#include <QtCore/QCoreApplication>
#include <QtCore/QHash>
#include <QtCore/QJsonDocument>
#include <QtCore/QMap>
#include <QtCore/QSet>
#include <QtCore/QTimer>
#include <algorithm>
#include <functional>

#include "keys/rotation.h"

/// A cluster with keys, a secret store and a durable state, all in memory. Each call can be made to fail, and
/// the program can be made to die at each of them: then nothing more happens until the test starts it anew.
namespace sluice::keys::test {

class FakeClock final : public Clock {
public:
    qint64 now{1'767'237'248'000};
    qint64 nowMs() const override { return now; }
    qint64 monotonicMs() const override { return now; }
};

enum class Fault {
    None,
    Unavailable,     ///< nothing was done, may pass
    Refused,         ///< nothing was done, will not pass
    UnknownNotDone,  ///< outcome unknown, nothing was done
    UnknownDone,     ///< outcome unknown, it was done
    CrashBefore,     ///< the program dies before the effect
    CrashAfter,      ///< the program dies after the effect, before it hears of it
};

inline Error faultError(Fault fault)
{
    switch (fault) {
        case Fault::Unavailable:
            return {.code = ErrorCode::Unavailable, .message = "no monitor answers", .retryable = true};
        case Fault::Refused:
            return {.code = ErrorCode::PermissionDenied, .message = "not permitted"};
        default:
            return {.code = ErrorCode::OutcomeUnknown, .message = "no answer in time"};
    }
}

struct World : QObject {
    FakeClock clock;
    /// What runs through here is counted; the fault strikes at call number `faultAt` (from 1).
    int calls{};
    int faultAt{};
    Fault fault{Fault::None};
    /// It strikes at the first call of this name too.
    QString faultOn{};
    /// So many changes of the cluster are refused because the engine has no lease.
    int refusedChanges{};
    bool dead{};
    std::function<void()> onDeath;
    QStringList journal;

    struct Entity {
        Caps caps{};
        QByteArray key{};
    };
    QMap<QString, Entity> entities;
    QList<LiveSession> sessions;
    int monsAnswered{3};
    QStringList blocklisted;
    QSet<QString> refusedEntities;
    bool unreachable{};
    bool forgetsSessionsOfTheRemoved{};
    QMap<QString, QByteArray> secrets;
    QMap<QString, QByteArray> files;
    QJsonObject durable;
    int holdersOfOld{};
    int keysMade{};

    int live(const QString& stem) const
    {
        int n = 0;
        for (auto it = entities.begin(); it != entities.end(); ++it) {
            n += it.key().startsWith(stem) && !refusedEntities.contains(it.key()) ? 1 : 0;
        }
        return n;
    }

    /// Runs `effect` and hands its result to the callback, later, unless the fault says otherwise.
    template <typename T>
    void call(const QString& what, std::function<Result<T>()> effect, Callback<T> callback, bool changes)
    {
        if (dead) {
            return;
        }
        ++calls;
        journal.append(what);
        const bool struck = calls == faultAt || what == faultOn;
        const Fault now = struck ? fault : Fault::None;
        if (what == faultOn) {
            faultOn.clear();
        }
        if (now == Fault::CrashBefore || now == Fault::CrashAfter) {
            if (now == Fault::CrashAfter) {
                (void)effect();
            }
            die();
            return;
        }
        Result<T> result = fail(faultError(now));
        const bool ofCluster =
            what.startsWith("create") || what.startsWith("remove") || what.startsWith("blocklist");
        if (ofCluster && refusedChanges > 0) {
            --refusedChanges;
            result =
                fail(Error{.code = ErrorCode::FailedPrecondition, .message = "no lease", .retryable = true});
        } else if (now == Fault::None) {
            result = effect();
        } else if (now == Fault::UnknownDone) {
            (void)effect();
            result = fail(faultError(changes ? now : Fault::Unavailable));
        } else if (now == Fault::UnknownNotDone && !changes) {
            result = fail(faultError(Fault::Unavailable));
        }
        QTimer::singleShot(0, this, [this, callback, result, born = generation] {
            if (born == generation) {
                callback(result);
            }
        });
    }
    void die()
    {
        dead = true;
        ++generation;
        QTimer::singleShot(0, this, [this] { onDeath(); });
    }
    /// After a new start nothing of the old program answers.
    int generation{};
};

class FakeAuthority final : public KeyAuthority {
public:
    explicit FakeAuthority(World& world) : m_world(world) {}

    void createEntity(const QString& entity, const Caps& caps, Callback<CreatedKey> callback) override
    {
        m_world.call<CreatedKey>(
            "create " + entity,
            [this, entity, caps]() -> Result<CreatedKey> {
                const bool there = m_world.entities.contains(entity);
                if (there && !sameCaps(m_world.entities[entity].caps, caps)) {
                    return fail({.code = ErrorCode::AlreadyExists, .message = "exists with other caps"});
                }
                if (!there) {
                    m_world.entities[entity] = {
                        caps, "KEY-" + entity.toUtf8() + '-' + QByteArray::number(++m_world.keysMade)};
                }
                return CreatedKey{m_world.entities[entity].key, !there};
            },
            std::move(callback), true);
    }
    void capsOf(const QString& entity, Callback<std::optional<Caps>> callback) override
    {
        m_world.call<std::optional<Caps>>(
            "caps " + entity,
            [this, entity]() -> Result<std::optional<Caps>> {
                const auto it = m_world.entities.find(entity);
                return it == m_world.entities.end() ? std::optional<Caps>() : std::optional<Caps>(it->caps);
            },
            std::move(callback), false);
    }
    void removeEntity(const QString& entity, Callback<void> callback) override
    {
        m_world.call<void>(
            "remove " + entity,
            [this, entity]() -> Result<void> {
                m_world.entities.remove(entity);
                return {};
            },
            std::move(callback), true);
    }
    void sessionsOf(const QString& entity, Callback<SessionCensus> callback) override
    {
        m_world.call<SessionCensus>(
            "sessions " + entity,
            [this, entity]() -> Result<SessionCensus> {
                SessionCensus census{.monsAnswered = m_world.monsAnswered, .monsTotal = 3};
                if (m_world.forgetsSessionsOfTheRemoved && !m_world.entities.contains(entity)) {
                    return census;
                }
                for (const LiveSession& session : m_world.sessions) {
                    if (session.entity == entity && !m_world.blocklisted.contains(session.address)) {
                        census.sessions.append(session);
                    }
                }
                return census;
            },
            std::move(callback), false);
    }
    void blocklist(const QString& address, qint64, Callback<void> callback) override
    {
        m_world.call<void>(
            "blocklist " + address,
            [this, address]() -> Result<void> {
                if (!m_world.blocklisted.contains(address)) {
                    m_world.blocklisted.append(address);
                }
                return {};
            },
            std::move(callback), true);
    }
    QString removeCommand(const QString& entity) const override { return "keeper rm " + entity; }
    QString capsCommand(const QString& entity, const Caps& caps) const override
    {
        return "keeper caps " + entity + ' ' + capsText(caps);
    }
    void probe(const QString& entity, const QByteArray& key, Callback<ProbeOutcome> callback) override
    {
        m_world.call<ProbeOutcome>(
            "probe " + entity,
            [this, entity, key]() -> Result<ProbeOutcome> {
                if (m_world.unreachable) {
                    return ProbeOutcome::Unreachable;
                }
                const auto it = m_world.entities.find(entity);
                const bool good = it != m_world.entities.end() && it->key == key &&
                                  !m_world.refusedEntities.contains(entity);
                return good ? ProbeOutcome::Accepted : ProbeOutcome::Refused;
            },
            std::move(callback), false);
    }

private:
    World& m_world;
};

class FakeVault final : public KeyVault {
public:
    explicit FakeVault(World& world) : m_world(world) {}

    void put(const QString& name, const QByteArray& secret, Callback<void> callback) override
    {
        m_world.call<void>(
            "put " + name,
            [this, name, secret]() -> Result<void> {
                m_world.secrets[name] = secret;
                return {};
            },
            std::move(callback), true);
    }
    void get(const QString& name, Callback<QByteArray> callback) override
    {
        m_world.call<QByteArray>(
            "get " + name,
            [this, name]() -> Result<QByteArray> {
                const auto it = m_world.secrets.find(name);
                if (it == m_world.secrets.end()) {
                    return fail({.code = ErrorCode::NotFound, .message = "no such secret"});
                }
                return *it;
            },
            std::move(callback), false);
    }
    void remove(const QString& name, Callback<void> callback) override
    {
        m_world.call<void>(
            "forget " + name,
            [this, name]() -> Result<void> {
                m_world.secrets.remove(name);
                return {};
            },
            std::move(callback), true);
    }
    void deliver(const QString& path, const QString& entity, const QByteArray& key,
                 Callback<void> callback) override
    {
        m_world.call<void>(
            "deliver " + path,
            [this, path, entity, key]() -> Result<void> {
                m_world.files[path] = keyringText(entity, key);
                return {};
            },
            std::move(callback), true);
    }

    void isDelivered(const QString& path, const QString& entity, const QByteArray& key,
                     Callback<bool> callback) override
    {
        m_world.call<bool>(
            "read " + path,
            [this, path, entity, key]() -> Result<bool> {
                return m_world.files.value(path) == keyringText(entity, key);
            },
            std::move(callback), false);
    }

private:
    World& m_world;
};

inline RoleSpec ingestSpec()
{
    return {.role = "ingest",
            .connection = "vega",
            .entity = "client.ingest",
            .caps = {{"mon", "allow r"}, {"osd", "allow rwx pool=landing, allow rwx pool=train"}},
            .overlapMs = 10'000,
            .keyringFile = "/run/sidecar/keyring"};
}

/// Role ingest with g1 in use, in the book and in the cluster.
inline RoleKeys roleWithFirstKey(World& world)
{
    RoleKeys role{.spec = ingestSpec()};
    Generation first = role.named(1);
    first.state = GenerationState::Current;
    first.createdAtMs = first.firstUseAtMs = 1'000;
    role.generations = {first};
    world.entities["client.ingest.g1"] = {ingestSpec().caps, "KEY-client.ingest.g1-0"};
    world.secrets[first.secretName] = "KEY-client.ingest.g1-0";
    return role;
}

}  // namespace sluice::keys::test
