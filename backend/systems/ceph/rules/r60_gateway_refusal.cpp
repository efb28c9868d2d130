#include "systems/ceph/rules/gateway_view.h"
#include "systems/ceph/rules/rules.h"

namespace sluice::systems::ceph {
namespace {

/// What is at fault, which tells which other runs the refusal stops.
enum class Whose { User, Bucket, Clock };

/// What a gateway means by a refusal, and what helps.
struct Refusal {
    const char* code;
    const char* rule;
    const char* title;       ///< %1 gateway, %2 user, %3 bucket
    const char* correction;  ///< the same
    const char* step;
    Whose whose;
};

constexpr Refusal kRefusals[] = {
    {"UserSuspended", "R60", "The user %2 of %1 is suspended",
     "Enable the user %2 at %1. The task tries again by itself.", "radosgw-admin user enable --uid=%2",
     Whose::User},
    {"InvalidAccessKeyId", "R25", "%1 does not know the key of this attempt",
     "Reset the task: the new attempt gets a new key. If it comes back, see the key of the connection %1.",
     "", Whose::User},
    {"SignatureDoesNotMatch", "R28", "%1 does not accept the signature of the key",
     "Check the secret key of the connection %1, and whether a proxy before it changes requests.",
     "Compare the secret of %1 with that of the gateway's user %2", Whose::User},
    {"RequestTimeTooSkewed", "R27", "The clocks of this machine and of %1 differ too much",
     "Set the clocks right; 15 minutes are allowed. The task tries again by itself.",
     "Compare the time of both machines", Whose::Clock},
    {"AccessDenied", "R60", "%1 denies %2 what this task does in bucket %3",
     "Give the user %2 the right on bucket %3: see the bucket's policy, its owner and ACL. The task tries "
     "again by itself.",
     "See the policy and the owner of bucket %3: radosgw-admin bucket stats --bucket=%3", Whose::Bucket},
    {"", "R60", "%1 refuses what this task does in bucket %3",
     "See the gateway's own word for it, and its documentation.", "See the log of the gateway %1",
     Whose::Bucket},
};

const Refusal& refusalOf(const QString& code)
{
    for (const Refusal& refusal : kRefusals) {
        if (code == QLatin1String(refusal.code)) {
            return refusal;
        }
    }
    return kRefusals[std::size(kRefusals) - 1];
}

/// A HEAD has no body for the code: whether the user is suspended was asked for besides.
QString codeOf(const CephScene& scene, const GatewayBucket& bucket)
{
    const QString code = gatewayCode(scene.blocked().error);
    if (!code.isEmpty() || !bucket.bucket) {
        return code;
    }
    if (bucket.bucket->facts["user"]["suspended"].toBool()) {
        return QStringLiteral("UserSuspended");
    }
    // RGW's administration asks for the same key.
    const QJsonValue first = bucket.bucket->facts["errors"][0];
    const QString said = first.isObject() ? gatewayCode(Error::fromJson(first.toObject())) : QString();
    return said == QLatin1String("AccessDenied") ? QString() : said;
}

QString filled(const char* text, const GatewayBucket& bucket, const QString& user)
{
    // Not every text has every place.
    return QString::fromUtf8(text)
        .replace(QLatin1String("%1"), bucket.touched.gateway)
        .replace(QLatin1String("%2"), user)
        .replace(QLatin1String("%3"), bucket.touched.bucket);
}

/// The owner of a bucket without a policy is denied nothing there: then it is the key that is not his any
/// more, which RGW calls by the same word.
bool deniesItsOwner(const GatewayBucket& bucket, const QString& code)
{
    if (code != QLatin1String("AccessDenied") || !bucket.bucket) {
        return false;
    }
    const QJsonObject& facts = bucket.bucket->facts;
    const QString owner = facts["bucket"]["owner"].toString();
    return !owner.isEmpty() && owner == facts["uid"].toString() && facts["policy"].isBool() &&
           !facts["policy"].toBool();
}

QString entityOf(Whose whose, const GatewayBucket& bucket, const QString& user)
{
    switch (whose) {
        case Whose::User:
            return idOf(bucket.touched.gateway, QStringLiteral("user"), user);
        case Whose::Clock:
            return bucket.gatewayId();
        case Whose::Bucket:
            break;
    }
    return bucket.bucketId();
}

/// A connection works as one user, whose name need not be known. What is refused for another reason is
/// another outage.
QString outageId(Whose whose, const GatewayBucket& bucket, const QString& code)
{
    return idOf(bucket.touched.gateway, QStringLiteral("refusal"),
                whose == Whose::Bucket ? QStringLiteral("%1 %2").arg(code, bucket.touched.bucket) : code);
}

Finding ofBucket(const CephScene& scene, const GatewayBucket& bucket)
{
    const QString code = codeOf(scene, bucket);
    const Refusal& refusal = refusalOf(code);
    const QString known = bucket.bucket ? bucket.bucket->facts["uid"].toString() : QString();
    const QString user = known.isEmpty() ? QStringLiteral("of the key") : known;
    Finding finding{.rule = QString::fromLatin1(refusal.rule),
                    .title = filled(refusal.title, bucket, user),
                    .verdict = code.isEmpty() ? Verdict::Unknown : Verdict::Confirmed,
                    .scope = Scope::Carrier,
                    .evidence = {scene.report()},
                    .correction = filled(refusal.correction, bucket, user)};
    finding.evidence.first().entity = entityOf(refusal.whose, bucket, known);
    finding.broken = {outageId(refusal.whose, bucket, code)};
    if (bucket.bucket && bucket.bucket->facts["user"].isObject() && !known.isEmpty()) {
        const bool suspended = bucket.bucket->facts["user"]["suspended"].toBool();
        finding.evidence.append(evidenceOf(
            *bucket.bucket,
            QStringLiteral("The user %1 is %2; bucket %3 belongs to %4")
                .arg(known, suspended ? QStringLiteral("suspended") : QStringLiteral("enabled"),
                     bucket.touched.bucket,
                     bucket.bucket->facts["bucket"]["owner"].toString(QStringLiteral("somebody")))));
    }
    if (deniesItsOwner(bucket, code)) {
        finding.verdict = Verdict::Unknown;
        finding.evidence.append(evidenceOf(
            *bucket.bucket, QStringLiteral("%1 owns bucket %2, which has no policy: the key of this attempt "
                                           "may be gone")
                                .arg(known, bucket.touched.bucket)));
        finding.correction = QStringLiteral("Reset the task: the new attempt gets a new key.");
        return finding;
    }
    if (code.isEmpty()) {
        finding.evidence.append(
            {.text = QStringLiteral("Its answer has no word for why: the key, a right or the user"),
             .source = bucket.touched.gateway,
             .entity = bucket.bucketId()});
        return finding;
    }
    if (refusal.code == QLatin1String("InvalidAccessKeyId")) {
        finding.remedy = Remedy{.method = QStringLiteral("flow.reset"),
                                .params = {{"run", scene.task().run}},
                                .title = QStringLiteral("Reset %1 with a new key").arg(scene.task().task),
                                .actionClass = 2,
                                .steps = {QStringLiteral("Fence the old attempt and prove that it is dead"),
                                          QStringLiteral("Start a new attempt with a key of its own")}};
    } else {
        finding.remedy = Remedy{.title = filled(refusal.title, bucket, user),
                                .actionClass = 1,
                                .steps = {filled(refusal.step, bucket, user),
                                          QStringLiteral("Check that the refused request passes")}};
    }
    return finding;
}

}  // namespace

QList<Finding> ruleGatewayRefusal(const CephScene& scene)
{
    for (const GatewayBucket& bucket : bucketsOf(scene)) {
        if (bucket.blockedHere(scene) && scene.blocked().what == QLatin1String("permission")) {
            return {ofBucket(scene, bucket)};
        }
    }
    return {};
}

}  // namespace sluice::systems::ceph
