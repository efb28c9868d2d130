#pragma once

#include <QtCore/QtGlobal>
#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <thread>

#include "core/error.h"
#include "rpc/peer_user.h"
#include "rpc/token_bucket.h"

namespace sluice::rpc {

/// An accepted connection. Holds its descriptor until it is taken, and its place among those that are not
/// identified until it is gone or identified.
struct Arrival {
    Arrival(int descriptor, bool ofThisUser, std::shared_ptr<std::atomic<int>> places);
    ~Arrival();
    Arrival(const Arrival&) = delete;
    Arrival& operator=(const Arrival&) = delete;

    /// -1 if it was taken or turned away.
    int takeDescriptor();
    bool isHere() const { return m_descriptor >= 0; }
    /// Resets it, unless its descriptor was taken. @return whether it did
    bool turnAway();
    /// What its peer has sent since it was accepted, as long as the socket that took the descriptor is open.
    qint64 received() const;
    /// Its peer has proved who it is: somebody else may have the place.
    void leavePlace();

    const bool sameUser;  ///< as this process; all others share a small pool

private:
    std::atomic<int> m_descriptor;
    const int m_number;  // of the descriptor, whoever holds it
    std::atomic<bool> m_hasPlace{true};
    const std::shared_ptr<std::atomic<int>> m_places;
};

/// Accepts connections to 127.0.0.1 in a thread of its own, before any of Qt or HTTP sees them, so that a
/// flood costs the main loop nothing. A peer of another user finds only what other users left of their small
/// pool, of their rate and of the descriptors, and is reset at once if that is nothing; peers of this user
/// have bounds of their own, and never wait behind others: whatever is in the kernel's queue is taken or
/// refused at once. While the main loop is busy with something else, the newest of this user takes the place
/// of the oldest that it has not come to. Descriptors are kept free for the database, for children and for
/// the log: a flood never uses them up.
class Listener {
public:
    struct Bounds {
        int strangers{};  ///< of all other users, not identified
        double strangersPerSecond{};
        int own{};  ///< of this user, not identified
        double ownPerSecond{};
    };
    /// Called in the listener's thread.
    using Deliver = std::function<void(std::shared_ptr<Arrival>)>;

    Listener(Bounds bounds, PeerUser peerUser, Deliver deliver);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// @return the port. @error Unavailable: it cannot be listened on.
    [[nodiscard]] Result<quint16> open(quint16 port);
    /// Nothing is delivered after it.
    void close();

private:
    class Pool;

    void run();
    void acceptAll();
    std::shared_ptr<Arrival> admit(int descriptor, bool sameUser, qint64 nowMs);
    bool turnAwayOldest();
    bool isThisUser(int descriptor, const sockaddr_in& peer);
    void tellRefusals(qint64 nowMs);

    Bounds m_bounds;
    PeerUser m_peerUser;
    Deliver m_deliver;
    int m_socket{-1};
    int m_wake{-1};
    bool m_starved{false};
    std::unique_ptr<Pool> m_own;
    std::unique_ptr<Pool> m_strangers;
    std::deque<std::weak_ptr<Arrival>> m_ownQueue{};  // delivered and perhaps not taken yet, oldest first
    quint64 m_refused{0};
    qint64 m_toldMs{0};
    std::thread m_thread;
};

}  // namespace sluice::rpc
