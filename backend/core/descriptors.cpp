#include "core/descriptors.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <limits>

namespace sluice {
namespace {

/// The limit that this process was started with, for its children; RLIM_INFINITY in both: not raised.
struct rlimit g_before {
    RLIM_INFINITY, RLIM_INFINITY
};

int toInt(rlim_t limit)
{
    return static_cast<int>(std::min<rlim_t>(limit, std::numeric_limits<int>::max()));
}

}  // namespace

int descriptorLimit()
{
    struct rlimit limit {};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? toInt(limit.rlim_cur) : 1024;
}

int raiseDescriptorLimit()
{
    struct rlimit limit {};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        const rlim_t wanted = std::min<rlim_t>(limit.rlim_max, kWantedDescriptors);
        if (wanted > limit.rlim_cur) {
            const struct rlimit raised {
                wanted, limit.rlim_max
            };
            if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) {
                g_before = limit;
            }
        }
    }
    return descriptorLimit();
}

void giveBackDescriptorLimit()
{
    if (g_before.rlim_cur != RLIM_INFINITY) {
        ::setrlimit(RLIMIT_NOFILE, &g_before);
    }
}

int endSignalDescriptor()
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

}  // namespace sluice
