#include "mover/file_ops.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>

namespace sluice::mover {
namespace {

struct Meaning {
    ErrorCode code;
    const char* message;
    const char* cause;
    const char* correction;
};

}  // namespace

Hindrance fileHindrance(int error, const QString& path, const QString& op)
{
    const auto describe = [&](const Meaning& meaning) {
        return Error{.code = meaning.code,
                     .message = QString::fromUtf8(meaning.message).arg(path),
                     .cause = QString::fromUtf8(meaning.cause),
                     .correction = QString::fromUtf8(meaning.correction),
                     .retryable = meaning.code == ErrorCode::ResourceExhausted ||
                                  meaning.code == ErrorCode::Unavailable,
                     .source = QStringLiteral("file"),
                     .upstream = Upstream{.system = QStringLiteral("file system"),
                                          .code = error,
                                          .text = QString::fromUtf8(std::strerror(error))}};
    };
    const auto blocked = [&](Obstacle what, const Meaning& meaning) {
        return Blockage{.what = what,
                        .connection = QStringLiteral("file"),
                        .object = path,
                        .op = op,
                        .error = describe(meaning)};
    };
    switch (error) {
        case ENOSPC:
            return blocked(Obstacle::Full, {ErrorCode::ResourceExhausted, "'%1' cannot be written",
                                            "the file system is full", "Make room on the file system"});
        case EDQUOT:
            return blocked(Obstacle::Quota,
                           {ErrorCode::ResourceExhausted, "'%1' cannot be written",
                            "the quota of this user is used up", "Raise the quota or make room"});
        case EROFS:
            return blocked(Obstacle::Permission,
                           {ErrorCode::PermissionDenied, "'%1' cannot be written",
                            "its file system is mounted read-only, as an error of the disk makes it too",
                            "Look at the disk and the mount, and mount it for writing"});
        case EACCES:
        case EPERM:
            return blocked(Obstacle::Permission,
                           {ErrorCode::PermissionDenied, "'%1' may not be opened",
                            "this user has no right on it", "Correct owner or mode of the file or folder"});
        case ENOENT:
            return describe({ErrorCode::NotFound, "'%1' does not exist", "it was removed or never made",
                             "Correct the path, or make it"});
        case ENOTDIR:
        case EISDIR:
        case ELOOP:
        case EEXIST:
            return describe({ErrorCode::FailedPrecondition, "'%1' cannot be a file there",
                             "one name is both a file and a folder, or a link lies on the way",
                             "Choose an empty folder, or rename one of the objects"});
        case EMFILE:
        case ENFILE:
        case ENOMEM:
            return blocked(Obstacle::Limit,
                           {ErrorCode::ResourceExhausted, "'%1' cannot be opened now",
                            error == ENOMEM ? "this machine has no memory left"
                                            : "this process or this machine has no file descriptor left",
                            "Raise the limit of open files, or run fewer tasks at once"});
        case EAGAIN:
        case ETIMEDOUT:
        case EHOSTDOWN:
        case EHOSTUNREACH:
        case ENOTCONN:
        case ESTALE:
            return blocked(Obstacle::Timeout,
                           {ErrorCode::Unavailable, "'%1' gives no answer",
                            "the file system behind it does not answer, or somebody has a lease on it",
                            "Look at the mount and the server behind it"});
        case EFBIG:
            return describe({ErrorCode::InvalidArgument, "'%1' is too large for its file system",
                             "the file system or a limit of this process allows no file of that size",
                             "Choose another destination"});
        case ENAMETOOLONG:
            return describe({ErrorCode::InvalidArgument, "The name of '%1' is too long",
                             "the file system takes no name of that length", "Shorten the name"});
        case EIO:
            return describe({ErrorCode::DataLoss, "'%1' cannot be read or written",
                             "the disk reports an error", "Look at the disk, then reset the run"});
        default:
            return describe({ErrorCode::Internal, "'%1' failed in a way that is not expected",
                             "see the words of the file system", "Reset the run to try again"});
    }
}

Hindrance folderHindrance(int error, const QString& path, const QString& op, const QString& correction)
{
    Hindrance hindrance = fileHindrance(error, path, op);
    Error* described = std::get_if<Error>(&hindrance);
    const QByteArray whole = path.toUtf8();
    for (qsizetype end = whole.indexOf('/', 1); described; end = whole.indexOf('/', end + 1)) {
        const QByteArray part = end < 0 ? whole : whole.left(end);
        struct stat named {};
        struct stat status {};
        if (::lstat(part.constData(), &named) != 0) {
            break;
        }
        const bool there = ::stat(part.constData(), &status) == 0;
        if (!there || !S_ISDIR(status.st_mode)) {
            QString what = QStringLiteral("a %1").arg(kindOf(named));
            if (S_ISLNK(named.st_mode)) {
                what +=
                    there ? QStringLiteral(" to a %1").arg(kindOf(status)) : QStringLiteral(" to nothing");
            }
            described->code = ErrorCode::FailedPrecondition;
            described->message = QStringLiteral("'%1' is no folder").arg(path);
            described->cause = QStringLiteral("'%1' is %2").arg(QString::fromUtf8(part), what);
            described->correction = correction;
        }
        if (end < 0) {
            break;
        }
    }
    return hindrance;
}

bool liesBelow(const QString& inner, const QString& outer)
{
    const auto open = [](const QByteArray& path) {
        return Fd(::open(path.constData(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    };
    struct stat wanted {};
    if (::stat(outer.toUtf8().constData(), &wanted) != 0) {
        return false;
    }
    QByteArray path = inner.toUtf8();
    Fd at = open(path);
    while (!at.valid() && path.lastIndexOf('/') > 0) {
        path.truncate(path.lastIndexOf('/'));
        at = open(path);
    }
    struct stat last {};
    for (struct stat status{}; at.valid() && ::fstat(at.get(), &status) == 0; last = status) {
        if (status.st_dev == wanted.st_dev && status.st_ino == wanted.st_ino) {
            return true;
        }
        if (status.st_dev == last.st_dev && status.st_ino == last.st_ino) {
            break;  // the root is its own parent
        }
        at = Fd(::openat(at.get(), "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
    }
    return false;
}

Result<QList<QByteArray>> pathParts(const QString& name)
{
    const QList<QByteArray> parts = name.toUtf8().split('/');
    QString why;
    for (const QByteArray& part : parts) {
        if (part.isEmpty()) {
            why = QStringLiteral("a part of it is empty");
        } else if (part == "." || part == "..") {
            why = QStringLiteral("'%1' means another folder").arg(QString::fromUtf8(part));
        } else if (part.size() > 255) {
            why = QStringLiteral("a part of it is longer than 255 bytes");
        } else if (part.contains('\0')) {
            why = QStringLiteral("it has a zero byte");
        }
    }
    if (parts.first() == kStagingFolder) {
        why = QStringLiteral("that folder is the mover's own");
    }
    if (!why.isEmpty()) {
        return fail(Error{
            .code = ErrorCode::InvalidArgument,
            .message = QStringLiteral("'%1' cannot be the name of a file").arg(name),
            .cause = why,
            .correction = QStringLiteral("Rename the object, or move it somewhere else than into files"),
            .source = QStringLiteral("file")});
    }
    return parts;
}

Fd openBelow(int root, const QByteArray& path, int flags)
{
    const QList<QByteArray> parts = path.split('/');
    Fd folder;
    for (qsizetype i = 0; i + 1 < parts.size(); ++i) {
        Fd next(::openat(folder.valid() ? folder.get() : root, parts[i].constData(),
                         O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!next.valid()) {
            return next;
        }
        folder = std::move(next);
    }
    const int from = folder.valid() ? folder.get() : root;
    if (path.isEmpty()) {
        return Fd(::openat(from, ".", flags | O_CLOEXEC));
    }
    return Fd(
        ::openat(from, parts.last().constData(), flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

bool onOneMount(int one, int other)
{
    struct statx first {};
    struct statx second {};
    constexpr unsigned kWanted = STATX_BASIC_STATS | STATX_MNT_ID;
    if (::statx(one, "", AT_EMPTY_PATH, kWanted, &first) != 0 ||
        ::statx(other, "", AT_EMPTY_PATH, kWanted, &second) != 0) {
        return false;
    }
    // What is bound to another place of the same disk has its device number, and a number of its own as a
    // mount.
    const bool numbered = (first.stx_mask & second.stx_mask & STATX_MNT_ID) != 0;
    return first.stx_dev_major == second.stx_dev_major && first.stx_dev_minor == second.stx_dev_minor &&
           (!numbered || first.stx_mnt_id == second.stx_mnt_id);
}

QString kindOf(const struct stat& status)
{
    return S_ISLNK(status.st_mode)    ? QStringLiteral("symbolic link")
           : S_ISFIFO(status.st_mode) ? QStringLiteral("FIFO")
           : S_ISSOCK(status.st_mode) ? QStringLiteral("socket")
           : S_ISDIR(status.st_mode)  ? QStringLiteral("folder")
           : S_ISREG(status.st_mode)  ? QStringLiteral("file")
                                      : QStringLiteral("device");
}

Error notAFile(const QString& path, const struct stat& status)
{
    return Error{.code = ErrorCode::FailedPrecondition,
                 .message = QStringLiteral("'%1' is not a file any more").arg(path),
                 .cause = QStringLiteral("it is a %1 by now").arg(kindOf(status)),
                 .correction = QStringLiteral(
                     "Find who changed it, put the file back or remove it, then reset the run"),
                 .source = QStringLiteral("file")};
}

Folder openFolder(int root, const QList<QByteArray>& parts, bool make)
{
    Fd folder(::fcntl(root, F_DUPFD_CLOEXEC, 3));
    if (!folder.valid()) {
        return {.fd = Fd(), .error = errno};
    }
    for (qsizetype i = 0; i + 1 < parts.size(); ++i) {
        constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
        int next = ::openat(folder.get(), parts[i].constData(), kFlags);
        if (next < 0 && errno == ENOENT && make) {
            if (::mkdirat(folder.get(), parts[i].constData(), 0777) < 0 && errno != EEXIST) {
                return {.fd = Fd(), .error = errno};
            }
            static_cast<void>(syncFolder(folder.get()));
            next = ::openat(folder.get(), parts[i].constData(), kFlags);
        }
        if (next < 0) {
            return {.fd = Fd(), .error = errno};
        }
        folder.reset(next);
    }
    return {.fd = std::move(folder), .error = 0};
}

bool syncFolder(int folder)
{
    if (::fsync(folder) == 0) {
        return true;
    }
    // some network and user-space file systems keep no folder that could be forced to a disk
    if (errno == EINVAL || errno == EOPNOTSUPP || errno == ENOSYS || errno == EBADF) {
        errno = 0;
    }
    return false;
}

quint64 versionOf(const struct stat& status)
{
    return static_cast<quint64>(status.st_mtim.tv_sec) * 1'000'000'000U +
           static_cast<quint64>(status.st_mtim.tv_nsec);
}

Error moreThanItsSize(const QString& path, quint64 sizeBytes)
{
    return sizeIsNotTrue(
        path, QStringLiteral("it holds more than its size says: there are bytes behind the first %1")
                  .arg(sizeBytes));
}

Error sizeIsNotTrue(const QString& path, const QString& how)
{
    return Error{.code = ErrorCode::FailedPrecondition,
                 .message = QStringLiteral("'%1' cannot be read as a whole").arg(path),
                 .cause = how,
                 .correction = QStringLiteral(
                     "Its file system makes its contents as they are read: save them into a file "
                     "elsewhere and copy that, or leave the file out"),
                 .source = QStringLiteral("file")};
}

Try<bool> holdsMore(int fd, quint64 sizeBytes, const QString& path, const QString& op)
{
    for (;;) {
        char byte = 0;
        const ssize_t count = ::pread(fd, &byte, 1, static_cast<off_t>(sizeBytes));
        if (count >= 0) {
            return count > 0;
        }
        if (errno != EINTR) {
            return hinder(fileHindrance(errno, path, op));
        }
    }
}

Try<QByteArray> readAt(int fd, quint64 offset, quint64 length, const QString& path, const QString& op)
{
    QByteArray bytes(static_cast<qsizetype>(length), Qt::Uninitialized);
    quint64 done = 0;
    while (done < length) {
        const ssize_t count =
            ::pread(fd, bytes.data() + done, length - done, static_cast<off_t>(offset + done));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return hinder(fileHindrance(errno, path, op));
        }
        if (count == 0) {
            struct stat status {};
            if (::fstat(fd, &status) == 0 && status.st_size >= static_cast<off_t>(offset + length)) {
                return hinder(
                    sizeIsNotTrue(path, QStringLiteral("it holds less than its size says: %1 bytes of %2")
                                            .arg(offset + done)
                                            .arg(status.st_size)));
            }
            return hinder(sourceChanged(path, QStringLiteral("it became shorter while it was read")));
        }
        done += static_cast<quint64>(count);
    }
    return bytes;
}

Try<quint32> checksumOfFile(int fd, quint64 sizeBytes, const QString& path, const QString& op)
{
    quint32 crc = kCrc32cStart;
    for (quint64 at = 0; at < sizeBytes; at += kFileChunkBytes) {
        const auto bytes = readAt(fd, at, std::min(kFileChunkBytes, sizeBytes - at), path, op);
        if (!bytes) {
            return hinder(bytes.error());
        }
        crc = crc32c(crc, *bytes);
    }
    return crc;
}

}  // namespace sluice::mover
