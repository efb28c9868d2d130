#include "ceph/lease_keeper.h"

#include <errno.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "ceph/lock_info.h"
#include "ceph/rados_session.h"
#include "core/clock.h"

namespace sluice::ceph {
namespace {

using std::chrono::milliseconds;

constexpr const char* kLockName = "sluice.lease";
constexpr qint64 kRetryMs = 1000;
constexpr qint64 kWatchMs = 2000;
/// One attempt may block this long; with less than this left, the lease is given up as lost.
constexpr qint64 kAttemptMs = 3500;

QString describe(const LeaseTerms& terms)
{
    char host[256] = {};
    ::gethostname(host, sizeof host - 1);
    return QStringLiteral("Sluice engine %1 on %2").arg(terms.engineId, QString::fromLocal8Bit(host));
}

bool isOurs(const LeaseTerms& terms, const QString& cookie)
{
    return cookie == terms.cookie || cookie == terms.engineId || cookie.startsWith(terms.engineId + ':');
}

Result<LockInfo> holderOf(librados::IoCtx& io, const std::string& object)
{
    const RadosCall call{.what = QStringLiteral("read the lease")};
    const QByteArray request = encodeGetInfo(QLatin1String(kLockName));
    librados::bufferlist in;
    librados::bufferlist out;
    in.append(request.constData(), unsigned(request.size()));
    const int rc = io.exec(object, "lock", "get_info", in, out);
    if (rc < 0) {
        return fail(radosError(rc, call));
    }
    const std::string bytes = out.to_str();
    return decodeLockInfo(QLatin1String(kLockName), QByteArray(bytes.data(), qsizetype(bytes.size())));
}

}  // namespace

LeaseTerms LeaseTerms::fromJson(const QJsonObject& json)
{
    return {.cephPool = json["cephPool"].toString(),
            .object = json["object"].toString(),
            .cookie = json["cookie"].toString(),
            .engineId = json["engineId"].toString(),
            .durationMs = json["durationMs"].toInteger()};
}

LeaseKeeper::LeaseKeeper(LeaseTerms terms, SessionSource session, Report report, Fenced fenced)
    : m_terms(std::move(terms)),
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
    // Even a lease that counts as lost may still be there: this only ever takes away the instance's own lock.
    if (Result<librados::IoCtx> io = session->openPool(m_terms.cephPool)) {
        io->unlock(m_terms.object.toStdString(), kLockName, m_terms.cookie.toStdString());
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
        Outcome outcome{.error = {.code = ErrorCode::Unavailable,
                                  .message = QStringLiteral("Cannot take the lease of this cluster"),
                                  .cause = QStringLiteral("there is no session with it"),
                                  .correction = QStringLiteral("It is taken as soon as the cluster answers"),
                                  .retryable = true,
                                  .source = QStringLiteral("ceph")}};
        if (session) {
            outcome = take(*session, true);
        }
        qint64 waitMs = kRetryMs;
        const bool hadIt = m_held;
        if (outcome.held) {
            m_held = true;
            const qint64 reserveMs = std::min(kAttemptMs, m_terms.durationMs / 3);
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

LeaseKeeper::Outcome LeaseKeeper::take(RadosSession& session, bool mayBreak)
{
    const RadosCall call{.what = QStringLiteral("take the lease %1/%2").arg(m_terms.cephPool, m_terms.object)};
    Result<librados::IoCtx> io = session.openPool(m_terms.cephPool);
    if (!io) {
        return {.error = io.error()};
    }
    const std::string object = m_terms.object.toStdString();
    const qint64 askedAtMs = SystemClock().nowMs();
    timeval duration{.tv_sec = time_t(m_terms.durationMs / 1000),
                     .tv_usec = suseconds_t(m_terms.durationMs % 1000 * 1000)};
    int rc = io->lock_exclusive(object, kLockName, m_terms.cookie.toStdString(), describe(m_terms).toStdString(),
                                &duration, LIBRADOS_LOCK_FLAG_MAY_RENEW);
    if (rc == 0) {
        return {.held = true, .owner = m_terms.engineId, .untilMs = askedAtMs + m_terms.durationMs};
    }
    if (rc != -EBUSY && rc != -EEXIST) {
        return {.fenced = rc == -ESHUTDOWN, .error = radosError(rc, call)};
    }
    const Result<LockInfo> lock = holderOf(*io, object);
    if (!lock || lock->holders.isEmpty()) {
        return {.error = lock ? radosError(rc, call) : lock.error()};
    }
    const LockHolder& holder = lock->holders.first();
    if (mayBreak && isOurs(m_terms, holder.cookie)) {
        rc = io->break_lock(object, kLockName, holder.client.toStdString(), holder.cookie.toStdString());
        if (rc < 0 && rc != -ENOENT) {
            return {.error = radosError(rc, call)};
        }
        return take(session, false);
    }
    return {.owner = holder.cookie,
            .untilMs = holder.expiresAtMs,
            .error = {.code = ErrorCode::FailedPrecondition,
                      .message = QStringLiteral("Another engine leads this cluster"),
                      .cause = holder.description,
                      .correction = QStringLiteral("Use that engine, or stop it; its lease runs out by itself"),
                      .source = QStringLiteral("ceph")}};
}

void LeaseKeeper::tell(const QString& state, const Outcome& outcome)
{
    QJsonObject lease{{"state", state}};
    if (!outcome.owner.isEmpty()) {
        lease["owner"] = outcome.owner;
    }
    if (outcome.untilMs > 0) {
        lease["until"] = toRfc3339(outcome.untilMs);
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
