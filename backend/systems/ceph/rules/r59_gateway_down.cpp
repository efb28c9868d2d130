#include <algorithm>

#include "systems/ceph/rules/gateway_view.h"
#include "systems/ceph/rules/rules.h"
#include "systems/ceph/rules/standing.h"

namespace sluice::systems::ceph {
namespace {

/// As libcurl numbers it: nobody listens there.
constexpr int kNoConnection = 7;
constexpr int kFirstServerError = 500;
/// A gateway that is started anew answers within this time.
constexpr qint64 kRestartMs = 12'000;

/// What was seen before the task began to wait says nothing about why it waits.
bool seenSinceItWaits(const CephScene& scene, const Fact& fact)
{
    return fact.observedAtMs >= scene.blocked().sinceMs;
}

void confirm(const CephScene& scene, const QString& gateway, Finding& finding)
{
    finding.verdict = Verdict::Confirmed;
    finding.title = QStringLiteral("The gateway %1 does not answer").arg(gateway);
    finding.evidence.append(scene.report());
    finding.correction =
        QStringLiteral("Start the gateway %1, or see why it cannot be reached. The task goes on by itself.")
            .arg(gateway);
    finding.remedy = Remedy{
        .title = QStringLiteral("Start the gateway %1").arg(gateway),
        .actionClass = 1,
        .steps = {QStringLiteral("Start the daemon of the gateway %1, or mend its network").arg(gateway),
                  QStringLiteral("Check that the gateway answers")}};
}

/// What the gateway itself answered the task with: "503 SlowDown". Empty if it gave no answer, or one for
/// good.
QString ownWord(const CephScene& scene, const GatewayBucket& bucket)
{
    constexpr int kFirstHttpStatus = 100;
    const Error& error = scene.blocked().error;
    if (!bucket.blockedHere(scene) || scene.blocked().what != QLatin1String("gateway") || !error.upstream ||
        error.upstream->code < kFirstHttpStatus) {
        return {};
    }
    return QStringLiteral("%1 %2").arg(error.upstream->code).arg(gatewayCode(error)).trimmed();
}

/// It runs, but what this task asks for is not done. Other requests say nothing about that.
void confirmTrouble(const CephScene& scene, const QString& gateway, const QString& title, Finding& finding)
{
    const QString cause = scene.blocked().error.cause;
    finding.verdict = Verdict::Confirmed;
    finding.title = title;
    finding.evidence.append(scene.report());
    finding.broken = {idOf(gateway, QStringLiteral("gateway"), gateway)};
    finding.correction =
        (cause.isEmpty() ? QString() : QStringLiteral("It means: %1. ").arg(cause)) +
        QStringLiteral(
            "Look at the log of %1 and at what stands behind it (its Ceph pools and OSDs, its load) "
            "and before it (a proxy). The task goes on by itself.")
            .arg(gateway);
    finding.remedy = Remedy{
        .title = QStringLiteral("See why the gateway %1 does not do it").arg(gateway),
        .actionClass = 0,
        .steps = {QStringLiteral("Look at the log of the gateway %1, and at its load").arg(gateway),
                  QStringLiteral("Look at the Ceph pools and OSDs behind it, and at a proxy before it"),
                  QStringLiteral("Check that the request passes")}};
}

/// The gateway answers somebody who asks for something else.
void judgeWhereOthersPass(const CephScene& scene, const GatewayBucket& bucket, Finding& finding)
{
    const QString gateway = bucket.touched.gateway;
    if (scene.blocked().any() && !bucket.hangsHere(scene)) {
        finding.verdict = Verdict::Refuted;
        return;
    }
    const bool timedOut = bucket.hangsHere(scene) && scene.blocked().what == QLatin1String("timeout");
    if (!timedOut || !seenSinceItWaits(scene, *bucket.gateway)) {
        finding.evidence.append(scene.report());
        return;
    }
    const auto behind = osdsBehindAnswer(scene, bucket.touched);
    if (behind == true) {
        confirmTrouble(
            scene, gateway,
            QStringLiteral("The gateway %1 does not answer what the task asks for, and answers others")
                .arg(gateway),
            finding);
        return;
    }
    finding.evidence.append(scene.report());
    finding.evidence.append({.text = behind
                                         ? QStringLiteral("Not all OSDs behind it are up and answer")
                                         : QStringLiteral("Whether the OSDs behind it answer is not known"),
                             .source = QStringLiteral("osd.answers"),
                             .entity = bucket.gatewayId()});
}

Finding seenFromHere(const CephScene& scene, const GatewayBucket& bucket)
{
    const QString gateway = bucket.touched.gateway;
    Finding finding{.rule = QStringLiteral("R59"),
                    .title = QStringLiteral("The gateway %1").arg(gateway),
                    .scope = Scope::Container};
    if (!bucket.gateway || !bucket.gateway->facts["answers"].isBool()) {
        finding.evidence = {
            scene.missing(bucket.gatewayId(), QStringLiteral("Whether %1 answers").arg(gateway), gateway)};
        return finding;
    }
    const Fact& fact = *bucket.gateway;
    const QString why = fact.facts["error"].toObject()["cause"].toString();
    const int status = fact.facts["status"].toInt();
    if (fact.facts["answers"].toBool()) {
        finding.evidence = {
            evidenceOf(fact, QStringLiteral("%1 answers a simple question in %2 ms")
                                 .arg(gateway, QString::number(fact.facts["probeMs"].toInt())))};
        judgeWhereOthersPass(scene, bucket, finding);
        return finding;
    }
    if (!fact.facts["alive"].toBool()) {
        finding.evidence = {
            evidenceOf(fact, QStringLiteral("%1 gives no answer at all: %2").arg(fact.source, why))};
        if (bucket.hangsHere(scene)) {
            confirm(scene, gateway, finding);
        } else if (scene.blocked().any()) {
            finding.evidence.append(scene.report());
        }
        return finding;
    }
    finding.evidence = {evidenceOf(
        fact,
        status > 0
            ? QStringLiteral("%1 runs and answers with %2: %3").arg(gateway, QString::number(status), why)
            : QStringLiteral("%1 runs, but does not serve requests that need its cluster %2: %3")
                  .arg(gateway, bucket.touched.cluster, why))};
    if (scene.blocked().any()) {
        finding.evidence.append(scene.report());
    }
    return finding;
}

Finding ofGateway(const CephScene& scene, const GatewayBucket& bucket, bool causeIsKnown)
{
    Finding finding = seenFromHere(scene, bucket);
    const QString word = ownWord(scene, bucket);
    if (!word.isEmpty() && finding.verdict != Verdict::Confirmed) {
        confirmTrouble(scene, bucket.touched.gateway,
                       QStringLiteral("The gateway %1 answers with %2").arg(bucket.touched.gateway, word),
                       finding);
    }
    if (causeIsKnown && finding.verdict == Verdict::Confirmed) {
        finding.verdict = Verdict::Unknown;
        finding.remedy.reset();
    }
    return finding;
}

/// The connections to one gateway, and the clusters that list them.
struct ListedGateway {
    QList<Fact> connections{};
    QStringList names{};
    QStringList clusters{};
};

/// One gateway may be known under several names, each with a cluster of its own.
QList<ListedGateway> listedGateways(const Scene& scene)
{
    QList<Fact> all = scene.facts().ofKind({}, QStringLiteral("gateway"));
    std::sort(all.begin(), all.end(), [](const Fact& a, const Fact& b) { return a.id < b.id; });
    QList<ListedGateway> listed;
    for (const Fact& gateway : all) {
        const QString endpoint = gateway.facts["endpoint"].toString();
        auto same = std::find_if(listed.begin(), listed.end(), [&endpoint](const ListedGateway& one) {
            return !endpoint.isEmpty() && one.connections.first().facts["endpoint"] == endpoint;
        });
        if (same == listed.end()) {
            same = listed.insert(listed.end(), ListedGateway());
        }
        same->connections.append(gateway);
        same->names.append(gateway.name);
        same->clusters.append(gateway.facts["cluster"].toString());
        same->clusters += gateway.facts["listedBy"].toVariant().toStringList();
        same->clusters.removeAll(QString());
        same->clusters.removeDuplicates();
    }
    return listed;
}

/// A refusal is an answer: whom it refuses is not known to be everybody.
bool serves(const Fact& gateway)
{
    const int status = gateway.facts["status"].toInt();
    return gateway.facts["answers"].toBool() || (status > 0 && status < kFirstServerError);
}

/// One that runs and waits for its cluster is not what is broken.
void judgeSilent(const ListedGateway& listed, const Fact& gateway, bool clusterBroken, Standing& one)
{
    const int status = gateway.facts["status"].toInt();
    const bool alive = gateway.facts["alive"].toBool();
    const Error error = Error::fromJson(gateway.facts["error"].toObject());
    if (alive && (clusterBroken || status < kFirstServerError)) {
        return;
    }
    const bool refused = error.upstream && error.upstream->code == kNoConnection;
    const QString command = QStringLiteral("systemctl %1 ceph-radosgw.target")
                                .arg(refused ? QStringLiteral("start") : QStringLiteral("restart"));
    one.finding.evidence = {evidenceOf(
        gateway, alive ? QStringLiteral("%1 runs and answers with %2: %3")
                             .arg(gateway.name, QString::number(status), error.cause)
                       : QStringLiteral("%1 gives no answer at all: %2").arg(gateway.source, error.cause))};
    if (listed.clusters.size() > 1) {
        one.finding.evidence.append(
            evidenceOf(gateway, QStringLiteral("It is listed by %1").arg(joined(listed.clusters))));
    }
    broken(
        one,
        {.title =
             QStringLiteral("%1 the gateway %2")
                 .arg(refused ? QStringLiteral("Start") : QStringLiteral("Restart"), joined(listed.names)),
         .actionClass = 1,
         .steps = {QStringLiteral("On the host of %1: %2").arg(gateway.facts["endpoint"].toString(), command),
                   QStringLiteral(
                       "If that does not help: look at its log, its network, and a proxy before it"),
                   QStringLiteral("Check that the gateway answers")},
         .commands = {command}},
        QStringLiteral(
            "%1 it, or see why it cannot be reached. What works with its buckets waits until then, "
            "and goes on by itself.")
            .arg(refused ? QStringLiteral("Start") : QStringLiteral("Restart")));
}

Standing ofListed(const Scene& scene, const ListedGateway& listed, const QList<Standing>& others)
{
    Standing one = standing(QStringLiteral("R59"), listed.connections.first().id,
                            QStringLiteral("No service from the gateway %1").arg(joined(listed.names)));
    one.finding.scope = Scope::Container;
    one.afterMs = kRestartMs;
    for (const Fact& other : listed.connections.mid(1)) {
        one.finding.broken.append(other.id);
    }
    const bool clusterBroken =
        std::any_of(listed.clusters.begin(), listed.clusters.end(),
                    [&others](const QString& cluster) { return clusterIsBroken(others, cluster); });
    for (const Fact& gateway : listed.connections) {
        if (!scene.fresh(gateway) || !gateway.facts["answers"].isBool()) {
            continue;
        }
        if (serves(gateway)) {
            const bool refuses = !gateway.facts["answers"].toBool();
            one.finding.remedy.reset();
            well(one, gateway,
                 refuses ? QStringLiteral("%1 answers, with a refusal: %2")
                               .arg(gateway.name, QString::number(gateway.facts["status"].toInt()))
                         : QStringLiteral("%1 answers").arg(gateway.name));
            return one;
        }
        if (one.finding.verdict != Verdict::Confirmed) {
            judgeSilent(listed, gateway, clusterBroken, one);
        }
    }
    return one;
}

}  // namespace

QList<Finding> ruleGatewayDown(const CephScene& scene, const QList<Finding>& others)
{
    // What stands behind a gateway makes it fail.
    const bool causeIsKnown = std::any_of(others.begin(), others.end(), [](const Finding& other) {
        return other.verdict == Verdict::Confirmed;
    });
    QList<Finding> findings;
    QStringList seen;
    for (const GatewayBucket& bucket : bucketsOf(scene)) {
        if (!seen.contains(bucket.touched.gateway)) {
            seen.append(bucket.touched.gateway);
            findings.append(ofGateway(scene, bucket, causeIsKnown));
        }
    }
    return findings;
}

QList<Standing> gatewaysStanding(const Scene& scene, const QList<Standing>& others)
{
    QList<Standing> told;
    for (const ListedGateway& listed : listedGateways(scene)) {
        told.append(ofListed(scene, listed, others));
    }
    return told;
}

}  // namespace sluice::systems::ceph
