#include "rpc/peer_user.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

namespace sluice::rpc {
namespace {

constexpr quint8 kEstablished = 1;  // TCP_ESTABLISHED of <netinet/tcp.h>, which conflicts with linux/tcp.h

class Diag {
public:
    Diag() : m_fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG))
    {
        // The kernel answers before send() returns; should it not, nobody waits for it.
        const struct timeval soon {
            0, 200'000
        };
        ::setsockopt(m_fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon));
    }
    ~Diag()
    {
        if (m_fd >= 0) {
            ::close(m_fd);
        }
    }
    Diag(const Diag&) = delete;
    Diag& operator=(const Diag&) = delete;

    std::optional<uid_t> userOf(const sockaddr_in& peer, const sockaddr_in& local)
    {
        return m_fd >= 0 && ask(peer, local) ? answer() : std::nullopt;
    }

private:
    bool ask(const sockaddr_in& peer, const sockaddr_in& local)
    {
        struct {
            nlmsghdr head;
            inet_diag_req_v2 body;
        } request{};
        request.head.nlmsg_len = sizeof(request);
        request.head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
        request.head.nlmsg_flags = NLM_F_REQUEST;
        request.head.nlmsg_seq = ++m_sequence;
        request.body.sdiag_family = AF_INET;
        request.body.sdiag_protocol = IPPROTO_TCP;
        request.body.idiag_states = ~0U;
        // Seen from the peer's end, which is the socket that is looked for.
        request.body.id.idiag_sport = peer.sin_port;
        request.body.id.idiag_dport = local.sin_port;
        request.body.id.idiag_src[0] = peer.sin_addr.s_addr;
        request.body.id.idiag_dst[0] = local.sin_addr.s_addr;
        request.body.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
        request.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
        return ::send(m_fd, &request, sizeof(request), 0) == static_cast<ssize_t>(sizeof(request));
    }

    std::optional<uid_t> answer()
    {
        alignas(nlmsghdr) std::array<char, 4096> buffer{};
        for (;;) {
            const ssize_t n = ::recv(m_fd, buffer.data(), buffer.size(), 0);
            if (n < 0 && errno == EINTR) {
                continue;
            }
            nlmsghdr head{};
            if (n < static_cast<ssize_t>(sizeof(head))) {
                return std::nullopt;
            }
            std::memcpy(&head, buffer.data(), sizeof(head));
            if (head.nlmsg_seq != m_sequence) {
                continue;  // a late answer to an older question
            }
            inet_diag_msg body{};
            if (head.nlmsg_type != SOCK_DIAG_BY_FAMILY ||
                n < static_cast<ssize_t>(NLMSG_HDRLEN + sizeof(body))) {
                return std::nullopt;
            }
            std::memcpy(&body, buffer.data() + NLMSG_HDRLEN, sizeof(body));
            // A socket that is closing or has no file any more is told with user 0, which it is not.
            if (body.idiag_state != kEstablished || body.idiag_inode == 0) {
                return std::nullopt;
            }
            return body.idiag_uid;
        }
    }

    int m_fd;
    quint32 m_sequence{0};
};

}  // namespace

PeerUser kernelPeerUser()
{
    auto diag = std::make_shared<Diag>();
    return [diag](const sockaddr_in& peer, const sockaddr_in& local) { return diag->userOf(peer, local); };
}

}  // namespace sluice::rpc
