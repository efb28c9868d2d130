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
                     .retryable = meaning.code == ErrorCode::ResourceExhausted,
                     .source = QStringLiteral("file"),
                     .upstream = Upstream{.system = QStringLiteral("file system"),
                                          .code = error,
                                          .text = QString::fromUtf8(std::strerror(error))}};
    };
    const auto blocked = [&](Obstacle what, const Meaning& meaning) {
        return Blockage{.what = what, .connection = QStringLiteral("file"), .object = path, .op = op,
                        .error = describe(meaning)};
    };
    switch (error) {
    case ENOSPC:
        return blocked(Obstacle::Full, {ErrorCode::ResourceExhausted, "'%1' cannot be written", "the file system is full",
                                        "Make room on the file system"});
    case EDQUOT:
        return blocked(Obstacle::Quota, {ErrorCode::ResourceExhausted, "'%1' cannot be written",
                                         "the quota of this user is used up", "Raise the quota or make room"});
    case EACCES:
    case EPERM:
    case EROFS:
        return blocked(Obstacle::Permission, {ErrorCode::PermissionDenied, "'%1' may not be opened",
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
    case EIO:
        return describe({ErrorCode::DataLoss, "'%1' cannot be read or written", "the disk reports an error",
                         "Look at the disk, then reset the run"});
    default:
        return describe({ErrorCode::Internal, "'%1' failed in a way that is not expected",
                         "see the words of the file system", "Reset the run to try again"});
    }
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
        return fail(Error{.code = ErrorCode::InvalidArgument,
                          .message = QStringLiteral("'%1' cannot be the name of a file").arg(name),
                          .cause = why,
                          .correction = QStringLiteral("Rename the object, or move it somewhere else than into files"),
                          .source = QStringLiteral("file")});
    }
    return parts;
}

Folder openFolder(int root, const QList<QByteArray>& parts, bool make)
{
    Fd folder(::fcntl(root, F_DUPFD_CLOEXEC, 3));
    for (qsizetype i = 0; i + 1 < parts.size(); ++i) {
        constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
        int next = ::openat(folder.get(), parts[i].constData(), kFlags);
        if (next < 0 && errno == ENOENT && make) {
            if (::mkdirat(folder.get(), parts[i].constData(), 0777) < 0 && errno != EEXIST) {
                return {.fd = Fd(), .error = errno};
            }
            ::fsync(folder.get());
            next = ::openat(folder.get(), parts[i].constData(), kFlags);
        }
        if (next < 0) {
            return {.fd = Fd(), .error = errno};
        }
        folder.reset(next);
    }
    return {.fd = std::move(folder), .error = 0};
}

quint64 versionOf(const struct stat& status)
{
    return static_cast<quint64>(status.st_mtim.tv_sec) * 1'000'000'000U + static_cast<quint64>(status.st_mtim.tv_nsec);
}

Try<QByteArray> readAt(int fd, quint64 offset, quint64 length, const QString& path, const QString& op)
{
    QByteArray bytes(static_cast<qsizetype>(length), Qt::Uninitialized);
    quint64 done = 0;
    while (done < length) {
        const ssize_t count = ::pread(fd, bytes.data() + done, length - done, static_cast<off_t>(offset + done));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return hinder(fileHindrance(errno, path, op));
        }
        if (count == 0) {
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
