#include "systems/ceph/claims/claims.h"

namespace sluice::systems::ceph {
namespace {

constexpr int kCallMs = 10'000;
constexpr int kReadMs = 5000;
constexpr qint64 kBlocklistSeconds = 3600;

using Done = connect::ClaimKeeper::Done;

Error notProved(const QString& connection, const QString& address)
{
    return {.code = ErrorCode::Unavailable,
            .message = QStringLiteral("The fence of %1 is not proved").arg(address),
            .cause = QStringLiteral("%1 does not list it as blocked").arg(connection),
            .correction = QStringLiteral("It is tried again; nothing new starts before."),
            .retryable = true,
            .source = connection};
}

void blocklist(const connect::ClaimContext& context, const flow::Claim& claim, const QJsonObject& because,
               const Done& done)
{
    const QString connection = claim.connection;
    const QString address = claim.body["address"].toString();
    if (!context.config.connection(connection)) {
        done(fail(connect::notConfigured(claim, address)));
        return;
    }
    if (auto may = context.link.mayAct(connection); !may) {
        done(fail(may.error()));
        return;
    }
    const auto seen = [connection, address, done](const Result<QJsonObject>& has) {
        if (!has) {
            done(fail(has.error()));
        } else if (!(*has)["listed"].toBool()) {
            done(fail(notProved(connection, address)));
        } else {
            done({});
        }
    };
    context.link.call(
        connection, QStringLiteral("blocklist.add"),
        {{"address", address}, {"expireSeconds", kBlocklistSeconds}, {"because", because}}, kCallMs, true,
        [&link = context.link, connection, address, done, seen](const Result<QJsonObject>& added) {
            if (!added && added.error().code != ErrorCode::OutcomeUnknown) {
                done(fail(added.error()));
                return;
            }
            link.call(connection, QStringLiteral("blocklist.has"), {{"address", address}}, kReadMs, false,
                      seen);
        });
}

QString addressOf(const flow::Claim& claim)
{
    return claim.body["address"].toString();
}

}  // namespace

connect::ClaimKeeper clientKeeper(const connect::ClaimContext& context)
{
    return {.kind = kClientClaim,
            .order = connect::ClaimOrder::Holder,
            .nameOf = addressOf,
            .holder = addressOf,
            .proof = QStringLiteral("its client instance is in the blocklist"),
            .proofOfSeveral = QStringLiteral("its client instances are in the blocklist"),
            .fence = [context](const flow::Claim& claim, const QJsonObject& because, QObject*, Done done) {
                blocklist(context, claim, because, done);
            }};
}

}  // namespace sluice::systems::ceph
