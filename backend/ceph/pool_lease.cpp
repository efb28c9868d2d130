#include "ceph/pool_lease.h"

#include <errno.h>
#include <sys/time.h>

#include "ceph/lock_info.h"
#include "ceph/rados_session.h"
#include "core/clock.h"

namespace sluice::ceph {
namespace {

constexpr const char* kLockName = "sluice.lease";

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

LeaseOutcome PoolLease::take(RadosSession& session, bool mayBreak)
{
    const RadosCall call{.what =
                             QStringLiteral("take the lease %1/%2").arg(m_terms.cephPool, m_terms.object)};
    Result<librados::IoCtx> io = session.openPool(m_terms.cephPool);
    if (!io) {
        return {.error = io.error()};
    }
    const std::string object = m_terms.object.toStdString();
    const qint64 askedAtMs = SystemClock().nowMs();
    timeval duration{.tv_sec = time_t(m_terms.durationMs / 1000),
                     .tv_usec = suseconds_t(m_terms.durationMs % 1000 * 1000)};
    int rc = io->lock_exclusive(object, kLockName, m_terms.cookie.toStdString(),
                                m_terms.description().toStdString(), &duration, LIBRADOS_LOCK_FLAG_MAY_RENEW);
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
    if (mayBreak && m_terms.isOurs(holder.cookie)) {
        rc = io->break_lock(object, kLockName, holder.client.toStdString(), holder.cookie.toStdString());
        if (rc < 0 && rc != -ENOENT) {
            return {.error = radosError(rc, call)};
        }
        return take(session, false);
    }
    return ledByAnother(holder.cookie, holder.description, holder.expiresAtMs);
}

void PoolLease::giveUp(RadosSession& session)
{
    // Even a lease that counts as lost may still be there: this only ever takes away the instance's own lock.
    if (Result<librados::IoCtx> io = session.openPool(m_terms.cephPool)) {
        io->unlock(m_terms.object.toStdString(), kLockName, m_terms.cookie.toStdString());
    }
}

}  // namespace sluice::ceph
