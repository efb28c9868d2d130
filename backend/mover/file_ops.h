#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "mover/ends.h"

namespace sluice::mover {

/// Folder inside a destination where files lie until they are verified.
inline constexpr char kStagingFolder[] = ".sluice-staged";
inline constexpr quint64 kFileChunkBytes = 8 * 1024 * 1024;

/// Owns a file descriptor.
class Fd {
public:
    explicit Fd(int fd = -1) : m_fd(fd) {}
    ~Fd() { reset(); }
    Fd(Fd&& other) noexcept : m_fd(std::exchange(other.m_fd, -1)) {}
    Fd& operator=(Fd&& other) noexcept
    {
        reset(std::exchange(other.m_fd, -1));
        return *this;
    }
    int get() const { return m_fd; }
    bool valid() const { return m_fd >= 0; }
    int release() { return std::exchange(m_fd, -1); }
    void reset(int fd = -1)
    {
        if (m_fd >= 0) {
            ::close(m_fd);
        }
        m_fd = fd;
    }

private:
    int m_fd;
};

/// What an errno means: no room, a quota, a missing right may go away.
Hindrance fileHindrance(int error, const QString& path, const QString& op);

/// The same of a folder that cannot be opened or made: names what on its way is no folder.
Hindrance folderHindrance(int error, const QString& path, const QString& op, const QString& correction);

/// Whether the place of `inner`, be it there yet or not, lies in the folder `outer` or is it, by whatever
/// links.
bool liesBelow(const QString& inner, const QString& outer);

/// The parts of an object's name as folders and a file below a root.
/// @error InvalidArgument: it cannot be a file name ("..", an empty part, a part of more than 255 bytes, …)
Result<QList<QByteArray>> pathParts(const QString& name);

/// Opens what lies at a path below a folder, following no link on the way or at its end, and never waits for
/// the other end of a FIFO.
/// @param path relative, without "." and ".."; empty: the folder itself
/// @return invalid with errno set
Fd openBelow(int root, const QByteArray& path, int flags);

/// Whether two open folders lie on one mount, so that nothing was mounted between them.
bool onOneMount(int one, int other);

/// What it is instead of a file.
Error notAFile(const QString& path, const struct stat& status);
/// "symbolic link", "FIFO", …
QString kindOf(const struct stat& status);

/// The folder that holds the file, opened without following a link on the way.
struct Folder {
    Fd fd{};
    int error{0};
};
/// @return error ENOENT if there is none and it is not to be made
Folder openFolder(int root, const QList<QByteArray>& parts, bool make);

/// Forces a folder's names to the disk. @return false with errno set, or with errno 0 if its file system has
/// no such thing
bool syncFolder(int folder);

/// Time of the last change in nanoseconds; changes whenever the contents do.
quint64 versionOf(const struct stat& status);
/// Some file systems make contents as they are read, and their sizes say nothing (/proc, /sys, FUSE).
Error sizeIsNotTrue(const QString& path, const QString& how);
Error moreThanItsSize(const QString& path, quint64 sizeBytes);
/// Whether there are bytes behind that size.
Try<bool> holdsMore(int fd, quint64 sizeBytes, const QString& path, const QString& op);
/// @error Aborted: the file became shorter. FailedPrecondition: it always was shorter than its size says
Try<QByteArray> readAt(int fd, quint64 offset, quint64 length, const QString& path, const QString& op);
Try<quint32> checksumOfFile(int fd, quint64 sizeBytes, const QString& path, const QString& op);

}  // namespace sluice::mover
