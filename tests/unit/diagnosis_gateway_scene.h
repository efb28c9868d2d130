#pragma once

#include "tests/unit/diagnosis_scene.h"

/// A gateway "rgw.vega" before the Ceph cluster "vega", healthy to begin with, and a task that writes to its
/// bucket.
namespace sluice::diagnosis::test {

inline const QString kGateway = QStringLiteral("rgw.vega/gateway/rgw.vega");
inline const QString kBucket = QStringLiteral("rgw.vega/bucket/catalog");
inline const QString kData = QStringLiteral("vega/ceph-pool/eu.rgw.buckets.data");
inline const QString kPgs = QStringLiteral("vega/pool-pgs/eu.rgw.buckets.data");

inline QJsonObject noQuota()
{
    return {{"enabled", false}, {"maxBytes", -1}, {"maxObjects", -1}};
}
inline QJsonObject quota(qint64 bytes, qint64 objects)
{
    return {{"enabled", true}, {"maxBytes", bytes}, {"maxObjects", objects}};
}

inline QJsonObject user(const QString& uid)
{
    return {{"uid", uid},         {"suspended", false}, {"quota", noQuota()}, {"bucketQuota", noQuota()},
            {"usedBytes", 5'000}, {"usedObjects", 50}};
}

inline QJsonObject bucketFacts()
{
    return {{"bucket", QJsonObject{{"name", "catalog"},
                                   {"owner", "lab"},
                                   {"placement", "default-placement"},
                                   {"quota", noQuota()},
                                   {"usedBytes", 1'000},
                                   {"usedObjects", 10}}},
            {"owner", user("lab")},
            {"user", user("lab")},
            {"uid", "lab"},
            {"policy", true},
            {"errors", QJsonArray{}}};
}

inline FakeFacts healthyGateway()
{
    FakeFacts facts = healthyVega();
    const QJsonObject placement{{"name", "default-placement"},
                                {"dataPools", QJsonArray{"eu.rgw.buckets.data"}},
                                {"indexPool", "eu.rgw.buckets.index"}};
    const QJsonObject archive{
        {"name", "archive"}, {"dataPools", QJsonArray{"cold"}}, {"indexPool", "cold.index"}};
    facts.put("rgw.vega", "gateway", "rgw.vega",
              {{"answers", true},
               {"alive", true},
               {"probeMs", 7},
               {"cluster", "vega"},
               {"placements", QJsonArray{placement, archive}}});
    facts.put("rgw.vega", "bucket", "catalog", bucketFacts());
    for (const char* name : {"eu.rgw.buckets.data", "eu.rgw.buckets.index", "cold", "cold.index"}) {
        facts.put("vega", "ceph-pool", QLatin1String(name),
                  {{"size", 3}, {"full", false}, {"fullQuota", false}, {"application", "rgw"}});
        facts.put("vega", "pool-pgs", QLatin1String(name),
                  {{"pgNum", 8}, {"read", 8}, {"belowMinSize", 0}, {"inactive", 0}, {"minSize", 2}});
    }
    return facts;
}

inline TaskView publish(const QString& what = {}, const QString& code = {}, int status = 403)
{
    TaskView task{.id = "R-1/publish",
                  .run = "R-1",
                  .task = "publish",
                  .kind = "move",
                  .state = "stalled",
                  .phase = "copying",
                  .touched = {{"bucket", "rgw.vega", "catalog", true, {}, "vega"}},
                  .connections = {"rgw.vega"},
                  .lastProgressAtMs = kNow - 30'000};
    if (!what.isEmpty()) {
        Error error{.code = ErrorCode::PermissionDenied,
                    .message = "rgw.vega refused the request for s3://rgw.vega/catalog/x"};
        if (!code.isEmpty()) {
            error.upstream = Upstream{"rgw.vega", status, code};
        }
        task.blocked = {{"what", what},           {"connection", "rgw.vega"}, {"object", "catalog/x"},
                        {"op", "write"},          {"sinceMs", 20'000},        {"observedAtMs", kNow},
                        {"error", error.toJson()}};
    }
    return task;
}

inline QStringList verdicts(const Diagnosis& diagnosis)
{
    QStringList all;
    for (const Finding& finding : diagnosis.findings) {
        all.append(finding.rule + ' ' + toString(finding.verdict));
    }
    return all;
}

}  // namespace sluice::diagnosis::test
