#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <QtCore/QElapsedTimer>

#include "ceph/mon_prober.h"
#include "ceph/mon_watch.h"
#include "patience.h"

using namespace sluice;
using namespace sluice::ceph;
using namespace std::chrono_literals;

namespace {

/// Listens on a free port of loopback. What is accepted gets `greeting`, if any.
class Listener {
public:
    Listener()
    {
        m_fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (::bind(m_fd, reinterpret_cast<sockaddr*>(&address), size) == 0 && ::listen(m_fd, 8) == 0 &&
            ::getsockname(m_fd, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
            port = ntohs(address.sin_port);
        }
    }
    ~Listener()
    {
        stop();
        if (m_thread.joinable()) {
            m_thread.join();
        }
    }
    void greet(const QByteArray& greeting)
    {
        m_thread = std::thread([this, greeting] {
            for (;;) {
                const int client = ::accept(m_fd, nullptr, nullptr);
                if (client < 0) {
                    return;
                }
                [[maybe_unused]] const ssize_t n =
                    ::send(client, greeting.constData(), size_t(greeting.size()), MSG_NOSIGNAL);
                ::close(client);
            }
        });
    }
    void stop()
    {
        if (m_fd >= 0) {
            ::shutdown(m_fd, SHUT_RDWR);
            ::close(m_fd);
            m_fd = -1;
        }
    }

    quint16 port{0};

private:
    int m_fd{-1};
    std::thread m_thread{};
};

MonEntry monAt(const QString& name, std::initializer_list<quint16> ports)
{
    MonEntry mon{.name = name};
    for (const quint16 port : ports) {
        mon.addresses.append({.host = QStringLiteral("127.0.0.1"), .port = port});
    }
    return mon;
}

}  // namespace

class TestCephProbes : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void banners();
    void refusedOnlyIfAllAddressesRefuse();
    void silentMonitorIsNoRefusal();
    void otherServerIsNoMonitor();
    void unknownHost();
    void pingOfNobody();
    void watchWithoutAnyMonitor();
};

void TestCephProbes::banners()
{
    Listener v2;
    Listener v1;
    v2.greet("ceph v2\n");
    v1.greet("ceph v027");
    const auto answers =
        probeMonitors({monAt(QStringLiteral("a"), {v2.port}), monAt(QStringLiteral("b"), {v1.port})}, 3s);
    QVERIFY(answers[QStringLiteral("a")].answers);
    QVERIFY(answers[QStringLiteral("a")].address.startsWith(QLatin1String("v2:")));
    QVERIFY(answers[QStringLiteral("b")].answers);
    QVERIFY(answers[QStringLiteral("b")].address.startsWith(QLatin1String("v1:")));
    QVERIFY(answers[QStringLiteral("a")].error.isEmpty());
}

void TestCephProbes::refusedOnlyIfAllAddressesRefuse()
{
    Listener gone;
    Listener silent;
    gone.stop();
    const auto answers = probeMonitors(
        {monAt(QStringLiteral("dead"), {gone.port}), monAt(QStringLiteral("half"), {gone.port, silent.port}),
         monAt(QStringLiteral("nowhere"), {})},
        100ms);
    QVERIFY(answers[QStringLiteral("dead")].refused);
    QVERIFY(!answers[QStringLiteral("dead")].answers);
    QVERIFY(!answers[QStringLiteral("dead")].error.isEmpty());
    QVERIFY(!answers[QStringLiteral("half")].refused);
    QVERIFY(!answers[QStringLiteral("nowhere")].refused);
}

void TestCephProbes::silentMonitorIsNoRefusal()
{
    Listener silent;
    QElapsedTimer timer;
    timer.start();
    const auto answers = probeMonitors({monAt(QStringLiteral("a"), {silent.port})}, 150ms);
    QVERIFY(timer.elapsed() >= 140);
    QVERIFY(!answers[QStringLiteral("a")].answers);
    QVERIFY(!answers[QStringLiteral("a")].refused);
    QCOMPARE(answers[QStringLiteral("a")].error, QStringLiteral("no answer in time"));
}

void TestCephProbes::otherServerIsNoMonitor()
{
    Listener web;
    web.greet("HTTP/1.1 400 Bad Request\r\n");
    const auto answers = probeMonitors({monAt(QStringLiteral("a"), {web.port})}, 3s);
    QVERIFY(!answers[QStringLiteral("a")].answers);
    QCOMPARE(answers[QStringLiteral("a")].error, QStringLiteral("what listens there is no monitor"));
}

void TestCephProbes::unknownHost()
{
    MonEntry mon{.name = QStringLiteral("a")};
    mon.addresses.append({.host = QStringLiteral("no-such-host.invalid"), .port = 3300});
    const auto answers = probeMonitors({mon}, 100ms);
    QVERIFY(!answers[QStringLiteral("a")].answers);
    QVERIFY(!answers[QStringLiteral("a")].refused);
    QVERIFY(answers[QStringLiteral("a")].error.contains(QLatin1String("no-such-host.invalid")));
}

void TestCephProbes::pingOfNobody()
{
    Listener gone;
    gone.stop();
    const auto answer = pingMonitor(
        {.protocol = QStringLiteral("v1"), .host = QStringLiteral("127.0.0.1"), .port = gone.port});
    QVERIFY(!answer);
    QCOMPARE(toString(answer.error().code), toString(ErrorCode::DeadlineExceeded));
}

void TestCephProbes::watchWithoutAnyMonitor()
{
    Listener gone;
    gone.stop();
    MonWatch watch(QStringLiteral("vega"),
                   {.conf = QStringLiteral("/nowhere/ceph.conf"), .entity = QStringLiteral("client.sluice")},
                   {monAt(QStringLiteral("a"), {gone.port})}, [](const QJsonArray&) {});
    const MonWatch::Seen first = watch.look(nullptr);
    QVERIFY(!first.quorum.quorate);
    QVERIFY(first.status.isEmpty());
    QCOMPARE(first.quorum.absent, QStringList{"a"});
    const QString since = first.facts.first().facts["lostSince"].toString();
    QVERIFY(!since.isEmpty());
    QVERIFY(watch.majorityRefuses());
    QCOMPARE(watch.look(nullptr).facts.first().facts["lostSince"].toString(), since);
}

QTEST_GUILESS_MAIN(TestCephProbes)
#include "tst_ceph_probes.moc"
