#include "store/sqlite_error.h"

#include <QtSql/QSqlError>
#include <cerrno>
#include <cstring>

namespace sluice::store {
namespace {

// Result codes of SQLite (https://sqlite.org/rescode.html): the low byte is the primary code.
enum Code {
    kError = 1,
    kBusy = 5,
    kLocked = 6,
    kNoMemory = 7,
    kReadOnly = 8,
    kInterrupt = 9,
    kIoError = 10,
    kCorrupt = 11,
    kFull = 13,
    kCannotOpen = 14,
    kConstraint = 19,
    kNotADatabase = 26,
    kConstraintPrimaryKey = 1555,
    kConstraintUnique = 2067,
    kConstraintRowId = 2579,
};

int codeOf(const QSqlError& error)
{
    return error.nativeErrorCode().toInt();
}

Error about(ErrorCode code, const QString& message, const QString& cause, const QString& correction,
            bool retryable)
{
    return Error{.code = code,
                 .message = message,
                 .cause = cause,
                 .correction = correction,
                 .retryable = retryable,
                 .source = QStringLiteral("store")};
}

Error classify(int code, const QString& file)
{
    switch (code & 0xff) {
        case kFull:
            return about(
                ErrorCode::ResourceExhausted, QStringLiteral("%1 cannot be written").arg(file),
                QStringLiteral("The disk is full"),
                QStringLiteral("Free space on that filesystem; writing goes on by itself within seconds"),
                true);
        case kIoError:
            return about(ErrorCode::ResourceExhausted, QStringLiteral("%1 cannot be written").arg(file),
                         QStringLiteral(
                             "The disk reports an input/output error, or has no room for an auxiliary file"),
                         QStringLiteral("Look at the system log and at the free space; writing goes on by "
                                        "itself when the disk does"),
                         true);
        case kReadOnly:
        case kCannotOpen:
            return about(
                ErrorCode::ResourceExhausted, QStringLiteral("%1 cannot be written").arg(file),
                QStringLiteral("The file or its folder is read-only or cannot be opened"),
                QStringLiteral(
                    "Check owner, mode and mount options of the folder, and the limit of open files"),
                true);
        case kCorrupt:
            return about(
                ErrorCode::DataLoss, QStringLiteral("%1 is damaged").arg(file),
                QStringLiteral("A page of the file is not what was written"),
                QStringLiteral("Stop the engine, keep a copy of the file, and restore it from a backup"),
                false);
        case kNotADatabase:
            return about(ErrorCode::DataLoss, QStringLiteral("%1 is not a database").arg(file),
                         QStringLiteral("Its first bytes are not those of an SQLite file"),
                         QStringLiteral("Move it away, or restore it from a backup"), false);
        case kBusy:
        case kLocked:
            return about(ErrorCode::Unavailable, QStringLiteral("%1 is held by another process").arg(file),
                         QStringLiteral("Another program has it locked"),
                         QStringLiteral("End that program; only one engine may use a state folder"), true);
        case kNoMemory:
            return about(ErrorCode::ResourceExhausted, QStringLiteral("No memory to use %1").arg(file),
                         QStringLiteral("SQLite could not allocate memory"),
                         QStringLiteral("Give the process more memory"), true);
        case kInterrupt:
            return about(ErrorCode::Cancelled, QStringLiteral("Work on %1 was interrupted").arg(file), {}, {},
                         true);
        case kConstraint:
            if (code == kConstraintPrimaryKey || code == kConstraintUnique || code == kConstraintRowId) {
                return about(ErrorCode::AlreadyExists, QStringLiteral("There is such a row already"),
                             QStringLiteral("Its key is taken in %1").arg(file),
                             QStringLiteral("Use another key"), false);
            }
            return about(ErrorCode::InvalidArgument, QStringLiteral("The row does not fit its table"),
                         QStringLiteral("A constraint in %1 refuses it").arg(file),
                         QStringLiteral("Report this as a bug"), false);
        default:
            return about(ErrorCode::Internal, QStringLiteral("A statement on %1 failed").arg(file),
                         QStringLiteral("SQLite refuses the statement"),
                         QStringLiteral("Report this as a bug"), false);
    }
}

}  // namespace

Trouble troubleOf(const QSqlError& error)
{
    switch (codeOf(error) & 0xff) {
        case kFull:
        case kIoError:
        case kReadOnly:
        case kCannotOpen:
            return Trouble::Disk;
        case kCorrupt:
        case kNotADatabase:
            return Trouble::Damaged;
        case kBusy:
        case kNoMemory:
        case kInterrupt:
            return Trouble::Transaction;
        default:
            return Trouble::None;
    }
}

Error toError(const QSqlError& error, const QString& file)
{
    const QString text = error.databaseText().isEmpty() ? error.driverText() : error.databaseText();
    const bool otherTables = codeOf(error) == kError && (text.startsWith(QLatin1String("no such table")) ||
                                                         text.startsWith(QLatin1String("no such column")));
    Error result = classify(otherTables ? kCorrupt : codeOf(error), file);
    if (otherTables) {
        result.cause = QStringLiteral("Its tables are not those that this program made: %1").arg(text);
    }
    result.upstream = Upstream{.system = QStringLiteral("sqlite"), .code = codeOf(error), .text = text};
    return result;
}

Error fileError(int code, const QString& file)
{
    Error error = about(ErrorCode::Unavailable, QStringLiteral("%1 cannot be opened").arg(file),
                        QString::fromLocal8Bit(std::strerror(code)),
                        QStringLiteral("Check the path, its owner and its mode"), false);
    switch (code) {
        case ENOENT:
            error.code = ErrorCode::NotFound;
            error.correction = QStringLiteral("Make the folder, or name another one");
            break;
        case EACCES:
        case EPERM:
        case EROFS:
            error.code = ErrorCode::PermissionDenied;
            break;
        case ENOSPC:
        case EDQUOT:
            error.code = ErrorCode::ResourceExhausted;
            error.correction = QStringLiteral("Free space on that filesystem");
            error.retryable = true;
            break;
        default:
            break;
    }
    error.upstream = Upstream{.system = QStringLiteral("system"), .code = code, .text = error.cause};
    return error;
}

}  // namespace sluice::store
