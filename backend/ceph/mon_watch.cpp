#include "ceph/mon_watch.h"

#include <rados/librados.h>

#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <utility>

#include "ceph/mon_prober.h"
#include "ceph/status_facts.h"
#include "core/clock.h"

namespace sluice::ceph {
namespace {

constexpr std::chrono::milliseconds kProbeLimit{800};

QString confOption(const ClusterAccess& access, const char* option)
{
    rados_t handle = nullptr;
    if (rados_create2(&handle, "ceph", qUtf8Printable(access.entity), 0) < 0) {
        return {};
    }
    char value[8192] = {};
    const bool found = rados_conf_read_file(handle, qUtf8Printable(access.conf)) == 0 &&
                       rados_conf_get(handle, option, value, sizeof value) == 0;
    rados_shutdown(handle);
    return found ? QString::fromUtf8(value) : QString();
}

bool refusedByMajority(const Monmap& monmap, const QHash<QString, MonAnswer>& answers)
{
    qsizetype refused = 0;
    for (const MonEntry& mon : monmap) {
        refused += answers.value(mon.name).refused ? 1 : 0;
    }
    return !monmap.isEmpty() && refused > monmap.size() - (monmap.size() / 2 + 1);
}

Error noQuorum(const QuorumView& quorum)
{
    return {
        .code = ErrorCode::Unavailable,
        .message = QStringLiteral("The cluster has no monitor quorum"),
        .cause = quorum.why,
        .correction = quorum.absent.isEmpty()
                          ? QStringLiteral("Check the clocks of the monitors and the network between them")
                          : QStringLiteral("Start the monitors that do not answer: %1")
                                .arg(quorum.absent.join(QStringLiteral(", "))),
        .retryable = true,
        .source = QStringLiteral("ceph")};
}

}  // namespace

MonWatch::MonWatch(QString connection, ClusterAccess access, const Monmap& cached, MonmapReport report)
    : m_connection(std::move(connection)),
      m_access(std::move(access)),
      m_report(std::move(report)),
      m_monmap(cached),
      m_reported(cached)
{
    if (m_monmap.isEmpty()) {
        m_monmap = readConf();
    }
}

Monmap MonWatch::monmap() const
{
    const std::lock_guard lock(m_lock);
    return m_monmap;
}

QStringList MonWatch::names() const
{
    QStringList names;
    for (const MonEntry& mon : monmap()) {
        names.append(mon.name);
    }
    return names;
}

QStringList MonWatch::answering() const
{
    const std::lock_guard lock(m_lock);
    return m_answering;
}

Monmap MonWatch::readConf() const
{
    QFile file(m_access.conf);
    if (!file.open(QIODevice::ReadOnly)) {
        return {};
    }
    return monmapFromConf(QString::fromUtf8(file.readAll()), confOption(m_access, "mon_host"));
}

bool MonWatch::adopt(const Monmap& monmap, qint64 epoch)
{
    bool changed = false;
    bool news = false;
    {
        const std::lock_guard lock(m_lock);
        if (monmap.isEmpty() || epoch < m_epoch) {
            return false;
        }
        m_epoch = epoch;
        changed = std::exchange(m_monmap, monmap) != monmap;
        news = std::exchange(m_reported, monmap) != monmap;
    }
    if (news) {
        m_report(monmapToCache(monmap));
    }
    return changed;
}

bool MonWatch::adoptFromPings(const QHash<QString, MonAnswer>& answers)
{
    bool changed = false;
    for (const MonAnswer& answer : answers) {
        const QJsonObject monmap = answer.monStatus["monmap"].toObject();
        if (!monmap.isEmpty()) {
            changed = adopt(monmapFromJson(monmap), monmap["epoch"].toInteger()) || changed;
        }
    }
    return changed;
}

void MonWatch::askConf(const Monmap& known)
{
    // The monitors may have moved since the map was cached: what ceph.conf names beside them is asked too.
    const Monmap others = monitorsNotIn(readConf(), known);
    if (others.isEmpty()) {
        return;
    }
    QHash<QString, MonAnswer> answers = probeMonitors(others, kProbeLimit);
    pingMonitors(others, answers);
    adoptFromPings(answers);
}

void MonWatch::askSession(const RadosSession& session, QuorumEvidence& evidence, Seen& seen)
{
    const Result<QJsonObject> status =
        session.monJson({{"prefix", "status"}}, {.what = QStringLiteral("read the status of the cluster")});
    if (!status) {
        seen.silence = status.error();
        return;
    }
    if (!hasMonQuorum(*status)) {
        evidence.quorumStatus = *status;
        return;
    }
    const Result<QJsonObject> quorum = session.monJson(
        {{"prefix", "quorum_status"}}, {.what = QStringLiteral("read the state of the monitor quorum")});
    if (!quorum) {
        seen.silence = quorum.error();
        return;
    }
    evidence.quorumStatus = *quorum;
    seen.status = *status;
}

MonWatch::Seen MonWatch::lookOnce(const RadosSession* session, bool& monmapChanged)
{
    Seen seen;
    QuorumEvidence evidence{.monmap = monmap()};
    evidence.answers = probeMonitors(evidence.monmap, kProbeLimit);
    for (const MonEntry& mon : evidence.monmap) {
        if (evidence.answers.value(mon.name).answers) {
            seen.answering.append(mon.name);
        }
    }
    if (seen.answering.isEmpty()) {
        askConf(evidence.monmap);
    }
    if (session != nullptr && !refusedByMajority(evidence.monmap, evidence.answers)) {
        askSession(*session, evidence, seen);
    }
    if (!seen.status.isEmpty()) {
        const QJsonObject monmap = (*evidence.quorumStatus)["monmap"].toObject();
        monmapChanged = adopt(monmapFromJson(monmap), monmap["epoch"].toInteger());
    }
    seen.quorum = judgeQuorum(evidence);
    Monmap toPing;
    for (const MonEntry& mon : evidence.monmap) {
        if (!seen.quorum.inQuorum.contains(mon.name)) {
            toPing.append(mon);
        }
    }
    pingMonitors(toPing, evidence.answers);
    if (seen.status.isEmpty()) {
        monmapChanged = adoptFromPings(evidence.answers) || monmap() != evidence.monmap;
        seen.quorum = judgeQuorum(evidence);
    }
    if (!seen.quorum.quorate) {
        seen.status = QJsonObject();
        seen.silence = noQuorum(seen.quorum);
    }
    const qint64 now = SystemClock().nowMs();
    m_lostSinceMs = seen.quorum.quorate ? 0 : m_lostSinceMs > 0 ? m_lostSinceMs : now;
    seen.facts = quorumFacts(m_connection, evidence, seen.quorum, toRfc3339(m_lostSinceMs));
    return seen;
}

MonWatch::Seen MonWatch::look(const RadosSession* session)
{
    const std::lock_guard looking(m_looking);
    bool changed = false;
    Seen seen = lookOnce(session, changed);
    if (changed) {
        seen = lookOnce(session, changed);
    }
    const std::lock_guard lock(m_lock);
    m_answering = seen.answering;
    return seen;
}

bool MonWatch::majorityRefuses() const
{
    const Monmap monitors = monmap();
    return refusedByMajority(monitors, probeMonitors(monitors, kProbeLimit));
}

}  // namespace sluice::ceph
