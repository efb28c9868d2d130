#include "tests/support/example_system/valve_claim.h"

namespace sluice::example {
namespace {

constexpr int kCallMs = 2000;
constexpr QLatin1String kValve{"waterworks.valve"};

QJsonObject withReason(QJsonObject params, const QJsonObject& because)
{
    params["because"] = because;
    return params;
}

/// Takes the valve from its holder, and looks whether it is so.
void fence(connect::Link& link, const flow::Claim& claim, const QJsonObject& because,
           const connect::ClaimKeeper::Done& done)
{
    link.call(claim.connection, QStringLiteral("valve.free"), withReason(claim.body, because), kCallMs, true,
              [&link, claim, done](const Result<QJsonObject>& freed) {
                  if (!freed) {
                      done(fail(freed.error()));
                      return;
                  }
                  link.call(claim.connection, QStringLiteral("valve.read"), claim.body, kCallMs, false,
                            [claim, done](const Result<QJsonObject>& seen) {
                                if (!seen) {
                                    done(fail(seen.error()));
                                } else if ((*seen)["holder"] == claim.body["by"]) {
                                    done(fail(Error{.code = ErrorCode::Unavailable,
                                                    .message = QStringLiteral("The valve is still held"),
                                                    .retryable = true,
                                                    .source = claim.connection}));
                                } else {
                                    done({});
                                }
                            });
              });
}

}  // namespace

flow::Claim valveClaim(const QString& connection, const QString& valve, const QString& by)
{
    return {.kind = kValve, .connection = connection, .body = {{"valve", valve}, {"by", by}}};
}

QList<connect::ClaimKeeper> claimKeepers(const connect::ClaimContext& context)
{
    return {{.kind = kValve,
             .order = connect::ClaimOrder::Holder,
             .nameOf = [](const flow::Claim& claim) { return claim.body["valve"].toString(); },
             .holder =
                 [](const flow::Claim& claim) {
                     return QStringLiteral("%1 at valve %2")
                         .arg(claim.body["by"].toString(), claim.body["valve"].toString());
                 },
             .proof = QStringLiteral("its valve has no holder"),
             .proofOfSeveral = QStringLiteral("its valves have no holder"),
             .fence = [&link = context.link](
                          const flow::Claim& claim, const QJsonObject& because, QObject*,
                          connect::ClaimKeeper::Done done) { fence(link, claim, because, done); },
             .release =
                 [&link = context.link](const flow::Claim& claim, const QJsonObject& because,
                                        connect::ClaimKeeper::Done done) {
                     link.call(claim.connection, QStringLiteral("valve.untag"),
                               withReason(claim.body, because), kCallMs, true,
                               [done](const Result<QJsonObject>& untagged) {
                                   done(untagged ? Result<void>() : Result<void>(fail(untagged.error())));
                               });
                 },
             .askedOf = [](const flow::Claim& claim) { return claim.connection; }}};
}

}  // namespace sluice::example
