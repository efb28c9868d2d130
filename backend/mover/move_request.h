#pragma once

#include <QtCore/QHash>
#include <QtCore/QJsonObject>
#include <QtCore/QSet>
#include <QtCore/QString>

#include "core/error.h"
#include "model/location.h"

namespace sluice::mover {

/// How a Ceph cluster is reached. `key` is a secret.
struct ClusterAccess {
    QString connection{};
    QString conf{};
    QString entity{};
    QString key{};
};

/// How an S3 gateway is reached. `secretKey` is a secret.
struct GatewayAccess {
    QString connection{};
    QString endpoint{};
    QString region{};
    QString accessKey{};
    QString secretKey{};
    /// How it matches the ETag of a condition, as far as an earlier move found out: "quoted", "plain" or
    /// empty.
    QString etagMatch{};
};

/// What one attempt is to do: the parameters of `start`.
struct MoveRequest {
    enum class Mode { Copy, Verify };
    Mode mode{Mode::Copy};
    QString run{};
    QString task{};
    qint64 attempt{};
    qint64 fence{};
    model::Location from{};
    model::Location to{};
    QHash<QString, ClusterAccess> clusters{};
    QHash<QString, GatewayAccess> gateways{};
    int inFlight{16};
    /// Whether existing objects that differ may be overwritten.
    bool replaceAll{false};
    /// Those that may be overwritten in any case.
    QSet<QString> replace{};
    bool resume{false};
    /// A source without any object is right.
    bool allowEmpty{false};
    /// Verify: what others added to the destination is right.
    bool othersAllowed{false};
    /// Verify: what changed at the destination since then was added; 0: not known.
    qint64 addedSinceMs{0};
    /// How long a foreign lock is waited for; 0: for ever.
    qint64 lockWaitMs{0};
    /// Without progress for so long the task is taken for stalled.
    qint64 stallAfterMs{30'000};

    /// @error InvalidArgument, naming what is missing or contradictory
    static Result<MoveRequest> fromJson(const QJsonObject& params);
    /// The value of the attribute `sluice.partial` on what this attempt has not finished:
    /// run/task/attempt/fence.
    QString mark() const;
    /// Whether a mark was made by this or an earlier attempt of the same task of the same run.
    bool ownsMark(const QString& mark) const;
    bool mayReplace(const QString& name) const { return replaceAll || replace.contains(name); }
};

}  // namespace sluice::mover
