#include "ceph/lease_keeper.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <algorithm>
#include <chrono>

#include "ceph/rados_session.h"
#include "core/clock.h"

namespace sluice::ceph {
namespace {

using std::chrono::milliseconds;

constexpr qint64 kRetryMs = 1000;
constexpr qint64 kWatchMs = 2000;

}  // namespace

LeaseKeeper::LeaseKeeper(LeaseTerms terms, SessionSource session, Report report, Fenced fenced)
    : m_terms(std::move(terms)),
      m_poolLease(m_terms),
      m_keyLease(m_terms),
      m_session(std::move(session)),
      m_report(std::move(report)),
      m_fenced(std::move(fenced)),
      m_thread([this] { loop(); })
{
}

LeaseKeeper::~LeaseKeeper()
{
    endLoop();
}

void LeaseKeeper::endLoop()
{
    const std::lock_guard ending(m_ending);
    {
        const std::lock_guard lock(m_lock);
        m_stop = true;
    }
    m_changed.notify_all();
    if (m_thread.joinable()) {
        m_thread.join();
    }
}

void LeaseKeeper::giveUp()
{
    endLoop();
    const std::shared_ptr<RadosSession> session = m_session();
    if (!session) {
        return;
    }
    if (m_hold) {
        m_hold->giveUp(*session);
    }
    m_held = false;
}

void LeaseKeeper::poke()
{
    {
        const std::lock_guard lock(m_lock);
        m_poked = true;
    }
    m_changed.notify_all();
}

void LeaseKeeper::loop()
{
    for (;;) {
        const auto begun = std::chrono::steady_clock::now();
        const std::shared_ptr<RadosSession> session = m_session();
        LeaseOutcome outcome{
            .error = {.code = ErrorCode::Unavailable,
                      .message = QStringLiteral("Cannot take the lease of this cluster"),
                      .cause = QStringLiteral("there is no session with it"),
                      .correction = QStringLiteral("It is taken as soon as the cluster answers"),
                      .retryable = true,
                      .source = QStringLiteral("ceph")}};
        if (session) {
            outcome = take(*session);
        }
        qint64 waitMs = kRetryMs;
        const bool hadIt = m_held;
        if (outcome.held && std::chrono::steady_clock::now() > begun + milliseconds(m_terms.durationMs)) {
            // The process stood still meanwhile: what it was given may be another's by now.
            outcome = {.error = outcome.error};
        }
        if (outcome.held) {
            m_held = true;
            m_holding = outcome;
            // With less than one attempt's time left it is given up as lost.
            const qint64 reserveMs = std::min(m_hold->attemptMs(), m_terms.durationMs / 2);
            m_safeUntil = begun + milliseconds(m_terms.durationMs - reserveMs);
            waitMs = std::max<qint64>(m_terms.durationMs / 3, 100);
            tell(QStringLiteral("held"), outcome);
        } else if (!outcome.owner.isEmpty() || outcome.fenced) {
            m_held = false;
            if (hadIt) {
                tell(QStringLiteral("lost"), outcome);
            }
            if (!outcome.owner.isEmpty()) {
                tell(QStringLiteral("other"), outcome);
            }
            waitMs = kWatchMs;
        } else if (hadIt && std::chrono::steady_clock::now() < m_safeUntil) {
            LeaseOutcome still = m_holding;
            still.error = outcome.error;
            tell(QStringLiteral("held"), still);
            const auto left = std::chrono::ceil<milliseconds>(m_safeUntil - std::chrono::steady_clock::now());
            waitMs = std::min<qint64>(kRetryMs, left.count());
        } else {
            m_held = false;
            if (hadIt) {
                tell(QStringLiteral("lost"), outcome);
            } else if (m_told["state"].toString() != QLatin1String("lost")) {
                tell(QStringLiteral("none"), outcome);
            }
        }
        if (outcome.fenced) {
            m_fenced(session);
        }
        std::unique_lock lock(m_lock);
        m_changed.wait_for(lock, milliseconds(waitMs), [this] { return m_stop || m_poked; });
        if (m_stop) {
            return;
        }
        m_poked = false;
    }
}

LeaseOutcome LeaseKeeper::take(RadosSession& session)
{
    if (m_hold != &m_poolLease) {
        const Result<bool> pool = hasPool(session);
        if (!pool) {
            return {.error = pool.error()};
        }
        if (!*pool && std::chrono::steady_clock::now() >= m_noKeyBefore) {
            m_hold = &m_keyLease;
            return m_keyLease.take(session);
        }
    }
    const bool renews = m_held && m_hold == &m_poolLease;
    if (!renews) {
        // The pool may be younger than the lease of an engine that leads by a key.
        if (const auto other = m_keyLease.holderElsewhere(session)) {
            return *other;
        }
    }
    LeaseOutcome outcome = m_poolLease.take(session);
    if (outcome.held || !outcome.owner.isEmpty()) {
        m_hold = &m_poolLease;
        m_noKeyBefore = std::chrono::steady_clock::now() + milliseconds(m_terms.durationMs);
        m_keyLease.giveUp(session);
    } else if (outcome.error.code == ErrorCode::NotFound) {
        m_hold = nullptr;
    } else if (m_held && m_hold == &m_keyLease) {
        // A pool that cannot be used is no reason to lose what is held.
        const Error why = outcome.error;
        outcome = m_keyLease.take(session);
        outcome.caveat += QStringLiteral(". There is one, and it cannot be used: ") + why.toLine();
    }
    if (renews && outcome.held) {
        const auto other = m_keyLease.holderElsewhere(session);
        if (other && !other->owner.isEmpty()) {
            outcome.caveat =
                QStringLiteral(
                    "Engine %1 leads this cluster by a key: its configuration names another Ceph pool")
                    .arg(other->owner);
        } else if (!other) {
            m_keyLease.removeGone(session);
        }
    }
    return outcome;
}

/// Asked of the monitors, who answer or do not within a time; librados would wait for a map without end.
Result<bool> LeaseKeeper::hasPool(RadosSession& session) const
{
    const RadosCall call{.what = QStringLiteral("list the Ceph pools"), .toMonitors = true};
    const auto bytes = session.monCommand({{"prefix", "osd lspools"}}, call);
    if (!bytes) {
        return fail(bytes.error());
    }
    const QJsonDocument pools = QJsonDocument::fromJson(*bytes);
    if (!pools.isArray()) {
        return fail(Error{.code = ErrorCode::DataLoss,
                          .message = QStringLiteral("The Ceph pools cannot be listed"),
                          .cause = QStringLiteral("the monitors answered something else than a list"),
                          .correction = QStringLiteral("Look at: ceph osd lspools --format json"),
                          .source = QStringLiteral("ceph")});
    }
    const QJsonArray all = pools.array();
    return std::any_of(all.begin(), all.end(), [this](const QJsonValue& pool) {
        return pool["poolname"].toString() == m_terms.cephPool;
    });
}

void LeaseKeeper::tell(const QString& state, const LeaseOutcome& outcome)
{
    QJsonObject lease{{"state", state}};
    if (!outcome.owner.isEmpty()) {
        lease["owner"] = outcome.owner;
    }
    if (outcome.untilMs > 0) {
        lease["until"] = toRfc3339(outcome.untilMs);
    }
    if (!outcome.caveat.isEmpty()) {
        lease["caveat"] = outcome.caveat;
    }
    if (!outcome.error.message.isEmpty()) {
        lease["error"] = outcome.error.toJson();
    }
    if (lease != m_told) {
        m_told = lease;
        m_report(lease);
    }
}

}  // namespace sluice::ceph
