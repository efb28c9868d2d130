#include "ceph/quorum.h"

#include <QtCore/QJsonArray>
#include <algorithm>

namespace sluice::ceph {
namespace {

QStringList namesOf(const QJsonArray& array)
{
    QStringList names;
    for (const QJsonValue& value : array) {
        names.append(value.toString());
    }
    return names;
}

/// The quorum a pinged monitor says it is part of, as names; empty if it is in none.
QStringList quorumOf(const QJsonObject& monStatus)
{
    const QString state = monStatus["state"].toString();
    if (state != QLatin1String("leader") && state != QLatin1String("peon")) {
        return {};
    }
    const Monmap monmap = monmapFromJson(monStatus["monmap"].toObject());
    QStringList names;
    const QJsonArray ranks = monStatus["quorum"].toArray();
    for (const QJsonValue& rank : ranks) {
        for (const MonEntry& mon : monmap) {
            if (mon.rank == rank.toInt(-2)) {
                names.append(mon.name);
            }
        }
    }
    return names;
}

void takeFromPings(const QuorumEvidence& evidence, QuorumView& view)
{
    for (const MonAnswer& answer : evidence.answers) {
        const QStringList quorum = quorumOf(answer.monStatus);
        const qint64 epoch = answer.monStatus["election_epoch"].toInteger();
        if (quorum.size() < view.needed || epoch < view.electionEpoch) {
            continue;
        }
        view.quorate = true;
        view.inQuorum = quorum;
        view.electionEpoch = epoch;
        view.ageS = answer.monStatus["quorum_age"].toInteger();
        view.leader = quorum.first();
        view.why = QStringLiteral("the monitors say so when they are pinged");
    }
}

QString stateOf(const MonEntry& mon, const MonAnswer& answer, const QuorumView& view)
{
    if (!answer.answers) {
        return QStringLiteral("no answer");
    }
    if (view.quorate && view.inQuorum.contains(mon.name)) {
        return mon.name == view.leader ? QStringLiteral("leader") : QStringLiteral("peon");
    }
    const QString said = answer.monStatus["state"].toString();
    return said.isEmpty() ? QStringLiteral("unknown") : said;
}

}  // namespace

QuorumView judgeQuorum(const QuorumEvidence& evidence)
{
    QuorumView view{.total = int(evidence.monmap.size())};
    view.needed = view.total / 2 + 1;
    QStringList refused;
    QStringList all;
    for (const MonEntry& mon : evidence.monmap) {
        const MonAnswer answer = evidence.answers.value(mon.name);
        all.append(mon.name);
        if (!answer.answers) {
            view.absent.append(mon.name);
        }
        if (answer.refused) {
            refused.append(mon.name);
        }
    }
    if (view.total == 0) {
        view.why = QStringLiteral("no monitor is known");
        return view;
    }
    if (evidence.quorumStatus) {
        const QJsonObject& status = *evidence.quorumStatus;
        view.inQuorum = namesOf(status["quorum_names"].toArray());
        view.electionEpoch = status["election_epoch"].toInteger();
        view.quorate = !view.inQuorum.isEmpty();
        view.leader = status["quorum_leader_name"].toString();
        view.ageS = status["quorum_age"].toInteger();
        view.why = view.quorate ? QStringLiteral("the monitors say so")
                                : QStringLiteral("the monitors say that there is none");
    } else {
        takeFromPings(evidence, view);
        if (!view.quorate) {
            view.why = view.absent.size() == view.total
                           ? QStringLiteral("no monitor answers")
                           : QStringLiteral("no monitor that answers is in a quorum");
        }
    }
    if (refused.size() > view.total - view.needed) {
        view.quorate = false;
        view.why = QStringLiteral("%1 of %2 monitors refuse connections: %3")
                       .arg(refused.size())
                       .arg(view.total)
                       .arg(refused.join(QStringLiteral(", ")));
    }
    if (!view.quorate) {
        view.inQuorum.clear();
        view.leader.clear();
        view.ageS = 0;
    }
    for (const QString& name : all) {
        if (!view.inQuorum.contains(name)) {
            view.outside.append(name);
        }
    }
    return view;
}

QList<Fact> quorumFacts(const QString& connection, const QuorumEvidence& evidence, const QuorumView& view,
                        const QString& lostSince)
{
    QJsonObject quorum{{"quorate", view.quorate},
                       {"needed", view.needed},
                       {"total", view.total},
                       {"leader", view.leader},
                       {"inQuorum", QJsonArray::fromStringList(view.inQuorum)},
                       {"outside", QJsonArray::fromStringList(view.outside)},
                       {"absent", QJsonArray::fromStringList(view.absent)},
                       {"electionEpoch", view.electionEpoch},
                       {"quorumAgeS", view.ageS},
                       {"why", view.why}};
    if (!view.quorate) {
        quorum["lostSince"] = lostSince;
    }
    QList<Fact> facts{
        {.kind = QStringLiteral("mon-quorum"),
         .name = connection,
         .source = evidence.quorumStatus ? QStringLiteral("quorum_status") : QStringLiteral("monitor probes"),
         .facts = quorum}};
    for (const MonEntry& mon : evidence.monmap) {
        const MonAnswer answer = evidence.answers.value(mon.name);
        QJsonObject json{{"name", mon.name},
                         {"rank", mon.rank},
                         {"addrV1", mon.addressOf(QStringLiteral("v1"))},
                         {"addrV2", mon.addressOf(QStringLiteral("v2"))},
                         {"answers", answer.answers},
                         {"inQuorum", view.quorate && view.inQuorum.contains(mon.name)},
                         {"state", stateOf(mon, answer, view)},
                         {"probeMs", answer.probeMs}};
        if (!answer.error.isEmpty()) {
            json["error"] = answer.error;
            json["fault"] = answer.refused    ? QStringLiteral("refused")
                            : answer.timedOut ? QStringLiteral("timeout")
                                              : QStringLiteral("other");
        }
        facts.append({.kind = QStringLiteral("mon"),
                      .name = mon.name,
                      .source = answer.monStatus.isEmpty() ? QStringLiteral("monitor banner")
                                                           : QStringLiteral("monitor ping"),
                      .facts = json});
    }
    return facts;
}

}  // namespace sluice::ceph
