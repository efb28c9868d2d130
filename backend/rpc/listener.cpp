#include "rpc/listener.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/clock.h"
#include "core/descriptors.h"
#include "core/log.h"
#include "rpc/received_bytes.h"

namespace sluice::rpc {
namespace {

constexpr int kQueue = 4096;
constexpr int kStarvedWaitMs = 50;
constexpr qint64 kTellEveryMs = 60'000;

qint64 nowMs()
{
    return SystemClock().monotonicMs();
}

/// At once and without a trace: no TIME_WAIT, no answer.
void reset(int descriptor)
{
    const struct linger hard {
        1, 0
    };
    ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    ::close(descriptor);
}

Error cannotListen(quint16 port, int why)
{
    return Error{.code = ErrorCode::Unavailable,
                 .message = QStringLiteral("Port %1 cannot be listened on").arg(port),
                 .cause = QString::fromLocal8Bit(std::strerror(why)),
                 .correction = QStringLiteral("Choose another port, or 0 for any free one (--port)."),
                 .source = QStringLiteral("rpc")};
}

}  // namespace

Arrival::Arrival(int descriptor, bool ofThisUser, std::shared_ptr<std::atomic<int>> places)
    : sameUser(ofThisUser), m_descriptor(descriptor), m_number(descriptor), m_places(std::move(places))
{
    ++*m_places;
}

Arrival::~Arrival()
{
    leavePlace();
    turnAway();
}

int Arrival::takeDescriptor()
{
    return m_descriptor.exchange(-1);
}

qint64 Arrival::received() const
{
    return receivedBytes(m_number);
}

bool Arrival::turnAway()
{
    const int descriptor = takeDescriptor();
    if (descriptor < 0) {
        return false;
    }
    reset(descriptor);
    leavePlace();
    return true;
}

void Arrival::leavePlace()
{
    if (m_hasPlace.exchange(false)) {
        --*m_places;
    }
}

/// One kind of peers: how many may be unidentified, how fast they may come, how many descriptors they leave
/// free.
class Listener::Pool {
public:
    Pool(int places, double perSecond, int descriptorsKept)
        : m_places(places),
          m_kept(descriptorsKept),
          m_rate(perSecond, std::max(2 * perSecond, 1.0 * places), nowMs())
    {
    }

    bool isFull() const { return *m_taken >= m_places; }
    /// By rate and descriptors. The lowest free descriptor is given first: its number says how many are held.
    bool mayEnter(int descriptor, qint64 now)
    {
        return descriptor < descriptorLimit() - m_kept && m_rate.take(now);
    }

    const std::shared_ptr<std::atomic<int>>& taken() const { return m_taken; }

private:
    int m_places;
    int m_kept;
    TokenBucket m_rate;
    std::shared_ptr<std::atomic<int>> m_taken{std::make_shared<std::atomic<int>>(0)};
};

Listener::Listener(Bounds bounds, PeerUser peerUser, Deliver deliver)
    : m_bounds(bounds), m_peerUser(std::move(peerUser)), m_deliver(std::move(deliver))
{
}

Listener::~Listener()
{
    close();
}

Result<quint16> Listener::open(quint16 port)
{
    m_socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    m_wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    // A port that an engine has just left is free, whatever connections of it are still ending.
    const int yes = 1;
    ::setsockopt(m_socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    socklen_t size = sizeof(address);
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    if (m_socket < 0 || m_wake < 0 || ::bind(m_socket, raw, size) != 0 || ::listen(m_socket, kQueue) != 0 ||
        ::getsockname(m_socket, raw, &size) != 0) {
        const int why = errno;
        close();
        return fail(cannotListen(port, why));
    }
    const int limit = descriptorLimit();
    m_own = std::make_unique<Pool>(m_bounds.own, m_bounds.ownPerSecond, std::clamp(limit / 8, 32, 256));
    m_strangers = std::make_unique<Pool>(m_bounds.strangers, m_bounds.strangersPerSecond,
                                         std::clamp(limit / 4, 64, 1024));
    m_thread = std::thread([this] { run(); });
    return ntohs(address.sin_port);
}

void Listener::close()
{
    if (m_thread.joinable()) {
        const quint64 one = 1;
        static_cast<void>(::write(m_wake, &one, sizeof(one)));
        m_thread.join();
    }
    for (int* descriptor : {&m_socket, &m_wake}) {
        if (*descriptor >= 0) {
            ::close(std::exchange(*descriptor, -1));
        }
    }
}

void Listener::run()
{
    for (;;) {
        // Without a free descriptor the queue stays readable; looking at it all the time would help nobody.
        std::array<pollfd, 2> waiting{pollfd{m_wake, POLLIN, 0},
                                      pollfd{m_starved ? -1 : m_socket, POLLIN, 0}};
        const int ready = ::poll(waiting.data(), waiting.size(), m_starved ? kStarvedWaitMs : -1);
        if (ready < 0 && errno != EINTR) {
            log::error("rpc", QStringLiteral("new clients are no longer accepted: %1")
                                  .arg(QString::fromLocal8Bit(std::strerror(errno))));
            return;
        }
        if (waiting[0].revents != 0) {
            return;
        }
        m_starved = false;
        acceptAll();
    }
}

void Listener::acceptAll()
{
    for (int left = kQueue; left > 0; --left) {
        sockaddr_in peer{};
        socklen_t size = sizeof(peer);
        const int descriptor =
            ::accept4(m_socket, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (descriptor < 0) {
            m_starved = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
            if (errno == EINTR || errno == ECONNABORTED) {
                continue;
            }
            return;
        }
        const qint64 now = nowMs();
        if (auto arrival = admit(descriptor, isThisUser(descriptor, peer), now)) {
            m_deliver(std::move(arrival));
        } else {
            reset(descriptor);
            ++m_refused;
        }
        tellRefusals(now);
    }
}

std::shared_ptr<Arrival> Listener::admit(int descriptor, bool sameUser, qint64 now)
{
    Pool& pool = sameUser ? *m_own : *m_strangers;
    if (!pool.mayEnter(descriptor, now) || (pool.isFull() && !(sameUser && turnAwayOldest()))) {
        return nullptr;
    }
    auto arrival = std::make_shared<Arrival>(descriptor, sameUser, pool.taken());
    if (sameUser) {
        while (!m_ownQueue.empty()) {
            const auto oldest = m_ownQueue.front().lock();
            if (oldest && oldest->isHere()) {
                break;
            }
            m_ownQueue.pop_front();
        }
        m_ownQueue.push_back(arrival);
    }
    return arrival;
}

bool Listener::turnAwayOldest()
{
    while (!m_ownQueue.empty()) {
        const auto oldest = m_ownQueue.front().lock();
        m_ownQueue.pop_front();
        if (oldest && oldest->turnAway()) {
            ++m_refused;
            return true;
        }
    }
    return false;
}

bool Listener::isThisUser(int descriptor, const sockaddr_in& peer)
{
    sockaddr_in local{};
    socklen_t size = sizeof(local);
    if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&local), &size) != 0) {
        return false;
    }
    const auto user = m_peerUser(peer, local);
    return user && *user == ::geteuid();
}

void Listener::tellRefusals(qint64 now)
{
    if (m_refused > 0 && (m_toldMs == 0 || now - m_toldMs > kTellEveryMs)) {
        log::warn("rpc", QStringLiteral("%1 connection(s) refused: too many at one time").arg(m_refused));
        m_refused = 0;
        m_toldMs = now;
    }
}

}  // namespace sluice::rpc
