#include "keys/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QtCore/QFile>
#include <QtCore/QRandomGenerator>
#include <cerrno>
#include <cstring>

namespace sluice::keys {
namespace {

constexpr mode_t kOthers = S_IRWXG | S_IRWXO;

bool isPrivate(const struct stat& info)
{
    return info.st_uid == geteuid() && (info.st_mode & kOthers) == 0;
}

Error tooOpen(const QString& path, const struct stat& info)
{
    const QString cause =
        info.st_uid != geteuid()
            ? QStringLiteral("it belongs to user %1").arg(info.st_uid)
            : QStringLiteral("its mode is %1").arg(info.st_mode & 07777, 4, 8, QLatin1Char('0'));
    return {.code = ErrorCode::PermissionDenied,
            .message = QStringLiteral("The secret at %1 is not private").arg(path),
            .cause = cause,
            .correction = QStringLiteral(
                "Make it the engine's own with mode 0600 (folders 0700), after finding out who "
                "could read it: such a secret should be replaced."),
            .source = QStringLiteral("secrets")};
}

Result<void> writeAll(int fd, const QByteArray& bytes, const QString& path)
{
    const char* at = bytes.constData();
    qsizetype left = bytes.size();
    while (left > 0) {
        const ssize_t written = ::write(fd, at, size_t(left));
        if (written < 0 && errno != EINTR) {
            return fail(fileError(errno, QStringLiteral("written"), path));
        }
        if (written > 0) {
            at += written;
            left -= written;
        }
    }
    if (::fsync(fd) != 0) {
        return fail(fileError(errno, QStringLiteral("written"), path));
    }
    return {};
}

}  // namespace

Fd::~Fd()
{
    if (m_fd >= 0) {
        ::close(m_fd);
    }
}

Fd& Fd::operator=(Fd&& other) noexcept
{
    std::swap(m_fd, other.m_fd);
    return *this;
}

Error fileError(int code, const QString& what, const QString& path)
{
    Error error{
        .code = ErrorCode::Unavailable,
        .message = QStringLiteral("A secret cannot be %1").arg(what),
        .cause = QStringLiteral("%1: %2").arg(path, QString::fromLocal8Bit(::strerror(code))),
        .correction = QStringLiteral("See that the state folder is there and can be written by the engine."),
        .source = QStringLiteral("secrets"),
        .upstream = Upstream{QStringLiteral("errno"), code, QString::fromLocal8Bit(::strerror(code))}};
    switch (code) {
        case ENOENT:
            error.code = ErrorCode::NotFound;
            error.message = QStringLiteral("There is no secret of that name");
            error.correction = QStringLiteral("Store it first, or correct its name in the configuration.");
            break;
        case ENOSPC:
        case EDQUOT:
            error.code = ErrorCode::ResourceExhausted;
            error.correction = QStringLiteral("Free space where the state folder lies.");
            error.retryable = true;
            break;
        case ELOOP:
        case ENOTDIR:
        case EISDIR:
            error.code = ErrorCode::PermissionDenied;
            error.correction =
                QStringLiteral("A symbolic link or a wrong kind of file stands there: remove it.");
            break;
        case EACCES:
        case EPERM:
        case EROFS:
            error.code = ErrorCode::PermissionDenied;
            break;
        default:
            error.retryable = true;
    }
    return error;
}

Result<Fd> openPrivateFolder(const QString& root, const QStringList& below, bool create)
{
    constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    QString path = root;
    Fd folder(::open(QFile::encodeName(root).constData(), kFlags));
    for (qsizetype i = 0;; ++i) {
        if (!folder.valid()) {
            return fail(fileError(errno, QStringLiteral("reached"), path));
        }
        struct stat info {};
        if (::fstat(folder.get(), &info) != 0) {
            return fail(fileError(errno, QStringLiteral("reached"), path));
        }
        if (!isPrivate(info)) {
            return fail(tooOpen(path, info));
        }
        if (i == below.size()) {
            return folder;
        }
        path += '/' + below.at(i);
        const QByteArray name = QFile::encodeName(below.at(i));
        if (create && ::mkdirat(folder.get(), name.constData(), S_IRWXU) != 0 && errno != EEXIST) {
            return fail(fileError(errno, QStringLiteral("stored"), path));
        }
        folder = Fd(::openat(folder.get(), name.constData(), kFlags));
    }
}

Result<QByteArray> readPrivateFile(int folder, const QString& name)
{
    const Fd file(::openat(folder, QFile::encodeName(name).constData(),
                           O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    if (!file.valid()) {
        return fail(fileError(errno, QStringLiteral("read"), name));
    }
    struct stat info {};
    if (::fstat(file.get(), &info) != 0) {
        return fail(fileError(errno, QStringLiteral("read"), name));
    }
    if (!S_ISREG(info.st_mode)) {
        return fail(fileError(EISDIR, QStringLiteral("read"), name));
    }
    if (!isPrivate(info)) {
        return fail(tooOpen(name, info));
    }
    if (info.st_size > kMostSecretBytes) {
        return fail(fileError(EFBIG, QStringLiteral("read"), name));
    }
    QByteArray bytes(info.st_size, '\0');
    qsizetype at = 0;
    while (at < bytes.size()) {
        const ssize_t got = ::read(file.get(), bytes.data() + at, size_t(bytes.size() - at));
        if (got < 0 && errno != EINTR) {
            return fail(fileError(errno, QStringLiteral("read"), name));
        }
        if (got == 0) {
            break;
        }
        at += got > 0 ? got : 0;
    }
    bytes.truncate(at);
    return bytes;
}

Result<void> replacePrivateFile(int folder, const QString& name, const QByteArray& bytes, bool mustBePrivate)
{
    const QByteArray target = QFile::encodeName(name);
    struct stat info {};
    if (::fstatat(folder, target.constData(), &info, AT_SYMLINK_NOFOLLOW) == 0) {
        if (S_ISDIR(info.st_mode) || (mustBePrivate && !S_ISREG(info.st_mode))) {
            return fail(fileError(S_ISDIR(info.st_mode) ? EISDIR : ELOOP, QStringLiteral("stored"), name));
        }
        if (mustBePrivate && !isPrivate(info)) {
            return fail(tooOpen(name, info));
        }
    }
    const QByteArray temporary = ".tmp-" + QByteArray::number(QRandomGenerator::system()->generate64(), 16);
    Fd file(::openat(folder, temporary.constData(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                     S_IRUSR | S_IWUSR));
    if (!file.valid()) {
        return fail(fileError(errno, QStringLiteral("stored"), name));
    }
    Result<void> written = writeAll(file.get(), bytes, name);
    if (written && ::renameat(folder, temporary.constData(), folder, target.constData()) != 0) {
        written = fail(fileError(errno, QStringLiteral("stored"), name));
    }
    if (!written) {
        ::unlinkat(folder, temporary.constData(), 0);
        return written;
    }
    if (::fsync(folder) != 0) {
        return fail(fileError(errno, QStringLiteral("stored"), name));
    }
    return {};
}

}  // namespace sluice::keys
