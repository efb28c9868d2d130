#include "diagnosis/health_words.h"

#include <QtCore/QJsonArray>
#include <algorithm>

#include "core/units.h"
#include "diagnosis/scene.h"

namespace sluice::diagnosis {
namespace {

const QString kUnknown = QStringLiteral("unknown");

/// The facts of one cluster with the question whether they are young enough.
struct Cluster {
    const FactSource& facts;
    QString connection;
    qint64 nowMs;

    std::optional<Fact> one(const QString& kind) const
    {
        return facts.fact(idOf(connection, kind, connection));
    }
    bool fresh(const std::optional<Fact>& fact) const { return fact && isFresh(fact->observedAtMs, nowMs); }
    QList<Fact> freshOf(const QString& kind) const
    {
        QList<Fact> found;
        for (const Fact& fact : facts.ofKind(connection, kind)) {
            if (isFresh(fact.observedAtMs, nowMs)) {
                found.append(fact);
            }
        }
        std::sort(found.begin(), found.end(), [](const Fact& a, const Fact& b) { return a.id < b.id; });
        return found;
    }
    QString why(const std::optional<Fact>& fact, const QString& what) const
    {
        if (!fact || fact->observedAtMs <= 0 || fact->observedAtMs > nowMs) {
            return QStringLiteral("%1: not read yet").arg(what);
        }
        return QStringLiteral("%1: last read %2 ago").arg(what, formatDuration(nowMs - fact->observedAtMs));
    }
};

HealthWord availability(const Cluster& cluster, const Fact& pgs)
{
    const auto status = cluster.one(QStringLiteral("cluster"));
    QStringList trouble;
    if (cluster.fresh(status)) {
        for (const QJsonValue& flag : status->facts["flags"].toArray()) {
            const QString name = flag.toString();
            if (name == QLatin1String("pauserd") || name == QLatin1String("pausewr") ||
                name == QLatin1String("full")) {
                trouble.append(QStringLiteral("flag %1 is set").arg(name));
            }
        }
        if (status->facts["osdsTotal"].toInt() > 0 && status->facts["osdsUp"].toInt() == 0) {
            return {QStringLiteral("unavailable"), QStringLiteral("No OSD is up")};
        }
    }
    const int total = pgs.facts["total"].toInt();
    const int inactive = pgs.facts["inactive"].toInt();
    if (inactive > 0 && inactive >= total) {
        return {QStringLiteral("unavailable"), QStringLiteral("None of %1 PGs is active").arg(total)};
    }
    if (inactive > 0) {
        trouble.prepend(QStringLiteral("%1 of %2 PGs are not active: reads and writes there wait")
                            .arg(inactive)
                            .arg(total));
    }
    for (const Fact& cephPool : cluster.freshOf(QStringLiteral("ceph-pool"))) {
        if (cephPool.facts["full"].toBool() || cephPool.facts["fullQuota"].toBool()) {
            trouble.append(cephPool.facts["fullQuota"].toBool()
                               ? QStringLiteral("Ceph pool %1 is at its quota").arg(cephPool.name)
                               : QStringLiteral("Ceph pool %1 is full").arg(cephPool.name));
        }
    }
    if (trouble.isEmpty()) {
        return {QStringLiteral("available"), QStringLiteral("All %1 PGs are active").arg(total)};
    }
    return {QStringLiteral("partly"), trouble.join(QStringLiteral("; "))};
}

/// How many copies the most endangered data still has, as far as the sums tell.
HealthWord redundancy(const Cluster& cluster, const Fact& pgs)
{
    const int undersized = pgs.facts["undersized"].toInt();
    const qint64 degraded = pgs.facts["degradedObjects"].toInteger();
    const qint64 unfound = pgs.facts["unfoundObjects"].toInteger();
    if (unfound > 0) {
        return {QStringLiteral("lost"),
                QStringLiteral("%1 objects have no copy that can be found").arg(formatCount(unfound))};
    }
    int smallest = 0;
    QStringList single;
    for (const Fact& cephPool : cluster.freshOf(QStringLiteral("ceph-pool"))) {
        const int size = cephPool.facts["size"].toInt();
        if (size <= 0 || cephPool.facts["internal"].toBool()) {
            continue;
        }
        if (size == 1) {
            single.append(cephPool.name);
        } else {
            smallest = smallest == 0 ? size : std::min(smallest, size);
        }
    }
    if (undersized > 0 || degraded > 0) {
        int down = 0;
        for (const Fact& osd : cluster.freshOf(QStringLiteral("osd"))) {
            down += osd.facts["up"].toBool(true) ? 0 : 1;
        }
        // Objects can be degraded while their PG has all its OSDs: then only the catching up is missing.
        const int lostCopies = undersized > 0 ? std::max(down, 1) : 1;
        const int left = smallest > 0 ? smallest - lostCopies : 0;
        const QString what =
            undersized > 0 ? QStringLiteral("%1 PGs have too few copies").arg(undersized)
                           : QStringLiteral("%1 objects have too few copies").arg(formatCount(degraded));
        if (smallest > 0 && left >= 2) {
            return {QStringLiteral("reduced"),
                    QStringLiteral("%1, at least %2 copies are left").arg(what).arg(left)};
        }
        return {QStringLiteral("none left"),
                QStringLiteral("%1, perhaps one copy or none is left").arg(what)};
    }
    if (!single.isEmpty()) {
        return {QStringLiteral("single"),
                QStringLiteral("Ceph pool %1 keeps one copy only").arg(joined(single))};
    }
    if (smallest == 0) {
        return {kUnknown, QStringLiteral("The sizes of the Ceph pools: not read yet")};
    }
    return {QStringLiteral("full"), QStringLiteral("Every object has all its copies")};
}

HealthWord posture(const Cluster& cluster, const Fact& quorum)
{
    const auto status = cluster.one(QStringLiteral("cluster"));
    if (!cluster.fresh(status) || !status->facts["healthBelieved"].toBool(true)) {
        return {kUnknown, cluster.why(status, QStringLiteral("Health checks"))};
    }
    QStringList checks;
    bool urgent = status->facts["health"].toString() == QLatin1String("HEALTH_ERR");
    for (const Fact& check : cluster.freshOf(QStringLiteral("health-check"))) {
        if (check.facts["muted"].toBool()) {
            continue;
        }
        checks.append(check.facts["check"].toString(check.name));
        urgent = urgent || check.facts["severity"].toString() == QLatin1String("HEALTH_ERR");
    }
    const int inQuorum = int(quorum.facts["inQuorum"].toArray().size());
    const int needed = quorum.facts["needed"].toInt();
    const int total = quorum.facts["total"].toInt();
    const bool thin = total > 1 && needed > 0 && inQuorum == needed && inQuorum < total;
    if (thin && !checks.contains(QStringLiteral("MON_DOWN"))) {
        checks.prepend(QStringLiteral("MON_DOWN"));
    }
    const int count = int(checks.size());
    if (count == 0) {
        return urgent
                   ? HealthWord{QStringLiteral("urgent"), QStringLiteral("The cluster says HEALTH_ERR"), 1}
                   : HealthWord{QStringLiteral("in order"), QStringLiteral("No health check is raised"), 0};
    }
    QString why = checks.mid(0, 3).join(QStringLiteral(", "));
    if (count > 3) {
        why += QStringLiteral(" and %1 more").arg(count - 3);
    }
    if (thin) {
        why += QStringLiteral("; one more lost monitor ends the quorum");
    }
    return {urgent || thin ? QStringLiteral("urgent") : QStringLiteral("to fix"), why, count};
}

}  // namespace

QJsonObject HealthWords::toJson() const
{
    const auto plain = [](const HealthWord& word) {
        return QJsonObject{{"word", word.word}, {"why", word.why}};
    };
    return {{"availability", plain(availability)},
            {"redundancy", plain(redundancy)},
            {"posture", QJsonObject{{"word", posture.word}, {"count", posture.count}, {"why", posture.why}}}};
}

HealthWords healthWords(const FactSource& facts, const QString& connection, qint64 nowMs)
{
    const Cluster cluster{facts, connection, nowMs};
    const auto quorum = cluster.one(QStringLiteral("mon-quorum"));
    if (!cluster.fresh(quorum) || !quorum->facts["quorate"].isBool()) {
        const QString why = cluster.why(quorum, QStringLiteral("Monitor quorum"));
        return {{kUnknown, why}, {kUnknown, why}, {kUnknown, why}};
    }
    const auto pgs = cluster.one(QStringLiteral("pg-summary"));
    if (!quorum->facts["quorate"].toBool()) {
        return {{QStringLiteral("partly"),
                 QStringLiteral("No monitor quorum: sessions that exist go on, new ones cannot be made")},
                {kUnknown, cluster.why(pgs, QStringLiteral("PG states"))},
                {kUnknown, QStringLiteral("Without a monitor quorum the health checks cannot be believed")}};
    }
    HealthWords words{.posture = posture(cluster, *quorum)};
    const auto status = cluster.one(QStringLiteral("cluster"));
    const bool managerGone = cluster.fresh(status) && status->facts["mgrAvailable"].isBool() &&
                             !status->facts["mgrAvailable"].toBool();
    if (managerGone || !cluster.fresh(pgs) || pgs->facts["total"].toInt() <= 0) {
        const QString why = managerGone ? QStringLiteral("No active manager: the PG states are old")
                                        : cluster.why(pgs, QStringLiteral("PG states"));
        words.availability = {kUnknown, why};
        words.redundancy = {kUnknown, why};
        return words;
    }
    words.availability = availability(cluster, *pgs);
    words.redundancy = redundancy(cluster, *pgs);
    return words;
}

}  // namespace sluice::diagnosis
