#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <chrono>
#include <functional>
#include <memory>

#include "core/error.h"

namespace sluice::worker {

/// The worker program's end of the socket to its engine. Plain threads and blocking I/O, no event loop: one
/// thread reads frames and beats, one writes, a small pool runs the handlers of calls.
///
/// Use: construct, register handlers, `run()`. Calls before "start" are refused; calls that come while
/// "start" runs wait for its end. When the engine closes its end or dies, the process leaves at once by
/// `_exit(0)`: nothing a worker holds may outlive its engine.
class ChildChannel {
public:
    using Handler = std::function<Result<QJsonObject>(const QJsonObject& params)>;
    using CastHandler = std::function<void(const QJsonObject& params)>;
    using AnswerHandler = std::function<void(Result<QJsonObject> result)>;

    struct Options {
        int fd{3};
        int threads{4};
        std::chrono::milliseconds beatEvery{1000};
        /// Ask the kernel to kill this process when the engine's thread that started it ends.
        bool dieWithParent{true};
        /// What happens when the engine is gone; empty: `_exit(0)`. Called on the reader or writer thread.
        std::function<void()> onGone{};
    };

    ChildChannel();
    explicit ChildChannel(Options options);
    /// Writes what is queued (unless the engine is gone) and joins the threads.
    ~ChildChannel();
    ChildChannel(const ChildChannel&) = delete;
    ChildChannel& operator=(const ChildChannel&) = delete;

    /// Before run() only. The handler runs on a thread of the pool, several at once; what it returns is the
    /// reply. A call that waited in the pool longer than its deadline is refused without running it.
    void onCall(const QString& method, Handler handler);
    /// Before run() only. Runs on a thread of the pool.
    void onCast(const QString& method, CastHandler handler);

    /// Reads and serves until quit(). @return the code given to quit().
    int run();
    /// Makes run() return once everything queued was written. @thread any
    void quit(int exitCode);

    /// Queues an event; waits while more than 8 MiB are queued already. @thread any
    void event(const QString& name, const QJsonObject& params);

    /// Asks the engine and waits for the answer.
    /// @error DeadlineExceeded: no answer within `timeout`. Otherwise what the engine answered.
    /// Only while run() runs. @thread any
    [[nodiscard]] Result<QJsonObject> ask(const QString& method, const QJsonObject& params,
                                          std::chrono::milliseconds timeout);
    /// Asks without waiting: many may be out at once. `handler` is called exactly once, on a thread of the
    /// pool; without an answer within `timeout` with DeadlineExceeded. @thread any
    void askAsync(const QString& method, const QJsonObject& params, std::chrono::milliseconds timeout,
                  AnswerHandler handler);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace sluice::worker
