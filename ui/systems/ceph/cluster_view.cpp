#include "ui/systems/ceph/cluster_view.h"

#include <algorithm>

#include "ui/models/columns.h"
#include "ui/pages/kind_tables.h"
#include "ui/pages/layout.h"
#include "ui/pages/two_columns.h"
#include "ui/session/live_table.h"
#include "ui/session/row.h"
#include "ui/session/session.h"
#include "ui/style/english_forms.h"
#include "ui/systems/ceph/columns.h"
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
using session::LiveTable;
using session::str;
using style::Ink;
using style::Type;

namespace {

constexpr int kLeftWidth = 504;
constexpr int kTwoColumnsWidth = 1200;

}  // namespace

ClusterView::ClusterView(const PageContext& context, QWidget* parent)
    : StorageView(parent), m_context(context)
{
    m_columns = new TwoColumns(context.theme, TwoColumns::Fixed::Left, kLeftWidth, kTwoColumnsWidth, this);
    plain<QVBoxLayout>(this)->addWidget(m_columns);
    buildLeft();
    buildRight();
}

LiveTable* ClusterView::kindTable(const QString& kind)
{
    QList<session::Column> columns;
    if (kind == QLatin1String("mon")) {
        columns = monColumns(m_context.session);
    } else if (kind == QLatin1String("health-check")) {
        columns = checkColumns(m_context.session);
    } else {
        columns = cephPoolColumns(m_context.session);
    }
    auto* table = new LiveTable(&m_context.session.estate(), m_context.session.ticker(), std::move(columns),
                                models::estateTraits(m_context.session), this);
    table->setFilter([](const QJsonObject&) { return false; });
    return table;
}

widgets::TableView* ClusterView::table(LiveTable& model, const QString& name, widgets::Section* section)
{
    auto* view = new widgets::TableView(m_context.theme, section);
    view->setObjectName(name);
    view->setFitRows(true);
    bindTable(*view, model, m_context.dialogs);
    return view;
}

void ClusterView::buildLeft()
{
    const style::Theme& theme = m_context.theme;
    ScrollColumn* scroll = m_columns->left();
    m_monSection = new widgets::Section(theme, tr("Monitor quorum"), scroll);
    auto* monRow = plain<QHBoxLayout>();
    monRow->setSpacing(12);
    m_ring = new widgets::QuorumRing(theme, m_monSection);
    m_ring->setObjectName(QStringLiteral("ring"));
    m_ring->setInteractive(true);
    monRow->addWidget(m_ring, 0, Qt::AlignTop);
    m_mons = kindTable(QStringLiteral("mon"));
    m_monView = table(*m_mons, QStringLiteral("mons"), m_monSection);
    m_monView->setDensity(style::Density::Compact);
    m_monFoot = new widgets::TextLabel(theme, Type::Small, Ink::Tertiary, m_monSection);
    m_monFoot->setWordWrap(true);
    auto* monColumn = plain<QVBoxLayout>();
    monColumn->setSpacing(8);
    monColumn->addWidget(m_monView);
    monColumn->addWidget(m_monFoot);
    monColumn->addStretch(1);
    monRow->addLayout(monColumn, 1);
    m_monSection->content()->addLayout(monRow);
    m_belief = new widgets::NoteBar(theme, m_monSection);
    m_belief->setTone(style::Tone::Crit);
    m_monSection->addWidget(m_belief);
    m_caveat = new widgets::NoteBar(theme, m_monSection);
    m_caveat->setObjectName(QStringLiteral("leaseCaveat"));
    m_monSection->addWidget(m_caveat);
    m_columns->addLeft(m_monSection);

    m_osdSection = new widgets::Section(theme, tr("OSDs by host"), scroll);
    m_tiles = new widgets::OsdTiles(theme, m_osdSection);
    m_tiles->setObjectName(QStringLiteral("osds"));
    m_tiles->setInteractive(true);
    m_osdSection->addWidget(m_tiles);
    m_osdNote = new widgets::NoteBar(theme, m_osdSection);
    m_osdSection->addWidget(m_osdNote);
    m_columns->addLeft(m_osdSection);

    m_stepSection = new widgets::Section(theme, tr("The smallest safe step"), scroll);
    m_stepSection->setRuled(false);
    m_stepTitle = new widgets::TextLabel(theme, Type::Body, Ink::Primary, m_stepSection);
    m_stepSection->addWidget(m_stepTitle);
    m_steps = new widgets::StepList(theme, m_stepSection);
    m_steps->setObjectName(QStringLiteral("smallestStep"));
    m_steps->setBoxed(false);
    m_stepSection->addWidget(m_steps);
    m_columns->addLeft(m_stepSection);
}

void ClusterView::buildRight()
{
    const style::Theme& theme = m_context.theme;
    ScrollColumn* scroll = m_columns->right();
    m_workSection = new widgets::Section(theme, tr("What works and what does not"), scroll);
    m_workSection->head()->setNote(tr("found by trying"));
    m_workSection->content()->setContentsMargins(12, 0, 12, 0);
    m_workRows = new session::LiveRows(this);
    m_work = new LiveTable(m_workRows, m_context.session.ticker(), whatStillWorksColumns(), {}, this);
    m_workView = table(*m_work, QStringLiteral("works"), m_workSection);
    m_workSection->addWidget(m_workView);
    m_columns->addRight(m_workSection);

    m_pgSection = new widgets::Section(theme, tr("Placement groups"), scroll);
    m_pgBar = new widgets::PgBar(theme, m_pgSection);
    m_pgBar->setObjectName(QStringLiteral("pgs"));
    m_pgSection->addWidget(m_pgBar);
    m_pgFoot = new widgets::TextLabel(theme, Type::Small, Ink::Secondary, m_pgSection);
    m_pgSection->addWidget(m_pgFoot);
    m_columns->addRight(m_pgSection);

    m_checkSection = new widgets::Section(theme, tr("Health checks"), scroll);
    m_checkSection->setObjectName(QStringLiteral("checkSection"));
    m_checkSection->head()->setNote(tr("Ceph's own words"));
    m_checkSection->content()->setContentsMargins(12, 0, 12, 0);
    m_checks = kindTable(QStringLiteral("health-check"));
    m_checkView = table(*m_checks, QStringLiteral("checks"), m_checkSection);
    m_checkSection->addWidget(m_checkView);
    m_noChecks = new widgets::TextLabel(theme, Type::Body, Ink::Secondary, m_checkSection);
    m_noChecks->setObjectName(QStringLiteral("noChecks"));
    m_noChecks->setContentsMargins(8, 0, 8, 4);
    m_checkSection->addWidget(m_noChecks);
    m_columns->addRight(m_checkSection);

    m_poolSection = new widgets::Section(theme, tr("Ceph pools"), scroll);
    m_poolSection->setRuled(false);
    m_poolSection->content()->setContentsMargins(12, 0, 12, 0);
    m_cephPools = kindTable(QStringLiteral("ceph-pool"));
    m_cephPoolView = table(*m_cephPools, QStringLiteral("cephPools"), m_poolSection);
    m_poolSection->addWidget(m_cephPoolView);
    m_columns->addRight(m_poolSection);
    m_kinds = new KindTables(m_context, scroll);
    m_columns->addRight(m_kinds);
}

void ClusterView::setConnection(const QString& connection)
{
    if (connection == m_connection) {
        return;
    }
    m_connection = connection;
    m_kinds->setConnection(connection);
    const auto kind = [connection](const char* name, bool internal) {
        return [connection, kind = QString::fromLatin1(name), internal](const QJsonObject& row) {
            return str(row, u"connection") == connection && str(row, u"kind") == kind &&
                   (internal || !facts(row).value(QLatin1String("internal")).toBool());
        };
    };
    m_mons->setFilter(kind("mon", true));
    m_checks->setFilter(kind("health-check", true));
    m_cephPools->setFilter(kind("ceph-pool", false));
}

void ClusterView::setSearch(const QString& text)
{
    m_cephPools->setSearch(text);
    m_checks->setSearch(text);
    m_kinds->setSearch(text);
}

void ClusterView::focusMonitors()
{
    m_ring->setFocus(Qt::ShortcutFocusReason);
}

void ClusterView::focusOsds()
{
    m_tiles->setFocus(Qt::ShortcutFocusReason);
}

void ClusterView::focusCephPools()
{
    m_cephPoolView->setFocus(Qt::ShortcutFocusReason);
}

void ClusterView::refresh()
{
    m_drawnStale = staleKinds();
    refreshMonitors();
    refreshOsds();
    refreshPgs();
    refreshWorks(quorumCase());
    m_poolSection->head()->setCount(QString::number(m_cephPools->rowCount()));
    m_poolSection->head()->setNote(hiddenPoolsText());
    refreshStale();
}

QString ClusterView::hiddenPoolsText() const
{
    const QList<QJsonObject> rows = m_context.session.estate().rows();
    const auto hidden = std::count_if(rows.cbegin(), rows.cend(), [this](const QJsonObject& row) {
        return str(row, u"connection") == m_connection && str(row, u"kind") == QLatin1String("ceph-pool") &&
               facts(row).value(QLatin1String("internal")).toBool();
    });
    return hidden == 0
               ? tr("copies / min_size")
               : tr("copies / min_size; %n internal Ceph pools hidden", nullptr, style::formOf(hidden));
}

void ClusterView::tick()
{
    if (staleKinds() != m_drawnStale) {
        // Facts grew old without a row that changed: their colours go too.
        refresh();
        return;
    }
    refreshStale();
}

}  // namespace sluice::systems::ceph
