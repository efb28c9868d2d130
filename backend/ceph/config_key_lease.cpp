#include "ceph/config_key_lease.h"

#include <QtCore/QJsonDocument>
#include <thread>

#include "ceph/rados_session.h"
#include "core/clock.h"

namespace sluice::ceph {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr qint64 kAnswerMs = 3000;
/// Longer than a monitor takes to commit what another engine wrote before it could see ours.
constexpr qint64 kSettleMs = 1500;

bool isAnswer(const Error& error)
{
    return error.code == ErrorCode::NotFound || error.code == ErrorCode::PermissionDenied;
}

}  // namespace

ConfigKeyLease::ConfigKeyLease(LeaseTerms terms)
    : m_terms(std::move(terms)), m_name(QStringLiteral("sluice/") + m_terms.object)
{
}

qint64 ConfigKeyLease::attemptMs() const
{
    return 2 * kAnswerMs + kSettleMs;
}

Result<ConfigKeyLease::Key> ConfigKeyLease::read(RadosSession& session) const
{
    auto bytes = session.monCommand({{"prefix", "config-key get"}, {"key", m_name}},
                                    {.what = QStringLiteral("read the lease %1").arg(m_name), .toMonitors = true});
    if (!bytes) {
        return bytes.error().code == ErrorCode::NotFound ? Result<Key>(Key{}) : Result<Key>(fail(bytes.error()));
    }
    const QJsonObject json = QJsonDocument::fromJson(*bytes).object();
    return Key{.bytes = *bytes,
               .engine = json["engine"].toString(),
               .description = json["description"].toString(),
               .durationMs = json["durationMs"].toInteger(m_terms.durationMs)};
}

std::optional<LeaseOutcome> ConfigKeyLease::another(const Key& key)
{
    if (key.bytes.isEmpty() || m_terms.isOurs(key.engine)) {
        m_seen.clear();
        return std::nullopt;
    }
    const auto now = steady_clock::now();
    if (key.bytes != m_seen) {
        m_seen = key.bytes;
        m_seenSince = now;
    }
    const auto left = std::chrono::ceil<milliseconds>(m_seenSince + milliseconds(key.durationMs) - now);
    if (left.count() < 0) {
        return std::nullopt;
    }
    return ledByAnother(key.engine, key.description, SystemClock().nowMs() + left.count());
}

Error ConfigKeyLease::explained(Error error) const
{
    if (error.code == ErrorCode::PermissionDenied) {
        error.cause = QStringLiteral("there is no Ceph pool %1 for the lease, and this entity may not keep the key %2 instead").arg(m_terms.cephPool, m_name);
        error.correction = QStringLiteral("Make the pool: ceph osd pool create %1").arg(m_terms.cephPool);
    }
    return error;
}

LeaseOutcome ConfigKeyLease::take(RadosSession& session)
{
    const Result<Key> before = read(session);
    if (!before) {
        return {.error = explained(before.error())};
    }
    if (auto other = another(*before)) {
        m_mine.clear();
        return *other;
    }
    const bool renewal = !m_mine.isEmpty() && before->bytes == m_mine;
    const qint64 askedAtMs = SystemClock().nowMs();
    const QJsonObject json{{"engine", m_terms.engineId},
                           {"description", m_terms.description()},
                           {"durationMs", m_terms.durationMs},
                           {"beat", ++m_beat},
                           {"at", toRfc3339(askedAtMs)}};
    const QByteArray mine = QJsonDocument(json).toJson(QJsonDocument::Compact);
    const RadosCall call{.what = QStringLiteral("take the lease %1").arg(m_name), .mutates = true, .toMonitors = true};
    const auto written = session.monCommand({{"prefix", "config-key set"}, {"key", m_name}, {"val", QString::fromUtf8(mine)}}, call);
    if (!written) {
        return {.error = explained(written.error())};
    }
    m_mine = mine;
    if (!renewal) {
        // Another engine may have read the key before this one wrote it; the last that wrote has it.
        std::this_thread::sleep_for(milliseconds(kSettleMs));
        const Result<Key> after = read(session);
        if (!after) {
            return {.error = after.error()};
        }
        if (after->bytes != mine) {
            m_mine.clear();
            return another(*after).value_or(LeaseOutcome{.error = {.code = ErrorCode::Unavailable,
                                                                   .message = QStringLiteral("The lease was taken and is not there"),
                                                                   .cause = QStringLiteral("somebody removed %1").arg(m_name),
                                                                   .correction = QStringLiteral("It is taken again"),
                                                                   .retryable = true,
                                                                   .source = QStringLiteral("ceph")}});
        }
    }
    return {.held = true,
            .owner = m_terms.engineId,
            .untilMs = askedAtMs + m_terms.durationMs,
            .caveat = QStringLiteral("Two engines that took it within the same second could both act for some seconds. A lock in a Ceph pool "
                                     "rules that out: ceph osd pool create %1")
                          .arg(m_terms.cephPool)};
}

void ConfigKeyLease::giveUp(RadosSession& session)
{
    const Result<Key> now = m_mine.isEmpty() ? Result<Key>(Key{}) : read(session);
    if (now && !m_mine.isEmpty() && now->bytes == m_mine) {
        static_cast<void>(session.monCommand({{"prefix", "config-key rm"}, {"key", m_name}},
                                             {.what = QStringLiteral("hand back the lease %1").arg(m_name), .mutates = true, .toMonitors = true}));
    }
    m_mine.clear();
}

std::optional<LeaseOutcome> ConfigKeyLease::holderElsewhere(RadosSession& session)
{
    const Result<Key> key = read(session);
    if (!key) {
        return isAnswer(key.error()) ? std::nullopt : std::optional(LeaseOutcome{.error = key.error()});
    }
    return another(*key);
}

}  // namespace sluice::ceph
