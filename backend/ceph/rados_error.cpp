#include "ceph/rados_error.h"

#include <errno.h>
#include <string.h>

namespace sluice::ceph {
namespace {

struct Words {
    ErrorCode code{};
    QString cause{};
    QString correction{};
    bool retryable{};
};

Words wordsOf(int error, const RadosCall& call)
{
    switch (error) {
        case EPERM:
            return {ErrorCode::PermissionDenied, QStringLiteral("the entity's osd caps do not allow it"),
                    QStringLiteral("Compare its caps with what this needs: ceph auth get ENTITY")};
        case EACCES:
            return {ErrorCode::PermissionDenied, QStringLiteral("the entity's mon caps do not allow it"),
                    QStringLiteral("Compare its caps with what this needs: ceph auth get ENTITY")};
        case ENOENT:
            return {ErrorCode::NotFound, QStringLiteral("there is no such thing"),
                    QStringLiteral("Check the names; it may have been removed meanwhile")};
        case EEXIST:
            return {ErrorCode::AlreadyExists, QStringLiteral("it exists already"),
                    QStringLiteral("Look at what is there before replacing it")};
        case EBUSY:
            return {ErrorCode::FailedPrecondition, QStringLiteral("somebody else holds it"),
                    QStringLiteral("See who holds it, and whether that client still lives")};
        case ETIMEDOUT:
            if (call.mutates) {
                return {ErrorCode::OutcomeUnknown, QStringLiteral("the cluster did not answer in time"),
                        QStringLiteral("Read the state back before doing it again")};
            }
            return {ErrorCode::DeadlineExceeded, QStringLiteral("the cluster did not answer in time"),
                    call.toMonitors
                        ? QStringLiteral(
                              "Check the monitor quorum; commands of the manager also need a live manager")
                        : QStringLiteral("Check whether the object's PG is active"),
                    true};
        case EDQUOT:
            return {ErrorCode::ResourceExhausted, QStringLiteral("the quota of the Ceph pool is used up"),
                    QStringLiteral("Raise the quota or remove data"), true};
        case ENOSPC:
            return {ErrorCode::ResourceExhausted, QStringLiteral("the OSDs are full"),
                    QStringLiteral("Add OSDs or remove data"), true};
        case ERANGE:
        case EOVERFLOW:
            return {ErrorCode::Aborted, QStringLiteral("the object was changed meanwhile"),
                    QStringLiteral("Look at it again before deciding")};
        case ESHUTDOWN:
            return {ErrorCode::Aborted, QStringLiteral("this client instance is on the cluster's blocklist"),
                    QStringLiteral("It was fenced on purpose; a new instance can connect")};
        case ENOTCONN:
            return {ErrorCode::Unavailable, QStringLiteral("there is no session with the cluster"),
                    QStringLiteral("Wait until it is connected again"), true};
        case EINVAL:
            return {ErrorCode::InvalidArgument, QStringLiteral("the cluster refused the arguments"),
                    QStringLiteral("Check the names and values")};
        case EOPNOTSUPP:
            return {ErrorCode::FailedPrecondition, QStringLiteral("this Ceph pool cannot do it"),
                    QStringLiteral("Use a replicated Ceph pool")};
        default:
            return {ErrorCode::Internal, QString::fromLocal8Bit(strerror(error)),
                    QStringLiteral("Look at the cluster's log")};
    }
}

}  // namespace

Error radosError(int rc, const RadosCall& call, const QString& text)
{
    const int error = rc < 0 ? -rc : rc;
    const Words words = wordsOf(error, call);
    const bool unknown = words.code == ErrorCode::OutcomeUnknown;
    return {.code = words.code,
            .message = unknown ? QStringLiteral("It is not known whether this was done: %1").arg(call.what)
                               : QStringLiteral("Cannot %1").arg(call.what),
            .cause = text.isEmpty() ? words.cause : words.cause + QStringLiteral(" (%1)").arg(text),
            .correction = words.correction,
            .retryable = words.retryable,
            .source = QStringLiteral("ceph"),
            .upstream = Upstream{QStringLiteral("ceph"), -error, QString::fromLocal8Bit(strerror(error))}};
}

Error connectError(int rc, const QString& entity)
{
    const int error = rc < 0 ? -rc : rc;
    Error result{
        .code = ErrorCode::Unavailable,
        .message = QStringLiteral("Cannot connect to the cluster as %1").arg(entity),
        .source = QStringLiteral("ceph"),
        .upstream = Upstream{QStringLiteral("ceph"), -error, QString::fromLocal8Bit(strerror(error))}};
    switch (error) {
        case EACCES:
        case EPERM:
            result.code = ErrorCode::Unauthenticated;
            result.cause = QStringLiteral(
                "the key is wrong, or there is no such entity; the monitors do not tell which");
            result.correction = QStringLiteral("Compare the keyring with: ceph auth get %1").arg(entity);
            break;
        case ENOENT:
            result.code = ErrorCode::Unauthenticated;
            result.cause = QStringLiteral("no keyring with a key of this entity was found");
            result.correction = QStringLiteral("Check the connection's keyring path and its file mode");
            break;
        case ETIMEDOUT:
            result.cause = QStringLiteral("no monitor with a quorum answered in time");
            result.correction =
                QStringLiteral("Check the monitors and the way to them; connecting goes on by itself");
            result.retryable = true;
            break;
        default:
            result.cause = QString::fromLocal8Bit(strerror(error));
            result.correction =
                QStringLiteral("Check the connection's ceph.conf; connecting goes on by itself");
            result.retryable = true;
            break;
    }
    return result;
}

}  // namespace sluice::ceph
