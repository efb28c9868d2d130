#include "diagnosis/gateway_view.h"
#include "diagnosis/rules.h"

namespace sluice::diagnosis {
namespace {

/// What was seen before the task began to wait says nothing about why it waits.
bool seenSinceItWaits(const Scene& scene, const Fact& fact)
{
    return fact.observedAtMs >= scene.blocked().sinceMs;
}

void confirm(const Scene& scene, const QString& gateway, Finding& finding)
{
    finding.verdict = Verdict::Confirmed;
    finding.title = QStringLiteral("The gateway %1 does not answer").arg(gateway);
    finding.evidence.append(scene.report());
    finding.correction =
        QStringLiteral("Start the gateway %1, or see why it cannot be reached. The task goes on by itself.").arg(gateway);
    finding.remedy = Remedy{.title = QStringLiteral("Start the gateway %1").arg(gateway),
                            .actionClass = 1,
                            .steps = {QStringLiteral("Start the daemon of the gateway %1, or mend its network").arg(gateway),
                                      QStringLiteral("Check that the gateway answers")}};
}

Finding ofGateway(const Scene& scene, const GatewayBucket& bucket)
{
    const QString gateway = bucket.touched.gateway;
    Finding finding{.rule = QStringLiteral("R59"), .title = QStringLiteral("The gateway %1").arg(gateway), .distance = 2};
    if (!bucket.gateway || !bucket.gateway->facts["answers"].isBool()) {
        finding.evidence = {scene.missing(bucket.gatewayId(), QStringLiteral("Whether %1 answers").arg(gateway), gateway)};
        return finding;
    }
    const Fact& fact = *bucket.gateway;
    const QString why = fact.facts["error"].toObject()["cause"].toString();
    const int status = fact.facts["status"].toInt();
    if (fact.facts["answers"].toBool()) {
        finding.evidence = {evidenceOf(fact, QStringLiteral("%1 answers in %2 ms").arg(gateway).arg(fact.facts["probeMs"].toInt()))};
        if (!bucket.hangsHere(scene) || seenSinceItWaits(scene, fact)) {
            finding.verdict = Verdict::Refuted;
        } else {
            finding.evidence.append(scene.report());
        }
        return finding;
    }
    if (!fact.facts["alive"].toBool()) {
        finding.evidence = {evidenceOf(fact, QStringLiteral("%1 gives no answer at all: %2").arg(fact.source, why))};
        if (bucket.hangsHere(scene)) {
            confirm(scene, gateway, finding);
        } else if (scene.blocked().any()) {
            finding.evidence.append(scene.report());
        }
        return finding;
    }
    finding.evidence = {evidenceOf(
        fact, status > 0 ? QStringLiteral("%1 runs and answers with %2: %3").arg(gateway).arg(status).arg(why)
                         : QStringLiteral("%1 runs, but does not serve requests that need its cluster %2: %3")
                               .arg(gateway, bucket.touched.cluster, why))};
    // A request that is refused was answered.
    constexpr int kFirstServerError = 500;
    if (status > 0 && status < kFirstServerError && bucket.hangsHere(scene)) {
        finding.verdict = Verdict::Refuted;
    }
    if (scene.blocked().any()) {
        finding.evidence.append(scene.report());
    }
    return finding;
}

}  // namespace

QList<Finding> ruleGatewayDown(const Scene& scene)
{
    QList<Finding> findings;
    QStringList seen;
    for (const GatewayBucket& bucket : bucketsOf(scene)) {
        if (!seen.contains(bucket.touched.gateway)) {
            seen.append(bucket.touched.gateway);
            findings.append(ofGateway(scene, bucket));
        }
    }
    return findings;
}

}  // namespace sluice::diagnosis
