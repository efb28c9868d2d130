#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QObject>
#include <QtCore/QString>
#include <functional>

#include "config/config.h"
#include "connect/link.h"
#include "core/clock.h"
#include "core/error.h"
#include "flow/claim.h"

namespace sluice::connect {

/// What the keepers of a system are made with. All of it outlives them.
struct ClaimContext {
    const config::Config& config;
    /// Records what goes through it.
    Link& link;
    const Clock& clock;
};

/// Claims are fenced in this order: who writes, then what allows it, then what is left of it.
enum class ClaimOrder { Holder, Grant, Leftover };

/// Takes back the claims of one kind: a row of System::makeClaimKeepers.
/// @thread main loop only
struct ClaimKeeper {
    using Done = std::function<void(const Result<void>&)>;

    /// As it stands in the store; never changed once it was released.
    QString kind{};
    ClaimOrder order{ClaimOrder::Holder};
    /// What it is in a log line.
    std::function<QString(const flow::Claim&)> nameOf{};
    /// For a Holder: as a person can look for it in the system, e.g. its address.
    std::function<QString(const flow::Claim&)> holder{};
    /// By what it is known that nobody can write with it any more, of one and of several of an attempt.
    QString proof{};
    QString proofOfSeveral{};

    /// Makes sure that nobody can write with it any more, and proves it. Idempotent. Empty: its release does.
    /// @param because for Link::because @param context going away drops the callback
    std::function<void(const flow::Claim&, const QJsonObject& because, QObject* context, Done)> fence{};
    /// Removes what the claim left; what is gone already is a success. It is asked for until then, over
    /// restarts too, one thing at a time for each connection. Empty: nothing is left of it.
    std::function<void(const flow::Claim&, const QJsonObject& because, Done)> release{};
    /// For release: the connection that is asked, where this engine has to lead. Empty: the configuration has
    /// none any more.
    std::function<QString(const flow::Claim&)> askedOf{};
    /// Whether a fence waits for the release: not for what only takes up space.
    bool fenceWaits{false};
};

/// A claim that cannot be fenced, because the configuration has no connection of its name any more.
/// @param name as ClaimKeeper::nameOf @return FailedPrecondition
Error notConfigured(const flow::Claim& claim, const QString& name);

/// The keepers of all systems.
class ClaimKeepers {
public:
    ClaimKeepers() = default;
    explicit ClaimKeepers(QList<ClaimKeeper> keepers) : m_keepers(std::move(keepers)) {}
    /// @error InvalidArgument: the first row that could not be followed, and what it lacks
    static Result<ClaimKeepers> checked(QList<ClaimKeeper> keepers);

    /// Null for a kind that nobody keeps.
    const ClaimKeeper* find(const QString& kind) const;
    /// @return FailedPrecondition, naming the kind
    Error noKeeper(const flow::Claim& claim) const;
    /// In the order of their fences; kinds that nobody keeps come last.
    QList<flow::Claim> inOrder(QList<flow::Claim> claims) const;
    flow::FenceWords describe(const QList<flow::Claim>& claims) const;

private:
    QList<ClaimKeeper> m_keepers{};
};

}  // namespace sluice::connect
