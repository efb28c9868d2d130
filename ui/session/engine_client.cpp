#include "ui/session/engine_client.h"

#include "rpc/client.h"

namespace sluice::session {

void EngineClient::change(const QString& method, QJsonObject params, QObject* context, Reply reply)
{
    params[QStringLiteral("requestId")] = rpc::Client::newRequestId();
    call(method, params, context, std::move(reply));
}

}  // namespace sluice::session
