#pragma once

#include <QtCore/QHash>
#include <QtCore/QTimer>
#include <map>
#include <memory>
#include <optional>

#include "actions/action_runner.h"
#include "connect/link.h"
#include "core/clock.h"
#include "core/live_topic.h"
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

/// The roles, their key generations and the rotations under way. Topic `roles`.
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
    /// Blocking; at start only.
    Result<void> load();
    /// Goes on with what a restart interrupted; makes missing first keys.
    void start();

    bool hasRole(const QString& role) const { return m_book.contains(role); }
    /// @error as RoleBook::currentOf
    Result<keys::Generation> currentOf(const QString& role) const { return m_book.currentOf(role); }
    /// Name of the secret of a generation that has not been revoked; empty if no role has that entity.
    QString secretNameOf(const QString& entity) const;
    QString connectionOf(const QString& role) const;
    bool rotating() const;

    /// {plan, planHash, stateHash}
    void planRotation(const QString& role, std::function<void(const Result<QJsonObject>&)> done);
    /// At `started` the rotation is kept and would be carried on by the engine's next life, which says
    /// carriedOn() with the same `asker`. `done` comes when it has ended: the row's rotation, or why it
    /// failed; then without `started`, if nothing was begun.
    /// @error FailedPrecondition also: a rotation of the role is under way
    void rotate(const QString& role, const actions::Asker& asker, actions::Action::Started started,
                actions::Action::Done done);

    /// As planRotation, for a role whose key the cluster accepts no more: a new first key, or a rotation away
    /// from an older one that still works. @error FailedPrecondition also: the key in use works.
    void planRenewal(const QString& role, std::function<void(const Result<QJsonObject>&)> done);
    /// As rotate.
    void renew(const QString& role, const actions::Asker& asker, actions::Action::Started started,
               actions::Action::Done done);

    QString name() const override { return QStringLiteral("roles"); }
    QStringList ids() const override { return m_book.roles(); }
    QJsonObject row(const QString& id) const override;

Q_SIGNALS:
    /// One step of a rotation was finished; for the audit record. Nobody asked for a first key.
    void stepEnded(const QString& role, const sluice::actions::Asker& asker, const QString& step,
                   const QString& state, const QString& detail);
    void stepBegun(const QString& role, const sluice::actions::Asker& asker, const QString& step);
    void firstKeyMade(const QString& role, const QString& entity);
    /// A rotation that a restart interrupted has ended; for the audit record. `method` is what was asked for.
    void carriedOn(const QString& role, const sluice::actions::Asker& asker, const QString& outcome,
                   const QJsonObject& detail, const QString& method);

private:
    struct Active {
        std::unique_ptr<keys::Rotation> rotation{};
        actions::Action::Done done{};
        actions::Asker asker{};
        actions::Action::Started started{};  ///< until its first save is kept
        qsizetype stepsEnded{};
        QString stepBegun{};
    };
    /// One for each role, so that each changes the cluster in the name of who asked for it.
    struct Authority {
        NamedLink link;
        std::unique_ptr<keys::KeyAuthority> keeper{};
    };
    struct Judging;
    struct Prepared {
        std::optional<Error> error{};
        std::shared_ptr<keys::Rotation> rotation{};
        QString from{};
        QString why{};
    };
    bool runs(const QString& role) const;
    /// @error NotFound: no such role. FailedPrecondition: no lease, or a rotation of the role is under way.
    Result<void> mayBegin(const QString& role) const;
    void judgeKeys(const QString& role, std::function<void(const Result<QMap<int, QString>>&)> done);
    void judgeNext(std::shared_ptr<Judging> judging);
    void prepareRenewal(const QString& role, const QString& id, std::function<void(const Prepared&)> done);
    keys::RotationContext contextFor(const QString& role);
    keys::KeyAuthority& authorityOf(const QString& role);
    void adopt(const QString& role, Result<std::unique_ptr<keys::Rotation>> made, const actions::Asker& asker,
               actions::Action::Done done, actions::Action::Started started = {});
    void follow(const QString& role);
    void ended(const QString& role);
    void makeFirstKeys();
    void save(const QString& role, const QJsonObject& state, keys::Callback<void> done);
    void entitiesOf(const QString& role, std::function<void(const Result<QStringList>&)> done);

    connect::Link& m_link;
    MakeAuthority m_makeAuthority;
    keys::KeyVault& m_vault;
    store::Database& m_database;
    const Clock& m_clock;
    keys::RoleBook m_book{};
    QHash<QString, keys::RoleSpec> m_specs{};
    QHash<QString, QJsonObject> m_saved{};
    keys::HolderCensus m_holders{};
    std::map<QString, Authority> m_authorities{};
    std::map<QString, Active> m_active{};
    QHash<QString, QJsonObject> m_lastRotation{};
    QSet<QString> m_asking{};
    QHash<QString, qint64> m_firstKeyNotBeforeMs{};
    QTimer m_firstKeys{};
    int m_rotations{};
};

}  // namespace sluice::engine
