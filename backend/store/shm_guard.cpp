#include "store/shm_guard.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <mutex>

namespace sluice::store {
namespace {

std::uintptr_t pageBytes = 4096;

/// A number in hexadecimal at `at`, which is moved behind it.
std::uintptr_t number(const char*& at)
{
    std::uintptr_t value = 0;
    for (;; ++at) {
        const char c = *at;
        if (c >= '0' && c <= '9') {
            value = value * 16 + static_cast<std::uintptr_t>(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            value = value * 16 + static_cast<std::uintptr_t>(c - 'a') + 10;
        } else {
            return value;
        }
    }
}

/// One line of /proc/self/maps: "from-to … path". A removed file has " (deleted)" behind its name.
bool isIndexAt(const char* line, std::uintptr_t address)
{
    const char* at = line;
    const std::uintptr_t from = number(at);
    if (*at != '-') {
        return false;
    }
    ++at;
    const std::uintptr_t to = number(at);
    return address >= from && address < to && std::strstr(at, "-shm") != nullptr;
}

/// Only what a signal handler may call: open, read, close and the functions above.
bool isSharedIndex(std::uintptr_t address)
{
    const int fd = ::open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    char line[8192];
    std::size_t length = 0;
    char chunk[4096];
    bool found = false;
    for (ssize_t got = 0; !found && (got = ::read(fd, chunk, sizeof(chunk))) > 0;) {
        for (ssize_t i = 0; i < got && !found; ++i) {
            if (chunk[i] == '\n') {
                line[length] = '\0';
                found = isIndexAt(line, address);
                length = 0;
            } else if (length + 1 < sizeof(line)) {
                line[length++] = chunk[i];
            }
        }
    }
    ::close(fd);
    return found;
}

void onBusError(int, siginfo_t* info, void*)
{
    const int kept = errno;
    const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
    void* page = reinterpret_cast<void*>(address & ~(pageBytes - 1));
    const bool mended = info->si_code == BUS_ADRERR && isSharedIndex(address) &&
                        ::mmap(page, pageBytes, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == page;
    if (!mended) {
        // The access is tried again on return, and then ends the process as it should.
        ::signal(SIGBUS, SIG_DFL);
    }
    errno = kept;
}

}  // namespace

void guardSharedIndex()
{
    static std::once_flag once;
    std::call_once(once, [] {
        pageBytes = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
        struct sigaction action {};
        action.sa_sigaction = onBusError;
        action.sa_flags = SA_SIGINFO;
        sigemptyset(&action.sa_mask);
        ::sigaction(SIGBUS, &action, nullptr);
    });
}

}  // namespace sluice::store
