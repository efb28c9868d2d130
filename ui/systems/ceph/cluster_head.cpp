#include <algorithm>

#include "core/units.h"
#include "ui/models/columns.h"
#include "ui/models/marks.h"
#include "ui/models/words.h"
#include "ui/session/row.h"
#include "ui/session/session.h"
#include "ui/style/english_forms.h"
#include "ui/systems/ceph/cluster_view.h"
#include "ui/systems/ceph/quorum_loss.h"

/// What the page Storage shows round the parts of a cluster: figures, banner, keys.
namespace sluice::systems::ceph {

using session::facts;
using session::num;
using session::str;
using session::time;
using widgets::SummaryCell;

std::pair<QString, QString> ClusterView::searchHint() const
{
    return {tr("Ceph pool or check"), tr("Filter Ceph pools and checks")};
}

QList<pages::StorageView::Action> ClusterView::actions()
{
    return {{.title = tr("Monitors"), .key = Qt::Key_Q, .run = [this] { focusMonitors(); }},
            {.title = tr("OSDs"), .key = Qt::Key_O, .run = [this] { focusOsds(); }},
            {.title = tr("Ceph pools"), .key = Qt::Key_P, .run = [this] { focusCephPools(); }},
            {.title = tr("Open case"), .key = Qt::Key_C, .run = [this] {
                 triggerBanner(QStringLiteral("quorum"));
             }}};
}

QList<shell::KeyHint> ClusterView::keyHints() const
{
    QList<shell::KeyHint> hints;
    if (const QJsonObject open = quorumCase(); !open.isEmpty()) {
        hints.append({QStringLiteral("C"), tr("open case %1").arg(str(open, u"id"))});
    }
    hints.append({QStringLiteral("Q"), tr("monitors")});
    hints.append({QStringLiteral("O"), tr("OSDs")});
    hints.append({QStringLiteral("P"), tr("Ceph pools")});
    return hints;
}

QString ClusterView::headNote() const
{
    const QJsonObject known = facts(m_context.session.estateRow(m_connection, QStringLiteral("connection")));
    const QJsonObject cluster = facts(m_context.session.estateRow(m_connection, QStringLiteral("cluster")));
    QString version = str(known, u"version");
    if (version.isEmpty()) {
        version = str(cluster, u"version");
    }
    qint64 total = 0;
    for (const QJsonObject& osd : m_context.session.estateOf(QStringLiteral("osd"), m_connection)) {
        total += num(facts(osd), u"totalBytes");
    }
    QStringList parts;
    parts << (version.isEmpty() ? tr("Ceph, version unknown") : tr("Ceph %1").arg(version));
    if (const qint64 osds = num(cluster, u"osdsTotal"); osds > 0) {
        parts << tr("%n OSDs", nullptr, style::formOf(osds));
    }
    if (total > 0) {
        parts << tr("%1 raw").arg(formatBytes(static_cast<double>(total)));
    }
    return parts.join(QStringLiteral(", "));
}

QJsonObject ClusterView::quorumCase() const
{
    for (const QJsonObject& item : m_context.session.openCases()) {
        const QJsonObject finding = models::leadingFinding(item);
        if (str(finding, u"rule") != QLatin1String("R13") ||
            str(finding, u"verdict") != QLatin1String("confirmed")) {
            continue;
        }
        const QJsonArray evidence = session::arr(finding, u"evidence");
        for (const QJsonValue& value : evidence) {
            if (str(value.toObject(), u"entity").startsWith(m_connection + '/')) {
                return item;
            }
        }
    }
    return {};
}

QList<shell::PageBanner> ClusterView::banners() const
{
    if (!monQuorumLost(m_context.session, m_connection)) {
        return {};
    }
    const QJsonObject cephPools =
        m_context.session.estateOf(QStringLiteral("ceph-pool"), m_connection).value(0);
    const qint64 at = time(cephPools, u"observedAt");
    const QJsonObject open = quorumCase();
    return {
        {.id = QStringLiteral("quorum"),
         .tone = style::Tone::Crit,
         .headline = tr("Monitor quorum lost: %1").arg(monQuorumSentence(m_context.session, m_connection)),
         .detail =
             at > 0 ? tr("Maps, PGs and Ceph pools of %1 are as of %2. What is hatched below is what was "
                         "known then.")
                          .arg(m_connection, session::clockText(at))
                    : tr("Maps, PGs and Ceph pools of %1 were never read by this engine.").arg(m_connection),
         .action = open.isEmpty() ? QString() : tr("Open case %1").arg(str(open, u"id")),
         .keyCap = open.isEmpty() ? QString() : QStringLiteral("C")}};
}

void ClusterView::triggerBanner(const QString& id)
{
    const QJsonObject open = quorumCase();
    if (id == QLatin1String("quorum") && !open.isEmpty()) {
        Q_EMIT openRequested(QStringLiteral("case"), str(open, u"id"));
    }
}

QString ClusterView::asOf(const QString& kind) const
{
    const qint64 since = staleSince(kind);
    return since > 0 ? models::asOfText(since, m_context.session.nowMs()) : QString();
}

SummaryCell ClusterView::usedCell() const
{
    qint64 used = 0, total = 0;
    double fullest = -1;
    QString name;
    for (const QJsonObject& osd : m_context.session.estateOf(QStringLiteral("osd"), m_connection)) {
        const qint64 size = num(facts(osd), u"totalBytes");
        used += num(facts(osd), u"usedBytes");
        total += size;
        const double part =
            size > 0 ? static_cast<double>(num(facts(osd), u"usedBytes")) / static_cast<double>(size) : -1;
        if (part > fullest) {
            fullest = part;
            name = QStringLiteral("osd.%1").arg(num(facts(osd), u"osdId"));
        }
    }
    if (total <= 0) {
        return {.figure = tr("use unknown"), .detail = tr("OSDs were never read"), .label = tr("Use")};
    }
    return {
        .figure = tr("%1 % used").arg(qRound(100.0 * static_cast<double>(used) / static_cast<double>(total))),
        .detail = tr("fullest %1, %2 %").arg(name, QString::number(qRound(fullest * 100))),
        .label = tr("Use"),
        .asOf = asOf(QStringLiteral("osd"))};
}

SummaryCell ClusterView::objectsCell() const
{
    const QJsonObject f = facts(m_context.session.estateRow(m_connection, QStringLiteral("pg-summary")));
    if (f.isEmpty()) {
        return {.figure = tr("PGs unknown"), .detail = tr("never read"), .label = tr("Placement groups")};
    }
    const qint64 total = num(f, u"total");
    const qint64 inactive = num(f, u"inactive");
    return {
        .figure = tr("%1 of %2 PGs active").arg(formatCount(total - inactive), formatCount(total)),
        .detail = tr("%1 degraded, %2 misplaced objects", nullptr, style::formOf(num(f, u"misplacedObjects")))
                      .arg(formatCount(num(f, u"degradedObjects")), formatCount(num(f, u"misplacedObjects"))),
        .label = tr("Placement groups"),
        .asOf = asOf(QStringLiteral("pg-summary"))};
}

QList<SummaryCell> ClusterView::cells()
{
    if (!monQuorumLost(m_context.session, m_connection)) {
        return {objectsCell(), usedCell()};
    }
    QList<SummaryCell> cells;
    const RunsOn runs = runsOn(m_context.session, m_connection);
    for (const QString& run : runs.seen) {
        connect(&m_context.session.tasks(run), &session::LiveRows::changed, this, &StorageView::touched,
                Qt::UniqueConnection);
    }
    cells.append({.figure = tr("%n runs go on", nullptr, style::formOf(runs.going.size())),
                  .detail = runs.going.isEmpty()
                                ? tr("no open session is used")
                                : tr("%1 on open sessions").arg(runs.going.join(QStringLiteral(", "))),
                  .label = tr("Runs that go on")});
    cells.append({.figure = tr("%n runs wait", nullptr, style::formOf(runs.waiting.size())),
                  .detail = runs.waiting.isEmpty()
                                ? tr("none needs a new session")
                                : tr("%1 needs a new session").arg(runs.waiting.join(QStringLiteral(", "))),
                  .label = tr("Runs that wait")});
    return cells;
}

}  // namespace sluice::systems::ceph
