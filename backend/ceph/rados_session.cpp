#include "ceph/rados_session.h"

#include <errno.h>
#include <rados/librados.h>

#include <QtCore/QJsonDocument>

namespace sluice::ceph {
namespace {

QByteArray toJson(QJsonObject command)
{
    command["format"] = QStringLiteral("json");
    return QJsonDocument(command).toJson(QJsonDocument::Compact);
}

/// Output and status text of a command, freed whatever happens.
struct Output {
    char* data{nullptr};
    size_t size{0};
    char* status{nullptr};
    size_t statusSize{0};

    Output() = default;
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;
    ~Output()
    {
        rados_buffer_free(data);
        rados_buffer_free(status);
    }
    QByteArray bytes() const { return QByteArray(data, qsizetype(size)); }
    QString text() const { return QString::fromUtf8(status, qsizetype(statusSize)).trimmed(); }
};

}  // namespace

void setQuietAndBounded(rados_t handle)
{
    constexpr std::pair<const char*, const char*> kOptions[] = {
        {"log_to_stderr", "false"},
        {"err_to_stderr", "false"},
        {"log_file", ""},
        {"admin_socket", ""},
        {"client_mount_timeout", "3"},
        {"rados_mon_op_timeout", "3"},
        {"rados_osd_op_timeout", "3"},
        {"mon_client_ping_timeout", "2"},
        // Back at a monitor within seconds after an outage, not within half a minute.
        {"mon_client_hunt_interval", "1"},
        {"mon_client_hunt_interval_max_multiple", "2"},
    };
    for (const auto& [option, value] : kOptions) {
        rados_conf_set(handle, option, value);
    }
}

Result<std::shared_ptr<RadosSession>> RadosSession::connect(const ClusterAccess& access, int osdSeconds)
{
    const std::shared_ptr<RadosSession> session(new RadosSession());
    session->m_entity = access.entity;
    int rc = rados_create2(&session->m_handle, "ceph", qUtf8Printable(access.entity), 0);
    if (rc < 0) {
        session->m_handle = nullptr;
        return fail(connectError(rc, access.entity));
    }
    rc = rados_conf_read_file(session->m_handle, qUtf8Printable(access.conf));
    if (rc < 0) {
        return fail(Error{.code = ErrorCode::InvalidArgument,
                          .message = QStringLiteral("The file %1 cannot be used").arg(access.conf),
                          .cause = rc == -ENOENT ? QStringLiteral("it does not exist")
                                                 : QStringLiteral("it cannot be read or has an error in it"),
                          .correction = QStringLiteral("Check the `conf` of this connection in sluice.yaml"),
                          .source = QStringLiteral("ceph"),
                          .upstream = Upstream{QStringLiteral("ceph"), rc, {}}});
    }
    setQuietAndBounded(session->m_handle);
    rados_conf_set(session->m_handle, "rados_osd_op_timeout", QByteArray::number(osdSeconds).constData());
    if (!access.key.isEmpty()) {
        rados_conf_set(session->m_handle, "keyring", "/dev/null");
        rados_conf_set(session->m_handle, "key", access.key.toLatin1().constData());
    } else if (!access.keyring.isEmpty()) {
        rados_conf_set(session->m_handle, "keyring", qUtf8Printable(access.keyring));
    }
    rc = rados_connect(session->m_handle);
    if (rc < 0) {
        return fail(connectError(rc, access.entity));
    }
    session->m_rados = std::make_unique<librados::Rados>();
    librados::Rados::from_rados_t(session->m_handle, *session->m_rados);
    return session;
}

RadosSession::~RadosSession()
{
    // The C++ handle only counts a reference, which its destructor gives back, once; then the C handle ends
    // the client.
    m_rados.reset();
    if (m_handle != nullptr) {
        rados_shutdown(m_handle);
    }
}

bool RadosSession::osdAnswers(int osd) const
{
    const QByteArray json = toJson({{"prefix", "version"}});
    const char* commands[] = {json.constData()};
    Output out;
    const int rc = rados_osd_command(m_handle, osd, commands, 1, "", 0, &out.data, &out.size, &out.status,
                                     &out.statusSize);
    return rc != -ETIMEDOUT && rc != -ENXIO && rc != -ENOENT && rc != -ENOTCONN;
}

Result<QByteArray> RadosSession::monCommand(QJsonObject command, const RadosCall& call) const
{
    RadosCall asked = call;
    asked.toMonitors = true;
    const QByteArray json = toJson(std::move(command));
    const char* commands[] = {json.constData()};
    Output out;
    const int rc =
        rados_mon_command(m_handle, commands, 1, "", 0, &out.data, &out.size, &out.status, &out.statusSize);
    if (rc < 0) {
        return fail(radosError(rc, asked, out.text()));
    }
    return out.bytes();
}

Result<QJsonObject> RadosSession::monJson(const QJsonObject& command, const RadosCall& call) const
{
    const Result<QByteArray> bytes = monCommand(command, call);
    if (!bytes) {
        return fail(bytes.error());
    }
    QJsonParseError problem;
    const QJsonDocument document = QJsonDocument::fromJson(*bytes, &problem);
    if (!document.isObject()) {
        return fail(
            Error{.code = ErrorCode::DataLoss,
                  .message = QStringLiteral("Cannot %1").arg(call.what),
                  .cause = QStringLiteral("the monitors' answer is no JSON object: ") + problem.errorString(),
                  .correction = QStringLiteral("Check that this release of Ceph is supported"),
                  .source = QStringLiteral("ceph")});
    }
    return document.object();
}

Result<QByteArray> RadosSession::tellMon(const QString& mon, QJsonObject command, const RadosCall& call) const
{
    RadosCall asked = call;
    asked.toMonitors = true;
    const QByteArray json = toJson(std::move(command));
    const char* commands[] = {json.constData()};
    Output out;
    const int rc = rados_mon_command_target(m_handle, qUtf8Printable(mon), commands, 1, "", 0, &out.data,
                                            &out.size, &out.status, &out.statusSize);
    if (rc < 0) {
        return fail(radosError(rc, asked, out.text()));
    }
    return out.bytes();
}

Result<librados::IoCtx> RadosSession::openPool(const QString& cephPool) const
{
    librados::IoCtx io;
    const int rc = m_rados->ioctx_create(qUtf8Printable(cephPool), io);
    if (rc < 0) {
        Error error = radosError(rc, {.what = QStringLiteral("open the Ceph pool %1").arg(cephPool)});
        if (rc == -ENOENT) {
            error.cause = QStringLiteral("there is no such Ceph pool");
            error.correction =
                QStringLiteral("Check its name, or make it: ceph osd pool create %1").arg(cephPool);
        }
        return fail(error);
    }
    // Full OSDs refuse what makes something larger and let the rest pass: renewing a lease, breaking a lock,
    // removing. Without this every write would wait for room, and nobody could end what is held up by the
    // lack of it.
    io.set_pool_full_try();
    return io;
}

Result<void> RadosSession::addToBlocklist(const QString& address, quint32 expireSeconds)
{
    const RadosCall call{
        .what = QStringLiteral("put %1 on the blocklist").arg(address), .mutates = true, .toMonitors = true};
    const int rc = m_rados->blocklist_add(address.toStdString(), expireSeconds);
    if (rc < 0) {
        return fail(radosError(rc, call));
    }
    return {};
}

QString RadosSession::instance() const
{
    return QStringLiteral("client.%1").arg(rados_get_instance_id(m_handle));
}

QString RadosSession::address() const
{
    return QString::fromStdString(m_rados->get_addrs());
}

}  // namespace sluice::ceph
