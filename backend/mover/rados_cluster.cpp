#include "mover/rados_cluster.h"

#include <cstring>

namespace sluice::mover {
namespace {

constexpr int kConnectSeconds = 3;

int configure(librados::Rados& rados, const ClusterAccess& access)
{
    const QString entity = access.entity.startsWith(QLatin1String("client.")) ? access.entity
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
    return Error{.code = ErrorCode::InvalidArgument,
                 .message = QStringLiteral("The configuration of the cluster %1 cannot be used").arg(access.connection),
                 .cause = QStringLiteral("%1: %2").arg(access.conf, QString::fromUtf8(std::strerror(-code))),
                 .correction = QStringLiteral("Correct the path of its ceph.conf, or the file"),
                 .source = QStringLiteral("ceph"),
                 .upstream = Upstream{.system = access.connection, .code = code, .text = {}}};
}

Error notConnected(const ClusterAccess& access, int code)
{
    Error error{.code = ErrorCode::Unavailable,
                .message = QStringLiteral("The cluster %1 cannot be reached").arg(access.connection),
                .cause = QStringLiteral("its monitors gave no session within %1 s").arg(kConnectSeconds),
                .correction = QStringLiteral("See that a majority of the monitors runs and can be reached"),
                .retryable = true,
                .source = QStringLiteral("ceph"),
                .upstream = Upstream{.system = access.connection,
                                     .code = code,
                                     .text = QString::fromUtf8(std::strerror(-code))}};
    if (code == -EACCES || code == -EPERM || code == -ENOENT || code == -EINVAL) {
        error.code = ErrorCode::Unauthenticated;
        error.message = QStringLiteral("The cluster %1 refuses the key of %2").arg(access.connection, access.entity);
        error.cause = QStringLiteral("the entity is unknown or its key is another one by now");
        error.correction = QStringLiteral("Renew the key of the role");
    }
    return error;
}

}  // namespace

RadosCluster::RadosCluster(QString connection, std::unique_ptr<librados::Rados> rados)
    : m_connection(std::move(connection)), m_rados(std::move(rados))
{
}

RadosCluster::~RadosCluster() = default;

Result<std::unique_ptr<RadosCluster>> RadosCluster::connect(const ClusterAccess& access, ObjectContext& context)
{
    const QString op = QStringLiteral("connect");
    auto rados = persist(context, op, [&]() -> Try<std::unique_ptr<librados::Rados>> {
        auto handle = std::make_unique<librados::Rados>();
        if (const int code = configure(*handle, access); code < 0) {
            return hinder(unreadableConf(access, code));
        }
        const int code = handle->connect();
        if (code < 0) {
            return hinder(Blockage{.what = Obstacle::Connect,
                                   .connection = access.connection,
                                   .op = op,
                                   .error = notConnected(access, code)});
        }
        return handle;
    });
    if (!rados) {
        return fail(rados.error());
    }
    return std::unique_ptr<RadosCluster>(new RadosCluster(access.connection, std::move(*rados)));
}

QString RadosCluster::address() const
{
    return QString::fromStdString(m_rados->get_addrs());
}

quint64 RadosCluster::instanceId() const
{
    return m_rados->get_instance_id();
}

Result<RadosPlace> RadosCluster::place(const QString& cephPool, const QString& prefix, ObjectContext& context)
{
    return persist(context, QStringLiteral("connect"), [&]() -> Try<RadosPlace> {
        RadosPlace place{.connection = m_connection, .cephPool = cephPool, .prefix = prefix};
        const ObjectContext::Step step(context, QStringLiteral("connect"), place.at(QString()));
        const int code = m_rados->ioctx_create(cephPool.toUtf8().constData(), place.io);
        if (code == -ENOENT) {
            return hinder(Error{.code = ErrorCode::NotFound,
                                .message = QStringLiteral("There is no Ceph pool '%1' in %2").arg(cephPool, m_connection),
                                .cause = QStringLiteral("it was never made, or it was removed"),
                                .correction = QStringLiteral("Make the Ceph pool, or correct its name in the flow"),
                                .source = QStringLiteral("ceph"),
                                .upstream = Upstream{.system = m_connection, .code = code, .text = {}}});
        }
        if (code < 0) {
            return hinder(hindranceOf(code, place.at(QString()), QStringLiteral("connect")));
        }
        place.io.set_pool_full_try();
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
