#include <errno.h>

#include "ceph/access_calls.h"
#include "ceph/observer.h"
#include "ceph/run_observer.h"
#include "model/object_name.h"

namespace sluice::ceph {
namespace {

Error missing(const QString& method, const QString& name)
{
    return {.code = ErrorCode::InvalidArgument,
            .message = QStringLiteral("\"%1\" cannot be done").arg(method),
            .cause = QStringLiteral("its parameter \"%1\" is missing").arg(name),
            .correction = QStringLiteral("Check that sluiced and sluice-worker are of the same version"),
            .source = QStringLiteral("ceph")};
}

Error noSession(const QString& connection)
{
    return {.code = ErrorCode::Unavailable,
            .message = QStringLiteral("There is no session with %1").arg(connection),
            .cause = QStringLiteral("the cluster was not reached yet"),
            .correction = QStringLiteral("Wait until the connection is up; why it is not is shown there"),
            .retryable = true,
            .source = QStringLiteral("ceph")};
}

QString firstMissing(const QJsonObject& params, const QStringList& needed)
{
    for (const QString& name : needed) {
        const QJsonValue value = params[name];
        if (value.isUndefined() || value.isNull() || (value.isString() && value.toString().isEmpty())) {
            return name;
        }
    }
    return {};
}

}  // namespace

void Observer::onSessionCall(const QString& method, const QStringList& needed,
                             std::function<Reply(RadosSession&, const Params&)> handler)
{
    m_channel.onCall(method,
                     [this, method, needed, handler = std::move(handler)](const Params& params) -> Reply {
                         if (const QString name = firstMissing(params, needed); !name.isEmpty()) {
                             return fail(missing(method, name));
                         }
                         const std::shared_ptr<RadosSession> session = m_session->session();
                         if (!session) {
                             return fail(noSession(m_connection));
                         }
                         const Reply reply = handler(*session, params);
                         if (!reply && reply.error().upstream && reply.error().upstream->code == -ESHUTDOWN) {
                             m_session->replace(session);
                         }
                         return reply;
                     });
}

void Observer::registerCalls()
{
    m_channel.onCall(QStringLiteral("start"), [this](const Params& params) { return start(params); });
    m_channel.onCall(QStringLiteral("lease.release"), [this](const Params&) -> Reply {
        if (m_lease) {
            m_lease->giveUp();
        }
        return QJsonObject();
    });
    m_channel.onCall(QStringLiteral("observe.now"),
                     [this](const Params& params) { return observeNow(params); });
    registerObjectCalls();
    registerAccessCalls();
    registerGatewayCalls();
}

void Observer::registerObjectCalls()
{
    const QStringList object{QStringLiteral("cephPool"), QStringLiteral("object")};
    onSessionCall(QStringLiteral("lock.list"), object, [this](RadosSession& session, const Params& p) {
        return listLocksOf(session, p["cephPool"].toString(), p["object"].toString());
    });
    onSessionCall(
        QStringLiteral("lock.break"), object + QStringList{QStringLiteral("lock"), QStringLiteral("client")},
        [this](RadosSession& session, const Params& p) -> Reply {
            const Result<void> broken =
                breakLock(session, p["cephPool"].toString(), p["object"].toString(), p["lock"].toString(),
                          p["client"].toString(), p["cookie"].toString());
            static_cast<void>(listLocksOf(session, p["cephPool"].toString(), p["object"].toString()));
            return broken ? Reply(QJsonObject()) : fail(broken.error());
        });
    onSessionCall(
        QStringLiteral("object.pg"), object, [this](RadosSession& session, const Params& p) -> Reply {
            const Result<Fact> fact = locateObject(session, p["cephPool"].toString(), p["object"].toString(),
                                                   m_manager.figures().answers);
            if (!fact) {
                return fail(fact.error());
            }
            emitFacts({*fact}, {});
            return fact->facts;
        });
    onSessionCall(QStringLiteral("pool.pgs"), {QStringLiteral("cephPool")},
                  [this](RadosSession& session, const Params& p) {
                      return readPoolPgs(session, p["cephPool"].toString(), m_manager.figures().answers);
                  });
    onSessionCall(
        QStringLiteral("osd.answers"), {QStringLiteral("osds")},
        [this](RadosSession&, const Params& p) { return askOsds(m_session->access(), p["osds"].toArray()); });
    onSessionCall(QStringLiteral("object.stat"), object, [](RadosSession& session, const Params& p) {
        return statObject(session, p["cephPool"].toString(), p["object"].toString());
    });
    onSessionCall(QStringLiteral("object.remove"), object + QStringList{QStringLiteral("version")},
                  [](RadosSession& session, const Params& p) -> Reply {
                      const Result<void> removed =
                          removeObject(session, p["cephPool"].toString(), p["object"].toString(),
                                       quint64(p["version"].toInteger()));
                      return removed ? Reply(QJsonObject()) : fail(removed.error());
                  });
    onSessionCall(QStringLiteral("staged.remove"), object + QStringList{QStringLiteral("mark")},
                  [](RadosSession& session, const Params& p) -> Reply {
                      return removeStaged(session, p["cephPool"].toString(), p["object"].toString(),
                                          p["mark"].toString())
                          .map([] { return QJsonObject(); });
                  });
}

void Observer::registerAccessCalls()
{
    const QStringList entity{QStringLiteral("entity")};
    const QStringList address{QStringLiteral("address")};
    onSessionCall(QStringLiteral("sessions"), {}, [this](RadosSession& session, const Params&) -> Reply {
        return censusJson(census(session), m_monitors->names());
    });
    onSessionCall(QStringLiteral("blocklist.add"), address + QStringList{QStringLiteral("expireSeconds")},
                  [](RadosSession& session, const Params& p) {
                      return addToBlocklist(session, p["address"].toString(), p["expireSeconds"].toInt());
                  });
    onSessionCall(QStringLiteral("blocklist.has"), address, [](RadosSession& session, const Params& p) {
        return isOnBlocklist(session, p["address"].toString());
    });
    onSessionCall(QStringLiteral("auth.get"), entity, [](RadosSession& session, const Params& p) {
        return authGet(session, p["entity"].toString());
    });
    onSessionCall(QStringLiteral("auth.create"), entity + QStringList{QStringLiteral("caps")},
                  [this](RadosSession& session, const Params& p) {
                      return authCreate(session, p["entity"].toString(), p["caps"].toObject(),
                                        m_session->access().entity, m_terms);
                  });
    onSessionCall(QStringLiteral("auth.remove"), entity, [this](RadosSession& session, const Params& p) {
        return authRemove(session, p["entity"].toString(), m_session->access().entity, m_terms);
    });
    onSessionCall(QStringLiteral("auth.list"), {},
                  [](RadosSession& session, const Params&) { return authList(session); });
    onSessionCall(QStringLiteral("key.probe"), entity + QStringList{QStringLiteral("key")},
                  [this](RadosSession&, const Params& p) {
                      return probeKey(m_session->access(), p["entity"].toString(), p["key"].toString());
                  });
}

/// Many may ask at once, and each would wait for seconds.
bool Observer::isSilent(const QString& gateway) const
{
    const std::lock_guard lock(m_lock);
    const auto found = m_gateways.find(gateway);
    return found != m_gateways.end() && found->second.silent;
}

void Observer::registerGatewayCalls()
{
    using Handler = std::function<Reply(GatewayAdmin&, const Params&)>;
    const auto on = [this](const QString& method, const QStringList& needed, Handler handler) {
        m_channel.onCall(
            method, [this, method, needed, handler = std::move(handler)](const Params& p) -> Reply {
                if (const QString name = firstMissing(p, needed); !name.isEmpty()) {
                    return fail(missing(method, name));
                }
                const auto found = m_gateways.find(p["connection"].toString());
                if (found == m_gateways.end()) {
                    return fail(Error{.code = ErrorCode::NotFound,
                                      .message = QStringLiteral("%1 has no gateway %2")
                                                     .arg(m_connection, p["connection"].toString()),
                                      .cause = QStringLiteral("the connection does not name it"),
                                      .correction = QStringLiteral(
                                          "Add it to `gateways` of this connection in sluice.yaml"),
                                      .source = QStringLiteral("ceph")});
                }
                return handler(*found->second.admin, p);
            });
    };
    const QString connection = QStringLiteral("connection");
    const QString accessKey = QStringLiteral("accessKey");
    on(QStringLiteral("s3.key.create"), {connection, accessKey},
       [](GatewayAdmin& admin, const Params& p) -> Reply {
           const Result<QString> secret = admin.createKey(p["accessKey"].toString());
           return secret ? Reply(QJsonObject{{"secretKey", *secret}}) : fail(secret.error());
       });
    on(QStringLiteral("s3.key.remove"), {connection, accessKey},
       [](GatewayAdmin& admin, const Params& p) -> Reply {
           const Result<void> removed = admin.removeKey(p["accessKey"].toString());
           return removed ? Reply(QJsonObject()) : fail(removed.error());
       });
    on(QStringLiteral("s3.look"), {connection, QStringLiteral("bucket")},
       [this](GatewayAdmin& admin, const Params& p) -> Reply {
           const QString gateway = p["connection"].toString();
           if (isSilent(gateway)) {
               return fail(Error{
                   .code = ErrorCode::Unavailable,
                   .message =
                       QStringLiteral("%1 is not asked about bucket %2").arg(gateway, p["bucket"].toString()),
                   .cause = QStringLiteral("it did not answer when it was last asked"),
                   .correction = QStringLiteral("See that the gateway runs"),
                   .retryable = true,
                   .source = QStringLiteral("ceph")});
           }
           return admin.look(p["bucket"].toString());
       });
    on(QStringLiteral("s3.upload.abort"),
       {connection, QStringLiteral("bucket"), QStringLiteral("key"), QStringLiteral("uploadId")},
       [](GatewayAdmin& admin, const Params& p) -> Reply {
           return admin
               .abortUpload(p["bucket"].toString(), model::nameFromWire(p["key"].toString()),
                            p["uploadId"].toString())
               .map([] { return QJsonObject(); });
       });
}

int runObserver(worker::ChildChannel& channel, GatewayAdminFactory makeGatewayAdmin)
{
    Observer observer(channel, std::move(makeGatewayAdmin));
    observer.registerCalls();
    return channel.run();
}

}  // namespace sluice::ceph
