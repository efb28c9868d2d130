#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <QtCore/QStringList>

namespace sluice::flow {

/// Something an attempt holds: what it could still write with, or what it would leave behind. Its kind has a
/// keeper (connect::ClaimKeeper) that can take it back; only the keeper reads the body.
struct Claim {
    /// Kept as text; one that no keeper is there for is refused, never taken for another.
    QString kind{};
    /// Where it is held; empty: on this host.
    QString connection{};
    QJsonObject body{};

    bool operator==(const Claim& other) const = default;
    /// Shape: {kind, connection, body}
    QJsonObject toJson() const;
    /// Without a kind if `json` is no claim.
    static Claim fromJson(const QJsonObject& json);
};

/// What the fence of an attempt is about, for plans and records.
struct FenceWords {
    /// Who writes in its name, as a person can look for it, e.g. the address of a client instance.
    QStringList holders{};
    /// The connections of those.
    QStringList connections{};
    /// By what it is known that nothing can write any more; empty: the attempt has nothing to write with.
    QString proof{};
};

}  // namespace sluice::flow
