#include "ceph/role_claim.h"

#include <errno.h>

#include <QtCore/QRegularExpression>

#include "ceph/rados_session.h"

namespace sluice::ceph {
namespace {

constexpr size_t kMostBytes = 256;

/// Objects sluice.role.ENTITY; made in one operation that fails if one is there.
class PoolClaims final : public ClaimStore {
public:
    PoolClaims(librados::IoCtx io, QString cephPool) : m_io(std::move(io)), m_cephPool(std::move(cephPool)) {}

    Result<std::optional<QString>> read(const QString& name) override
    {
        librados::bufferlist bytes;
        const int rc = m_io.read(objectOf(name).toStdString(), bytes, kMostBytes, 0);
        if (rc == -ENOENT) {
            return std::optional<QString>();
        }
        if (rc < 0) {
            return fail(radosError(rc, {.what = QStringLiteral("read whose role %1 is").arg(name)}));
        }
        return std::optional(QString::fromStdString(bytes.to_str()).trimmed());
    }

    Result<void> create(const QString& name, const QString& engineId) override
    {
        librados::bufferlist bytes;
        bytes.append(engineId.toStdString());
        librados::ObjectWriteOperation write;
        write.create(true);
        write.write_full(bytes);
        const int rc = m_io.operate(objectOf(name).toStdString(), &write);
        return rc < 0 ? Result<void>(fail(radosError(
                            rc, {.what = QStringLiteral("claim the role %1").arg(name), .mutates = true})))
                      : Result<void>();
    }

    QString howToRemove(const QString& name) const override
    {
        return QStringLiteral("rados -p %1 rm %2").arg(m_cephPool, objectOf(name));
    }

private:
    static QString objectOf(const QString& name) { return QStringLiteral("sluice.role.") + name; }

    librados::IoCtx m_io;
    QString m_cephPool;
};

/// Keys sluice/role/ENTITY. The monitors know no compare-and-set; only who holds the lease gets here.
class KeyClaims final : public ClaimStore {
public:
    explicit KeyClaims(RadosSession& session) : m_session(session) {}

    Result<std::optional<QString>> read(const QString& name) override
    {
        const auto bytes = m_session.monCommand({{"prefix", "config-key get"}, {"key", keyOf(name)}},
                                                {.what = QStringLiteral("read whose role %1 is").arg(name)});
        if (!bytes) {
            return bytes.error().code == ErrorCode::NotFound
                       ? Result<std::optional<QString>>(std::optional<QString>())
                       : Result<std::optional<QString>>(fail(bytes.error()));
        }
        return std::optional(QString::fromUtf8(*bytes).trimmed());
    }

    Result<void> create(const QString& name, const QString& engineId) override
    {
        const auto set =
            m_session.monCommand({{"prefix", "config-key set"}, {"key", keyOf(name)}, {"val", engineId}},
                                 {.what = QStringLiteral("claim the role %1").arg(name), .mutates = true});
        return set ? Result<void>() : Result<void>(fail(set.error()));
    }

    QString howToRemove(const QString& name) const override
    {
        return QStringLiteral("ceph config-key rm ") + keyOf(name);
    }

private:
    static QString keyOf(const QString& name) { return QStringLiteral("sluice/role/") + name; }

    RadosSession& m_session;
};

}  // namespace

QString roleEntityOf(const QString& entity)
{
    static const QRegularExpression generation(QStringLiteral("\\.g[0-9]+\\z"));
    return QString(entity).remove(generation);
}

Result<void> claimRole(ClaimStore& store, const LeaseTerms& terms, const QString& entity)
{
    const QString name = roleEntityOf(entity);
    auto owner = store.read(name);
    if (owner && !*owner) {
        const Result<void> created = store.create(name, terms.engineId);
        if (!created && created.error().code != ErrorCode::AlreadyExists) {
            return created;
        }
        owner = store.read(name);
    }
    if (!owner) {
        return fail(owner.error());
    }
    if (*owner && terms.isOurs(**owner)) {
        return {};
    }
    return fail(Error{
        .code = ErrorCode::FailedPrecondition,
        .message =
            QStringLiteral("The keys of %1 are not touched: the role belongs to another engine").arg(name),
        .cause = QStringLiteral("the cluster keeps that engine %1 makes and removes its keys")
                     .arg(owner->value_or(QStringLiteral("of unknown name"))),
        .correction = QStringLiteral(
                          "Use that engine, or give the role another entity here; if that engine is gone for "
                          "good: %1")
                          .arg(store.howToRemove(name)),
        .source = QStringLiteral("ceph")});
}

Result<void> claimRole(RadosSession& session, const LeaseTerms& terms, const QString& entity)
{
    if (terms.engineId.isEmpty()) {
        return {};  // an observer without a lease changes nothing
    }
    Result<librados::IoCtx> io = session.openPool(terms.cephPool);
    if (io) {
        PoolClaims claims(std::move(*io), terms.cephPool);
        return claimRole(claims, terms, entity);
    }
    if (io.error().code != ErrorCode::NotFound) {
        return fail(io.error());
    }
    KeyClaims claims(session);
    return claimRole(claims, terms, entity);
}

}  // namespace sluice::ceph
