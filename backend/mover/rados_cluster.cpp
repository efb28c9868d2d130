#include "mover/rados_cluster.h"

#include <cstring>

namespace sluice::mover {
namespace {

constexpr int kConnectSeconds = 3;
const QString kConnect = QStringLiteral("connect");

int configure(librados::Rados& rados, const ClusterAccess& access)
{
    const QString entity = access.entity.startsWith(QLatin1String("client."))
                               ? access.entity
                               : QStringLiteral("client.") + access.entity;
    int code = rados.init2(entity.toUtf8().constData(), "ceph", 0);
    if (code == 0) {
        code = rados.conf_read_file(access.conf.toUtf8().constData());
    }
    if (code == 0) {
        rados.conf_set("keyring", "/dev/null");
        rados.conf_set("key", access.key.toUtf8().constData());
        rados.conf_set("log_to_stderr", "false");
        rados.conf_set("err_to_stderr", "false");
        rados.conf_set("client_mount_timeout", std::to_string(kConnectSeconds).c_str());
        rados.conf_set("rados_osd_op_timeout", "0");
        rados.conf_set("rados_mon_op_timeout", "0");
    }
    return code;
}

Error unreadableConf(const ClusterAccess& access, int code)
{
    return Error{
        .code = ErrorCode::InvalidArgument,
        .message =
            QStringLiteral("The configuration of the cluster %1 cannot be used").arg(access.connection),
        .cause = QStringLiteral("%1: %2").arg(access.conf, QString::fromUtf8(std::strerror(-code))),
        .correction = QStringLiteral("Correct the path of its ceph.conf, or the file"),
        .source = QStringLiteral("ceph"),
        .upstream = Upstream{.system = access.connection, .code = code, .text = {}}};
}

}  // namespace

Blockage notConnected(const ClusterAccess& access, int code)
{
    Error error{
        .code = ErrorCode::Unavailable,
        .message = QStringLiteral("The cluster %1 cannot be reached").arg(access.connection),
        .cause = QStringLiteral("its monitors gave no session within %1 s").arg(kConnectSeconds),
        .correction = QStringLiteral("See that a majority of the monitors runs and can be reached"),
        .retryable = true,
        .source = QStringLiteral("ceph"),
        .upstream = Upstream{
            .system = access.connection, .code = code, .text = QString::fromUtf8(std::strerror(-code))}};
    if (code == -EACCES || code == -EPERM || code == -ENOENT || code == -EINVAL) {
        error.code = ErrorCode::Unauthenticated;
        error.message =
            QStringLiteral("The cluster %1 refuses the key of %2").arg(access.connection, access.entity);
        error.cause = QStringLiteral("the entity is unknown or its key is another one by now");
        error.correction = QStringLiteral("Renew the key of the role");
    }
    return Blockage{
        .what = Obstacle::Connect, .connection = access.connection, .op = kConnect, .error = error};
}

RadosCluster::RadosCluster(ClusterAccess access, Announce announce, std::shared_ptr<librados::Rados> rados)
    : m_access(std::move(access)), m_announce(std::move(announce)), m_rados(std::move(rados))
{
}

Result<std::shared_ptr<RadosCluster>> RadosCluster::connect(const ClusterAccess& access, Announce announce,
                                                            ObjectContext& context)
{
    auto rados = persist(context, kConnect, [&]() -> Try<std::shared_ptr<librados::Rados>> {
        auto handle = std::make_shared<librados::Rados>();
        if (const int code = configure(*handle, access); code < 0) {
            return hinder(unreadableConf(access, code));
        }
        // while a monitor quorum falls apart this can take ten times as long as a try should
        const ObjectContext::Step step(context, kConnect, {.connection = access.connection});
        if (const int code = handle->connect(); code < 0) {
            return hinder(notConnected(access, code));
        }
        return handle;
    });
    if (!rados) {
        return fail(rados.error());
    }
    std::shared_ptr<RadosCluster> cluster(new RadosCluster(access, std::move(announce), std::move(*rados)));
    if (const auto announced = cluster->announce(*cluster->m_rados); !announced) {
        return fail(announced.error());
    }
    return cluster;
}

Result<void> RadosCluster::announce(const librados::Rados& rados) const
{
    return m_announce({.connection = m_access.connection,
                       .address = QString::fromStdString(rados.get_addrs()),
                       .id = const_cast<librados::Rados&>(rados).get_instance_id()});
}

std::shared_ptr<librados::Rados> RadosCluster::handle() const
{
    const std::lock_guard lock(m_mutex);
    return m_rados;
}

quint64 RadosCluster::largestObject() const
{
    constexpr quint64 kBuiltIn = 128 * 1024 * 1024;
    const std::shared_ptr<librados::Rados> rados = handle();
    librados::bufferlist out;
    const std::string ask = R"({"prefix":"config get","who":"osd","key":"osd_max_object_size"})";
    if (rados->mon_command(ask, {}, &out, nullptr) == 0) {
        // what is not set there may be set in the file, which this client reads too
        if (const quint64 set = bytesOf(out).trimmed().toULongLong(); set != 0 && set != kBuiltIn) {
            return set;
        }
    }
    std::string text;
    const int code = rados->conf_get("osd_max_object_size", text);
    return code == 0 ? QByteArray::fromStdString(text).toULongLong() : 0;
}

void RadosCluster::renew()
{
    using std::chrono::steady_clock;
    {
        const std::lock_guard lock(m_mutex);
        if (m_renewing || steady_clock::now() - m_connectedAt < m_renewAfter) {
            return;
        }
        m_renewing = true;
    }
    auto fresh = std::make_shared<librados::Rados>();
    const bool connected = configure(*fresh, m_access) == 0 && fresh->connect() == 0 && announce(*fresh);
    const std::lock_guard lock(m_mutex);
    if (connected) {
        m_rados = std::move(fresh);
    }
    m_renewing = false;
    m_connectedAt = steady_clock::now();
    m_renewAfter = std::min(m_renewAfter * 2, std::chrono::seconds(60));
}

namespace {

class ClusterPool final : public PoolSource {
public:
    ClusterPool(std::shared_ptr<RadosCluster> cluster, std::string name)
        : m_cluster(std::move(cluster)), m_name(std::move(name))
    {
    }

    /// @return code of librados
    int open()
    {
        const std::lock_guard lock(m_mutex);
        return openLocked();
    }

    std::shared_ptr<PoolIo> io() override
    {
        const std::lock_guard lock(m_mutex);
        if (m_io->rados != m_cluster->handle()) {
            openLocked();
        }
        return m_io;
    }

    bool there() override
    {
        const std::shared_ptr<PoolIo> handle = io();
        std::string name;
        return handle->rados->pool_reverse_lookup(handle->io.get_id(), &name) != -ENOENT;
    }

    void refused() override { m_cluster->renew(); }

private:
    int openLocked()
    {
        auto fresh = std::make_shared<PoolIo>(PoolIo{.rados = m_cluster->handle()});
        // by its number from then on: one of the same name may hold other things
        const int code = m_io ? fresh->rados->ioctx_create2(m_io->io.get_id(), fresh->io)
                              : fresh->rados->ioctx_create(m_name.c_str(), fresh->io);
        if (code == 0) {
            fresh->io.set_pool_full_try();
            m_io = std::move(fresh);
        }
        return code;
    }

    std::shared_ptr<RadosCluster> m_cluster;
    std::string m_name;
    std::mutex m_mutex{};
    std::shared_ptr<PoolIo> m_io{};
};

}  // namespace

Result<RadosPlace> RadosCluster::place(const QString& cephPool, const QString& prefix, ObjectContext& context)
{
    return persist(context, kConnect, [&]() -> Try<RadosPlace> {
        const auto pool = std::make_shared<ClusterPool>(shared_from_this(), cephPool.toStdString());
        const RadosPlace place{
            .connection = connection(), .cephPool = cephPool, .prefix = prefix, .pool = pool};
        const ObjectContext::Step step(context, kConnect, place.at(QString()));
        const int code = pool->open();
        if (code == -ENOENT) {
            return hinder(noCephPool(place.at(QString()), kConnect, false));
        }
        if (code < 0) {
            return hinder(hindranceOf(code, place.at(QString()), kConnect));
        }
        return place;
    });
}

int connectQuickly(librados::Rados& rados, const ClusterAccess& access, int seconds)
{
    int code = configure(rados, access);
    if (code < 0) {
        return code;
    }
    const std::string limit = std::to_string(seconds);
    rados.conf_set("client_mount_timeout", limit.c_str());
    rados.conf_set("rados_osd_op_timeout", limit.c_str());
    rados.conf_set("rados_mon_op_timeout", limit.c_str());
    return rados.connect();
}

}  // namespace sluice::mover
