#include "mover/ends.h"

#include <algorithm>

namespace sluice::mover {
namespace {

constexpr quint64 kReadBytes = 8 * 1024 * 1024;

}  // namespace

Result<quint32> SourceObject::checksum(ObjectContext& context)
{
    quint32 crc = kCrc32cStart;
    for (quint64 at = 0; at < sizeBytes();) {
        const quint64 length = std::min(kReadBytes, sizeBytes() - at);
        const auto bytes = read(at, length, context);
        if (!bytes) {
            return fail(bytes.error());
        }
        crc = crc32c(crc, *bytes);
        at += length;
    }
    return crc;
}

Result<OmapPage> SourceObject::omapPage(const QByteArray&, ObjectContext&)
{
    return OmapPage{};
}

Result<QByteArray> SourceObject::omapHeader(ObjectContext&)
{
    return QByteArray();
}

Result<bool> DestinationEnd::equalOmap(const QString&, SourceObject&, ObjectContext&)
{
    return true;
}

Result<DirectCopy> DestinationEnd::direct(const QString& name, SourceObject&, const Existing&, ObjectContext&)
{
    return fail(moved(name));
}

Error moved(const QString& object)
{
    return Error{.code = ErrorCode::FailedPrecondition,
                 .message = QStringLiteral("'%1' was changed while it was looked at").arg(object),
                 .cause = QStringLiteral("somebody else wrote or locked it"),
                 .correction = QStringLiteral("Look again"),
                 .retryable = true,
                 .source = QStringLiteral("mover")};
}

bool isMoved(const Error& error)
{
    return error.code == ErrorCode::FailedPrecondition && error.retryable &&
           error.source == QLatin1String("mover");
}

Blockage movedBlockage(const OpPlace& place)
{
    return {.what = Obstacle::Changed,
            .connection = place.connection,
            .cephPool = place.cephPool,
            .object = place.object,
            .op = QStringLiteral("replace"),
            .error = Error{.code = ErrorCode::FailedPrecondition,
                           .message = QStringLiteral("'%1' is never as it was looked at a moment before").arg(place.object),
                           .cause = QStringLiteral("somebody else writes or locks it again and again, or the storage refuses "
                                                   "the condition of every write"),
                           .correction = QStringLiteral("Find who writes there and stop it; it goes on by itself"),
                           .retryable = true,
                           .source = QStringLiteral("mover")}};
}

Error sourceChanged(const QString& object, const QString& how)
{
    return Error{.code = ErrorCode::Aborted,
                 .message = QStringLiteral("The source '%1' changed during the copy").arg(object),
                 .cause = how,
                 .correction = QStringLiteral("Let its writer finish, then reset the run: what is equal is kept"),
                 .source = QStringLiteral("mover")};
}

Error overwritten(const QString& object, const QString& how)
{
    return Error{.code = ErrorCode::Aborted,
                 .message = QStringLiteral("The destination '%1' was overwritten by somebody else").arg(object),
                 .cause = how,
                 .correction = QStringLiteral("Find who writes there and stop it, then reset the run"),
                 .source = QStringLiteral("mover")};
}

Error otherBytes(const QString& object, quint32 expected, quint32 found)
{
    return Error{.code = ErrorCode::DataLoss,
                 .message = QStringLiteral("'%1' does not hold the bytes that were written").arg(object),
                 .cause = QStringLiteral("the checksum is %1, it should be %2")
                              .arg(found, 8, 16, QLatin1Char('0'))
                              .arg(expected, 8, 16, QLatin1Char('0')),
                 .correction = QStringLiteral("Reset the run to write it again; if it comes back, look at the storage"),
                 .source = QStringLiteral("mover")};
}

}  // namespace sluice::mover
