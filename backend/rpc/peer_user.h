#pragma once

#include <netinet/in.h>
#include <sys/types.h>

#include <functional>
#include <optional>

namespace sluice::rpc {

/// The user at the other end of an accepted connection of this machine; nothing if that cannot be told.
using PeerUser = std::function<std::optional<uid_t>(const sockaddr_in& peer, const sockaddr_in& local)>;

/// Asks the kernel for just that connection. Answers nothing where there is no such interface, and for a peer
/// that has closed its end: what is no longer held by a process has no user.
/// @source sock_diag(7)
PeerUser kernelPeerUser();

}  // namespace sluice::rpc
