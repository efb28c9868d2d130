#include "ceph/config_key_lease.h"

#include <QtCore/QJsonDocument>
#include <thread>
#include <utility>

#include "ceph/rados_session.h"
#include "core/clock.h"

namespace sluice::ceph {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr qint64 kAnswerMs = 3000;
/// Time for the monitors to commit what another engine wrote before it could see ours.
constexpr qint64 kSettleMs = 1500;

}  // namespace

ConfigKeyLease::ConfigKeyLease(LeaseTerms terms)
    : m_terms(std::move(terms)), m_name(QStringLiteral("sluice/") + m_terms.object)
{
}

qint64 ConfigKeyLease::attemptMs() const
{
    // The list of Ceph pools, the key before, its writing, the pause, the key after.
    return 4 * kAnswerMs + kSettleMs;
}

Result<ConfigKeyLease::Key> ConfigKeyLease::read(RadosSession& session)
{
    auto bytes =
        session.monCommand({{"prefix", "config-key get"}, {"key", m_name}},
                           {.what = QStringLiteral("read the lease %1").arg(m_name), .toMonitors = true});
    if (!bytes) {
        // While nobody could read, nobody could renew: the time of a holder begins anew.
        m_seen.clear();
        return bytes.error().code == ErrorCode::NotFound ? Result<Key>(Key{})
                                                         : Result<Key>(fail(bytes.error()));
    }
    const QJsonObject json = QJsonDocument::fromJson(*bytes).object();
    return Key{.bytes = *bytes,
               .engine = json["engine"].toString(QStringLiteral("of unknown name")),
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
        m_seenUntilMs = SystemClock().nowMs() + key.durationMs;
    }
    if (now - m_seenSince > milliseconds(key.durationMs)) {
        return std::nullopt;
    }
    return ledByAnother(key.engine, key.description, m_seenUntilMs);
}

Error ConfigKeyLease::explained(Error error) const
{
    if (error.code == ErrorCode::PermissionDenied) {
        error.cause =
            QStringLiteral(
                "there is no Ceph pool %1 for the lease, and this entity may not keep the key %2 instead")
                .arg(m_terms.cephPool, m_name);
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
    const bool unchanged = !m_mine.isEmpty() && before->bytes == m_mine;
    const auto asked = steady_clock::now();
    const qint64 askedAtMs = SystemClock().nowMs();
    const QJsonObject json{{"engine", m_terms.engineId},
                           {"description", m_terms.description()},
                           {"durationMs", m_terms.durationMs},
                           {"beat", ++m_beat},
                           {"at", toRfc3339(askedAtMs)}};
    const QByteArray mine = QJsonDocument(json).toJson(QJsonDocument::Compact);
    const RadosCall call{
        .what = QStringLiteral("take the lease %1").arg(m_name), .mutates = true, .toMonitors = true};
    const auto written = session.monCommand(
        {{"prefix", "config-key set"}, {"key", m_name}, {"val", QString::fromUtf8(mine)}}, call);
    if (!written) {
        return {.error = explained(written.error())};
    }
    m_mine = mine;
    if (!unchanged || steady_clock::now() >= m_mineUntil) {
        // Another engine may have found it free and read it before this one wrote; the last that wrote has
        // it.
        std::this_thread::sleep_for(milliseconds(kSettleMs));
        const Result<Key> after = read(session);
        if (!after) {
            return {.error = after.error()};
        }
        if (after->bytes != mine) {
            m_mine.clear();
            return another(*after).value_or(
                LeaseOutcome{.error = {.code = ErrorCode::Unavailable,
                                       .message = QStringLiteral("The lease was taken and is not there"),
                                       .cause = QStringLiteral("somebody removed %1").arg(m_name),
                                       .correction = QStringLiteral("It is taken again"),
                                       .retryable = true,
                                       .source = QStringLiteral("ceph")}});
        }
    }
    m_mineUntil = asked + milliseconds(m_terms.durationMs);
    return {.held = true,
            .owner = m_terms.engineId,
            .untilMs = askedAtMs + m_terms.durationMs,
            .caveat = QStringLiteral("Of two engines that take it at the same moment both could act for %1 "
                                     "s. A lock in a Ceph pool rules that out; "
                                     "this entity needs rwx on it: ceph osd pool create %2")
                          .arg(m_terms.durationMs / 3000)
                          .arg(m_terms.cephPool)};
}

void ConfigKeyLease::giveUp(RadosSession& session)
{
    remove(session, std::exchange(m_mine, {}));
}

void ConfigKeyLease::removeGone(RadosSession& session)
{
    if (remove(session, m_gone)) {
        m_gone.clear();
    }
}

bool ConfigKeyLease::remove(RadosSession& session, const QByteArray& ifStill)
{
    if (ifStill.isEmpty()) {
        return true;
    }
    const Result<Key> now = read(session);
    if (!now || now->bytes != ifStill) {
        return now.has_value();
    }
    return session
        .monCommand(
            {{"prefix", "config-key rm"}, {"key", m_name}},
            {.what = QStringLiteral("remove the lease %1").arg(m_name), .mutates = true, .toMonitors = true})
        .has_value();
}

std::optional<LeaseOutcome> ConfigKeyLease::holderElsewhere(RadosSession& session)
{
    const Result<Key> key = read(session);
    if (!key) {
        return key.error().code == ErrorCode::PermissionDenied
                   ? std::nullopt
                   : std::optional(LeaseOutcome{.error = key.error()});
    }
    const auto other = another(*key);
    m_gone = other ? QByteArray() : key->bytes;
    return other;
}

}  // namespace sluice::ceph
