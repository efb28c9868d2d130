#include "systems/ceph/claims/claims.h"

#include "systems/ceph/settings.h"

namespace sluice::systems::ceph {
namespace {

constexpr int kCallMs = 10'000;

using AskedOf = std::function<QString(const flow::Claim&)>;

/// A removal that says "gone" of what is gone; "not found" is said of the place itself and proves nothing.
auto removal(connect::Link& link, const QString& method, AskedOf askedOf)
{
    return [&link, method, askedOf = std::move(askedOf)](const flow::Claim& claim, const QJsonObject& because,
                                                         connect::ClaimKeeper::Done done) {
        QJsonObject params = claim.body;
        params["connection"] = claim.connection;
        params["because"] = because;
        link.call(askedOf(claim), method, params, kCallMs, true,
                  [done = std::move(done)](const Result<QJsonObject>& removed) {
                      done(removed ? Result<void>() : Result<void>(fail(removed.error())));
                  });
    };
}

connect::ClaimKeeper keyKeeper(const connect::ClaimContext& context, const AskedOf& cluster)
{
    return {.kind = kKeyClaim,
            .order = connect::ClaimOrder::Grant,
            .nameOf = [](const flow::Claim& claim) { return claim.body["accessKey"].toString(); },
            .proof = QStringLiteral("its S3 key is removed"),
            .proofOfSeveral = QStringLiteral("its S3 keys are removed"),
            .release = removal(context.link, QStringLiteral("s3.key.remove"), cluster),
            .askedOf = cluster,
            .fenceWaits = true};
}

connect::ClaimKeeper uploadKeeper(const connect::ClaimContext& context, const AskedOf& cluster)
{
    return {.kind = kUploadClaim,
            .order = connect::ClaimOrder::Leftover,
            .nameOf = [](const flow::Claim& claim) { return claim.body["uploadId"].toString(); },
            .release = removal(context.link, QStringLiteral("s3.upload.abort"), cluster),
            .askedOf = cluster,
            .fenceWaits = true};
}

/// The client that writes it is blocked first: what is left of it only takes up space, and a Ceph pool that
/// does not answer holds up no fence for that.
connect::ClaimKeeper stagedKeeper(const connect::ClaimContext& context)
{
    const AskedOf askedOf = [&config = context.config](const flow::Claim& claim) {
        return config.connection(claim.connection) ? claim.connection : QString();
    };
    return {.kind = kStagedClaim,
            .order = connect::ClaimOrder::Leftover,
            .nameOf =
                [](const flow::Claim& claim) {
                    return claim.connection + '/' + claim.body["cephPool"].toString() + '/' +
                           claim.body["object"].toString();
                },
            .release = removal(context.link, QStringLiteral("staged.remove"), askedOf),
            .askedOf = askedOf};
}

}  // namespace

flow::Claim clientClaim(const QString& cluster, const QString& address)
{
    return {.kind = kClientClaim, .connection = cluster, .body = {{"address", address}}};
}

flow::Claim s3KeyClaim(const QString& gateway, const QString& accessKey)
{
    return {.kind = kKeyClaim, .connection = gateway, .body = {{"accessKey", accessKey}}};
}

flow::Claim openClaim(const QJsonObject& told)
{
    QJsonObject body = told;
    body.remove(QStringLiteral("connection"));
    return {.kind = told.contains(QLatin1String("cephPool")) ? kStagedClaim : kUploadClaim,
            .connection = told["connection"].toString(),
            .body = body};
}

QStringList openClaimKinds()
{
    return {kStagedClaim, kUploadClaim};
}

QList<connect::ClaimKeeper> claimKeepers(const connect::ClaimContext& context)
{
    const AskedOf cluster = [&config = context.config](const flow::Claim& claim) {
        const config::Connection* owner = clusterOfGateway(config, claim.connection);
        return owner ? owner->name : QString();
    };
    return {clientKeeper(context), keyKeeper(context, cluster), uploadKeeper(context, cluster),
            stagedKeeper(context)};
}

}  // namespace sluice::systems::ceph
