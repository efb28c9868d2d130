#pragma once

#include <QtCore/QHash>
#include <QtCore/QSet>
#include <QtCore/QTimer>
#include <map>
#include <memory>

#include "actions/action_runner.h"
#include "connect/link.h"
#include "core/clock.h"
#include "core/live_topic.h"
#include "engine/key_state.h"
#include "engine/named_link.h"
#include "keys/key_authority.h"
#include "keys/key_vault.h"
#include "keys/role_book.h"
#include "keys/rotation.h"
#include "store/migration.h"

namespace sluice::store {
class Database;
}

namespace sluice::engine {

/// The roles and their key generations, and the plans and steps of what changes them (key_actions.h), for the
/// runner of actions. Topic `roles`.
/// A role without a key gets its first one as soon as its cluster can be acted on.
/// @thread main loop only
class KeyService final : public LiveTopic {
    Q_OBJECT

public:
    static store::PartSchema schema();

    /// Makes the authority over the keys on one connection, reached through `link`; never null.
    using MakeAuthority =
        std::function<std::unique_ptr<keys::KeyAuthority>(connect::Link& link, const QString& connection)>;

    KeyService(connect::Link& link, MakeAuthority makeAuthority, keys::KeyVault& vault,
               store::Database& database, const Clock& clock, QObject* parent = nullptr);

    void addRole(const keys::RoleSpec& spec);
    void setHolders(keys::HolderCensus holders) { m_holders = std::move(holders); }
    /// Whose rows rotations are followed by, and who makes first keys; outlives this. Makes keys.first known.
    void setActions(actions::ActionRunner& actions);
    /// Blocking; at start only. A rotation that an earlier release left under way becomes an action as all
    /// others.
    Result<void> load(actions::KeptActions& kept, actions::RequestBook& requests);
    /// Makes missing first keys.
    void start();

    bool hasRole(const QString& role) const { return m_book.contains(role); }
    /// @error as RoleBook::currentOf
    Result<keys::Generation> currentOf(const QString& role) const { return m_book.currentOf(role); }
    /// Name of the secret of a generation that has not been revoked; empty if no role has that entity.
    QString secretNameOf(const QString& entity) const;
    QString connectionOf(const QString& role) const;
    bool rotating() const { return !m_active.empty() || !m_left.isEmpty(); }

    /// @error NotFound: no such role. FailedPrecondition: a rotation of the role is under way.
    void planRotation(const actions::Call& call, actions::Description::Planned done);
    /// For a role whose key the cluster accepts no more: a new first key, or a rotation away from an older
    /// one that still works. @error FailedPrecondition also: no lease, or the key in use works.
    void planRenewal(const actions::Call& call, actions::Description::Planned done);
    void planFirstKey(const actions::Call& call, actions::Description::Planned done);
    QList<actions::Step> steps(const actions::Call& call);
    void over(const actions::Call& call, const Result<QJsonObject>& result, std::function<void()> then);

    QString name() const override { return QStringLiteral("roles"); }
    QStringList ids() const override { return m_book.roles(); }
    QJsonObject row(const QString& id) const override;

private:
    struct Active {
        std::unique_ptr<keys::Rotation> rotation{};
        QString requestId{};
        QString method{};
    };
    /// One for each role, so that each changes the cluster in the name of who asked for it.
    struct Authority {
        NamedLink link;
        std::unique_ptr<keys::KeyAuthority> keeper{};
    };
    struct Judging;
    bool runs(const QString& role) const { return m_active.contains(role) || m_left.contains(role); }
    Result<void> isFree(const QString& role) const;
    void judgeKeys(const QString& role, std::function<void(const Result<QMap<int, QString>>&)> done);
    void judgeNext(std::shared_ptr<Judging> judging);
    /// Generations that are lost are over; of those that work the newest is what attempts get.
    static keys::RoleKeys withoutLost(keys::RoleKeys keys, const QStringList& lost, qint64 nowMs);
    keys::RotationContext contextFor(const QString& role);
    keys::KeyAuthority& authorityOf(const QString& role);
    /// The rotation that the steps of this call work on, made at the first of them.
    Result<keys::Rotation*> rotationOf(const actions::Call& call);
    void adopt(const QString& role, const StoredKeys& stored, actions::KeptActions& kept,
               actions::RequestBook& requests);
    QString actionOf(const Active& active) const { return m_actions->idOf(active.requestId, active.method); }
    QJsonObject rotationRow(const Active& active, const QString& state) const;
    void makeFirstKeys();
    void save(const QString& role, const QJsonObject& work, const QString& state, keys::Callback<void> done);
    void entitiesOf(const QString& role, std::function<void(const Result<QStringList>&)> done);

    connect::Link& m_link;
    MakeAuthority m_makeAuthority;
    keys::KeyVault& m_vault;
    store::Database& m_database;
    const Clock& m_clock;
    actions::ActionRunner* m_actions{};
    keys::RoleBook m_book{};
    QHash<QString, keys::RoleSpec> m_specs{};
    QHash<QString, KeyState> m_states{};
    keys::HolderCensus m_holders{};
    std::map<QString, Authority> m_authorities{};
    std::map<QString, Active> m_active{};
    QSet<QString> m_left{};  ///< roles with an action of an earlier life that is not carried on yet
    QSet<QString> m_asking{};
    QHash<QString, int> m_firstKeyFailures{};
    QHash<QString, qint64> m_firstKeyNotBeforeMs{};
    QTimer m_firstKeys{};
};

}  // namespace sluice::engine
