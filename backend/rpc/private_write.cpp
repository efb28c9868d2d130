#include "rpc/private_write.h"

#include <fcntl.h>
#include <unistd.h>

#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace sluice::rpc {
namespace {

/// @return 0, or why it could not be written
int writeAll(int fd, const QByteArray& bytes)
{
    qsizetype done = 0;
    while (done < bytes.size()) {
        const ssize_t count = ::write(fd, bytes.constData() + done, static_cast<size_t>(bytes.size() - done));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return count < 0 ? errno : EIO;
        }
        done += count;
    }
    // A file system may promise room that it does not have: only this tells.
    return ::fsync(fd) == 0 ? 0 : errno;
}

Error notWritten(const QString& path, int why)
{
    return Error{.code = ErrorCode::FailedPrecondition,
                 .message = QStringLiteral("%1 cannot be written").arg(path),
                 .cause = QString::fromLocal8Bit(std::strerror(why)),
                 .correction = QStringLiteral("Check the rights and the free space of the state folder."),
                 .source = QStringLiteral("rpc")};
}

}  // namespace

Result<void> replacePrivateFile(const QString& path, const QByteArray& bytes)
{
    const QByteArray name = QFile::encodeName(path);
    const QByteArray fresh = name + ".new." + QByteArray::number(::getpid());
    ::unlink(fresh.constData());
    const int fd = ::open(fresh.constData(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return fail(notWritten(path, errno));
    }
    int why = writeAll(fd, bytes);
    ::close(fd);
    if (why == 0 && ::rename(fresh.constData(), name.constData()) != 0) {
        why = errno;
    }
    if (why != 0) {
        ::unlink(fresh.constData());
        return fail(notWritten(path, why));
    }
    const int folder = ::open(QFile::encodeName(QFileInfo(path).absolutePath()).constData(),
                              O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
        ::fsync(folder);
        ::close(folder);
    }
    return {};
}

}  // namespace sluice::rpc
