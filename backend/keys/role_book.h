#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QMap>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <functional>
#include <optional>

#include "core/error.h"
#include "keys/key_authority.h"

namespace sluice::keys {

enum class GenerationState {
    Next,      ///< made, not yet in use; not shown as a generation
    Current,   ///< what new attempts get
    Previous,  ///< still works, during the overlap
    Retiring,  ///< its last users are awaited
    Revoked,
};

QString toString(GenerationState state);

/// One key of a role. Times are wall clock in milliseconds, 0 = not yet. The key itself is in the secret
/// store.
struct Generation {
    int number{};
    QString entity{};      ///< client.ingest.g2
    QString secretName{};  ///< cephx/vega/ingest.g2
    GenerationState state{GenerationState::Next};
    bool createTried{};  ///< so an entity of this name may be ours
    qint64 createdAtMs{};
    qint64 firstUseAtMs{};
    qint64 revokedAtMs{};

    /// It works: current, previous or retiring.
    bool live() const { return state != GenerationState::Next && state != GenerationState::Revoked; }
    QJsonObject toJson() const;
    /// @return nothing if its state is a word that this version does not know
    static std::optional<Generation> fromJson(const QJsonObject& json);
};

/// A role as configured. `entity` is the stem; each generation has an entity of its own, "<entity>.g<N>".
struct RoleSpec {
    QString role{};
    QString connection{};
    QString entity{};
    Caps caps{};
    qint64 overlapMs{};
    QString keyringFile{};  ///< written for sidecars at each rotation; may be empty
};

/// How many attempts hold this generation of the role's key now.
using HolderCensus = std::function<int(const QString& role, int generation)>;

/// One role with its generations, oldest first.
struct RoleKeys {
    RoleSpec spec{};
    QList<Generation> generations{};

    /// "<connection>/role/<role>"
    QString id() const;
    const Generation* current() const;
    const Generation* generation(int number) const;
    Generation* generation(int number);
    /// Generation as it would be called; pure naming.
    Generation named(int number) const;
    /// Of the generation of that name, known or not; 0: it is none of this role.
    int numberNamed(const QString& entity) const;
    /// The next number never used: above the book's and above any "<entity>.g<N>" among `existingEntities`.
    int nextNumber(const QStringList& existingEntities) const;
    /// The highest existing "<entity>.g<N>", 0 if there is none: what an engine that lost its state finds
    /// again.
    int highestExisting(const QStringList& existingEntities) const;
    /// @error FailedPrecondition: it is the last live key of the role, or still the current one.
    [[nodiscard]] Result<void> mayRevoke(int number) const;

    /// Only what is not in the configuration: {role, connection, generations}.
    QJsonObject toJson() const;
    /// @return false, and no generation at all, if the state of one is a word that this version does not know
    bool restore(const QJsonObject& json);

    /// Row of the topic `roles`. `rotation` is the last one, or empty.
    QJsonObject row(const HolderCensus& holders, const QJsonObject& rotation) const;
};

/// All roles, as data. Knows nothing of clusters.
class RoleBook {
public:
    void add(const RoleSpec& spec);
    bool contains(const QString& role) const { return m_roles.contains(role); }
    QStringList roles() const { return m_roles.keys(); }
    /// @pre contains(role)
    const RoleKeys& role(const QString& role) const;
    void replace(const RoleKeys& keys);
    /// Roles that have no live generation yet and want a first one.
    QStringList withoutKey() const;
    /// What attempts of this role get.
    /// @error NotFound: no such role. FailedPrecondition: it has no key yet.
    [[nodiscard]] Result<Generation> currentOf(const QString& role) const;

    QJsonObject toJson() const;
    /// Roles that are not in the configuration any more are dropped from the book, not from the cluster.
    void restore(const QJsonObject& json);

private:
    QMap<QString, RoleKeys> m_roles;
};

}  // namespace sluice::keys
