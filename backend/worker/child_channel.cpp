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
#include <condition_variable>
#include <deque>
#include <future>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "worker/frame.h"

namespace sluice::worker {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr qsizetype kMaxQueuedBytes = 8 * 1024 * 1024;
constexpr milliseconds kWriterPoll{200};

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

    std::mutex outLock{};
    std::condition_variable outChanged{};
    std::deque<QByteArray> out{};
    qsizetype outBytes{0};
    bool outClosed{false};

    std::mutex poolLock{};
    std::condition_variable poolChanged{};
    std::deque<std::function<void()>> jobs{};
    bool poolClosed{false};

    std::mutex askLock{};
    std::map<quint64, PendingAsk> asks{};
    quint64 nextAsk{1};

    FrameDecoder decoder{};
    std::thread writer{};
    std::vector<std::thread> pool{};

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
        outChanged.notify_all();
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
        if (!bytes) {
            return;
        }
        std::unique_lock lock(outLock);
        if (mayWait) {
            outChanged.wait(lock, [this] { return outBytes < kMaxQueuedBytes || gone || outClosed; });
        }
        outBytes += bytes->size();
        out.push_back(std::move(*bytes));
        lock.unlock();
        outChanged.notify_all();
    }

    void post(std::function<void()> job)
    {
        {
            const std::lock_guard lock(poolLock);
            jobs.push_back(std::move(job));
        }
        poolChanged.notify_one();
    }

    void writeLoop()
    {
        for (;;) {
            QByteArray bytes;
            {
                std::unique_lock lock(outLock);
                outChanged.wait(lock, [this] { return !out.empty() || outClosed || gone; });
                if (gone || out.empty()) {
                    return;
                }
                bytes = std::move(out.front());
                out.pop_front();
            }
            const qsizetype size = bytes.size();
            if (!writeAll(bytes)) {
                engineGone();
                return;
            }
            wipe(bytes);
            {
                const std::lock_guard lock(outLock);
                outBytes -= size;
            }
            outChanged.notify_all();
        }
    }

    bool writeAll(const QByteArray& bytes)
    {
        qsizetype done = 0;
        while (done < bytes.size()) {
            const ssize_t n = ::send(options.fd, bytes.constData() + done, size_t(bytes.size() - done),
                                     MSG_NOSIGNAL | MSG_DONTWAIT);
            if (n > 0) {
                done += n;
            } else if (n < 0 && errno == EINTR) {
                continue;
            } else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
                pollfd entry{.fd = options.fd, .events = POLLOUT, .revents = 0};
                ::poll(&entry, 1, int(kWriterPoll.count()));
                if (gone) {
                    return false;
                }
            } else {
                return false;
            }
        }
        return true;
    }

    void poolLoop()
    {
        for (;;) {
            std::function<void()> job;
            {
                std::unique_lock lock(poolLock);
                poolChanged.wait(lock, [this] { return !jobs.empty() || poolClosed; });
                if (jobs.empty()) {
                    return;
                }
                job = std::move(jobs.front());
                jobs.pop_front();
            }
            job();
        }
    }

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
    state->writer = std::thread([state] { state->writeLoop(); });
    for (int i = 0; i < std::max(1, state->options.threads); ++i) {
        state->pool.emplace_back([state] { state->poolLoop(); });
    }
}

ChildChannel::~ChildChannel()
{
    State* const state = m_state.get();
    {
        const std::lock_guard lock(state->poolLock);
        state->poolClosed = true;
    }
    state->poolChanged.notify_all();
    for (std::thread& thread : state->pool) {
        thread.join();
    }
    {
        const std::lock_guard lock(state->outLock);
        state->outClosed = true;
    }
    state->outChanged.notify_all();
    state->writer.join();
    ::close(state->wake);
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
    std::unique_lock lock(state->outLock);
    state->outChanged.wait(lock, [state] { return state->outBytes == 0 || state->gone; });
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
        method, params, timeout, [promise](Result<QJsonObject> result) { promise->set_value(std::move(result)); },
        false);
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
