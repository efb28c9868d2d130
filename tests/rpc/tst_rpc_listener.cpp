#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cerrno>

#include <QtCore/QElapsedTimer>
#include <QtCore/QProcess>
#include <QtNetwork/QHostAddress>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>
#include <QtWebSockets/QWebSocket>
#include <algorithm>
#include <atomic>
#include <utility>
#include <vector>

#include "core/descriptors.h"
#include "patience.h"
#include "rpc/peer_user.h"
#include "support/raw_client.h"
#include "support/test_engine.h"
#include "support/wait.h"

using namespace sluice;
using namespace sluice::rpc;
using namespace sluice::test;

namespace {

/// Peers that call from here are of another user, as far as `strangersAt` is asked.
const QHostAddress kElsewhere(QStringLiteral("127.0.0.2"));

PeerUser strangersAt(const QHostAddress& address, const std::atomic<bool>* all = nullptr)
{
    return [ip = htonl(address.toIPv4Address()), all](const sockaddr_in& peer, const sockaddr_in&) {
        const bool stranger = peer.sin_addr.s_addr == ip || (all && *all);
        return std::optional<uid_t>(stranger ? ::geteuid() + 1 : ::geteuid());
    };
}

/// A connection that says nothing. A plain socket: Qt's own does not see a reset that comes while it
/// connects.
class Silent {
public:
    explicit Silent(const TestEngine& engine, const QHostAddress& from = kElsewhere)
        : m_descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in here{
            .sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(from.toIPv4Address())}, .sin_zero = {}};
        sockaddr_in there{.sin_family = AF_INET,
                          .sin_port = htons(static_cast<quint16>(engine.url().port())),
                          .sin_addr = {htonl(INADDR_LOOPBACK)},
                          .sin_zero = {}};
        if (m_descriptor >= 0 &&
            (::bind(m_descriptor, reinterpret_cast<sockaddr*>(&here), sizeof(here)) != 0 ||
             ::connect(m_descriptor, reinterpret_cast<sockaddr*>(&there), sizeof(there)) != 0)) {
            drop();
        }
    }
    Q_DISABLE_COPY_MOVE(Silent)
    ~Silent() { drop(); }

    /// Whether the engine has taken it, or has not looked at it yet: it resets what it refuses.
    bool stands()
    {
        char byte{};
        if (m_descriptor >= 0 && (::recv(m_descriptor, &byte, 1, MSG_DONTWAIT) >= 0 || errno != EAGAIN)) {
            drop();
        }
        return m_descriptor >= 0;
    }

private:
    void drop()
    {
        if (m_descriptor >= 0) {
            ::close(std::exchange(m_descriptor, -1));
        }
    }

    int m_descriptor;
};

using Sockets = std::vector<std::unique_ptr<Silent>>;

std::unique_ptr<Silent> silent(const TestEngine& engine, const QHostAddress& from = kElsewhere)
{
    return std::make_unique<Silent>(engine, from);
}

qsizetype standing(const Sockets& sockets)
{
    return std::count_if(sockets.begin(), sockets.end(),
                         [](const std::unique_ptr<Silent>& socket) { return socket->stands(); });
}

bool ownerIsServed(const TestEngine& engine)
{
    Client owner;
    return connected(owner, engine);
}

}  // namespace

/// What a flood of connections may cost. Which user a peer is comes from the test; the kernel's own answer
/// has a test of its own.
class TestRpcListener : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theKernelNamesThePeer();
    void theKernelNamesAPeerOfAnotherUser();
    void strangersHaveASmallPool();
    void aStrangersPlaceIsFreeAgain();
    void aStrangerThatProvesItselfLeavesThePool();
    void strangersComeAtABoundedRate();
    void whoCannotBeToldIsAStranger();
    void silentOnesOfThisUserMakeRoom_data();
    void silentOnesOfThisUserMakeRoom();
    void withFewDescriptorsTheyMakeRoomSooner();
    void identifiedClientsAreNotPushedOut();
    void descriptorsStayFree();
    void withoutADescriptorItWaitsAndGoesOn();
    void requestsAreBounded();
};

void TestRpcListener::theKernelNamesThePeer()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QTcpSocket socket;
    socket.connectToHost(server.serverAddress(), server.serverPort());
    QTRY_VERIFY(server.hasPendingConnections() && socket.state() == QAbstractSocket::ConnectedState);
    const PeerUser ask = kernelPeerUser();
    sockaddr_in peer{};
    peer.sin_family = AF_INET;
    peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    peer.sin_port = htons(socket.localPort());
    sockaddr_in local = peer;
    local.sin_port = htons(server.serverPort());
    QVERIFY(ask(peer, local) == std::optional(::geteuid()));
    QVERIFY(ask(peer, local) == std::optional(::geteuid()));
    // A connection that does not exist, and one whose peer has gone: told with user 0 by the kernel, which is
    // nobody.
    sockaddr_in nobody = peer;
    nobody.sin_port = htons(server.serverPort());
    QVERIFY(!ask(nobody, local));
    socket.close();
    QTRY_COMPARE(socket.state(), QAbstractSocket::UnconnectedState);
    QVERIFY(!ask(peer, local));
}

void TestRpcListener::theKernelNamesAPeerOfAnotherUser()
{
    if (::geteuid() != 0) {
        QSKIP("only root can become another user");
    }
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QProcess other;
    other.setChildProcessModifier([] {
        if (::setresgid(65534, 65534, 65534) != 0 || ::setresuid(65534, 65534, 65534) != 0) {
            ::_exit(1);
        }
    });
    other.start("/bin/bash",
                {"-c", QStringLiteral("exec 3<>/dev/tcp/127.0.0.1/%1; read -u 3").arg(server.serverPort())});
    QTRY_VERIFY(server.hasPendingConnections());
    std::unique_ptr<QTcpSocket> accepted(server.nextPendingConnection());
    sockaddr_in peer{};
    peer.sin_family = AF_INET;
    peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    peer.sin_port = htons(accepted->peerPort());
    sockaddr_in local = peer;
    local.sin_port = htons(server.serverPort());
    QVERIFY(kernelPeerUser()(peer, local) == std::optional<uid_t>(65534));
    other.kill();
    other.waitForFinished();
}

void TestRpcListener::strangersHaveASmallPool()
{
    ManualClock clock;  // nobody's time runs out, however busy the machine is
    TestEngine engine(Limits{.strangers = 3, .strangersPerSecond = 10'000}, &clock);
    engine.setPeerUser(strangersAt(kElsewhere));
    QVERIFY(engine.start());
    Sockets sockets;
    for (int i = 0; i < 200; ++i) {
        sockets.push_back(silent(engine));
    }
    QTRY_COMPARE(standing(sockets), 3);
    QVERIFY(ownerIsServed(engine));
    QCOMPARE(standing(sockets), 3);
    // Not before one of them leaves.
    auto next = silent(engine);
    QTRY_VERIFY(!next->stands());
    QVERIFY(ownerIsServed(engine));
}

void TestRpcListener::aStrangersPlaceIsFreeAgain()
{
    ManualClock clock;
    TestEngine engine(Limits{.strangers = 2, .strangersPerSecond = 10'000}, &clock);
    std::atomic<bool> strange{true};
    engine.setPeerUser(strangersAt(kElsewhere, &strange));
    QVERIFY(engine.start());
    // One that asks for nothing, and one that has its WebSocket and says nothing.
    auto tcp = silent(engine);
    RawClient webSocket(engine.url());
    QVERIFY(webSocket.waitHello());
    QVERIFY(tcp->stands());
    auto refused = silent(engine);
    QTRY_VERIFY(!refused->stands());
    clock.advance(5'001);
    QTRY_VERIFY(!tcp->stands());
    RawClient second(engine.url());
    QVERIFY(second.waitHello());
    clock.advance(5'001);
    QCOMPARE(webSocket.waitClose(), 4001);
    RawClient third(engine.url());
    QVERIFY(third.waitHello());
    // One that leaves by itself.
    second.socket().close();
    QTRY_COMPARE(engine.server().sessionCount(), 1);
    RawClient fourth(engine.url());
    QVERIFY(fourth.waitHello());
}

void TestRpcListener::aStrangerThatProvesItselfLeavesThePool()
{
    TestEngine engine(Limits{.strangers = 1, .strangersPerSecond = 10'000});
    std::atomic<bool> strange{true};
    engine.setPeerUser(strangersAt(kElsewhere, &strange));
    QVERIFY(engine.start());
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 5; ++i) {
        clients.push_back(std::make_unique<RawClient>(engine.url()));
        QVERIFY(clients.back()->identify(engine.token()));
    }
    QCOMPARE(engine.server().identifiedCount(), 5);
}

void TestRpcListener::strangersComeAtABoundedRate()
{
    // As many at a time as they like, but at most two in any second after the first four.
    TestEngine engine(Limits{.strangers = 4, .strangersPerSecond = 2});
    std::atomic<bool> strange{true};
    engine.setPeerUser(strangersAt(kElsewhere, &strange));
    QVERIFY(engine.start());
    int served = 0;
    QElapsedTimer time;
    time.start();
    for (int i = 0; i < 60; ++i) {
        RawClient client(engine.url());
        QVERIFY(waitFor([&] { return !client.messages().isEmpty() || client.isClosed(); }));
        served += client.messages().isEmpty() ? 0 : 1;
        client.socket().abort();
        QVERIFY(waitFor([&] { return engine.server().sessionCount() == 0; }));
    }
    QVERIFY(served >= 4);
    QVERIFY2(served <= 4 + 2 * (time.elapsed() / 1000 + 1), qPrintable(QString::number(served)));
    strange = false;
    QVERIFY(ownerIsServed(engine));
}

void TestRpcListener::whoCannotBeToldIsAStranger()
{
    ManualClock clock;
    TestEngine engine(Limits{.strangers = 1, .strangersPerSecond = 10'000}, &clock);
    engine.setPeerUser([](const sockaddr_in&, const sockaddr_in&) { return std::optional<uid_t>(); });
    QVERIFY(engine.start());
    auto first = silent(engine, QHostAddress(QHostAddress::LocalHost));
    QVERIFY(first->stands());
    auto second = silent(engine, QHostAddress(QHostAddress::LocalHost));
    QTRY_VERIFY(!second->stands());
    first.reset();
    // Where the kernel tells nothing, the owner is served all the same.
    QTRY_VERIFY(ownerIsServed(engine));
}

void TestRpcListener::silentOnesOfThisUserMakeRoom_data()
{
    QTest::addColumn<bool>("webSocket");
    QTest::newRow("TCP") << false;
    QTest::newRow("WebSocket") << true;
}

void TestRpcListener::silentOnesOfThisUserMakeRoom()
{
    QFETCH(bool, webSocket);
    TestEngine engine(Limits{.waiting = 8});
    QVERIFY(engine.start());
    Sockets sockets;
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 300; ++i) {
        if (webSocket) {
            clients.push_back(std::make_unique<RawClient>(engine.url()));
            QVERIFY(clients.back()->waitHello());
        } else {
            sockets.push_back(silent(engine, QHostAddress(QHostAddress::LocalHost)));
        }
        if (i % 50 == 49) {
            QVERIFY(ownerIsServed(engine));
        }
    }
    // The owner's program has left, as have all but the last eight.
    QTRY_VERIFY(standing(sockets) <= 8);
    QTRY_VERIFY(engine.server().sessionCount() <= 8);
    if (webSocket) {
        QCOMPARE(clients.front()->waitClose(), 4007);
        QVERIFY(clients.back()->isOpen());
    }
}

void TestRpcListener::withFewDescriptorsTheyMakeRoomSooner()
{
    struct rlimit before {};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const struct rlimit small {
        256, before.rlim_max
    };
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &small), 0);
    ManualClock clock;
    TestEngine engine({}, &clock);
    QVERIFY(engine.start());
    // Held by another process, so that only the engine's descriptors count.
    QProcess silent;
    silent.start("/usr/bin/python3",
                 {"-c",
                  "import socket,sys\n"
                  "held=[socket.create_connection(('127.0.0.1',int(sys.argv[1]))) for _ in range(240)]\n"
                  "print('there',flush=True); sys.stdin.read()",
                  QString::number(engine.url().port())});
    const bool there = waitFor([&] { return silent.canReadLine(); }, 30'000);
    const bool served = ownerIsServed(engine);
    silent.kill();
    silent.waitForFinished();
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &before), 0);
    QVERIFY2(there, silent.readAllStandardError().constData());
    QVERIFY(served);
}

void TestRpcListener::identifiedClientsAreNotPushedOut()
{
    TestEngine engine(Limits{.waiting = 4});
    QVERIFY(engine.start());
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 20; ++i) {
        clients.push_back(std::make_unique<RawClient>(engine.url()));
        QVERIFY(clients.back()->identify(engine.token()));
    }
    for (int i = 0; i < 20; ++i) {
        RawClient bare(engine.url());
        QVERIFY(bare.waitHello());
    }
    for (const auto& client : clients) {
        QVERIFY(client->isOpen());
    }
    QCOMPARE(engine.server().identifiedCount(), 20);
}

void TestRpcListener::descriptorsStayFree()
{
    ManualClock clock;  // nobody's time runs out, however busy the machine is
    TestEngine engine(Limits{.waiting = 1000, .strangers = 1000, .strangersPerSecond = 10'000}, &clock);
    engine.setPeerUser(strangersAt(kElsewhere));
    struct rlimit before {};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const struct rlimit small {
        256, before.rlim_max
    };
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &small), 0);
    QVERIFY(engine.start());
    const auto lowestFree = [] {
        const int descriptor = ::dup(0);
        ::close(descriptor);
        return descriptor;
    };
    // Each takes two, its own here and the engine's, until strangers are refused; then none. What came before
    // the owner has been decided when the owner is served.
    constexpr int kAtOnce = 10;
    Sockets sockets;
    int most = 0;
    bool served = true;
    for (int round = 0; round < 30 && served; ++round) {
        for (int i = 0; i < kAtOnce; ++i) {
            sockets.push_back(silent(engine));
        }
        served = ownerIsServed(engine);
        static_cast<void>(standing(sockets));  // what was refused gives its descriptor back
        most = std::max(most, lowestFree());
    }
    QProcess child;
    child.start("true", QStringList());
    const bool started = child.waitForFinished();
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &before), 0);
    // What the owner had and left may be the lowest free one, and so may what those had who connected at once
    // and were refused: they took theirs before the engine took its own.
    QVERIFY2(most >= 256 - 64 - 6 - 2 * kAtOnce, qPrintable(QString::number(most)));
    QVERIFY2(most <= 256 - 64 + 2 * kAtOnce, qPrintable(QString::number(most)));
    QVERIFY(served);
    QVERIFY(started);
}

void TestRpcListener::withoutADescriptorItWaitsAndGoesOn()
{
    TestEngine engine;
    QVERIFY(engine.start());
    QVERIFY(ownerIsServed(engine));
    struct rlimit before {};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &before), 0);
    RawClient client(engine.url());  // has its descriptor, and is accepted when the loop runs
    QVERIFY(client.waitHello());
    const int raw = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::vector<int> held;
    const struct rlimit small {
        256, before.rlim_max
    };
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &small), 0);
    for (int descriptor = ::dup(0); descriptor >= 0; descriptor = ::dup(0)) {
        held.push_back(descriptor);
    }
    QCOMPARE(errno, EMFILE);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<quint16>(engine.url().port()));
    QCOMPARE(::connect(raw, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    // Somebody who is there already is served meanwhile.
    QVERIFY(client.identify(engine.token()));
    for (const int descriptor : held) {
        ::close(descriptor);
    }
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &before), 0);
    QVERIFY(ownerIsServed(engine));
    ::close(raw);
}

void TestRpcListener::requestsAreBounded()
{
    // A request that never ends is read only so far; the rest stays with whoever sends it.
    ManualClock clock;
    TestEngine engine({}, &clock);
    QVERIFY(engine.start());
    QTcpSocket socket;
    socket.connectToHost(QHostAddress(QHostAddress::LocalHost), static_cast<quint16>(engine.url().port()));
    QTRY_COMPARE(socket.state(), QAbstractSocket::ConnectedState);
    socket.write("GET / HTTP/1.1\r\nX: " + QByteArray(64 * 1024 * 1024, 'x'));
    QVERIFY(ownerIsServed(engine));
    QVERIFY(socket.bytesToWrite() > 32 * 1024 * 1024);
    clock.advance(5'001);
    QTRY_COMPARE(socket.state(), QAbstractSocket::UnconnectedState);
}

QTEST_GUILESS_MAIN(TestRpcListener)
#include "tst_rpc_listener.moc"
