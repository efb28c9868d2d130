#include "systems/ceph/rules/mon_cure.h"

#include <algorithm>

#include "core/clock.h"

namespace sluice::systems::ceph {
namespace {

struct SilentMonitor {
    QString name{};
    QString host{};
    bool hangs{};  ///< something listens there, or the host is away: it was not refused
};

struct Monitors {
    QList<SilentMonitor> silent{};
    QList<Evidence> evidence{};
    int answering{};
};

/// "v1:[::1]:6789" → "::1"
QString hostOf(const QString& address)
{
    QString host = address.section(':', 1).section(':', 0, -2);
    return host.remove('[').remove(']');
}

Monitors monitorsOf(const Scene& scene, const QString& connection)
{
    Monitors monitors;
    QList<Fact> mons = scene.facts().ofKind(connection, QStringLiteral("mon"));
    std::sort(mons.begin(), mons.end(), [](const Fact& a, const Fact& b) { return a.name < b.name; });
    for (const Fact& mon : mons) {
        if (!scene.fresh(mon)) {
            continue;
        }
        if (mon.facts["answers"].toBool()) {
            ++monitors.answering;
            continue;
        }
        const QString address = mon.facts["addrV2"].toString(mon.facts["addrV1"].toString());
        monitors.silent.append({mon.name, hostOf(address), mon.facts["fault"] == QLatin1String("timeout")});
        const QString error = mon.facts["error"].isObject()
                                  ? mon.facts["error"].toObject()["message"].toString()
                                  : mon.facts["error"].toString();
        monitors.evidence.append(evidenceOf(
            mon, error.isEmpty() ? QStringLiteral("Monitor %1 does not answer").arg(mon.name)
                                 : QStringLiteral("Monitor %1 does not answer: %2").arg(mon.name, error)));
    }
    return monitors;
}

/// Those that are refused first: they are only not started.
void nearestFirst(QList<SilentMonitor>& silent)
{
    std::stable_sort(silent.begin(), silent.end(),
                     [](const SilentMonitor& a, const SilentMonitor& b) { return a.hangs < b.hangs; });
}

QString startOf(const SilentMonitor& mon)
{
    const QString host = mon.host.isEmpty() ? QString() : QStringLiteral(" on %1").arg(mon.host);
    return mon.hangs ? QStringLiteral(
                           "Restart mon.%1%2, which hangs or whose host is away: systemctl restart "
                           "ceph-mon@%1")
                           .arg(mon.name, host)
                     : QStringLiteral("Start mon.%1%2: systemctl start ceph-mon@%1").arg(mon.name, host);
}

QString either(const QStringList& names)
{
    return names.size() < 2 ? names.value(0)
                            : QStringLiteral("%1 or %2")
                                  .arg(QStringList(names.mid(0, names.size() - 1)).join(QStringLiteral(", ")),
                                       names.last());
}

/// Which of the silent ones, and how many of them, make a majority with those that answer.
void startThem(const QString& connection, const QList<SilentMonitor>& silent, int missing, QuorumCure& cure)
{
    QStringList names;
    for (const SilentMonitor& mon : silent) {
        names.append(QStringLiteral("mon.%1").arg(mon.name));
    }
    const bool some = missing > 0 && missing < names.size();
    const bool oneIsEnough = some && missing == 1;
    cure.what = !some         ? QStringLiteral("Start %1").arg(joined(names))
                : oneIsEnough ? QStringLiteral("Start %1: one is enough").arg(either(names))
                              : QStringLiteral("Start %1 of %2").arg(QString::number(missing), joined(names));
    const QList<SilentMonitor> first = some ? silent.mid(0, missing) : silent;
    for (const SilentMonitor& mon : first) {
        cure.remedy.steps.append(startOf(mon));
        cure.remedy.commands.append(
            QStringLiteral("systemctl %1 ceph-mon@%2")
                .arg(mon.hangs ? QStringLiteral("restart") : QStringLiteral("start"), mon.name));
    }
    cure.remedy.title = oneIsEnough
                            ? QStringLiteral("Start %1 of %2: one is enough").arg(either(names), connection)
                            : QStringLiteral("%1 of %2").arg(cure.what, connection);
    cure.remedy.steps.append(QStringLiteral("Check that the monitors have a quorum"));
    if (some) {
        cure.remedy.steps.append(QStringLiteral("Then start the others, so that one may fail again: %1")
                                     .arg(joined(names.mid(missing))));
    }
}

}  // namespace

QuorumCure cureOf(const Scene& scene, const Fact& quorum)
{
    const QString connection = quorum.connection;
    const int total = quorum.facts["total"].toInt();
    const int needed = quorum.facts["needed"].toInt();
    Monitors monitors = monitorsOf(scene, connection);
    QuorumCure cure{.said = QStringLiteral("%1 has no monitor quorum").arg(connection),
                    .evidence = monitors.evidence,
                    .remedy = {.actionClass = 1}};
    if (total > 0) {
        cure.said += QStringLiteral(": %1 of %2 monitors answer, %3 are needed")
                         .arg(QString::number(std::min(total, monitors.answering)), QString::number(total),
                              QString::number(needed));
    }
    const qint64 since = fromRfc3339(quorum.facts["lostSince"].toString());
    if (since > 0 && since <= scene.nowMs()) {
        cure.said += QStringLiteral(", for %1").arg(scene.age(since));
    }
    cure.enoughAnswer = needed > 0 && monitors.answering >= needed;
    if (cure.enoughAnswer) {
        cure.what = QStringLiteral(
                        "See why the monitors of %1 answer and do not agree: their clocks, their "
                        "disks, the network between them")
                        .arg(connection);
        cure.remedy.title = QStringLiteral("Let the monitors of %1 agree").arg(connection);
        cure.remedy.steps = {
            QStringLiteral(
                "Compare the clocks of their hosts, and the room on their disks: chronyc tracking, df"),
            QStringLiteral("See what each says of the others: ceph daemon mon.<id> mon_status"),
            QStringLiteral("Check that the monitors have a quorum")};
    } else if (monitors.silent.isEmpty()) {
        cure.what = QStringLiteral("Start the missing monitors");
        cure.remedy.title = QStringLiteral("Start the missing monitors of %1").arg(connection);
        cure.remedy.steps = {QStringLiteral("Check that the monitors have a quorum")};
    } else {
        nearestFirst(monitors.silent);
        startThem(connection, monitors.silent, needed - monitors.answering, cure);
    }
    return cure;
}

}  // namespace sluice::systems::ceph
