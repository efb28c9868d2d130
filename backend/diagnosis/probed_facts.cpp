#include "diagnosis/probed_facts.h"

#include <QtCore/QJsonArray>

#include "diagnosis/scene.h"

namespace sluice::diagnosis {

ProbedFacts::ProbedFacts(const FactSource& base) : m_base(base) {}

void ProbedFacts::add(const Fact& fact)
{
    m_facts.insert(fact.id, fact);
}

void ProbedFacts::addReply(const Probe& probe, const QJsonObject& reply, qint64 observedAtMs)
{
    const QString where = probe.params["cephPool"].toString() + '/' + probe.params["object"].toString();
    const auto put = [&](const QString& kind, const QString& name, const QJsonObject& facts) {
        add({.id = idOf(probe.connection, kind, name),
             .connection = probe.connection,
             .kind = kind,
             .name = name,
             .source = QStringLiteral("%1, %2").arg(probe.method, probe.connection),
             .observedAtMs = observedAtMs,
             .facts = facts});
    };
    if (probe.method == QLatin1String("lock.list")) {
        QJsonObject list = reply;
        list["cephPool"] = probe.params["cephPool"];
        list["object"] = probe.params["object"];
        put(QStringLiteral("lock-list"), where, list);
        for (const QJsonValue& lock : reply["locks"].toArray()) {
            put(QStringLiteral("lock"), where + '/' + lock.toObject()["lock"].toString(), lock.toObject());
        }
    } else if (probe.method == QLatin1String("sessions")) {
        put(QStringLiteral("sessions"), probe.connection, reply);
    } else if (probe.method == QLatin1String("object.pg")) {
        put(QStringLiteral("object-pg"), where, reply);
    } else if (probe.method == QLatin1String("pool.pgs")) {
        put(QStringLiteral("pool-pgs"), probe.params["cephPool"].toString(), reply);
    } else if (probe.method == QLatin1String("osd.answers")) {
        for (const QJsonValue& osd : reply["osds"].toArray()) {
            put(QStringLiteral("osd-answer"), QString::number(osd["osd"].toInt()),
                {{"answers", osd["answers"]}});
        }
    } else if (probe.method == QLatin1String("key.probe")) {
        put(QStringLiteral("key-probe"), probe.params["entity"].toString(), {{"ok", reply["ok"].toBool()}});
    } else if (probe.method == QLatin1String("auth.get")) {
        const QString entity = probe.params["entity"].toString();
        put(QStringLiteral("auth-entity"), entity, {{"entity", entity}, {"caps", reply["caps"]}});
    } else if (probe.method == QLatin1String("s3.look")) {
        const QString gateway = probe.params["connection"].toString();
        const QString bucket = probe.params["bucket"].toString();
        add({.id = idOf(gateway, QStringLiteral("bucket"), bucket),
             .connection = gateway,
             .kind = QStringLiteral("bucket"),
             .name = bucket,
             .source = QStringLiteral("administration of %1").arg(gateway),
             .observedAtMs = observedAtMs,
             .facts = reply});
    } else if (probe.method == QLatin1String("blocklist.has")) {
        const QString address = probe.params["address"].toString();
        put(QStringLiteral("blocklisted"), address, {{"address", address}, {"listed", reply["listed"]}});
    }
}

void ProbedFacts::addError(const Probe& probe, const Error& error, qint64 observedAtMs)
{
    Fact fact{.connection = probe.connection, .source = probe.method, .observedAtMs = observedAtMs};
    if (probe.method == QLatin1String("auth.get") && error.code == ErrorCode::NotFound) {
        fact.kind = QStringLiteral("auth-entity");
        fact.name = probe.params["entity"].toString();
        fact.facts = {{"entity", fact.name}, {"missing", true}};
    } else {
        fact.kind = QStringLiteral("probe-error");
        fact.name = probe.method;
        fact.facts = {{"method", probe.method}, {"params", probe.params}, {"error", error.toJson()}};
    }
    fact.id = idOf(fact.connection, fact.kind, fact.name);
    add(fact);
}

std::optional<Fact> ProbedFacts::fact(const QString& id) const
{
    const auto it = m_facts.find(id);
    return it == m_facts.end() ? m_base.fact(id) : std::optional<Fact>(*it);
}

QList<Fact> ProbedFacts::ofKind(const QString& connection, const QString& kind) const
{
    QList<Fact> facts;
    for (const Fact& fact : m_base.ofKind(connection, kind)) {
        if (!m_facts.contains(fact.id)) {
            facts.append(fact);
        }
    }
    for (const Fact& fact : m_facts) {
        if (fact.kind == kind && (connection.isEmpty() || fact.connection == connection)) {
            facts.append(fact);
        }
    }
    return facts;
}

}  // namespace sluice::diagnosis
