#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>

#include "core/error.h"

namespace sluice::ceph {

class RadosSession;

/// Who may change a cluster, and for how long without a renewal.
struct LeaseTerms {
    QString cephPool{};
    QString object{};
    /// Equal to `engineId`, or beginning with it and ':'.
    QString cookie{};
    QString engineId{};
    qint64 durationMs{};

    static LeaseTerms fromJson(const QJsonObject& json);
    /// Of an earlier life of the same engine too.
    bool isOurs(const QString& holder) const
    {
        return holder == cookie || holder == engineId || holder.startsWith(engineId + ':');
    }
    /// For a person who finds it: "Sluice engine 7c1b… on vega-1"
    QString description() const;
};

struct LeaseOutcome {
    bool held{};
    bool fenced{};
    QString owner{};
    qint64 untilMs{};
    Error error{};
    /// What a person should know of how it is held.
    QString caveat{};
};

/// `holder` describes itself for a person.
LeaseOutcome ledByAnother(const QString& owner, const QString& holder, qint64 untilMs);

/// One way to hold the lease of a cluster.
/// @thread the keeper's
class LeaseHold {
public:
    virtual ~LeaseHold() = default;
    /// Takes it or renews it. Blocks for up to attemptMs().
    virtual LeaseOutcome take(RadosSession& session) = 0;
    /// Hands it back, if it is this instance's.
    virtual void giveUp(RadosSession& session) = 0;
    virtual qint64 attemptMs() const = 0;
};

}  // namespace sluice::ceph
