#include "mover/run_move.h"

#include <atomic>
#include <cstdlib>
#include <thread>

#include "mover/move_job.h"
#include "worker/child_channel.h"

namespace sluice::mover {
namespace {

/// An engine that says nothing for that long is asked again.
constexpr std::chrono::minutes kAskTimeout{10};

class ChannelHost final : public MoveHost {
public:
    explicit ChannelHost(worker::ChildChannel& channel) : m_channel(channel) {}
    void event(const QString& name, const QJsonObject& params) override { m_channel.event(name, params); }
    Result<QJsonObject> ask(const QString& method, const QJsonObject& params) override
    {
        return m_channel.ask(method, params, kAskTimeout);
    }
    void askAsync(const QString& method, const QJsonObject& params,
                  std::function<void(Result<QJsonObject>)> answered) override
    {
        m_channel.askAsync(method, params, kAskTimeout, std::move(answered));
    }

private:
    worker::ChildChannel& m_channel;
};

}  // namespace

int runMove(worker::ChildChannel& channel)
{
    ChannelHost host(channel);
    std::thread job;
    std::atomic<bool> started{false};
    channel.onCall(QStringLiteral("start"), [&](const QJsonObject& params) -> Result<QJsonObject> {
        auto request = MoveRequest::fromJson(params);
        if (!request) {
            host.event(QStringLiteral("failed"), {{"error", request.error().toJson()}});
            channel.quit(1);
            return fail(request.error());
        }
        if (started.exchange(true)) {
            return fail(Error{.code = ErrorCode::FailedPrecondition,
                              .message = QStringLiteral("This worker has an attempt already"),
                              .cause = QStringLiteral("a worker serves one attempt"),
                              .correction = QStringLiteral("Start another worker"),
                              .source = QStringLiteral("mover")});
        }
        job = std::thread([&host, &channel, request = std::move(*request)] {
            channel.quit(runJob(request, host) ? 0 : 1);
        });
        return QJsonObject();
    });
    const int code = channel.run();
    if (code != 0) {
        std::_Exit(code);
    }
    if (job.joinable()) {
        job.join();
    }
    return code;
}

}  // namespace sluice::mover
