// sluice-worker observe|move: a child of sluiced, which gives it a socket as fd 3 and everything else over that.
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ceph/run_observer.h"
#include "worker/child_channel.h"
#ifdef SLUICE_WITH_GATEWAY_ADMIN
#include "s3/gateway_admin_client.h"
#endif
#ifdef SLUICE_WITH_MOVER
#include "mover/run_move.h"
#endif

namespace {

constexpr int kEngineFd = 3;
constexpr int kUsage = 64;

sluice::ceph::GatewayAdminFactory gatewayAdmins()
{
#ifdef SLUICE_WITH_GATEWAY_ADMIN
    return sluice::s3::GatewayAdminClient::factory();
#else
    return {};
#endif
}

int runMove(sluice::worker::ChildChannel& channel)
{
#ifdef SLUICE_WITH_MOVER
    return sluice::mover::runMove(channel);
#else
    static_cast<void>(channel);
    fputs("sluice-worker: this build cannot move data: it was made without the mover\n", stderr);
    return kUsage;
#endif
}

bool isSocket(int fd)
{
    struct stat status {};
    return ::fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
}

}  // namespace

int main(int argc, char** argv)
{
    const bool observe = argc == 2 && strcmp(argv[1], "observe") == 0;
    const bool move = argc == 2 && strcmp(argv[1], "move") == 0;
    if ((!observe && !move) || !isSocket(kEngineFd)) {
        fputs("usage: sluice-worker observe|move\nIt is started by sluiced, with a socket to it as descriptor 3.\n",
              stderr);
        return kUsage;
    }
    // It holds keys: no core dumps, no files for others.
    const rlimit none{};
    ::setrlimit(RLIMIT_CORE, &none);
    ::umask(077);
    int code = 0;
    {
        sluice::worker::ChildChannel channel;
        code = observe ? sluice::ceph::runObserver(channel, gatewayAdmins()) : runMove(channel);
    }
    // librados may still wait for a cluster that is gone; nothing here is worth waiting for.
    ::_exit(code);
}
