#include "rpc/received_bytes.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>

namespace sluice::rpc {

qint64 receivedBytes(int descriptor)
{
    struct tcp_info info {};
    socklen_t size = sizeof(info);
    const bool told =
        descriptor >= 0 && ::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
        size >= offsetof(struct tcp_info, tcpi_bytes_received) + sizeof(info.tcpi_bytes_received);
    return told ? static_cast<qint64>(info.tcpi_bytes_received) : 0;
}

}  // namespace sluice::rpc
