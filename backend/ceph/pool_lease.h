#pragma once

#include "ceph/lease_hold.h"

namespace sluice::ceph {

/// The lease as an advisory lock with an end, on an object of Sluice's own Ceph pool. A lock of an earlier
/// life of the same engine is broken: the engine starts a worker only after the one before was proved dead.
class PoolLease final : public LeaseHold {
public:
    explicit PoolLease(LeaseTerms terms) : m_terms(std::move(terms)) {}

    LeaseOutcome take(RadosSession& session) override { return take(session, true); }
    void giveUp(RadosSession& session) override;
    qint64 attemptMs() const override { return 3500; }

private:
    LeaseOutcome take(RadosSession& session, bool mayBreak);

    LeaseTerms m_terms;
};

}  // namespace sluice::ceph
