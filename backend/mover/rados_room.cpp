#include "mover/rados_room.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <algorithm>

#include "core/units.h"

namespace sluice::mover {
namespace {

const QString kReserve = QStringLiteral("reserve");

Blockage noRoom(Obstacle what, const OpPlace& place, const QString& cause, const QString& correction)
{
    return Blockage{
        .what = what,
        .connection = place.connection,
        .cephPool = place.cephPool,
        .object = place.object,
        .op = kReserve,
        .error = Error{.code = ErrorCode::ResourceExhausted,
                       .message = QStringLiteral("There is no room in rados://%1/%2 for both copies of '%3'")
                                      .arg(place.connection, place.cephPool, place.object),
                       .cause = cause,
                       .correction = correction,
                       .retryable = true,
                       .source = QStringLiteral("ceph")}};
}

QString bytes(quint64 count)
{
    return formatBytes(static_cast<double>(count));
}

}  // namespace

std::optional<Blockage> lackOfRoom(const QByteArray& df, const OpPlace& place, const StagingNeed& need)
{
    const QJsonArray pools = QJsonDocument::fromJson(df).object()["pools"].toArray();
    const auto at = std::find_if(pools.begin(), pools.end(), [&place](const QJsonValue& cephPool) {
        return cephPool["name"].toString() == place.cephPool;
    });
    if (at == pools.end()) {
        return std::nullopt;
    }
    const QJsonObject stats = at->toObject()["stats"].toObject();
    const auto number = [&stats](const char* name) {
        return static_cast<quint64>(stats[QLatin1String(name)].toInteger());
    };
    const QString why = QStringLiteral("it is staged, then copied to its place inside the Ceph pool");
    const quint64 available = number("max_avail");
    const quint64 both = 2 * need.sizeBytes + need.promisedBytes;
    if (both > available) {
        return noRoom(
            Obstacle::Full, place,
            QStringLiteral("%1: that takes %2, and %3 are available").arg(why, bytes(both), bytes(available)),
            QStringLiteral("Add OSDs or remove data; it goes on by itself"));
    }
    const quint64 quota = number("quota_bytes");
    const quint64 grows = need.sizeBytes - std::min(need.sizeBytes, need.replacedBytes);
    const quint64 stored = number("stored") + need.sizeBytes + grows + need.promisedBytes;
    if (quota > 0 && stored > quota) {
        return noRoom(Obstacle::Quota, place,
                      QStringLiteral("%1: %2 would be stored, and its quota is %3")
                          .arg(why, bytes(stored), bytes(quota)),
                      QStringLiteral("Raise the quota of the Ceph pool (max_bytes) or remove objects"));
    }
    const quint64 quotaObjects = number("quota_objects");
    const quint64 objects = number("objects") + 1 + (need.creates ? 1 : 0);
    if (quotaObjects > 0 && objects > quotaObjects) {
        return noRoom(Obstacle::Quota, place,
                      QStringLiteral("%1: it would hold %2 objects, and its quota is %3")
                          .arg(why, formatCount(static_cast<qint64>(objects)),
                               formatCount(static_cast<qint64>(quotaObjects))),
                      QStringLiteral("Raise the quota of the Ceph pool (max_objects) or remove objects"));
    }
    return std::nullopt;
}

Result<void> RadosRoom::take(RadosPlace& place, const QString& name, const StagingNeed& need,
                             ObjectContext& context)
{
    return persist(context, kReserve, [&]() -> Try<void> {
        librados::bufferlist answer;
        std::string words;
        int code = 0;
        {
            const ObjectContext::Step step(context, kReserve, place.at(name));
            code = place.io()->rados->mon_command(R"({"prefix":"df","detail":"detail","format":"json"})", {},
                                                  &answer, &words);
        }
        const std::lock_guard lock(m_mutex);
        StagingNeed all = need;
        all.promisedBytes = m_promisedBytes;
        if (code >= 0) {
            if (const auto lack = lackOfRoom(bytesOf(answer), place.at(name), all)) {
                return hinder(*lack);
            }
        }
        m_promisedBytes += need.sizeBytes;
        return {};
    });
}

void RadosRoom::giveBack(quint64 sizeBytes)
{
    const std::lock_guard lock(m_mutex);
    m_promisedBytes -= sizeBytes;
}

}  // namespace sluice::mover
