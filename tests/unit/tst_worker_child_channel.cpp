#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QtCore/QElapsedTimer>
#include <atomic>
#include <thread>

#include "patience.h"
#include "worker/child_channel.h"
#include "worker/frame.h"

using namespace sluice;
using namespace sluice::worker;
using namespace std::chrono_literals;

namespace {

/// The engine's end, blocking, for tests.
class EngineEnd {
public:
    explicit EngineEnd(int fd) : m_fd(fd) {}
    ~EngineEnd() { close(); }

    void close()
    {
        if (m_fd >= 0) {
            ::close(m_fd);
            m_fd = -1;
        }
    }
    void send(const Frame& frame)
    {
        const QByteArray bytes = *encode(frame);
        QCOMPARE(::send(m_fd, bytes.constData(), size_t(bytes.size()), MSG_NOSIGNAL), bytes.size());
    }
    void call(quint64 id, const QString& method, const QJsonObject& params = {}, qint64 deadlineMs = 5000)
    {
        send(Frame{
            .type = FrameType::Call, .id = id, .method = method, .body = params, .deadlineMs = deadlineMs});
    }
    /// The next frame that is no beat; nothing after 20 s.
    std::optional<Frame> next(bool beats = false)
    {
        timeval limit{.tv_sec = 20, .tv_usec = 0};
        setsockopt(m_fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        for (;;) {
            auto frame = m_decoder.next();
            if (!frame) {
                return std::nullopt;
            }
            if (*frame) {
                if (beats == ((*frame)->type == FrameType::Beat)) {
                    return *frame;
                }
                continue;
            }
            char bytes[4096];
            const ssize_t n = ::recv(m_fd, bytes, sizeof bytes, 0);
            if (n <= 0) {
                return std::nullopt;
            }
            m_decoder.append(bytes, n);
        }
    }

private:
    int m_fd;
    FrameDecoder m_decoder{};
};

struct Pair {
    int child{-1};
    int engine{-1};

    Pair()
    {
        int fds[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0) {
            child = fds[0];
            engine = fds[1];
        }
    }
};

/// A channel served by a thread of this test.
class Served {
public:
    explicit Served(const std::function<void(ChildChannel&)>& prepare)
    {
        channel = std::make_unique<ChildChannel>(ChildChannel::Options{
            .fd = pair.child, .beatEvery = 50ms, .dieWithParent = false, .onGone = [this] { gone = true; }});
        channel->onCall(QStringLiteral("start"), [](const QJsonObject&) { return QJsonObject(); });
        prepare(*channel);
        m_thread = std::thread([this] { code = channel->run(); });
    }
    ~Served()
    {
        channel->quit(0);
        m_thread.join();
        channel.reset();
        ::close(pair.child);
    }

    Pair pair{};
    EngineEnd engine{pair.engine};
    std::atomic<bool> gone{false};
    std::atomic<int> code{-1};
    std::unique_ptr<ChildChannel> channel{};

private:
    std::thread m_thread{};
};

}  // namespace

class TestWorkerChildChannel : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void answersCalls();
    void refusesBeforeStart();
    void callsWaitForStart();
    void callsRunBesideEachOther();
    void exceptionsBecomeErrors();
    void callThatWaitedTooLongIsNotRun();
    void beats();
    void eventsKeepTheirOrderBeforeTheReply();
    void asks();
    void asksOutAtOnce();
    void askWithoutAnswer();
    void castsArrive();
    void engineGone();
    void garbageEndsIt();
    void quitWritesWhatIsQueued();
    void leavesTheProcessWhenTheEngineIsGone();
};

void TestWorkerChildChannel::answersCalls()
{
    Served worker([](ChildChannel& channel) {
        channel.onCall(QStringLiteral("double"), [](const QJsonObject& p) -> Result<QJsonObject> {
            return QJsonObject{{"n", p["n"].toInt() * 2}};
        });
        channel.onCall(QStringLiteral("fails"), [](const QJsonObject&) -> Result<QJsonObject> {
            return fail(Error{.code = ErrorCode::NotFound, .message = QStringLiteral("nothing there")});
        });
    });
    worker.engine.call(1, QStringLiteral("start"));
    QCOMPARE(worker.engine.next()->id, 1U);
    worker.engine.call(2, QStringLiteral("double"), {{"n", 21}});
    auto reply = worker.engine.next();
    QVERIFY(reply);
    QCOMPARE(reply->id, 2U);
    QCOMPARE(reply->body["n"].toInt(), 42);
    worker.engine.call(3, QStringLiteral("fails"));
    reply = worker.engine.next();
    QVERIFY(reply && reply->error);
    QCOMPARE(toString(reply->error->code), toString(ErrorCode::NotFound));
    worker.engine.call(4, QStringLiteral("nowhere"));
    reply = worker.engine.next();
    QVERIFY(reply && reply->error);
    QCOMPARE(toString(reply->error->code), toString(ErrorCode::FailedPrecondition));
}

void TestWorkerChildChannel::refusesBeforeStart()
{
    std::atomic<int> ran{0};
    Served worker([&ran](ChildChannel& channel) {
        channel.onCall(QStringLiteral("x"), [&ran](const QJsonObject&) -> Result<QJsonObject> {
            ++ran;
            return QJsonObject();
        });
    });
    worker.engine.call(1, QStringLiteral("x"));
    const auto reply = worker.engine.next();
    QVERIFY(reply && reply->error);
    QCOMPARE(toString(reply->error->code), toString(ErrorCode::FailedPrecondition));
    QCOMPARE(ran.load(), 0);
}

void TestWorkerChildChannel::callsWaitForStart()
{
    std::atomic<bool> release{false};
    const Pair pair;
    EngineEnd engine(pair.engine);
    ChildChannel channel({.fd = pair.child, .beatEvery = 20ms, .dieWithParent = false, .onGone = [] {}});
    channel.onCall(QStringLiteral("start"), [&release](const QJsonObject&) -> Result<QJsonObject> {
        while (!release) {
            std::this_thread::sleep_for(1ms);
        }
        return QJsonObject();
    });
    channel.onCall(QStringLiteral("x"),
                   [](const QJsonObject&) -> Result<QJsonObject> { return QJsonObject(); });
    std::thread thread([&channel] { channel.run(); });
    engine.call(1, QStringLiteral("start"));
    engine.call(2, QStringLiteral("x"));
    QVERIFY(engine.next(true));
    QVERIFY(engine.next(true));
    release = true;
    const auto first = engine.next();
    const auto second = engine.next();
    channel.quit(0);
    thread.join();
    QVERIFY(first && second);
    QVERIFY(!first->error && !second->error);
    QCOMPARE(first->id, 1U);
    QCOMPARE(second->id, 2U);
}

void TestWorkerChildChannel::callsRunBesideEachOther()
{
    std::atomic<bool> release{false};
    Served worker([&release](ChildChannel& channel) {
        channel.onCall(QStringLiteral("slow"), [&release](const QJsonObject&) -> Result<QJsonObject> {
            while (!release) {
                std::this_thread::sleep_for(1ms);
            }
            return QJsonObject();
        });
        channel.onCall(QStringLiteral("quick"),
                       [](const QJsonObject&) -> Result<QJsonObject> { return QJsonObject(); });
    });
    worker.engine.call(1, QStringLiteral("start"));
    QVERIFY(worker.engine.next());
    worker.engine.call(2, QStringLiteral("slow"));
    worker.engine.call(3, QStringLiteral("quick"));
    QCOMPARE(worker.engine.next()->id, 3U);
    release = true;
    QCOMPARE(worker.engine.next()->id, 2U);
}

void TestWorkerChildChannel::exceptionsBecomeErrors()
{
    Served worker([](ChildChannel& channel) {
        channel.onCall(QStringLiteral("throws"), [](const QJsonObject&) -> Result<QJsonObject> {
            throw std::runtime_error("no luck");
        });
    });
    worker.engine.call(1, QStringLiteral("start"));
    QVERIFY(worker.engine.next());
    worker.engine.call(2, QStringLiteral("throws"));
    const auto reply = worker.engine.next();
    QVERIFY(reply && reply->error);
    QCOMPARE(toString(reply->error->code), toString(ErrorCode::Internal));
    QCOMPARE(reply->error->cause, QStringLiteral("no luck"));
}

void TestWorkerChildChannel::callThatWaitedTooLongIsNotRun()
{
    std::atomic<bool> release{false};
    std::atomic<int> ran{0};
    Served worker([&](ChildChannel& channel) {
        channel.onCall(QStringLiteral("slow"), [&release](const QJsonObject&) -> Result<QJsonObject> {
            while (!release) {
                std::this_thread::sleep_for(1ms);
            }
            return QJsonObject();
        });
        channel.onCall(QStringLiteral("change"), [&ran](const QJsonObject&) -> Result<QJsonObject> {
            ++ran;
            return QJsonObject();
        });
    });
    worker.engine.call(1, QStringLiteral("start"));
    QVERIFY(worker.engine.next());
    for (quint64 id = 2; id < 6; ++id) {
        worker.engine.call(id, QStringLiteral("slow"));
    }
    worker.engine.call(9, QStringLiteral("change"), {}, 20);
    QVERIFY(worker.engine.next(true));
    QVERIFY(worker.engine.next(true));
    release = true;
    for (int i = 0; i < 5; ++i) {
        const auto reply = worker.engine.next();
        QVERIFY(reply);
        QCOMPARE(reply->error.has_value(), reply->id == 9U);
    }
    QCOMPARE(ran.load(), 0);
}

void TestWorkerChildChannel::beats()
{
    Served worker([](ChildChannel&) {});
    QElapsedTimer timer;
    timer.start();
    for (int i = 0; i < 4; ++i) {
        QVERIFY(worker.engine.next(true));
    }
    QVERIFY2(timer.elapsed() >= 100, "four beats of 50 ms cannot come in less than 100 ms");
}

void TestWorkerChildChannel::eventsKeepTheirOrderBeforeTheReply()
{
    Served worker([&](ChildChannel& channel) {
        ChildChannel* const self = &channel;
        channel.onCall(QStringLiteral("observe.now"), [self](const QJsonObject&) -> Result<QJsonObject> {
            self->event(QStringLiteral("facts"), {{"n", 1}});
            self->event(QStringLiteral("facts"), {{"n", 2}});
            return QJsonObject();
        });
    });
    worker.engine.call(1, QStringLiteral("start"));
    QVERIFY(worker.engine.next());
    worker.engine.call(2, QStringLiteral("observe.now"));
    QCOMPARE(worker.engine.next()->body["n"].toInt(), 1);
    QCOMPARE(worker.engine.next()->body["n"].toInt(), 2);
    QCOMPARE(worker.engine.next()->type, FrameType::Reply);
}

void TestWorkerChildChannel::asks()
{
    Served worker([](ChildChannel& channel) {
        ChildChannel* const self = &channel;
        channel.onCall(QStringLiteral("go"), [self](const QJsonObject&) -> Result<QJsonObject> {
            return self->ask(QStringLiteral("client"), {{"a", 1}}, 2s);
        });
    });
    worker.engine.call(1, QStringLiteral("start"));
    QVERIFY(worker.engine.next());
    worker.engine.call(2, QStringLiteral("go"));
    const auto ask = worker.engine.next();
    QVERIFY(ask);
    QCOMPARE(ask->type, FrameType::Ask);
    QCOMPARE(ask->method, QStringLiteral("client"));
    worker.engine.send(replyFrame(FrameType::Answer, ask->id, QJsonObject{{"ok", true}}));
    const auto reply = worker.engine.next();
    QVERIFY(reply);
    QCOMPARE(reply->body["ok"].toBool(), true);
}

void TestWorkerChildChannel::asksOutAtOnce()
{
    std::atomic<int> answered{0};
    std::atomic<int> failed{0};
    Served worker([&](ChildChannel& channel) {
        ChildChannel* const self = &channel;
        channel.onCall(
            QStringLiteral("go"), [self, &answered, &failed](const QJsonObject&) -> Result<QJsonObject> {
                for (int i = 0; i < 64; ++i) {
                    self->askAsync(
                        QStringLiteral("commit"), {{"n", i}}, 5s,
                        [&](const Result<QJsonObject>& result) { ++(result ? answered : failed); });
                }
                return QJsonObject();
            });
    });
    worker.engine.call(1, QStringLiteral("start"));
    QVERIFY(worker.engine.next());
    worker.engine.call(2, QStringLiteral("go"));
    QList<quint64> ids;
    for (int i = 0; i < 65; ++i) {
        const auto frame = worker.engine.next();
        QVERIFY(frame);
        if (frame->type == FrameType::Ask) {
            ids << frame->id;
        }
    }
    QCOMPARE(ids.size(), 64);
    std::reverse(ids.begin(), ids.end());
    for (const quint64 id : ids) {
        const bool bad = id == ids.first();
        worker.engine.send(
            replyFrame(FrameType::Answer, id,
                       bad ? Result<QJsonObject>(fail(Error{})) : Result<QJsonObject>(QJsonObject())));
    }
    QTRY_COMPARE(answered.load(), 63);
    QCOMPARE(failed.load(), 1);
}

void TestWorkerChildChannel::askWithoutAnswer()
{
    std::atomic<int> code{-1};
    Served worker([&code](ChildChannel& channel) {
        ChildChannel* const self = &channel;
        channel.onCall(QStringLiteral("go"), [self, &code](const QJsonObject&) -> Result<QJsonObject> {
            self->askAsync(QStringLiteral("commit"), {}, 30ms, [&code](const Result<QJsonObject>& result) {
                code = result ? 0 : int(result.error().code);
            });
            return self->ask(QStringLiteral("client"), {}, 30ms);
        });
    });
    worker.engine.call(1, QStringLiteral("start"));
    QVERIFY(worker.engine.next());
    worker.engine.call(2, QStringLiteral("go"));
    for (;;) {
        const auto frame = worker.engine.next();
        QVERIFY(frame);
        if (frame->type == FrameType::Reply) {
            QVERIFY(frame->error);
            QCOMPARE(toString(frame->error->code), toString(ErrorCode::DeadlineExceeded));
            break;
        }
    }
    QTRY_COMPARE(code.load(), int(ErrorCode::DeadlineExceeded));
}

void TestWorkerChildChannel::castsArrive()
{
    std::atomic<int> seen{0};
    Served worker([&seen](ChildChannel& channel) {
        channel.onCast(QStringLiteral("pace"), [&seen](const QJsonObject& p) { seen = p["n"].toInt(); });
    });
    worker.engine.send(Frame{.type = FrameType::Cast, .method = QStringLiteral("pace"), .body = {{"n", 5}}});
    QTRY_COMPARE(seen.load(), 5);
}

void TestWorkerChildChannel::engineGone()
{
    Served worker([](ChildChannel&) {});
    worker.engine.close();
    QTRY_VERIFY(worker.gone);
}

void TestWorkerChildChannel::garbageEndsIt()
{
    Served worker([](ChildChannel&) {});
    QCOMPARE(::send(worker.pair.engine, "\x01\x00\x00\x00\xff", 5, MSG_NOSIGNAL), 5);
    QTRY_VERIFY(worker.gone);
}

void TestWorkerChildChannel::quitWritesWhatIsQueued()
{
    Served worker([](ChildChannel& channel) {
        ChildChannel* const self = &channel;
        channel.onCall(QStringLiteral("go"), [self](const QJsonObject&) -> Result<QJsonObject> {
            for (int i = 0; i < 200; ++i) {
                self->event(QStringLiteral("log"), {{"text", QString(10000, QLatin1Char('x'))}});
            }
            self->event(QStringLiteral("done"), {});
            self->quit(3);
            return QJsonObject();
        });
    });
    worker.engine.call(1, QStringLiteral("start"));
    QVERIFY(worker.engine.next());
    worker.engine.call(2, QStringLiteral("go"));
    int logs = 0;
    for (;;) {
        const auto frame = worker.engine.next();
        QVERIFY(frame);
        if (frame->method == QLatin1String("done")) {
            break;
        }
        ++logs;
    }
    QCOMPARE(logs, 200);
    QTRY_COMPARE(worker.code.load(), 3);
}

void TestWorkerChildChannel::leavesTheProcessWhenTheEngineIsGone()
{
    const Pair pair;
    const pid_t pid = fork();
    if (pid == 0) {
        ::dup2(pair.child, 3);
        ::execl(WORKER_FAKE, WORKER_FAKE, nullptr);
        _exit(99);
    }
    ::close(pair.child);
    EngineEnd engine(pair.engine);
    engine.call(1, QStringLiteral("start"));
    engine.call(2, QStringLiteral("sleep"), {{"ms", 60000}});
    QVERIFY(engine.next());
    engine.close();
    int status = -1;
    bool reaped = false;
    QTRY_VERIFY(reaped = reaped || waitpid(pid, &status, WNOHANG) == pid);
    QVERIFY(WIFEXITED(status));
    QCOMPARE(WEXITSTATUS(status), 0);
}

QTEST_GUILESS_MAIN(TestWorkerChildChannel)
#include "tst_worker_child_channel.moc"
