#include <algorithm>

#include "core/units.h"
#include "ui/models/columns.h"
#include "ui/models/marks.h"
#include "ui/models/words.h"
#include "ui/session/live_table.h"
#include "ui/session/row.h"
#include "ui/session/session.h"
#include "ui/style/english_forms.h"
#include "ui/systems/ceph/cluster_view.h"
#include "ui/systems/ceph/quorum_loss.h"
#include "ui/widgets/note_bar.h"
#include "ui/widgets/osd_tiles.h"
#include "ui/widgets/pg_bar.h"
#include "ui/widgets/quorum_ring.h"
#include "ui/widgets/section.h"
#include "ui/widgets/section_head.h"
#include "ui/widgets/step_list.h"
#include "ui/widgets/table_view.h"
#include "ui/widgets/text_label.h"

namespace sluice::systems::ceph {

using namespace pages;

using session::facts;
using session::num;
using session::str;
using session::time;

qint64 ClusterView::staleSince(const QString& kind) const
{
    return models::staleSince(m_context.session, m_connection, kind);
}

QList<bool> ClusterView::staleKinds() const
{
    QList<bool> stale;
    for (const char* kind : {"mon-quorum", "osd", "pg-summary", "ceph-pool"}) {
        stale.append(staleSince(QString::fromLatin1(kind)) > 0);
    }
    return stale;
}

qint64 ClusterView::checksStaleSince() const
{
    const session::Session& session = m_context.session;
    const QJsonObject cluster = session.estateRow(m_connection, QStringLiteral("cluster"));
    const bool none = session.estateOf(QStringLiteral("health-check"), m_connection).isEmpty();
    const qint64 old = staleSince(none ? QStringLiteral("cluster") : QStringLiteral("health-check"));
    if (old > 0 || cluster.isEmpty() || facts(cluster).value(QLatin1String("healthBelieved")).toBool(true)) {
        return old;
    }
    // The monitors cannot say it any more; the last time they could was before the quorum was lost.
    const QJsonObject quorum = session.estateRow(m_connection, QStringLiteral("mon-quorum"));
    const qint64 lost = time(facts(quorum), u"lostSince");
    return lost > 0 ? lost : time(cluster, u"observedAt");
}

void ClusterView::refreshChecks()
{
    const int count = m_checks->rowCount();
    m_checkView->setVisible(count > 0);
    m_noChecks->setVisible(count == 0);
    const QJsonObject cluster = m_context.session.estateRow(m_connection, QStringLiteral("cluster"));
    m_noChecks->setText(cluster.isEmpty()        ? tr("The checks were never read.")
                        : checksStaleSince() > 0 ? tr("Unknown now; Ceph raised no check then.")
                                                 : tr("Ceph raises no check."));
    m_checkSection->head()->setCount(QString::number(count));
}

void ClusterView::refreshMonitors()
{
    const session::Session& session = m_context.session;
    const QJsonObject quorum = session.estateRow(m_connection, QStringLiteral("mon-quorum"));
    const QJsonObject f = facts(quorum);
    const QStringList inQuorum = session::strings(f, u"inQuorum");
    const bool quorate = f.value(QLatin1String("quorate")).toBool();
    QList<widgets::MonMark> marks;
    for (const QJsonObject& mon : session.estateOf(QStringLiteral("mon"), m_connection)) {
        const QString name = str(mon, u"name");
        marks.append(
            {.name = name, .state = models::monMark(mon), .inQuorum = quorate && inQuorum.contains(name)});
    }
    std::sort(marks.begin(), marks.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    m_ring->setMonitors(marks, static_cast<int>(num(f, u"needed")), quorate);
    m_ring->setStale(staleSince(QStringLiteral("mon-quorum")) > 0);
    m_monSection->head()->setCount(f.isEmpty() ? QString()
                                               : tr("%1 of %2").arg(inQuorum.size()).arg(num(f, u"total")));
    QStringList foot;
    if (quorate) {
        foot << tr("election epoch %1").arg(num(f, u"electionEpoch"));
        if (const qint64 age = num(f, u"quorumAgeS"); age > 0) {
            foot << tr("mon quorum for %1").arg(formatDuration(age * 1000));
        }
    } else if (const qint64 since = time(f, u"lostSince"); since > 0) {
        foot << tr("lost since %1").arg(session::clockText(since));
    }
    m_monFoot->setText(foot.join(QStringLiteral(", ")));
    m_monFoot->setVisible(!foot.isEmpty());
    const QJsonObject cluster = facts(session.estateRow(m_connection, QStringLiteral("cluster")));
    const bool unbelieved = !cluster.isEmpty() &&
                            !cluster.value(QLatin1String("healthBelieved")).toBool(true) &&
                            !str(cluster, u"health").isEmpty();
    m_belief->setVisible(unbelieved);
    if (unbelieved) {
        m_belief->setTexts(tr("The last word was %1.").arg(str(cluster, u"health")),
                           tr("It is not believed: there is no monitor quorum."));
    }
    const QString caveat =
        str(session::obj(facts(session.estateRow(m_connection, QStringLiteral("connection"))), u"lease"),
            u"caveat");
    m_caveat->setTexts(tr("The lease of %1 is a config-key.").arg(m_connection), caveat);
    m_caveat->setVisible(!caveat.isEmpty());
}

void ClusterView::refreshOsds()
{
    QList<widgets::OsdTile> tiles;
    int up = 0, in = 0;
    QStringList down;
    for (const QJsonObject& row : m_context.session.estateOf(QStringLiteral("osd"), m_connection)) {
        const QJsonObject f = facts(row);
        const qint64 total = num(f, u"totalBytes");
        const bool isUp = f.value(QLatin1String("up")).toBool();
        const bool isIn = f.value(QLatin1String("in")).toBool();
        up += isUp ? 1 : 0;
        in += isIn ? 1 : 0;
        if (!isUp) {
            down << tr("osd.%1 on %2").arg(num(f, u"osdId")).arg(str(f, u"host"));
        }
        tiles.append({.osdId = static_cast<int>(num(f, u"osdId")),
                      .host = str(f, u"host"),
                      .up = isUp,
                      .in = isIn,
                      .nearFull = f.value(QLatin1String("nearFull")).toBool(),
                      .full = f.value(QLatin1String("full")).toBool(),
                      .usedPercent = total > 0 ? 100.0 * static_cast<double>(num(f, u"usedBytes")) /
                                                     static_cast<double>(total)
                                               : -1});
    }
    std::sort(tiles.begin(), tiles.end(), [](const auto& a, const auto& b) {
        return a.host != b.host ? a.host < b.host : a.osdId < b.osdId;
    });
    const bool stale = staleSince(QStringLiteral("osd")) > 0;
    m_tiles->setOsds(tiles);
    m_tiles->setStale(stale);
    m_osdSection->head()->setCount(QString::number(tiles.size()));
    m_osdSection->head()->setNote(tiles.isEmpty() ? tr("never read")
                                                  : tr("%1 up, %2 in; use in %").arg(up).arg(in));
    m_osdNote->setVisible(!down.isEmpty());
    if (!down.isEmpty()) {
        m_osdNote->setTone(style::Tone::Warn);
        const QString names = down.mid(0, 4).join(QStringLiteral(", "));
        m_osdNote->setTexts(stale
                                ? tr("%1 was down.").arg(names)
                                : tr("%n OSDs are down: %1.", nullptr, style::formOf(down.size())).arg(names),
                            tr("Its copies move when it is out; start its daemon before that if you can."));
    }
}

void ClusterView::refreshPgs()
{
    const QJsonObject f = facts(m_context.session.estateRow(m_connection, QStringLiteral("pg-summary")));
    QList<std::pair<QString, int>> states;
    const QJsonObject byState = session::obj(f, u"byState");
    for (auto it = byState.begin(); it != byState.end(); ++it) {
        states.append({it.key(), it.value().toInt()});
    }
    const bool stale = staleSince(QStringLiteral("pg-summary")) > 0;
    m_pgBar->setStates(states);
    m_pgBar->setStale(stale);
    m_pgBar->setVisible(!states.isEmpty());
    m_pgSection->head()->setCount(f.isEmpty() ? QString() : formatCount(num(f, u"total")));
    const QString counts =
        tr("inactive %1, degraded objects %2, misplaced %3, unfound %4")
            .arg(formatCount(num(f, u"inactive")), formatCount(num(f, u"degradedObjects")),
                 formatCount(num(f, u"misplacedObjects")), formatCount(num(f, u"unfoundObjects")));
    m_pgFoot->setText(f.isEmpty() ? tr("The placement groups were never read.")
                      : stale     ? tr("were: %1").arg(counts)
                                  : counts);
}

void ClusterView::refreshWorks(const QJsonObject& caseRow)
{
    const bool lost = monQuorumLost(m_context.session, m_connection);
    m_workSection->setVisible(lost);
    m_workRows->replace(lost ? whatStillWorks(m_context.session, m_connection) : QList<QJsonObject>());
    m_workSection->head()->setCount(QString::number(m_work->rowCount()));
    const QJsonObject remedy = session::obj(caseRow, u"remedy");
    const bool step = lost && !remedy.isEmpty();
    m_stepSection->setVisible(step);
    m_osdSection->setRuled(step);
    if (step) {
        QList<widgets::StepRow> rows;
        for (const QString& text : session::strings(remedy, u"steps")) {
            rows.append({.state = models::stepMark(QStringLiteral("waiting")), .title = text});
        }
        m_steps->setSteps(rows);
        m_stepTitle->setText(str(remedy, u"title"));
        m_stepSection->head()->setNote(models::ruleText(models::leadingFinding(caseRow)));
    }
}

void ClusterView::refreshStale()
{
    const qint64 now = m_context.session.nowMs();
    m_monSection->setStale(staleSince(QStringLiteral("mon-quorum")), now);
    m_osdSection->setStale(staleSince(QStringLiteral("osd")), now);
    m_pgSection->setStale(staleSince(QStringLiteral("pg-summary")), now);
    m_checkSection->setStale(checksStaleSince(), now);
    refreshChecks();
    if (m_workSection->isVisibleTo(this)) {
        m_workRows->replace(whatStillWorks(m_context.session, m_connection));
    }
    m_poolSection->setStale(staleSince(QStringLiteral("ceph-pool")), now);
    const QJsonObject quorum = m_context.session.estateRow(m_connection, QStringLiteral("mon-quorum"));
    m_monSection->head()->setNote(quorum.isEmpty() ? tr("never read")
                                                   : models::ageText(time(quorum, u"observedAt"), now));
}

}  // namespace sluice::systems::ceph
