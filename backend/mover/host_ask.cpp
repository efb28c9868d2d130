#include "mover/host_ask.h"

namespace sluice::mover {
namespace {

const QString kRecord = QStringLiteral("record");

}  // namespace

Blockage hostBlockage(const Error& error)
{
    return {.what = Obstacle::Record, .op = kRecord, .error = error};
}

Result<QJsonObject> askHost(MoveHost& host, const QString& method, const QJsonObject& params,
                            ObjectContext& context)
{
    return persist(context, kRecord, [&]() -> Try<QJsonObject> {
        auto answer = host.ask(method, params);
        if (answer) {
            return std::move(*answer);
        }
        return hinder(answer.error().retryable ? Hindrance(hostBlockage(answer.error()))
                                               : Hindrance(answer.error()));
    });
}

}  // namespace sluice::mover
