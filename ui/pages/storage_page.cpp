#include "ui/pages/storage_page.h"

#include <QtGui/QAction>
#include <QtWidgets/QStackedWidget>
#include <algorithm>

#include "core/units.h"
#include "ui/models/columns.h"
#include "ui/models/marks.h"
#include "ui/models/quorum_loss.h"
#include "ui/models/words.h"
#include "ui/pages/cluster_view.h"
#include "ui/pages/kind_tables.h"
#include "ui/pages/layout.h"
#include "ui/session/row.h"
#include "ui/style/english_forms.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/key_values.h"
#include "ui/widgets/note_bar.h"
#include "ui/widgets/search_field.h"
#include "ui/widgets/section.h"
#include "ui/widgets/summary_strip.h"

namespace sluice::pages {

using session::facts;
using session::num;
using session::str;
using session::time;
using widgets::SummaryCell;

namespace {

enum View { kCluster, kGateway, kEmpty, kLoading, kKinds };

}  // namespace

StoragePage::StoragePage(const PageContext& context, QWidget* parent) : LivePage(context, parent)
{
    setObjectName(QStringLiteral("storage"));
    m_search = new widgets::SearchField(theme(), QStringLiteral("filter"), QStringLiteral("/"), this);
    m_search->setObjectName(QStringLiteral("filter"));
    m_search->setPlaceholderText(tr("Ceph pool or check"));
    m_search->setAccessibleName(tr("Filter Ceph pools and checks"));
    m_search->setFixedWidth(200);
    m_search->hide();

    auto* column = plain<QVBoxLayout>(this);
    m_strip = new widgets::SummaryStrip(theme(), this);
    m_strip->setObjectName(QStringLiteral("strip"));
    column->addWidget(m_strip);
    m_stack = new QStackedWidget(this);
    m_cluster = new ClusterView(context, m_stack);
    connect(m_search, &QLineEdit::textChanged, m_cluster, &ClusterView::setSearch);
    m_stack->addWidget(m_cluster);
    m_stack->addWidget(buildGateway());
    auto* empty = new QWidget(m_stack);
    auto* emptyColumn = plain<QVBoxLayout>(empty);
    emptyColumn->setContentsMargins(style::kPagePadding, style::kPagePadding, style::kPagePadding, 0);
    m_empty = new widgets::EmptyState(theme(), empty);
    m_empty->setObjectName(QStringLiteral("noCluster"));
    m_empty->setBoxed(false);
    m_empty->setHeadline(tr("No cluster in this profile"));
    m_empty->setChecked(
        tr("The engine's configuration names no Ceph cluster and no gateway. Add one and start the engine "
           "again:"));
    m_empty->setCode(QStringLiteral(
        "connections: { vega: { type: ceph, conf: /etc/ceph/ceph.conf, entity: client.sluice } }"));
    emptyColumn->addWidget(m_empty);
    emptyColumn->addStretch(1);
    m_stack->addWidget(empty);
    auto* loading = new QWidget(m_stack);
    auto* loadingColumn = plain<QVBoxLayout>(loading);
    loadingColumn->setContentsMargins(style::kPagePadding, style::kPagePadding, style::kPagePadding, 0);
    loadingColumn->addWidget(new Skeleton(theme(), 12, style::kRowNormal, loading));
    loadingColumn->addStretch(1);
    m_stack->addWidget(loading);
    auto* kinds = new ScrollColumn(m_stack);
    m_kinds = new KindTables(context, kinds);
    connect(m_search, &QLineEdit::textChanged, m_kinds, &KindTables::setSearch);
    kinds->content()->addWidget(m_kinds);
    kinds->content()->addStretch(1);
    m_stack->addWidget(kinds);
    column->addWidget(m_stack, 1);

    addAction(tr("Filter"), QKeySequence(Qt::Key_Slash), [this] { m_search->setFocus(); });
    addAction(tr("Monitors"), QKeySequence(Qt::Key_Q), [this] { m_cluster->focusMonitors(); });
    addAction(tr("OSDs"), QKeySequence(Qt::Key_O), [this] { m_cluster->focusOsds(); });
    addAction(tr("Ceph pools"), QKeySequence(Qt::Key_P), [this] { m_cluster->focusCephPools(); });
    addAction(tr("Open case"), QKeySequence(Qt::Key_C), [this] { triggerBanner(QStringLiteral("quorum")); });
    for (session::LiveRows* rows : {&session().estate(), &session().cases(), &session().runs()}) {
        follow(*rows);
    }
    connect(&session(), &session::Session::listedChanged, this, &StoragePage::touch);
}

QWidget* StoragePage::buildGateway()
{
    auto* scroll = new ScrollColumn(this);
    m_gatewaySection = new widgets::Section(theme(), tr("Gateway"), scroll);
    m_gatewaySection->setRuled(false);
    m_gateway = new widgets::KeyValues(theme(), m_gatewaySection);
    m_gateway->setObjectName(QStringLiteral("gateway"));
    m_gatewaySection->addWidget(m_gateway);
    m_gatewayNote = new widgets::NoteBar(theme(), m_gatewaySection);
    m_gatewaySection->addWidget(m_gatewayNote);
    scroll->content()->addWidget(m_gatewaySection);
    m_gatewayKinds = new KindTables(context(), scroll);
    scroll->content()->addWidget(m_gatewayKinds);
    scroll->content()->addStretch(1);
    return scroll;
}

QString StoragePage::typeOf(const QString& connection) const
{
    return str(facts(session().estateRow(connection, QStringLiteral("connection"))), u"type");
}

QStringList StoragePage::storageConnections() const
{
    QStringList list;
    for (const QString& name : session().connections()) {
        const QString type = typeOf(name);
        if (type == QLatin1String("ceph") || type == QLatin1String("s3")) {
            list << name;
        }
    }
    const QStringList known = session().connections();
    for (const QString& kind : session().listedKinds()) {
        const session::LiveRows& listed = *session().listed(kind);
        QString last;
        for (const QJsonObject& row : listed.rows()) {
            last = str(row, u"connection");
            if (!list.contains(last)) {
                list << last;
            }
        }
        // The rows come in order of connection; where they were cut off, the others may have some too.
        for (const QString& name : listed.size() < listed.total() ? known : QStringList()) {
            if (name + '/' > last + '/' && !list.contains(name)) {
                list << name;
            }
        }
    }
    return list;
}

void StoragePage::showConnection(const QString& connection)
{
    m_connection = connection;
    touch();
    Q_EMIT headChanged();
}

QString StoragePage::title() const
{
    return tr("Storage");
}

QList<shell::PageTab> StoragePage::tabs() const
{
    QList<shell::PageTab> tabs;
    for (const QString& name : storageConnections()) {
        const QJsonObject health = session().estateRow(name, QStringLiteral("health"));
        const bool stale = models::isStale(session(), health);
        style::StateWord worst;
        for (const char* key : {"availability", "redundancy", "posture"}) {
            const style::StateWord word = models::healthMark(health, QString::fromLatin1(key), stale);
            if (worst.word.isEmpty() || (word.isException() && !worst.isException())) {
                worst = word;
            }
        }
        tabs.append({.id = name, .text = name, .state = worst});
    }
    return tabs;
}

QString StoragePage::headNote() const
{
    if (typeOf(m_connection) != QLatin1String("ceph")) {
        return {};
    }
    const QJsonObject known = facts(session().estateRow(m_connection, QStringLiteral("connection")));
    const QJsonObject cluster = facts(session().estateRow(m_connection, QStringLiteral("cluster")));
    QString version = str(known, u"version");
    if (version.isEmpty()) {
        version = str(cluster, u"version");
    }
    qint64 total = 0;
    for (const QJsonObject& osd : session().estateOf(QStringLiteral("osd"), m_connection)) {
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

QWidget* StoragePage::headWidget()
{
    const bool hasRows = m_stack->currentIndex() == kCluster || m_stack->currentIndex() == kKinds;
    return hasRows && !m_connection.isEmpty() ? m_search : nullptr;
}

QList<shell::KeyHint> StoragePage::keyHints() const
{
    QList<shell::KeyHint> hints;
    if (const QJsonObject open = quorumCase(); !open.isEmpty()) {
        hints.append({QStringLiteral("C"), tr("open case %1").arg(str(open, u"id"))});
    }
    if (m_stack->currentIndex() != kKinds) {
        hints.append({QStringLiteral("Q"), tr("monitors")});
        hints.append({QStringLiteral("O"), tr("OSDs")});
        hints.append({QStringLiteral("P"), tr("Ceph pools")});
    }
    hints.append({QStringLiteral("/"), tr("filter")});
    return hints;
}

QJsonObject StoragePage::quorumCase() const
{
    for (const QJsonObject& item : session().openCases()) {
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

QList<shell::PageBanner> StoragePage::pageBanners() const
{
    if (typeOf(m_connection) != QLatin1String("ceph") || !models::monQuorumLost(session(), m_connection)) {
        return {};
    }
    const QJsonObject cephPools = session().estateOf(QStringLiteral("ceph-pool"), m_connection).value(0);
    const qint64 at = time(cephPools, u"observedAt");
    const QJsonObject open = quorumCase();
    return {
        {.id = QStringLiteral("quorum"),
         .tone = style::Tone::Crit,
         .headline = tr("Monitor quorum lost: %1").arg(models::monQuorumSentence(session(), m_connection)),
         .detail =
             at > 0 ? tr("Maps, PGs and Ceph pools of %1 are as of %2. What is hatched below is what was "
                         "known then.")
                          .arg(m_connection, session::clockText(at))
                    : tr("Maps, PGs and Ceph pools of %1 were never read by this engine.").arg(m_connection),
         .action = open.isEmpty() ? QString() : tr("Open case %1").arg(str(open, u"id")),
         .keyCap = open.isEmpty() ? QString() : QStringLiteral("C")}};
}

void StoragePage::triggerBanner(const QString& id)
{
    const QJsonObject open = quorumCase();
    if (id == QLatin1String("quorum") && !open.isEmpty()) {
        Q_EMIT openRequested(QStringLiteral("case"), str(open, u"id"));
    }
}

void StoragePage::activate()
{
    if (m_stack->currentIndex() == kKinds) {
        m_kinds->focusFirst();
    } else {
        m_cluster->focusMonitors();
    }
}

void StoragePage::refresh()
{
    const QStringList connections = storageConnections();
    if (!connections.contains(m_connection)) {
        m_connection = connections.value(0);
    }
    const bool loaded = session().estate().isLoaded();
    const bool ceph = typeOf(m_connection) == QLatin1String("ceph");
    const bool gateway = typeOf(m_connection) == QLatin1String("s3");
    m_stack->setCurrentIndex(!loaded                 ? kLoading
                             : connections.isEmpty() ? kEmpty
                             : ceph                  ? kCluster
                             : gateway               ? kGateway
                                                     : kKinds);
    // Of a system that says nothing of its health, all that is known stands in its tables.
    const bool told = !session().estateRow(m_connection, QStringLiteral("health")).isEmpty();
    m_strip->setVisible(!connections.isEmpty() && (ceph || gateway || told));
    m_search->setPlaceholderText(ceph ? tr("Ceph pool or check") : tr("name or word"));
    m_search->setAccessibleName(ceph ? tr("Filter Ceph pools and checks") : tr("Filter the tables"));
    if (connections.isEmpty()) {
        return;
    }
    refreshStrip();
    if (ceph) {
        m_cluster->setConnection(m_connection);
        m_cluster->refresh(quorumCase());
    } else if (gateway) {
        refreshGateway();
    }
    // What is not shown asks for nothing.
    m_gatewayKinds->setConnection(gateway ? m_connection : QString());
    m_kinds->setConnection(ceph || gateway ? QString() : m_connection);
}

void StoragePage::tick()
{
    if (m_strip->isVisibleTo(this)) {
        refreshStrip();
    }
    QStringList words;
    for (const shell::PageTab& tab : tabs()) {
        words << tab.id + ' ' + tab.state.word;
    }
    if (words != m_tabWords) {
        m_tabWords = words;
        Q_EMIT headChanged();
    }
    if (m_stack->currentIndex() == kCluster) {
        m_cluster->tick();
    } else if (m_stack->currentIndex() == kGateway) {
        refreshGateway();
    }
}

QString StoragePage::asOf(const QString& kind) const
{
    const qint64 since = models::staleSince(session(), m_connection, kind);
    return since > 0 ? models::asOfText(since, nowMs()) : QString();
}

SummaryCell StoragePage::usedCell() const
{
    qint64 used = 0, total = 0;
    double fullest = -1;
    QString name;
    for (const QJsonObject& osd : session().estateOf(QStringLiteral("osd"), m_connection)) {
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

SummaryCell StoragePage::objectsCell() const
{
    const QJsonObject f = facts(session().estateRow(m_connection, QStringLiteral("pg-summary")));
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

void StoragePage::refreshStrip()
{
    const QJsonObject health = session().estateRow(m_connection, QStringLiteral("health"));
    const bool stale = models::isStale(session(), health);
    QList<SummaryCell> cells;
    const QList<std::pair<QString, QString>> words{{QStringLiteral("availability"), tr("Availability")},
                                                   {QStringLiteral("redundancy"), tr("Redundancy")},
                                                   {QStringLiteral("posture"), tr("Posture")}};
    for (const auto& [key, label] : words) {
        const style::StateWord word = models::healthMark(health, key, stale);
        cells.append({.state = word, .detail = word.meaning, .label = label});
    }
    if (typeOf(m_connection) == QLatin1String("ceph")) {
        if (models::monQuorumLost(session(), m_connection)) {
            const models::RunsOn runs = models::runsOn(session(), m_connection);
            for (const QString& run : runs.seen) {
                connect(&session().tasks(run), &session::LiveRows::changed, this, &StoragePage::touch,
                        Qt::UniqueConnection);
            }
            cells.append(
                {.figure = tr("%n runs go on", nullptr, style::formOf(runs.going.size())),
                 .detail = runs.going.isEmpty()
                               ? tr("no open session is used")
                               : tr("%1 on open sessions").arg(runs.going.join(QStringLiteral(", "))),
                 .label = tr("Runs that go on")});
            cells.append(
                {.figure = tr("%n runs wait", nullptr, style::formOf(runs.waiting.size())),
                 .detail = runs.waiting.isEmpty()
                               ? tr("none needs a new session")
                               : tr("%1 needs a new session").arg(runs.waiting.join(QStringLiteral(", "))),
                 .label = tr("Runs that wait")});
        } else {
            cells.append(objectsCell());
            cells.append(usedCell());
        }
    }
    m_strip->setCells(cells);
}

void StoragePage::refreshGateway()
{
    const QJsonObject row = session().estateRow(m_connection, QStringLiteral("gateway"));
    const QJsonObject f = facts(row);
    const QJsonObject known = facts(session().estateRow(m_connection, QStringLiteral("connection")));
    const bool answers = f.value(QLatin1String("answers")).toBool();
    const bool stale = models::isStale(session(), row);
    m_gateway->setRows(
        {{.key = tr("Endpoint"), .value = str(f, u"endpoint"), .mono = true},
         {.key = tr("Answers"),
          .value = f.isEmpty() ? tr("never asked")
                   : stale     ? tr("unknown")
                   : answers   ? tr("yes")
                               : tr("no")},
         {.key = tr("Probe"),
          .value =
              answers ? tr("%1 ms").arg(QString::number(f.value(QLatin1String("probeMs")).toDouble(), 'g', 3))
                      : tr("none")},
         {.key = tr("Asked"),
          .value = f.isEmpty() ? tr("never")
                               : tr("%1 ago").arg(models::ageText(time(row, u"observedAt"), nowMs()))}});
    const QJsonObject json = session::obj(known, u"error");
    m_gatewayNote->setVisible(!json.isEmpty());
    if (!json.isEmpty()) {
        const Error error = session::errorOf(json);
        m_gatewayNote->setTone(style::Tone::Crit);
        m_gatewayNote->setTexts(error.message + '.', models::sentence({error.cause, error.correction}));
    }
    m_gatewaySection->setStale(stale ? time(row, u"observedAt") : 0, nowMs());
}

}  // namespace sluice::pages
