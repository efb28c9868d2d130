#include "core/read_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QtCore/QFile>
#include <cerrno>
#include <cstring>

namespace sluice {
namespace {

QString whyNot(const struct stat& status, qint64 maxBytes)
{
    switch (status.st_mode & S_IFMT) {
        case S_IFREG:
            break;
        case S_IFDIR:
            return QStringLiteral("it is a folder, not a file");
        case S_IFIFO:
            return QStringLiteral("it is a FIFO, not a file");
        case S_IFSOCK:
            return QStringLiteral("it is a socket, not a file");
        default:
            return QStringLiteral("it is a device, not a file");
    }
    if (status.st_size > maxBytes) {
        return QStringLiteral("it has %1 bytes, at most %2 are read").arg(status.st_size).arg(maxBytes);
    }
    return {};
}

Error cannotRead(ErrorCode code, const QString& path, const QString& cause)
{
    return Error{.code = code,
                 .message = QStringLiteral("%1 cannot be read").arg(path),
                 .cause = cause,
                 .source = QStringLiteral("core")};
}

Error cannotRead(const QString& path, int why)
{
    const bool missing = why == ENOENT || why == ENOTDIR;
    const ErrorCode code = missing ? ErrorCode::NotFound : ErrorCode::PermissionDenied;
    return cannotRead(code, path, QString::fromLocal8Bit(std::strerror(why)));
}

}  // namespace

Result<QByteArray> readRegularFile(const QString& path, qint64 maxBytes)
{
    // Without O_NONBLOCK, opening a FIFO would wait for somebody to write.
    const int fd = ::open(QFile::encodeName(path).constData(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        // A socket cannot be opened at all; what it is says more than "no such device".
        const int why = errno;
        const QString what = notRegular(path, maxBytes);
        return fail(what.isEmpty() ? cannotRead(path, why)
                                   : cannotRead(ErrorCode::InvalidArgument, path, what));
    }
    struct stat status {};
    const int why = ::fstat(fd, &status) == 0 ? 0 : errno;
    const QString what = why == 0 ? whyNot(status, maxBytes) : QString();
    QFile file;
    if (why != 0 || !what.isEmpty() || !file.open(fd, QIODevice::ReadOnly, QFileDevice::AutoCloseHandle)) {
        ::close(fd);
        return fail(why != 0 ? cannotRead(path, why) : cannotRead(ErrorCode::InvalidArgument, path, what));
    }
    // A file of /proc says that it is empty, and one may grow: what is read is counted too.
    const QByteArray bytes = file.read(maxBytes + 1);
    if (bytes.size() > maxBytes) {
        return fail(cannotRead(ErrorCode::InvalidArgument, path,
                               QStringLiteral("it has more than %1 bytes").arg(maxBytes)));
    }
    if (bytes.isEmpty() && file.error() != QFileDevice::NoError) {
        return fail(cannotRead(ErrorCode::PermissionDenied, path, file.errorString()));
    }
    return bytes;
}

QString notRegular(const QString& path, qint64 maxBytes)
{
    struct stat status {};
    if (::stat(QFile::encodeName(path).constData(), &status) != 0) {
        return {};
    }
    return whyNot(status, maxBytes);
}

}  // namespace sluice
