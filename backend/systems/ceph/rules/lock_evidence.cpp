#include "systems/ceph/rules/lock_evidence.h"

#include <QtCore/QJsonArray>
#include <algorithm>

#include "core/clock.h"

namespace sluice::systems::ceph {
namespace {

/// A client that lost its monitor finds another one within seconds; before this it may be between two.
constexpr int kSettledQuorumS = 30;

/// Which monitors answered the question for sessions, and whether "no session" may be believed.
struct SessionView {
    bool read{};
    bool conclusive{};
    Fact fact{};
    QString source{};
    QString whyNot{};
    QJsonArray sessions{};
};

SessionView sessionView(const CephScene& scene, const QString& connection)
{
    SessionView view;
    const QString id = idOf(connection, QStringLiteral("sessions"), connection);
    const auto fact = scene.freshFact(id);
    if (!fact) {
        view.whyNot = scene
                          .missing(id, QStringLiteral("The sessions on the monitors of %1").arg(connection),
                                   connection, QStringLiteral("sessions"))
                          .text;
        return view;
    }
    view.read = true;
    view.fact = *fact;
    view.sessions = fact->facts["sessions"].toArray();
    const QJsonArray mons = fact->facts["mons"].toArray();
    int answered = 0;
    QStringList silent;
    for (const QJsonValue& mon : mons) {
        const QJsonObject object = mon.toObject();
        if (object["answered"].toBool()) {
            ++answered;
        } else {
            silent.append(object["mon"].toString());
        }
    }
    view.source = QStringLiteral("sessions of %1 of %2 monitors").arg(answered).arg(mons.size());
    if (silent.isEmpty()) {
        view.conclusive = answered > 0;
        view.whyNot = QStringLiteral("No monitor of %1 was asked").arg(connection);
        return view;
    }
    view.whyNot =
        QStringLiteral("Monitor %1 of %2 did not tell its sessions").arg(joined(silent), connection);
    const auto quorum = scene.freshFact(idOf(connection, QStringLiteral("mon-quorum"), connection));
    const bool settled = quorum && quorum->facts["quorate"].toBool() &&
                         quorum->facts["quorumAgeS"].toDouble() >= kSettledQuorumS;
    const bool silentAreDead = std::all_of(silent.begin(), silent.end(), [&](const QString& name) {
        const auto mon = scene.freshFact(idOf(connection, QStringLiteral("mon"), name));
        return mon && mon->facts["answers"].isBool() && !mon->facts["answers"].toBool();
    });
    view.conclusive = answered > 0 && settled && silentAreDead;
    return view;
}

void judge(const CephScene& scene, const QString& connection, const SessionView& view, const Fact& lockFact,
           const QJsonObject& json, LockHolder& holder)
{
    const QString blocklistId = idOf(connection, QStringLiteral("blocklisted"), holder.address);
    const auto blocklisted = scene.freshFact(blocklistId);
    if (blocklisted && blocklisted->facts["listed"].toBool()) {
        holder.life = Life::Gone;
        holder.why.append(evidenceOf(
            *blocklisted,
            QStringLiteral("Address %1 is blocklisted: this client cannot write").arg(holder.address)));
        return;
    }
    QStringList mons;
    for (const QJsonValue& value : view.sessions) {
        const QJsonObject session = value.toObject();
        const bool sameClient = !holder.client.isEmpty() && session["client"].toString() == holder.client;
        const bool sameAddress = !holder.address.isEmpty() &&
                                 plainAddress(session["address"].toString()) == plainAddress(holder.address);
        if (sameClient || sameAddress) {
            mons.append(session["mon"].toString());
            holder.entity = session["entity"].toString();
        }
    }
    if (!mons.isEmpty()) {
        holder.life = Life::Alive;
        holder.why.append(evidenceOf(view.fact,
                                     QStringLiteral("%1 (%2) has a session on monitor %3")
                                         .arg(holder.client, holder.entity, joined(mons)),
                                     view.source));
        return;
    }
    if (json["sessionSeen"].toBool(false)) {
        holder.life = Life::Alive;
        holder.why.append(evidenceOf(lockFact, QStringLiteral("%1 has a live session").arg(holder.client)));
        return;
    }
    if (view.read && view.conclusive) {
        holder.life = Life::Gone;
        holder.why.append(evidenceOf(
            view.fact, QStringLiteral("%1 has no session on any monitor: it is gone").arg(holder.client),
            view.source));
        if (blocklisted) {
            holder.why.append(evidenceOf(
                *blocklisted, QStringLiteral("Address %1 is not blocklisted").arg(holder.address)));
        }
        return;
    }
    holder.why.append(
        {.text = QStringLiteral("Whether %1 is alive is not known. %2").arg(holder.client, view.whyNot),
         .source = view.read ? view.source : QStringLiteral("sessions"),
         .entity = view.fact.id,
         .observedAtMs = view.fact.observedAtMs});
}

HeldLock lockOf(const CephScene& scene, const QString& connection, const SessionView& view, const Fact& fact)
{
    HeldLock lock{.name = fact.facts["lock"].toString(),
                  .exclusive = fact.facts["exclusive"].toBool(true),
                  .objectChangedAtMs = fromRfc3339(fact.facts["objectChangedAt"].toString()),
                  .fact = fact};
    for (const QJsonValue& value : fact.facts["holders"].toArray()) {
        const QJsonObject json = value.toObject();
        LockHolder holder{.client = json["client"].toString(),
                          .cookie = json["cookie"].toString(),
                          .address = json["address"].toString()};
        judge(scene, connection, view, fact, json, holder);
        lock.holders.append(holder);
    }
    return lock;
}

}  // namespace

QString plainAddress(const QString& address)
{
    for (const char* prefix : {"v1:", "v2:", "any:"}) {
        if (address.startsWith(QLatin1String(prefix))) {
            return address.mid(int(qstrlen(prefix)));
        }
    }
    return address;
}

Life HeldLock::life() const
{
    bool allGone = !holders.isEmpty();
    for (const LockHolder& holder : holders) {
        if (holder.life == Life::Alive) {
            return Life::Alive;
        }
        allGone = allGone && holder.life == Life::Gone;
    }
    return allGone ? Life::Gone : Life::Unknown;
}

LockEvidence lockEvidence(const CephScene& scene)
{
    const CephBlocked& blocked = scene.blocked();
    LockEvidence evidence;
    if (blocked.object.isEmpty()) {
        return evidence;
    }
    QList<Fact> facts;
    const QString where = blocked.cephPool + '/' + blocked.object;
    const auto list = scene.freshFact(idOf(blocked.connection, QStringLiteral("lock-list"), where));
    if (list) {
        // The list just read outranks lock facts the estate still keeps.
        evidence.read = true;
        for (const QJsonValue& value : list->facts["locks"].toArray()) {
            Fact fact = *list;
            fact.facts = value.toObject();
            fact.kind = QStringLiteral("lock");
            fact.name = where + '/' + fact.facts["lock"].toString();
            fact.id = idOf(blocked.connection, fact.kind, fact.name);
            facts.append(fact);
        }
    } else {
        for (const Fact& fact : scene.facts().ofKind(blocked.connection, QStringLiteral("lock"))) {
            if (scene.fresh(fact) && fact.facts["cephPool"].toString() == blocked.cephPool &&
                fact.facts["object"].toString() == blocked.object) {
                evidence.read = true;
                facts.append(fact);
            }
        }
    }
    const SessionView view = sessionView(scene, blocked.connection);
    for (const Fact& fact : facts) {
        const HeldLock lock = lockOf(scene, blocked.connection, view, fact);
        if (!lock.holders.isEmpty()) {
            evidence.locks.append(lock);
        }
    }
    std::stable_sort(evidence.locks.begin(), evidence.locks.end(), [&](const HeldLock& a, const HeldLock& b) {
        return (a.name == blocked.lockName) > (b.name == blocked.lockName);
    });
    return evidence;
}

}  // namespace sluice::systems::ceph
