#include "ceph/storage_facts.h"

#include <QtCore/QHash>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QRegularExpression>
#include <QtCore/QSet>
#include <algorithm>
#include <utility>

#include "core/clock.h"

namespace sluice::ceph {
namespace {

/// What CRUSH writes where it found no OSD.
constexpr qint64 kNoOsd = 0x7fffffff;
constexpr qint64 kKiB = 1024;

bool isInternal(const QString& name, const QString& application)
{
    static const QRegularExpression ofRgw(
        QStringLiteral("\\.rgw\\.(log|control|meta|otp|buckets\\.index|buckets\\.non-ec)$"));
    return name.startsWith('.') || name == QLatin1String("device_health_metrics") ||
           application == QLatin1String("mgr") || application == QLatin1String("mgr_devicehealth") ||
           ofRgw.match(name).hasMatch();
}

QJsonArray osdList(const QJsonValue& value)
{
    QJsonArray list;
    const QJsonArray all = value.toArray();
    for (const QJsonValue& osd : all) {
        if (osd.toInteger() >= 0 && osd.toInteger() != kNoOsd) {
            list.append(osd);
        }
    }
    return list;
}

/// How many pieces of an object have to be there to read it.
int dataChunks(const QJsonValue& cephPool, const QJsonObject& osdDump)
{
    constexpr int kErasure = 3;
    if (cephPool["type"].toInt() != kErasure) {
        return 1;
    }
    const QJsonValue profile = osdDump["erasure_code_profiles"][cephPool["erasure_code_profile"].toString()];
    const int chunks = profile["k"].toVariant().toInt();
    // Plugins that take no k need about as much: min_size is one more than what is needed to read.
    return chunks > 0 ? chunks : std::max(1, cephPool["min_size"].toInt() - 1);
}

}  // namespace

QList<Fact> osdFacts(const QJsonObject& osdTree, const QJsonObject& osdDf)
{
    QHash<int, QString> hostOf;
    const QJsonArray nodes = osdTree["nodes"].toArray();
    for (const QJsonValue& node : nodes) {
        if (node["type"].toString() == QLatin1String("host")) {
            const QJsonArray children = node["children"].toArray();
            for (const QJsonValue& child : children) {
                hostOf.insert(child.toInt(), node["name"].toString());
            }
        }
    }
    QHash<int, QJsonObject> usage;
    const QJsonArray used = osdDf["nodes"].toArray();
    for (const QJsonValue& node : used) {
        usage.insert(node["id"].toInt(), node.toObject());
    }
    QList<Fact> facts;
    const auto add = [&](const QJsonArray& list) {
        for (const QJsonValue& node : list) {
            if (node["type"].toString() != QLatin1String("osd")) {
                continue;
            }
            const int id = node["id"].toInt();
            QJsonObject json{{"osdId", id},
                             {"up", node["status"].toString() == QLatin1String("up")},
                             {"in", node["reweight"].toDouble() > 0},
                             {"host", hostOf.value(id)},
                             {"crushWeight", node["crush_weight"].toDouble()}};
            if (const auto found = usage.constFind(id); found != usage.constEnd()) {
                json["usedBytes"] = (*found)["kb_used"].toInteger() * kKiB;
                json["totalBytes"] = (*found)["kb"].toInteger() * kKiB;
                json["pgCount"] = (*found)["pgs"].toInt();
            }
            facts.append({.kind = QStringLiteral("osd"),
                          .name = QString::number(id),
                          .source = QStringLiteral("osd tree, osd df"),
                          .facts = json});
        }
    };
    add(nodes);
    add(osdTree["stray"].toArray());
    return facts;
}

QList<Fact> cephPoolFacts(const QJsonObject& osdDump, const QJsonObject& df, qint64 figuresAtMs)
{
    QHash<int, QJsonObject> stats;
    const QJsonArray counted = df["pools"].toArray();
    for (const QJsonValue& value : counted) {
        stats.insert(value["id"].toInt(), value["stats"].toObject());
    }
    QList<Fact> facts;
    const QJsonArray all = osdDump["pools"].toArray();
    for (const QJsonValue& value : all) {
        const QString name = value["pool_name"].toString();
        const int id = value["pool"].toInt();
        const QStringList applications = value["application_metadata"].toObject().keys();
        const QStringList flags = value["flags_names"].toString().split(',', Qt::SkipEmptyParts);
        QJsonObject json{{"poolId", id},
                         {"size", value["size"].toInt()},
                         {"minSize", value["min_size"].toInt()},
                         {"pgNum", value["pg_num"].toInt()},
                         {"application", applications.join(',')},
                         {"quotaBytes", value["quota_max_bytes"].toInteger()},
                         {"quotaObjects", value["quota_max_objects"].toInteger()},
                         {"flags", QJsonArray::fromStringList(flags)},
                         {"full", flags.contains(QLatin1String("full"))},
                         {"fullQuota", flags.contains(QLatin1String("full_quota"))},
                         {"nearFull", flags.contains(QLatin1String("nearfull"))},
                         {"internal", isInternal(name, applications.value(0))}};
        json["dataChunks"] = dataChunks(value, osdDump);
        if (const auto found = stats.constFind(id); found != stats.constEnd() && figuresAtMs > 0) {
            json["figuresAt"] = toRfc3339(figuresAtMs);
            json["storedBytes"] = (*found)["stored"].toInteger();
            json["usedBytes"] = (*found)["bytes_used"].toInteger();
            json["objects"] = (*found)["objects"].toInteger();
            json["maxAvailBytes"] = (*found)["max_avail"].toInteger();
        }
        facts.append({.kind = QStringLiteral("ceph-pool"),
                      .name = name,
                      .source = QStringLiteral("osd dump, df detail"),
                      .facts = json});
    }
    return facts;
}

QStringList clusterFlags(const QJsonObject& osdDump)
{
    QStringList flags;
    const QJsonArray set = osdDump["flags_set"].toArray();
    for (const QJsonValue& flag : set) {
        flags.append(flag.toString());
    }
    return flags;
}

Fact objectPg(const QString& cephPool, const QString& object, const QJsonObject& osdMap,
              const QJsonObject& pgBrief, const QJsonObject& osdDump)
{
    const QString pgId = osdMap["pgid"].toString();
    QJsonObject json{{"cephPool", cephPool},
                     {"object", object},
                     {"pgId", pgId},
                     {"state", QString()},
                     {"acting", osdList(osdMap["acting"])},
                     {"up", osdList(osdMap["up"])}};
    const QJsonArray pgs = pgBrief["pg_stats"].toArray();
    for (const QJsonValue& pg : pgs) {
        if (pg["pgid"].toString() == pgId && osdList(pg["acting"]) == json["acting"].toArray()) {
            json["state"] = pg["state"].toString();
        }
    }
    const QJsonArray all = osdDump["pools"].toArray();
    for (const QJsonValue& value : all) {
        if (value["pool_name"].toString() == cephPool) {
            json["size"] = value["size"].toInt();
            json["minSize"] = value["min_size"].toInt();
        }
    }
    return {.kind = QStringLiteral("object-pg"),
            .name = cephPool + '/' + object,
            .source = QStringLiteral("osd map, pg dump"),
            .facts = json};
}

QJsonObject poolPgs(const QJsonObject& cephPool, const QHash<QString, QJsonArray>& acting,
                    const std::optional<QJsonObject>& pgBrief)
{
    const int id = cephPool["pool"].toInt();
    const int pgNum = cephPool["pg_num"].toInt();
    const int minSize = cephPool["min_size"].toInt();
    int read = 0;
    int tooFew = 0;
    QString example;
    QSet<int> holders;
    for (int i = 0; i < pgNum; ++i) {
        const QString pgId = pgIdOf(id, i);
        const auto found = acting.constFind(pgId);
        if (found == acting.constEnd()) {
            continue;
        }
        ++read;
        const QJsonArray osds = osdList(*found);
        for (const QJsonValue& osd : osds) {
            holders.insert(osd.toInt());
        }
        if (osds.size() < minSize) {
            ++tooFew;
            example = example.isEmpty() ? pgId : example;
        }
    }
    QJsonObject json{{"pgNum", pgNum},     {"read", read},           {"size", cephPool["size"].toInt()},
                     {"minSize", minSize}, {"belowMinSize", tooFew}, {"inactive", QJsonValue()}};
    if (pgBrief) {
        int states = 0;
        int inactive = 0;
        const QJsonArray pgs = (*pgBrief)["pg_stats"].toArray();
        for (const QJsonValue& pg : pgs) {
            if (pg["pgid"].toString().section('.', 0, 0).toInt() == id) {
                ++states;
                const bool active = pg["state"].toString().split('+').contains(QStringLiteral("active"));
                inactive += active ? 0 : 1;
                example = example.isEmpty() && !active ? pg["pgid"].toString() : example;
            }
        }
        json["inactive"] = states >= pgNum ? QJsonValue(inactive) : QJsonValue();
    }
    json["example"] = example;
    QList<int> sorted = holders.values();
    std::sort(sorted.begin(), sorted.end());
    QJsonArray osds;
    for (const int osd : std::as_const(sorted)) {
        osds.append(osd);
    }
    json["osds"] = osds;
    return json;
}

QString pgIdOf(int cephPoolId, int number)
{
    return QStringLiteral("%1.%2").arg(cephPoolId).arg(number, 0, 16);
}

namespace {

/// The first JSON array of a text with more behind it: brackets inside strings are text, those of IPv6
/// addresses too.
QByteArray firstArray(const QByteArray& text)
{
    int depth = 0;
    bool inString = false;
    for (qsizetype i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (inString) {
            i += c == '\\' ? 1 : 0;
            inString = c != '"';
        } else if (c == '"') {
            inString = true;
        } else if (c == '[' || c == '{') {
            ++depth;
        } else if ((c == ']' || c == '}') && --depth == 0) {
            return text.first(i + 1);
        }
    }
    return {};
}

/// HOST of "HOST:PORT/NONCE"; an IPv6 address with its brackets.
QString hostOf(const QString& address)
{
    return address.left(address.lastIndexOf(':'));
}

}  // namespace

QStringList blocklistAddresses(const QByteArray& answer)
{
    QStringList addresses;
    const QJsonArray entries = QJsonDocument::fromJson(firstArray(answer)).array();
    for (const QJsonValue& entry : entries) {
        addresses.append(entry["addr"].toString());
    }
    return addresses;
}

bool isBlocked(const QStringList& blocklist, const QString& address)
{
    return blocklist.contains(address) || blocklist.contains(hostOf(address) + QStringLiteral(":0/0"));
}

}  // namespace sluice::ceph
