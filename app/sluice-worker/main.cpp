// sluice-worker observe|move: a child of sluiced, which gives it a socket as fd 3 and everything else over
// that.
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ceph/run_observer.h"
#include "mover/run_move.h"
#include "s3/gateway_admin_client.h"
#include "worker/child_channel.h"

namespace {

constexpr int kEngineFd = 3;
constexpr int kUsage = 64;

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
        fputs(
            "usage: sluice-worker observe|move\nIt is started by sluiced, with a socket to it as descriptor "
            "3.\n",
            stderr);
        return kUsage;
    }
    // It holds keys: no core dumps, no files for others. The files of a move are what it is for: who may read
    // them is said by their source and by the umask this was started with.
    const rlimit none{};
    ::setrlimit(RLIMIT_CORE, &none);
    if (observe) {
        ::umask(077);
    }
    int code = 0;
    {
        sluice::worker::ChildChannel channel;
        code = observe ? sluice::ceph::runObserver(channel, sluice::s3::GatewayAdminClient::factory())
                       : sluice::mover::runMove(channel);
    }
    // librados may still wait for a cluster that is gone; nothing here is worth waiting for.
    ::_exit(code);
}
