#include "ceph/object_calls.h"

#include <errno.h>
#include <string.h>

#include <QtCore/QJsonArray>
#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string>

#include "ceph/lock_info.h"
#include "ceph/rados_session.h"
#include "ceph/storage_facts.h"
#include "core/clock.h"
#include "model/object_name.h"

namespace sluice::ceph {
namespace {

constexpr const char* kLockPrefix = "lock.";
constexpr const char* kPartialAttribute = "sluice.partial";
constexpr quint64 kOmapPage = 1000;
constexpr qsizetype kMaxOmapKeys = 10'000;
constexpr std::chrono::milliseconds kPgMapTime{800};

struct ObjectState {
    uint64_t sizeBytes{};
    qint64 changedAtMs{};
    quint64 version{};
    std::map<std::string, librados::bufferlist> attributes{};

    QStringList lockNames() const
    {
        QStringList names;
        for (const auto& [name, value] : attributes) {
            if (name.starts_with(kLockPrefix)) {
                names.append(lockTextOf(QByteArray::fromStdString(name.substr(strlen(kLockPrefix)))));
            }
        }
        return names;
    }
};

/// The bytes of an object's name, which callers give as it travels.
std::string oidOf(const QString& object)
{
    return model::nameFromWire(object).toStdString();
}

Result<ObjectState> readState(librados::IoCtx& io, const QString& object, const RadosCall& call)
{
    ObjectState state;
    timespec changed{};
    int statRc = 0;
    int attributesRc = 0;
    librados::ObjectReadOperation operation;
    operation.stat2(&state.sizeBytes, &changed, &statRc);
    operation.getxattrs(&state.attributes, &attributesRc);
    const int rc = io.operate(oidOf(object), &operation, nullptr);
    if (rc < 0) {
        return fail(radosError(rc, call));
    }
    state.version = io.get_last_version();
    state.changedAtMs = qint64(changed.tv_sec) * 1000 + changed.tv_nsec / 1'000'000;
    return state;
}

/// Asks the OSD, not the attribute itself: it leaves out what has expired by its own clock.
Result<LockInfo> readLock(librados::IoCtx& io, const QString& object, const QString& name,
                          const RadosCall& call)
{
    const QByteArray request = encodeGetInfo(name);
    librados::bufferlist in;
    librados::bufferlist out;
    in.append(request.constData(), unsigned(request.size()));
    const int rc = io.exec(oidOf(object), "lock", "get_info", in, out);
    if (rc < 0) {
        return fail(radosError(rc, call));
    }
    const std::string bytes = out.to_str();
    return decodeLockInfo(name, QByteArray(bytes.data(), qsizetype(bytes.size())));
}

/// Locks of the object that somebody holds.
Result<QList<LockInfo>> heldLocks(librados::IoCtx& io, const QString& object, const ObjectState& state,
                                  const RadosCall& call)
{
    QList<LockInfo> locks;
    for (const QString& name : state.lockNames()) {
        const Result<LockInfo> lock = readLock(io, object, name, call);
        if (!lock) {
            return fail(lock.error());
        }
        if (!lock->holders.isEmpty()) {
            locks.append(*lock);
        }
    }
    return locks;
}

Result<qsizetype> countOmapKeys(librados::IoCtx& io, const QString& object, const RadosCall& call)
{
    qsizetype count = 0;
    std::string after;
    bool more = true;
    while (more && count < kMaxOmapKeys) {
        std::set<std::string> keys;
        const int rc = io.omap_get_keys2(oidOf(object), after, kOmapPage, &keys, &more);
        if (rc == -EOPNOTSUPP) {
            return 0;
        }
        if (rc < 0) {
            return fail(radosError(rc, call));
        }
        count += qsizetype(keys.size());
        more = more && !keys.empty();
        after = keys.empty() ? after : *keys.rbegin();
    }
    return count;
}

}  // namespace

Result<QList<Fact>> listLocks(const RadosSession& session, const QString& cephPool, const QString& object,
                              const SessionCensus& census)
{
    const RadosCall call{.what = QStringLiteral("read the locks of %1/%2").arg(cephPool, object)};
    Result<librados::IoCtx> io = session.openPool(cephPool);
    if (!io) {
        return fail(io.error());
    }
    const Result<ObjectState> state = readState(*io, object, call);
    if (!state) {
        return state.error().code == ErrorCode::NotFound ? Result<QList<Fact>>(QList<Fact>{})
                                                         : fail(state.error());
    }
    const Result<QList<LockInfo>> locks = heldLocks(*io, object, *state, call);
    if (!locks) {
        return fail(locks.error());
    }
    QList<Fact> facts;
    for (const LockInfo& lock : *locks) {
        facts.append(lockFact(cephPool, object, lock, qint64(state->sizeBytes), toRfc3339(state->changedAtMs),
                              census.sessions, census.answered, census.total));
    }
    return facts;
}

Result<void> breakLock(const RadosSession& session, const QString& cephPool, const QString& object,
                       const QString& lock, const QString& client, const QString& cookie)
{
    const RadosCall call{
        .what = QStringLiteral("break the lock %1 of %2 on %3/%4").arg(lock, client, cephPool, object),
        .mutates = true};
    Result<librados::IoCtx> io = session.openPool(cephPool);
    if (!io) {
        return fail(io.error());
    }
    const int rc = io->break_lock(oidOf(object), lockBytesOf(lock).toStdString(), client.toStdString(),
                                  lockBytesOf(cookie).toStdString());
    if (rc < 0) {
        Error error = radosError(rc, call);
        if (rc == -ENOENT) {
            error.cause = QStringLiteral("that client does not hold it (any more)");
            error.correction =
                QStringLiteral("Read the locks again; nothing is left to break for this holder");
        }
        return fail(error);
    }
    return {};
}

Result<QJsonObject> statObject(const RadosSession& session, const QString& cephPool, const QString& object)
{
    const RadosCall call{.what = QStringLiteral("look at %1/%2").arg(cephPool, object)};
    Result<librados::IoCtx> io = session.openPool(cephPool);
    if (!io) {
        return fail(io.error());
    }
    const Result<ObjectState> state = readState(*io, object, call);
    if (!state) {
        return state.error().code == ErrorCode::NotFound ? Result<QJsonObject>(QJsonObject{{"exists", false}})
                                                         : fail(state.error());
    }
    const Result<qsizetype> omapKeys = countOmapKeys(*io, object, call);
    if (!omapKeys) {
        return fail(omapKeys.error());
    }
    QJsonArray names;
    for (const auto& [name, value] : state->attributes) {
        names.append(QString::fromStdString(name));
    }
    QJsonObject result{{"exists", true},
                       {"sizeBytes", qint64(state->sizeBytes)},
                       {"version", qint64(state->version)},
                       {"changedAt", toRfc3339(state->changedAtMs)},
                       {"xattrs", names},
                       {"omapKeys", *omapKeys}};
    if (const auto partial = state->attributes.find(kPartialAttribute); partial != state->attributes.end()) {
        librados::bufferlist value = partial->second;
        result["partialOf"] = QString::fromStdString(value.to_str());
    }
    return result;
}

Result<void> removeObject(const RadosSession& session, const QString& cephPool, const QString& object,
                          quint64 version)
{
    const RadosCall reading{.what = QStringLiteral("look at %1/%2").arg(cephPool, object)};
    const RadosCall removing{.what = QStringLiteral("remove %1/%2").arg(cephPool, object), .mutates = true};
    Result<librados::IoCtx> io = session.openPool(cephPool);
    if (!io) {
        return fail(io.error());
    }
    const Result<ObjectState> state = readState(*io, object, reading);
    if (!state) {
        return fail(state.error());
    }
    if (state->version != version) {
        Error error = radosError(-ERANGE, removing);
        error.cause = QStringLiteral("it is of version %1 by now, not %2").arg(state->version).arg(version);
        return fail(error);
    }
    const Result<QList<LockInfo>> locks = heldLocks(*io, object, *state, reading);
    if (!locks) {
        return fail(locks.error());
    }
    if (!locks->isEmpty()) {
        const LockHolder& holder = locks->first().holders.first();
        return fail(
            Error{.code = ErrorCode::FailedPrecondition,
                  .message = QStringLiteral("Cannot remove %1/%2").arg(cephPool, object),
                  .cause = QStringLiteral("%1 (%2) holds its lock %3")
                               .arg(holder.client, holder.address, locks->first().name),
                  .correction = QStringLiteral("Wait for it, or fence that client and break its lock first"),
                  .source = QStringLiteral("ceph")});
    }
    librados::ObjectWriteOperation operation;
    operation.assert_version(version);
    operation.remove();
    // A full Ceph pool must not keep anybody from making room.
    const int rc = io->operate(oidOf(object), &operation, librados::OPERATION_FULL_FORCE);
    if (rc < 0) {
        return fail(radosError(rc, removing));
    }
    return {};
}

Result<void> removeStaged(const RadosSession& session, const QString& cephPool, const QString& object,
                          const QString& mark)
{
    const RadosCall removing{.what = QStringLiteral("remove %1/%2").arg(cephPool, object), .mutates = true};
    Result<librados::IoCtx> io = session.openPool(cephPool);
    if (!io) {
        return io.error().code == ErrorCode::NotFound ? Result<void>() : fail(io.error());
    }
    librados::bufferlist expected;
    expected.append(mark.toStdString());
    librados::ObjectWriteOperation operation;
    operation.cmpxattr(kPartialAttribute, LIBRADOS_CMPXATTR_OP_EQ, expected);
    operation.remove();
    const int rc = io->operate(oidOf(object), &operation, librados::OPERATION_FULL_FORCE);
    if (rc < 0 && rc != -ENOENT && rc != -ENODATA && rc != -ECANCELED) {
        return fail(radosError(rc, removing));
    }
    return {};
}

Result<Fact> locateObject(const RadosSession& session, const QString& cephPool, const QString& object,
                          bool managerAnswers)
{
    const RadosCall call{.what = QStringLiteral("find the PG of %1/%2").arg(cephPool, object)};
    const Result<QJsonObject> map = session.monJson(
        {{"prefix", "osd map"}, {"pool", cephPool}, {"object", model::nameFromWire(object)}}, call);
    if (!map) {
        return fail(map.error());
    }
    const Result<QJsonObject> dump = session.monJson({{"prefix", "osd dump"}}, call);
    if (!dump) {
        return fail(dump.error());
    }
    const Result<QJsonObject> brief =
        managerAnswers
            ? session.monJson({{"prefix", "pg dump"}, {"dumpcontents", QJsonArray{"pgs_brief"}}}, call)
            : QJsonObject();
    return objectPg(cephPool, object, *map, brief.value_or(QJsonObject()), *dump);
}

Result<QJsonObject> readPoolPgs(const RadosSession& session, const QString& cephPool, bool managerAnswers)
{
    using std::chrono::steady_clock;
    const RadosCall call{.what = QStringLiteral("read the placement groups of %1").arg(cephPool)};
    const Result<QJsonObject> dump = session.monJson({{"prefix", "osd dump"}}, call);
    if (!dump) {
        return fail(dump.error());
    }
    const QJsonArray pools = (*dump)["pools"].toArray();
    const auto found = std::find_if(pools.begin(), pools.end(), [&cephPool](const QJsonValue& one) {
        return one["pool_name"].toString() == cephPool;
    });
    if (found == pools.end()) {
        return fail(radosError(-ENOENT, call));
    }
    const QJsonObject pool = found->toObject();
    QHash<QString, QJsonArray> acting;
    const auto end = steady_clock::now() + kPgMapTime;
    for (int i = 0; i < pool["pg_num"].toInt() && steady_clock::now() < end; ++i) {
        const QString pgId = pgIdOf(pool["pool"].toInt(), i);
        if (const Result<QJsonObject> map = session.monJson({{"prefix", "pg map"}, {"pgid", pgId}}, call)) {
            acting.insert(pgId, (*map)["acting"].toArray());
        }
    }
    std::optional<QJsonObject> brief;
    if (managerAnswers) {
        if (const auto read =
                session.monJson({{"prefix", "pg dump"}, {"dumpcontents", QJsonArray{"pgs_brief"}}}, call)) {
            brief = *read;
        }
    }
    return poolPgs(pool, acting, brief);
}

}  // namespace sluice::ceph
