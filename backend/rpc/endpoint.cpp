#include "rpc/endpoint.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QJsonDocument>
#include <QtNetwork/QHostAddress>
#include <cerrno>
#include <cstring>

#include "core/process_identity.h"
#include "rpc/private_write.h"
#include "rpc/proof.h"

namespace sluice::rpc {
namespace {

constexpr qint64 kMaxPrivateFile = 64 * 1024;

Error fileError(ErrorCode code, const QString& path, const QString& cause, const QString& correction)
{
    return Error{.code = code,
                 .message = QStringLiteral("%1 cannot be used").arg(path),
                 .cause = cause,
                 .correction = correction,
                 .source = QStringLiteral("rpc")};
}

/// Nothing if the file's process lives and is ours, or cannot be looked at from here; else why not.
QString whyNotAlive(const QJsonObject& json)
{
    if (json["pidNamespace"].toString() != pidNamespace()) {
        return {};
    }
    const qint64 pid = json["pid"].toInteger();
    const auto process = processOf(pid);
    if (!process || QString::number(process->startTicks) != json["startTicks"].toString()) {
        return QStringLiteral("its process %1 has ended; the file was left behind").arg(pid);
    }
    if (process->uid != ::geteuid()) {
        return QStringLiteral("process %1 is another user's").arg(pid);
    }
    return {};
}

QJsonObject toJson(const Endpoint& endpoint)
{
    const auto process = processOf(endpoint.pid);
    return {{"url", endpoint.url.toString()},
            {"pid", endpoint.pid},
            {"startTicks", process ? QString::number(process->startTicks) : QString()},
            {"pidNamespace", pidNamespace()},
            {"engineId", endpoint.engineId},
            {"version", endpoint.version}};
}

/// Empty: the file is as it was written.
QString whyLost(const Result<QByteArray>& text, bool same)
{
    if (!text) {
        return QStringLiteral("%1: %2").arg(text.error().message, text.error().cause);
    }
    return same ? QString() : QStringLiteral("somebody has written to it");
}

Error noEngine(const QString& stateDir, const QString& cause)
{
    return Error{.code = ErrorCode::Unavailable,
                 .message = QStringLiteral("No engine is running for the state folder %1").arg(stateDir),
                 .cause = cause,
                 .correction = QStringLiteral("Start one with: sluiced --state-dir %1 — or name another "
                                              "state folder with --state-dir or SLUICE_STATE_DIR.")
                                   .arg(stateDir),
                 .retryable = true,
                 .source = QStringLiteral("rpc")};
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
    const int fd =
        ::open(QFile::encodeName(path).constData(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
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
        return fail(
            fileError(ErrorCode::FailedPrecondition, path, QString::fromLocal8Bit(std::strerror(errno)), {}));
    }
    if (!S_ISREG(status.st_mode)) {
        return fail(fileError(ErrorCode::FailedPrecondition, path, QStringLiteral("it is no regular file"),
                              QStringLiteral("Remove it and start the engine again.")));
    }
    if (status.st_uid != ::geteuid()) {
        return fail(fileError(ErrorCode::FailedPrecondition, path,
                              QStringLiteral("it belongs to another user"),
                              QStringLiteral("Use a state folder of your own, or run as its owner.")));
    }
    if ((status.st_mode & 077) != 0) {
        return fail(fileError(
            ErrorCode::FailedPrecondition, path,
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

Result<quint16> portFromText(const QString& text)
{
    bool number = false;
    const quint16 port = text.toUShort(&number);
    if (!number) {
        return fail(Error{.code = ErrorCode::InvalidArgument,
                          .message = QStringLiteral("'%1' is no port").arg(text),
                          .cause = QStringLiteral("a port is a number from 0 to 65535"),
                          .correction = QStringLiteral("Give one, or 0 for any free one (--port)."),
                          .source = QStringLiteral("rpc")});
    }
    return port;
}

Result<QByteArray> renewToken(const QString& stateDir)
{
    const QString path = tokenPath(stateDir);
    const QByteArray token = newNonce();
    // Whoever holds an older one open, or has put a link in its place, does not get this one.
    if (auto written = replacePrivateFile(path, token + '\n'); !written) {
        return fail(written.error());
    }
    return token;
}

Result<void> writeEndpoint(const QString& stateDir, const Endpoint& endpoint)
{
    return replacePrivateFile(endpointPath(stateDir), QJsonDocument(toJson(endpoint)).toJson());
}

Lost whatIsLost(const QString& stateDir, const Endpoint& endpoint)
{
    const auto text = readPrivateFile(endpointPath(stateDir));
    const auto token = readPrivateFile(tokenPath(stateDir));
    return {.endpoint = whyLost(text, text && QJsonDocument::fromJson(*text).object() == toJson(endpoint)),
            .token = whyLost(token, token && token->trimmed() == endpoint.token.toLatin1())};
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
        return fail(noEngine(stateDir, QStringLiteral("%1 is not there").arg(path)));
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
    if (const QString why = whyNotAlive(json); !why.isEmpty()) {
        return fail(noEngine(stateDir, why));
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
    if (!isNonce(token->trimmed())) {
        return fail(fileError(ErrorCode::FailedPrecondition, tokenPath(stateDir),
                              QStringLiteral("it holds no token"),
                              QStringLiteral("Start the engine again; it makes a new token.")));
    }
    endpoint.token = QString::fromLatin1(token->trimmed());
    return endpoint;
}

}  // namespace sluice::rpc
