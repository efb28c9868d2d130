#include "systems/luigi/process_claim.h"

namespace sluice::systems::luigi {
namespace {

constexpr int kDeathMs = 5000;
// As it stands in the store.
constexpr QLatin1String kProcess{"luigi.process"};

sluice::luigi::ProcessMark markOf(const flow::Claim& claim)
{
    return sluice::luigi::ProcessMark::fromJson(claim.body["process"].toObject());
}

}  // namespace

flow::Claim processClaim(const sluice::luigi::ProcessMark& mark)
{
    return {.kind = kProcess, .connection = {}, .body = {{"process", mark.toJson()}}};
}

QList<connect::ClaimKeeper> claimKeepers(const connect::ClaimContext& context)
{
    return {{.kind = kProcess,
             .order = connect::ClaimOrder::Holder,
             .nameOf =
                 [](const flow::Claim& claim) { return QStringLiteral("process %1").arg(markOf(claim).pid); },
             .proof = QStringLiteral("its processes have ended"),
             .proofOfSeveral = QStringLiteral("its processes have ended"),
             .fence =
                 [&clock = context.clock](const flow::Claim& claim, const QJsonObject&, QObject* context,
                                          connect::ClaimKeeper::Done done) {
                     sluice::luigi::killGroup(
                         markOf(claim), clock, kDeathMs, context,
                         [done = std::move(done)](const Result<sluice::luigi::DeathProof>& proof) {
                             done(proof ? Result<void>() : Result<void>(fail(proof.error())));
                         });
                 }}};
}

}  // namespace sluice::systems::luigi
