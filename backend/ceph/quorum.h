#pragma once

#include <QtCore/QHash>
#include <QtCore/QList>
#include <QtCore/QStringList>
#include <optional>

#include "ceph/facts.h"
#include "ceph/monmap.h"

namespace sluice::ceph {

/// What one monitor answered to a probe from outside any session.
struct MonAnswer {
    /// It sent its banner: the process lives.
    bool answers{};
    /// The host said that nobody listens: the process is not there. Unlike silence, which may be the network.
    bool refused{};
    /// It said nothing until the time was over.
    bool timedOut{};
    qint64 probeMs{};
    /// Why it does not answer, in words.
    QString error{};
    /// `mon_status` of its answer to a ping; empty if it was not pinged or did not answer it.
    QJsonObject monStatus{};
    /// Address that answered, "v1:…" or "v2:…".
    QString address{};
};

struct QuorumEvidence {
    Monmap monmap{};
    QHash<QString, MonAnswer> answers{};
    /// Answer of `quorum_status` over the session, if it came.
    std::optional<QJsonObject> quorumStatus{};
};

/// The monitor quorum as all evidence has it.
struct QuorumView {
    bool quorate{};
    int total{};
    int needed{};
    QString leader{};
    QStringList inQuorum{};
    QStringList outside{};
    /// Monitors that do not answer at all.
    QStringList absent{};
    qint64 electionEpoch{};
    qint64 ageS{};
    /// What the verdict rests on, one sentence.
    QString why{};
};

/// A quorum is believed if the session's quorum_status names one, or, without a session, if a monitor says
/// that it leads or follows in one; but not while so many monitors refuse connections that no majority is
/// left. The survivors themselves need some seconds to notice that, and their health even longer.
QuorumView judgeQuorum(const QuorumEvidence& evidence);

/// One `mon-quorum` fact named `connection` and one `mon` fact per monitor.
/// @param lostSince RFC 3339, taken only if there is no quorum
QList<Fact> quorumFacts(const QString& connection, const QuorumEvidence& evidence, const QuorumView& view,
                        const QString& lostSince);

}  // namespace sluice::ceph
