#include "connect/claim_keeper.h"

#include <algorithm>

namespace sluice::connect {

const ClaimKeeper* ClaimKeepers::find(const QString& kind) const
{
    const auto it = std::find_if(m_keepers.cbegin(), m_keepers.cend(),
                                 [&kind](const ClaimKeeper& keeper) { return keeper.kind == kind; });
    return it == m_keepers.cend() ? nullptr : &*it;
}

Error notConfigured(const flow::Claim& claim, const QString& name)
{
    return {
        .code = ErrorCode::FailedPrecondition,
        .message = QStringLiteral("%1 (%2) could not be fenced: it may still write").arg(name, claim.kind),
        .cause = QStringLiteral("the configuration has no connection “%1” any more, or none that can be "
                                "asked about it")
                     .arg(claim.connection),
        .correction = QStringLiteral("Put the connection %1 back into the configuration and start the "
                                     "engine again; until then nothing starts in its place.")
                          .arg(claim.connection),
        .source = claim.connection};
}

Result<ClaimKeepers> ClaimKeepers::checked(QList<ClaimKeeper> keepers)
{
    QStringList kinds;
    for (const ClaimKeeper& keeper : std::as_const(keepers)) {
        const QString lacks = keeper.kind.isEmpty()               ? QStringLiteral("a kind")
                              : kinds.contains(keeper.kind)       ? QStringLiteral("a kind of its own")
                              : !keeper.nameOf                    ? QStringLiteral("nameOf")
                              : !keeper.fence && !keeper.release  ? QStringLiteral("fence or release")
                              : keeper.release && !keeper.askedOf ? QStringLiteral("askedOf for its release")
                              : keeper.fenceWaits && !keeper.release
                                  ? QStringLiteral("the release it waits for")
                                  : QString();
        if (!lacks.isEmpty()) {
            return fail(
                Error{.code = ErrorCode::InvalidArgument,
                      .message = QStringLiteral("Claims of kind “%1” cannot be kept").arg(keeper.kind),
                      .cause = QStringLiteral("their keeper has no %1").arg(lacks),
                      .correction = QStringLiteral("Correct the row of makeClaimKeepers in the system "
                                                   "that brings it."),
                      .source = QStringLiteral("sluiced")});
        }
        kinds.append(keeper.kind);
    }
    return ClaimKeepers(std::move(keepers));
}

Error ClaimKeepers::noKeeper(const flow::Claim& claim) const
{
    QStringList known;
    for (const ClaimKeeper& keeper : m_keepers) {
        known.append(keeper.kind);
    }
    return {.code = ErrorCode::FailedPrecondition,
            .message = QStringLiteral("An attempt holds something that this version does not know"),
            .cause = QStringLiteral("a claim of kind “%1” (it knows %2)")
                         .arg(claim.kind, known.join(QStringLiteral(", "))),
            .correction = QStringLiteral("Run the version that has it; until then the attempt is not fenced, "
                                         "and nothing starts in its place."),
            .source = claim.connection.isEmpty() ? QStringLiteral("flow") : claim.connection};
}

QList<flow::Claim> ClaimKeepers::inOrder(QList<flow::Claim> claims) const
{
    const auto place = [this](const flow::Claim& claim) {
        const ClaimKeeper* keeper = find(claim.kind);
        return keeper ? static_cast<int>(keeper->order) : static_cast<int>(ClaimOrder::Leftover) + 1;
    };
    std::stable_sort(claims.begin(), claims.end(),
                     [&place](const flow::Claim& a, const flow::Claim& b) { return place(a) < place(b); });
    return claims;
}

flow::FenceWords ClaimKeepers::describe(const QList<flow::Claim>& claims) const
{
    flow::FenceWords words;
    QStringList proofs;
    for (const ClaimKeeper& keeper : m_keepers) {
        qsizetype count = 0;
        for (const flow::Claim& claim : claims) {
            if (claim.kind != keeper.kind) {
                continue;
            }
            ++count;
            if (keeper.holder) {
                words.holders.append(keeper.holder(claim));
                words.connections.append(claim.connection);
            }
        }
        // What is left behind comes and goes while the attempt works, and nobody can write with it.
        if (count > 0 && keeper.order != ClaimOrder::Leftover) {
            proofs.append(count > 1 ? keeper.proofOfSeveral : keeper.proof);
        }
    }
    words.connections.removeDuplicates();
    words.proof = proofs.join(QStringLiteral(", "));
    return words;
}

}  // namespace sluice::connect
