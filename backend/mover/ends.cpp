#include "mover/ends.h"

#include <algorithm>

namespace sluice::mover {
namespace {

constexpr quint64 kReadBytes = 8 * 1024 * 1024;

/// With its length before it, so that no two lists of texts look alike.
quint32 add(quint32 crc, const QByteArray& bytes)
{
    const auto size = static_cast<quint64>(bytes.size());
    return crc32c(crc32c(crc, QByteArrayView(reinterpret_cast<const char*>(&size), sizeof(size))), bytes);
}

quint32 addAll(quint32 crc, const Attributes& pairs)
{
    for (auto at = pairs.begin(); at != pairs.end(); ++at) {
        crc = add(add(crc, at.key()), at.value());
    }
    return crc;
}

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

quint32 attributesChecksum(const Attributes& attributes)
{
    return addAll(kCrc32cStart, attributes);
}

Result<quint32> attributesChecksum(SourceObject& object, ObjectContext& context)
{
    quint32 crc = attributesChecksum(object.attributes());
    if (!object.hasOmap()) {
        return crc;
    }
    const auto header = object.omapHeader(context);
    if (!header) {
        return fail(header.error());
    }
    crc = add(crc, *header);
    QByteArray after;
    for (bool last = false; !last;) {
        const auto page = object.omapPage(after, context);
        if (!page) {
            return fail(page.error());
        }
        crc = addAll(crc, page->pairs);
        last = page->last || page->pairs.isEmpty();
        after = page->pairs.isEmpty() ? after : page->pairs.lastKey();
    }
    return crc;
}

Result<bool> SourceEnd::holdsAnything(ObjectContext& context)
{
    bool any = false;
    const auto listed = list(
        [&any](const QList<ListedObject>& objects) {
            any = any || !objects.isEmpty();
            return !any;
        },
        context);
    return listed ? Result<bool>(any) : fail(listed.error());
}

Result<void> DestinationEnd::fits(const QString&, quint64) const
{
    return {};
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
    return {
        .what = Obstacle::Changed,
        .connection = place.connection,
        .cephPool = place.cephPool,
        .object = place.object,
        .op = QStringLiteral("replace"),
        .error = Error{
            .code = ErrorCode::FailedPrecondition,
            .message = QStringLiteral("'%1' is never as it was looked at a moment before").arg(place.object),
            .cause =
                QStringLiteral("somebody else writes or locks it again and again, or the storage refuses "
                               "the condition of every write"),
            .correction = QStringLiteral("Find who writes there and stop it; it goes on by itself"),
            .retryable = true,
            .source = QStringLiteral("mover")}};
}

namespace {

constexpr char kGoneWords[] = ": the Ceph pool is gone";

}  // namespace

Error noCephPool(const OpPlace& place, const QString& op, bool anyMore)
{
    const QString where = QStringLiteral("'%1' in %2").arg(place.cephPool, place.connection);
    Error error{.code = ErrorCode::NotFound,
                .message = QStringLiteral("There is no Ceph pool %1").arg(where),
                .cause = QStringLiteral("it was never made, or it was removed"),
                .correction = QStringLiteral("Make the Ceph pool, or correct its name in the flow"),
                .source = QStringLiteral("ceph"),
                .upstream = Upstream{.system = place.connection,
                                     .code = -ENOENT,
                                     .text = QStringLiteral("%1: there is no such Ceph pool").arg(op)}};
    if (anyMore) {
        error.message = QStringLiteral("There is no Ceph pool %1 any more").arg(where);
        error.cause = QStringLiteral(
            "it was removed after this attempt began, with all that was in it; one that was made "
            "again under that name is another");
        error.correction = QStringLiteral(
            "Find who removed it; make it again, and what has to be in it, then reset the run");
        error.upstream->text = op + QLatin1String(kGoneWords);
    }
    return error;
}

bool isCephPoolGone(const Error& error)
{
    return error.code == ErrorCode::NotFound && error.upstream &&
           error.upstream->text.endsWith(QLatin1String(kGoneWords));
}

bool isBucketGone(const Error& error)
{
    return error.code == ErrorCode::NotFound && error.upstream &&
           error.upstream->text.section(':', 0, 0).trimmed() == QLatin1String("NoSuchBucket");
}

Error sourceChanged(const QString& object, const QString& how)
{
    return Error{
        .code = ErrorCode::Aborted,
        .message = QStringLiteral("The source '%1' changed during the copy").arg(object),
        .cause = how,
        .correction = QStringLiteral("Let its writer finish, then reset the run: what is equal is kept"),
        .source = QStringLiteral("mover")};
}

Error overwritten(const QString& object, const QString& how)
{
    return Error{
        .code = ErrorCode::Aborted,
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
                 .correction =
                     QStringLiteral("Reset the run to write it again; if it comes back, look at the storage"),
                 .source = QStringLiteral("mover")};
}

}  // namespace sluice::mover
