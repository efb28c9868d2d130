#include "ceph/status_facts.h"

#include <QtCore/QJsonArray>
#include <algorithm>

namespace sluice::ceph {
namespace {

constexpr int kMaxDetailLines = 50;

/// A stale PG is active as of long ago: nobody has reported it since. A laggy one waits for its replicas.
bool servesIo(const QStringList& flags)
{
    return flags.contains(QLatin1String("active")) && !flags.contains(QLatin1String("stale")) &&
           !flags.contains(QLatin1String("laggy")) && !flags.contains(QLatin1String("wait"));
}

}  // namespace

bool hasMonQuorum(const QJsonObject& status)
{
    return !status["quorum_names"].toArray().isEmpty();
}

Fact clusterFact(const QString& connection, const QJsonObject& status, bool believed,
                 const ClusterExtras& extras)
{
    QJsonObject facts{{"healthBelieved", believed},
                      {"version", extras.version},
                      {"sessionState", extras.sessionState},
                      {"mgrName", extras.mgrName}};
    if (extras.flags) {
        facts["flags"] = QJsonArray::fromStringList(*extras.flags);
    }
    if (!status.isEmpty()) {
        const QJsonObject osdmap = status["osdmap"].toObject();
        facts["fsid"] = status["fsid"];
        facts["health"] = status["health"].toObject()["status"];
        facts["mgrAvailable"] = status["mgrmap"].toObject()["available"].toBool();
        facts["osdsTotal"] = osdmap["num_osds"].toInt();
        facts["osdsUp"] = osdmap["num_up_osds"].toInt();
        facts["osdsIn"] = osdmap["num_in_osds"].toInt();
    }
    return {.kind = QStringLiteral("cluster"),
            .name = connection,
            .source = QStringLiteral("status"),
            .facts = facts};
}

Fact pgSummary(const QString& connection, const QJsonObject& status)
{
    const QJsonObject pgmap = status["pgmap"].toObject();
    QJsonObject byState;
    int inactive = 0;
    int undersized = 0;
    const QJsonArray states = pgmap["pgs_by_state"].toArray();
    for (const QJsonValue& value : states) {
        const QString state = value["state_name"].toString();
        const int count = value["count"].toInt();
        const QStringList flags = state.split('+');
        byState[state] = count;
        inactive += servesIo(flags) ? 0 : count;
        undersized += flags.contains(QLatin1String("undersized")) ? count : 0;
    }
    return {.kind = QStringLiteral("pg-summary"),
            .name = connection,
            .source = QStringLiteral("status"),
            .facts = {{"total", pgmap["num_pgs"].toInt()},
                      {"byState", byState},
                      {"inactive", inactive},
                      {"undersized", undersized},
                      {"degradedObjects", pgmap["degraded_objects"].toInteger()},
                      {"misplacedObjects", pgmap["misplaced_objects"].toInteger()},
                      {"unfoundObjects", pgmap["unfound_objects"].toInteger()}}};
}

bool isOfManager(const QString& check)
{
    static const QStringList kBeginnings{
        QStringLiteral("PG_"),           QStringLiteral("OBJECT_"),
        QStringLiteral("SLOW_OPS"),      QStringLiteral("REQUEST_"),
        QStringLiteral("OSD_SCRUB_"),    QStringLiteral("OSD_TOO_MANY_REPAIRS"),
        QStringLiteral("LARGE_OMAP_"),   QStringLiteral("MANY_OBJECTS_"),
        QStringLiteral("SMALLER_PG"),    QStringLiteral("TOO_FEW_PGS"),
        QStringLiteral("TOO_MANY_PGS"),  QStringLiteral("POOL_APP_NOT_ENABLED"),
        QStringLiteral("DEVICE_HEALTH"), QStringLiteral("RECENT_"),
        QStringLiteral("POOL_TOO_"),     QStringLiteral("OSD_SLOW_PING_"),
        QStringLiteral("TELEMETRY_")};
    return std::any_of(kBeginnings.begin(), kBeginnings.end(),
                       [&check](const QString& beginning) { return check.startsWith(beginning); });
}

QList<Fact> healthChecks(const QJsonObject& health)
{
    QList<Fact> facts;
    const QJsonObject checks = health["checks"].toObject();
    for (auto it = checks.begin(); it != checks.end(); ++it) {
        const QJsonObject check = it->toObject();
        const QJsonArray lines = check["detail"].toArray();
        QJsonArray detail;
        for (const QJsonValue& line : lines) {
            if (detail.size() == kMaxDetailLines) {
                break;
            }
            detail.append(line["message"].toString());
        }
        facts.append({.kind = QStringLiteral("health-check"),
                      .name = it.key(),
                      .source = QStringLiteral("health detail"),
                      .facts = {{"check", it.key()},
                                {"severity", check["severity"].toString()},
                                {"summary", check["summary"].toObject()["message"].toString()},
                                {"muted", check["muted"].toBool()},
                                {"detail", detail},
                                {"detailTotal", lines.size()}}});
    }
    return facts;
}

QString clusterVersion(const QJsonObject& versions)
{
    QStringList found;
    const QJsonObject overall = versions["overall"].toObject();
    for (auto it = overall.begin(); it != overall.end(); ++it) {
        // "ceph version 16.2.15 (618f44…) pacific (stable)"
        const QString number = it.key().section(' ', 2, 2);
        if (!number.isEmpty() && !found.contains(number)) {
            found.append(number);
        }
    }
    return found.join(QStringLiteral(", "));
}

}  // namespace sluice::ceph
