#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "ceph/lease_hold.h"

namespace sluice::ceph {

/// The lease as a key of the monitors' store, for a cluster without Sluice's own Ceph pool. The monitors know no
/// compare-and-set: two engines that take it within the same second may both hold it until the first renewal, and the
/// outcome says so. Clocks are not compared: a holder counts as gone when its key did not change for the key's own
/// duration, as this instance saw it.
class ConfigKeyLease final : public LeaseHold {
public:
    explicit ConfigKeyLease(LeaseTerms terms);

    LeaseOutcome take(RadosSession& session) override;
    void giveUp(RadosSession& session) override;
    /// Two answers of the monitors, and the pause before it is read back.
    qint64 attemptMs() const override;

    /// For who holds the lease elsewhere: another engine's key that still lives, or why that cannot be told. Nothing
    /// where this entity may not read keys: then no engine of its kind has one.
    std::optional<LeaseOutcome> holderElsewhere(RadosSession& session);

private:
    struct Key {
        QByteArray bytes{};
        QString engine{};
        QString description{};
        qint64 durationMs{};
    };
    Result<Key> read(RadosSession& session) const;
    /// Who may not have a key is told of the pool, which is the better way anyhow.
    Error explained(Error error) const;
    /// @return nothing: it is free, ours, or its holder is gone
    std::optional<LeaseOutcome> another(const Key& key);

    LeaseTerms m_terms;
    QString m_name;
    QByteArray m_mine{};
    qint64 m_beat{};
    QByteArray m_seen{};
    std::chrono::steady_clock::time_point m_seenSince{};
};

}  // namespace sluice::ceph
