#include "rpc/endpoint.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QJsonDocument>
#include <QtCore/QRandomGenerator>
#include <QtCore/QSaveFile>
#include <QtNetwork/QHostAddress>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sluice::rpc {
namespace {

constexpr qint64 kMaxPrivateFile = 64 * 1024;
constexpr int kTokenHexDigits = 64;

Error fileError(ErrorCode code, const QString& path, const QString& cause, const QString& correction)
{
    return Error{.code = code,
                 .message = QStringLiteral("%1 cannot be used").arg(path),
                 .cause = cause,
                 .correction = correction,
                 .source = QStringLiteral("rpc")};
}

Error writeError(const QString& path, const QString& cause)
{
    return fileError(ErrorCode::FailedPrecondition, path, cause,
                     QStringLiteral("Check the rights and the free space of the state folder."));
}

/// All of `text` into an open descriptor.
bool writeAll(int fd, const QByteArray& text)
{
    qsizetype done = 0;
    while (done < text.size()) {
        const ssize_t n = ::write(fd, text.constData() + done, static_cast<size_t>(text.size() - done));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        done += n;
    }
    return ::fsync(fd) == 0;
}

bool isToken(const QByteArray& text)
{
    if (text.size() != kTokenHexDigits) {
        return false;
    }
    for (const char c : text) {
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            return false;
        }
    }
    return true;
}

}  // namespace

QString defaultStateDir()
{
    const QString given = qEnvironmentVariable("SLUICE_STATE_DIR");
    if (!given.isEmpty()) {
        return given;
    }
    const QString xdg = qEnvironmentVariable("XDG_STATE_HOME");
    // The base directory rules say that a path which is not absolute is to be ignored.
    const QString base = QDir::isAbsolutePath(xdg) ? xdg : QDir::homePath() + QStringLiteral("/.local/state");
    return base + QStringLiteral("/sluice/default");
}

QString endpointPath(const QString& stateDir)
{
    return QDir(stateDir).filePath(QStringLiteral("endpoint.json"));
}

QString tokenPath(const QString& stateDir)
{
    return QDir(stateDir).filePath(QStringLiteral("token"));
}

Result<QByteArray> readPrivateFile(const QString& path)
{
    const int fd = ::open(QFile::encodeName(path).constData(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) {
        const int why = errno;
        if (why == ENOENT || why == ENOTDIR) {
            return fail(fileError(ErrorCode::NotFound, path, QStringLiteral("there is no such file"), {}));
        }
        return fail(fileError(ErrorCode::FailedPrecondition, path,
                              why == ELOOP ? QStringLiteral("it is a symbolic link")
                                           : QString::fromLocal8Bit(std::strerror(why)),
                              QStringLiteral("Use a state folder of your own.")));
    }
    QFile file;
    struct stat status {};
    if (::fstat(fd, &status) != 0 || !file.open(fd, QIODevice::ReadOnly, QFileDevice::AutoCloseHandle)) {
        ::close(fd);
        return fail(fileError(ErrorCode::FailedPrecondition, path, QString::fromLocal8Bit(std::strerror(errno)), {}));
    }
    if (!S_ISREG(status.st_mode)) {
        return fail(fileError(ErrorCode::FailedPrecondition, path, QStringLiteral("it is no regular file"),
                              QStringLiteral("Remove it and start the engine again.")));
    }
    if (status.st_uid != ::geteuid()) {
        return fail(fileError(ErrorCode::FailedPrecondition, path, QStringLiteral("it belongs to another user"),
                              QStringLiteral("Use a state folder of your own, or run as its owner.")));
    }
    if ((status.st_mode & 077) != 0) {
        return fail(fileError(ErrorCode::FailedPrecondition, path,
                              QStringLiteral("others may read or write it (mode %1)")
                                  .arg(QString::number(status.st_mode & 0777, 8)),
                              QStringLiteral("Find out who has read it; then remove it and start the engine again.")));
    }
    if (status.st_size > kMaxPrivateFile) {
        return fail(fileError(ErrorCode::FailedPrecondition, path, QStringLiteral("it is too large"),
                              QStringLiteral("Remove it and start the engine again.")));
    }
    return file.read(kMaxPrivateFile);
}

Result<QString> ensureToken(const QString& stateDir)
{
    const QString path = tokenPath(stateDir);
    const auto there = readPrivateFile(path);
    if (there) {
        if (!isToken(there->trimmed())) {
            return fail(fileError(ErrorCode::FailedPrecondition, path, QStringLiteral("it holds no token"),
                                  QStringLiteral("Remove it and start the engine again.")));
        }
        return path;
    }
    if (there.error().code != ErrorCode::NotFound) {
        return fail(there.error());
    }
    std::array<quint32, 8> random{};
    QRandomGenerator::system()->fillRange(random.data(), static_cast<qsizetype>(random.size()));
    const QByteArray token =
        QByteArray(reinterpret_cast<const char*>(random.data()), sizeof(random)).toHex() + '\n';

    // Written under another name first: a token that is there is always whole.
    const QByteArray name = QFile::encodeName(path);
    const QByteArray fresh = name + ".new." + QByteArray::number(::getpid());
    ::unlink(fresh.constData());
    const int fd = ::open(fresh.constData(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return fail(writeError(path, QString::fromLocal8Bit(std::strerror(errno))));
    }
    const bool written = writeAll(fd, token);
    const int why = errno;
    ::close(fd);
    if (!written || ::rename(fresh.constData(), name.constData()) != 0) {
        const QString cause = QString::fromLocal8Bit(std::strerror(written ? errno : why));
        ::unlink(fresh.constData());
        return fail(writeError(path, cause));
    }
    return path;
}

Result<void> writeEndpoint(const QString& stateDir, const Endpoint& endpoint)
{
    const QString path = endpointPath(stateDir);
    const QJsonObject json{{"url", endpoint.url.toString()},
                           {"pid", endpoint.pid},
                           {"engineId", endpoint.engineId},
                           {"version", endpoint.version}};
    QSaveFile file(path);
    file.setDirectWriteFallback(false);
    if (!file.open(QIODevice::WriteOnly) ||
        !file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner) ||
        file.write(QJsonDocument(json).toJson()) < 0 || !file.commit()) {
        return fail(writeError(path, file.errorString()));
    }
    return {};
}

void removeEndpoint(const QString& stateDir, const QString& engineId)
{
    const auto text = readPrivateFile(endpointPath(stateDir));
    if (text && QJsonDocument::fromJson(*text).object()["engineId"].toString() == engineId) {
        QFile::remove(endpointPath(stateDir));
    }
}

Result<Endpoint> findEngine(const QString& stateDir)
{
    const QString path = endpointPath(stateDir);
    const auto text = readPrivateFile(path);
    if (!text) {
        if (text.error().code != ErrorCode::NotFound) {
            return fail(text.error());
        }
        return fail(Error{.code = ErrorCode::Unavailable,
                          .message = QStringLiteral("No engine is running for the state folder %1").arg(stateDir),
                          .cause = QStringLiteral("%1 is not there").arg(path),
                          .correction = QStringLiteral("Start one with: sluiced --state-dir %1 — or name another "
                                                       "state folder with --state-dir or SLUICE_STATE_DIR.")
                                            .arg(stateDir),
                          .retryable = true,
                          .source = QStringLiteral("rpc")});
    }
    const QJsonObject json = QJsonDocument::fromJson(*text).object();
    Endpoint endpoint{.url = QUrl(json["url"].toString(), QUrl::StrictMode),
                      .pid = json["pid"].toInteger(),
                      .engineId = json["engineId"].toString(),
                      .version = json["version"].toString()};
    const bool here = QHostAddress(endpoint.url.host()).isLoopback();
    if (!endpoint.url.isValid() || endpoint.url.scheme() != QStringLiteral("ws") || !here ||
        endpoint.url.port() <= 0) {
        return fail(fileError(ErrorCode::FailedPrecondition, path,
                              QStringLiteral("it names no engine on this machine"),
                              QStringLiteral("Start the engine again; it writes the file anew.")));
    }
    const auto token = readPrivateFile(tokenPath(stateDir));
    if (!token) {
        Error error = token.error();
        if (error.code == ErrorCode::NotFound) {
            error.code = ErrorCode::FailedPrecondition;
            error.correction = QStringLiteral("Start the engine again; it makes a new token.");
        }
        return fail(error);
    }
    endpoint.token = QString::fromLatin1(token->trimmed());
    return endpoint;
}

}  // namespace sluice::rpc
