#include "worker/child_channel.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <QtCore/QHash>
#include <algorithm>
#include <atomic>
#include <future>
#include <map>
#include <mutex>
#include <vector>

#include "worker/frame.h"
#include "worker/frame_writer.h"
#include "worker/work_pool.h"

namespace sluice::worker {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr qsizetype kMaxQueuedBytes = 8 * 1024 * 1024;

Error noAnswer(const QString& method)
{
    return Error{.code = ErrorCode::DeadlineExceeded,
                 .message = QStringLiteral("The engine did not answer \"%1\" in time").arg(method),
                 .cause = QStringLiteral("it may be busy or stopping"),
                 .correction = QStringLiteral("Look at the engine's log; the attempt can be started again"),
                 .retryable = true,
                 .source = QStringLiteral("worker")};
}

Error refused(const QString& method, const QString& cause)
{
    return Error{.code = ErrorCode::FailedPrecondition,
                 .message = QStringLiteral("The worker refused \"%1\"").arg(method),
                 .cause = cause,
                 .correction = QStringLiteral("Check that sluiced and sluice-worker are of the same version"),
                 .source = QStringLiteral("worker")};
}

}  // namespace

struct ChildChannel::State {
    struct PendingAsk {
        QString method{};
        SteadyClock::time_point due{};
        AnswerHandler handler{};
        bool onPool{};
    };

    explicit State(Options given) : options(std::move(given)), wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

    Options options;
    int wake{-1};
    QHash<QString, Handler> calls{};
    QHash<QString, CastHandler> casts{};
    std::mutex startLock{};
    enum class Start { Awaited, Running, Done };
    Start start{Start::Awaited};
    std::vector<std::pair<Frame, SteadyClock::time_point>> heldBack{};
    std::atomic<bool> leaving{false};
    std::atomic<bool> gone{false};
    std::atomic<int> exitCode{0};

    std::mutex askLock{};
    std::map<quint64, PendingAsk> asks{};
    quint64 nextAsk{1};

    FrameDecoder decoder{};
    std::unique_ptr<FrameWriter> writer{};
    std::unique_ptr<WorkPool> pool{};

    void poke() const
    {
        const quint64 one = 1;
        [[maybe_unused]] const ssize_t written = ::write(wake, &one, sizeof one);
    }

    void engineGone()
    {
        if (gone.exchange(true)) {
            return;
        }
        if (!options.onGone) {
            ::_exit(0);
        }
        leaving = true;
        writer->abandon();
        poke();
        options.onGone();
    }

    void send(const Frame& frame, bool mayWait)
    {
        Result<QByteArray> bytes = encode(frame);
        if (!bytes && (frame.type == FrameType::Reply || frame.type == FrameType::Ask)) {
            fprintf(stderr, "sluice-worker: %s\n", qUtf8Printable(bytes.error().toLine()));
            if (frame.type == FrameType::Reply) {
                bytes = encode(replyFrame(FrameType::Reply, frame.id, fail(bytes.error())));
            }
        }
        if (bytes) {
            writer->send(std::move(*bytes), mayWait);
        }
    }

    void post(std::function<void()> job) { pool->post(std::move(job)); }

    /// A call that comes while "start" still runs waits for it.
    void accept(const Frame& frame, SteadyClock::time_point arrived)
    {
        const bool first = frame.method == QLatin1String("start");
        std::function<void()> job = [this, frame, arrived, first] {
            const Result<QJsonObject> result = serve(frame, arrived);
            send(replyFrame(FrameType::Reply, frame.id, result), false);
            if (first) {
                startEnded(result.has_value());
            }
        };
        {
            const std::lock_guard lock(startLock);
            if (start == Start::Awaited && !first) {
                job = [this, frame] {
                    send(replyFrame(FrameType::Reply, frame.id,
                                    fail(refused(frame.method, QStringLiteral("it was not started yet")))),
                         false);
                };
            } else if (start == Start::Running) {
                heldBack.emplace_back(frame, arrived);
                return;
            } else if (first) {
                start = Start::Running;
            }
        }
        post(std::move(job));
    }

    void startEnded(bool well)
    {
        std::vector<std::pair<Frame, SteadyClock::time_point>> waiting;
        {
            const std::lock_guard lock(startLock);
            start = well ? Start::Done : Start::Awaited;
            waiting.swap(heldBack);
        }
        for (const auto& [frame, arrived] : waiting) {
            accept(frame, arrived);
        }
    }

    Result<QJsonObject> serve(const Frame& frame, SteadyClock::time_point arrived)
    {
        const Handler handler = calls.value(frame.method);
        if (!handler) {
            return fail(refused(frame.method, QStringLiteral("it has no such method")));
        }
        if (frame.deadlineMs > 0 && SteadyClock::now() - arrived > milliseconds(frame.deadlineMs)) {
            return fail(Error{.code = ErrorCode::DeadlineExceeded,
                              .message = QStringLiteral("\"%1\" was not begun in time").arg(frame.method),
                              .cause = QStringLiteral("the worker was busy with earlier calls"),
                              .correction = QStringLiteral("Try again; nothing was changed"),
                              .retryable = true,
                              .source = QStringLiteral("worker")});
        }
        try {
            return handler(frame.body);
        } catch (const std::exception& problem) {
            return fail(Error{.code = ErrorCode::Internal,
                              .message = QStringLiteral("\"%1\" failed inside the worker").arg(frame.method),
                              .cause = QString::fromUtf8(problem.what()),
                              .correction = QStringLiteral("Report this with the worker's log"),
                              .source = QStringLiteral("worker")});
        }
    }

    void handle(const Frame& frame)
    {
        if (frame.type == FrameType::Call) {
            accept(frame, SteadyClock::now());
        } else if (frame.type == FrameType::Cast) {
            if (const CastHandler handler = casts.value(frame.method)) {
                post([handler, body = frame.body] { handler(body); });
            }
        } else if (frame.type == FrameType::Answer) {
            PendingAsk pending;
            {
                const std::lock_guard lock(askLock);
                const auto found = asks.find(frame.id);
                if (found == asks.end()) {
                    return;
                }
                pending = std::move(found->second);
                asks.erase(found);
            }
            settle(std::move(pending), resultOf(frame));
        }
    }

    void settle(PendingAsk pending, Result<QJsonObject> result)
    {
        if (pending.onPool) {
            post([handler = std::move(pending.handler), result = std::move(result)] { handler(result); });
        } else {
            pending.handler(std::move(result));
        }
    }

    void expireAsks(SteadyClock::time_point now)
    {
        std::vector<PendingAsk> late;
        {
            const std::lock_guard lock(askLock);
            for (auto it = asks.begin(); it != asks.end();) {
                if (it->second.due <= now) {
                    late.push_back(std::move(it->second));
                    it = asks.erase(it);
                } else {
                    ++it;
                }
            }
        }
        for (PendingAsk& pending : late) {
            const Error error = noAnswer(pending.method);
            settle(std::move(pending), fail(error));
        }
    }

    SteadyClock::time_point nextDue(SteadyClock::time_point latest)
    {
        const std::lock_guard lock(askLock);
        for (const auto& [id, pending] : asks) {
            latest = std::min(latest, pending.due);
        }
        return latest;
    }

    void ask(const QString& method, const QJsonObject& params, milliseconds timeout, AnswerHandler handler,
             bool onPool)
    {
        Frame frame{.type = FrameType::Ask, .method = method, .body = params};
        {
            const std::lock_guard lock(askLock);
            frame.id = nextAsk++;
            asks.emplace(frame.id, PendingAsk{.method = method,
                                              .due = SteadyClock::now() + timeout,
                                              .handler = std::move(handler),
                                              .onPool = onPool});
        }
        send(frame, true);
        poke();
    }

    void readOnce()
    {
        char bytes[64 * 1024];
        const ssize_t n = ::recv(options.fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) {
            engineGone();
            return;
        }
        if (n < 0) {
            return;
        }
        decoder.append(bytes, n);
        explicit_bzero(bytes, size_t(n));
        for (;;) {
            Result<std::optional<Frame>> frame = decoder.next();
            if (!frame) {
                fprintf(stderr, "sluice-worker: %s\n", qUtf8Printable(frame.error().toLine()));
                engineGone();
                return;
            }
            if (!*frame) {
                return;
            }
            handle(**frame);
        }
    }
};

ChildChannel::ChildChannel() : ChildChannel(Options{}) {}

ChildChannel::ChildChannel(Options options) : m_state(std::make_unique<State>(std::move(options)))
{
    State* const state = m_state.get();
    if (state->options.dieWithParent) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    }
    state->writer =
        std::make_unique<FrameWriter>(state->options.fd, kMaxQueuedBytes, [state] { state->engineGone(); });
    state->pool = std::make_unique<WorkPool>(state->options.threads);
}

ChildChannel::~ChildChannel()
{
    m_state->pool->finish();
    m_state->writer->finish();
    ::close(m_state->wake);
}

void ChildChannel::onCall(const QString& method, Handler handler)
{
    m_state->calls.insert(method, std::move(handler));
}

void ChildChannel::onCast(const QString& method, CastHandler handler)
{
    m_state->casts.insert(method, std::move(handler));
}

int ChildChannel::run()
{
    State* const state = m_state.get();
    SteadyClock::time_point nextBeat = SteadyClock::now();
    while (!state->leaving) {
        const auto now = SteadyClock::now();
        if (now >= nextBeat) {
            state->send(Frame{.type = FrameType::Beat}, false);
            nextBeat = now + state->options.beatEvery;
        }
        state->expireAsks(now);
        const auto wait = std::chrono::ceil<milliseconds>(state->nextDue(nextBeat) - SteadyClock::now());
        pollfd entries[2] = {{.fd = state->options.fd, .events = POLLIN, .revents = 0},
                             {.fd = state->wake, .events = POLLIN, .revents = 0}};
        ::poll(entries, 2, int(std::max(milliseconds(0), wait).count()));
        if (entries[1].revents != 0) {
            quint64 count = 0;
            [[maybe_unused]] const ssize_t n = ::read(state->wake, &count, sizeof count);
        }
        if (entries[0].revents != 0) {
            state->readOnce();
        }
    }
    state->writer->flush();
    return state->exitCode;
}

void ChildChannel::quit(int exitCode)
{
    m_state->exitCode = exitCode;
    m_state->leaving = true;
    m_state->poke();
}

void ChildChannel::event(const QString& name, const QJsonObject& params)
{
    m_state->send(Frame{.type = FrameType::Event, .method = name, .body = params}, true);
}

Result<QJsonObject> ChildChannel::ask(const QString& method, const QJsonObject& params, milliseconds timeout)
{
    auto promise = std::make_shared<std::promise<Result<QJsonObject>>>();
    std::future<Result<QJsonObject>> future = promise->get_future();
    m_state->ask(
        method, params, timeout,
        [promise](Result<QJsonObject> result) { promise->set_value(std::move(result)); }, false);
    if (future.wait_for(timeout + 2 * m_state->options.beatEvery) != std::future_status::ready) {
        return fail(noAnswer(method));
    }
    return future.get();
}

void ChildChannel::askAsync(const QString& method, const QJsonObject& params, milliseconds timeout,
                            AnswerHandler handler)
{
    m_state->ask(method, params, timeout, std::move(handler), true);
}

}  // namespace sluice::worker
