#pragma once

#include <chrono>
#include <optional>

#include "ceph/lease_hold.h"

namespace sluice::ceph {

/// The lease as a key of the monitors' store, for a cluster without Sluice's own Ceph pool. The monitors know
/// no compare-and-set: of two engines that take it at the same moment both may hold it until the next
/// renewal, and the outcome says so. Clocks are not compared: a holder counts as gone when its key did not
/// change for the key's own duration while this instance could read it.
class ConfigKeyLease final : public LeaseHold {
public:
    explicit ConfigKeyLease(LeaseTerms terms);

    LeaseOutcome take(RadosSession& session) override;
    void giveUp(RadosSession& session) override;
    qint64 attemptMs() const override;

    /// For who holds the lease by a lock: another engine's key that still lives, or why that cannot be told.
    /// Nothing where this entity may not read keys.
    std::optional<LeaseOutcome> holderElsewhere(RadosSession& session);
    /// What holderElsewhere() saw last is nobody's any more: it is removed, unless it changed since.
    void removeGone(RadosSession& session);

private:
    struct Key {
        QByteArray bytes{};
        QString engine{};
        QString description{};
        qint64 durationMs{};
    };
    Result<Key> read(RadosSession& session);
    bool remove(RadosSession& session, const QByteArray& ifStill);
    /// Who may not have a key is told of the pool, which is the better way anyhow.
    Error explained(Error error) const;
    /// @return nothing: it is free, ours, or its holder is gone
    std::optional<LeaseOutcome> another(const Key& key);

    LeaseTerms m_terms;
    QString m_name;
    QByteArray m_mine{};
    std::chrono::steady_clock::time_point m_mineUntil{};
    qint64 m_beat{};
    QByteArray m_seen{};  ///< another's key
    std::chrono::steady_clock::time_point m_seenSince{};
    qint64 m_seenUntilMs{};
    QByteArray m_gone{};
};

}  // namespace sluice::ceph
