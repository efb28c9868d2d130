// A full disk without the rights to mount one: linked into a test or loaded into a program (LD_PRELOAD), this
// stands in front of the calls that make a file larger. SLUICE_FULL_DISK names a folder; while
// "<folder>.room" exists, files in the folder may grow by as many bytes as that file says, counted by each
// process from the moment it was written; it is put there whole, by renaming. Bytes that are there already
// may be written over, as on a real disk.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>

namespace {

std::mutex mutex;
struct stat roomFile {};
long long room = 0;

/// Whether the file of this descriptor lies in the folder.
bool isInside(int fd, const char* folder)
{
    char link[32];
    char path[PATH_MAX];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t length = ::readlink(link, path, sizeof path - 1);
    const std::size_t prefix = std::strlen(folder);
    return length > static_cast<ssize_t>(prefix) && std::strncmp(path, folder, prefix) == 0 &&
           path[prefix] == '/';
}

/// Whether both are the same file, never written since. A removed file's inode number is given to the next
/// one.
bool isUnchanged(const struct stat& left, const struct stat& right)
{
    return left.st_dev == right.st_dev && left.st_ino == right.st_ino &&
           left.st_ctim.tv_sec == right.st_ctim.tv_sec && left.st_ctim.tv_nsec == right.st_ctim.tv_nsec;
}

/// Reads the room anew when somebody wrote it anew. @return false: the disk has no limit
bool limited(const char* folder)
{
    const std::string control = std::string(folder) + ".room";
    const int fd = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, control.c_str(), O_RDONLY | O_CLOEXEC));
    if (fd < 0) {
        return false;
    }
    struct stat status {};
    char text[32] = {};
    if (::fstat(fd, &status) == 0 && !isUnchanged(status, roomFile) &&
        ::read(fd, text, sizeof text - 1) >= 0) {
        roomFile = status;
        room = std::atoll(text);
    }
    ::close(fd);
    return true;
}

/// Takes the room for a file that is to reach `end`. @return false: there is not so much
bool mayGrow(int fd, std::int64_t end)
{
    const char* folder = std::getenv("SLUICE_FULL_DISK");
    struct stat status {};
    if (!folder || !isInside(fd, folder) || ::fstat(fd, &status) != 0 || end <= status.st_size) {
        return true;
    }
    const std::scoped_lock lock(mutex);
    if (!limited(folder)) {
        return true;
    }
    const long long more = end - status.st_size;
    if (more > room) {
        errno = ENOSPC;
        return false;
    }
    room -= more;
    return true;
}

std::int64_t here(int fd)
{
    const std::int64_t at = ::lseek(fd, 0, SEEK_CUR);
    struct stat status {};
    const bool appends = (::fcntl(fd, F_GETFL) & O_APPEND) != 0;
    return appends && ::fstat(fd, &status) == 0 ? status.st_size : at;
}

}  // namespace

extern "C" {

ssize_t write(int fd, const void* bytes, size_t count)
{
    const std::int64_t at = std::getenv("SLUICE_FULL_DISK") ? here(fd) : -1;
    return at < 0 || mayGrow(fd, at + static_cast<std::int64_t>(count))
               ? ::syscall(SYS_write, fd, bytes, count)
               : -1;
}

ssize_t pwrite(int fd, const void* bytes, size_t count, off_t offset)
{
    return mayGrow(fd, offset + static_cast<std::int64_t>(count))
               ? ::syscall(SYS_pwrite64, fd, bytes, count, offset)
               : -1;
}

ssize_t pwrite64(int fd, const void* bytes, size_t count, off64_t offset)
{
    return pwrite(fd, bytes, count, offset);
}

int ftruncate(int fd, off_t length)
{
    return mayGrow(fd, length) ? static_cast<int>(::syscall(SYS_ftruncate, fd, length)) : -1;
}

int ftruncate64(int fd, off64_t length)
{
    return ftruncate(fd, length);
}

int posix_fallocate(int fd, off_t offset, off_t length)
{
    if (!mayGrow(fd, offset + length)) {
        return ENOSPC;
    }
    return ::syscall(SYS_fallocate, fd, 0, offset, length) == 0 ? 0 : errno;
}

int posix_fallocate64(int fd, off64_t offset, off64_t length)
{
    return posix_fallocate(fd, offset, length);
}
}
