#include "mover/rados_judge.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <algorithm>

#include "mover/rados_cluster.h"

namespace sluice::mover {
namespace {

constexpr int kSeconds = 3;

std::optional<QJsonObject> command(librados::Rados& rados, const QJsonObject& request)
{
    librados::bufferlist out;
    std::string words;
    const int code = rados.mon_command(QJsonDocument(request).toJson(QJsonDocument::Compact).toStdString(),
                                       {}, &out, &words);
    if (code < 0) {
        return std::nullopt;
    }
    return QJsonDocument::fromJson(bytesOf(out)).object();
}

}  // namespace

Blockage judgeHang(const Progress::Waiting& waiting, const ClusterAccess& access)
{
    const QString object = QStringLiteral("rados://%1/%2/%3")
                               .arg(waiting.place.connection, waiting.place.cephPool, waiting.place.object);
    Blockage blockage{
        .what = Obstacle::Timeout,
        .connection = waiting.place.connection,
        .cephPool = waiting.place.cephPool,
        .error = Error{.code = ErrorCode::Unavailable,
                       .message = QStringLiteral("%1 gives no answer").arg(object),
                       .cause = QStringLiteral("the OSDs of its placement group do not answer"),
                       .correction = QStringLiteral("Look at the state of its placement group and its OSDs"),
                       .retryable = true,
                       .source = QStringLiteral("ceph")}};
    if (waiting.op == QLatin1String("connect")) {
        return notConnected(access, -ETIMEDOUT);
    }
    if (waiting.op == QLatin1String("list")) {
        blockage.error.cause =
            QStringLiteral("a listing asks every placement group of its Ceph pool, and not all answer");
        blockage.error.correction =
            QStringLiteral("Look at the states of the placement groups of the Ceph pool and at its OSDs");
        return blockage;
    }
    librados::Rados rados;
    if (connectQuickly(rados, access, kSeconds) < 0) {
        blockage.error.cause = QStringLiteral("it is not known why: the monitors do not answer either");
        blockage.error.correction =
            QStringLiteral("See that a majority of the monitors runs and can be reached");
        return blockage;
    }
    const auto map = command(
        rados, {{"prefix", "osd map"},
                {"pool", waiting.place.cephPool},
                {"object", waiting.place.object.isEmpty() ? QStringLiteral("x") : waiting.place.object},
                {"format", "json"}});
    const auto minSize = command(rados, {{"prefix", "osd pool get"},
                                         {"pool", waiting.place.cephPool},
                                         {"var", "min_size"},
                                         {"format", "json"}});
    if (!map || !minSize) {
        return blockage;
    }
    constexpr int kNobody = 0x7fffffff;  // a place of an erasure coded placement group without OSD
    const QJsonArray osds = (*map)["acting"].toArray();
    const auto acting =
        std::count_if(osds.begin(), osds.end(), [](const QJsonValue& osd) { return osd.toInt() != kNobody; });
    const int needed = (*minSize)["min_size"].toInt();
    if (acting < needed) {
        blockage.what = Obstacle::MinSize;
        blockage.error.cause =
            QStringLiteral("its placement group %1 has %2 OSD, its Ceph pool needs %3 (min_size)")
                .arg((*map)["pgid"].toString())
                .arg(acting)
                .arg(needed);
        blockage.error.correction = QStringLiteral("Start the OSDs that are down; it goes on by itself");
    }
    return blockage;
}

}  // namespace sluice::mover
