#include "ui/pages/storage_page.h"

#include <QtGui/QAction>
#include <QtWidgets/QStackedWidget>
#include <algorithm>

#include "ui/models/columns.h"
#include "ui/models/marks.h"
#include "ui/pages/kind_tables.h"
#include "ui/pages/layout.h"
#include "ui/pages/storage_view.h"
#include "ui/session/row.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/search_field.h"
#include "ui/widgets/summary_strip.h"

namespace sluice::pages {

using session::facts;
using session::str;
using widgets::SummaryCell;

StoragePage::StoragePage(const PageContext& context, QWidget* parent) : LivePage(context, parent)
{
    setObjectName(QStringLiteral("storage"));
    m_search = new widgets::SearchField(theme(), QStringLiteral("filter"), QStringLiteral("/"), this);
    m_search->setObjectName(QStringLiteral("filter"));
    m_search->setFixedWidth(200);
    m_search->hide();

    auto* column = plain<QVBoxLayout>(this);
    m_strip = new widgets::SummaryStrip(theme(), this);
    m_strip->setObjectName(QStringLiteral("strip"));
    column->addWidget(m_strip);
    m_stack = new QStackedWidget(this);
    for (const SystemView& one : context.systems) {
        addView(one);
    }
    auto* empty = m_nothing = new QWidget(m_stack);
    auto* emptyColumn = plain<QVBoxLayout>(empty);
    emptyColumn->setContentsMargins(style::kPagePadding, style::kPagePadding, style::kPagePadding, 0);
    m_empty = new widgets::EmptyState(theme(), empty);
    m_empty->setObjectName(QStringLiteral("noCluster"));
    m_empty->setBoxed(false);
    m_empty->setHeadline(tr("No cluster in this profile"));
    QStringList whats;
    for (const SystemView& one : context.systems) {
        whats << tr("no %1").arg(one.what);
    }
    m_empty->setChecked(tr("The engine's configuration names %1. Add one and start the engine again:")
                            .arg(whats.join(tr(" and "))));
    m_empty->setCode(exampleOf(context, &SystemView::exampleConfig));
    emptyColumn->addWidget(m_empty);
    emptyColumn->addStretch(1);
    m_stack->addWidget(empty);
    auto* loading = m_loading = new QWidget(m_stack);
    auto* loadingColumn = plain<QVBoxLayout>(loading);
    loadingColumn->setContentsMargins(style::kPagePadding, style::kPagePadding, style::kPagePadding, 0);
    loadingColumn->addWidget(new Skeleton(theme(), 12, style::kRowNormal, loading));
    loadingColumn->addStretch(1);
    m_stack->addWidget(loading);
    auto* kinds = new ScrollColumn(m_stack);
    m_tables = kinds;
    m_kinds = new KindTables(context, kinds);
    connect(m_search, &QLineEdit::textChanged, m_kinds, &KindTables::setSearch);
    kinds->content()->addWidget(m_kinds);
    kinds->content()->addStretch(1);
    m_stack->addWidget(kinds);
    column->addWidget(m_stack, 1);

    addAction(tr("Filter"), QKeySequence(Qt::Key_Slash), [this] { m_search->setFocus(); });
    for (session::LiveRows* rows : {&session().estate(), &session().cases(), &session().runs()}) {
        follow(*rows);
    }
    connect(&session(), &session::Session::listedChanged, this, &StoragePage::touch);
}

void StoragePage::addView(const SystemView& system)
{
    StorageView* view = system.make(context(), m_stack);
    m_views.insert(system.type, view);
    m_stack->addWidget(view);
    connect(m_search, &QLineEdit::textChanged, view, &StorageView::setSearch);
    connect(view, &StorageView::openRequested, this, &StoragePage::openRequested);
    connect(view, &StorageView::touched, this, &StoragePage::touch);
    for (const StorageView::Action& action : view->actions()) {
        addAction(action.title, action.key, [this, view, run = action.run] {
            if (m_stack->currentWidget() == view) {
                run();
            }
        });
    }
}

StorageView* StoragePage::view() const
{
    return m_views.value(typeOf(m_connection));
}

QString StoragePage::headNote() const
{
    return view() != nullptr ? view()->headNote() : QString();
}

QList<shell::PageBanner> StoragePage::pageBanners() const
{
    return view() != nullptr ? view()->banners() : QList<shell::PageBanner>();
}

void StoragePage::triggerBanner(const QString& id)
{
    if (view() != nullptr) {
        view()->triggerBanner(id);
    }
}

QString StoragePage::typeOf(const QString& connection) const
{
    return str(facts(session().estateRow(connection, QStringLiteral("connection"))), u"type");
}

QStringList StoragePage::storageConnections() const
{
    QStringList list;
    for (const QString& name : session().connections()) {
        if (m_views.contains(typeOf(name))) {
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
        if (health.isEmpty()) {
            // Nothing is said of its health but whether it is reached.
            worst = models::connectionHealth(session().estateRow(name, QStringLiteral("connection")),
                                             QStringLiteral("availability"));
        }
        for (const char* key : {"availability", "redundancy", "posture"}) {
            if (health.isEmpty()) {
                break;
            }
            const style::StateWord word = models::healthMark(health, QString::fromLatin1(key), stale);
            if (worst.word.isEmpty() || (word.isException() && !worst.isException())) {
                worst = word;
            }
        }
        tabs.append({.id = name, .text = name, .state = worst});
    }
    return tabs;
}

QWidget* StoragePage::headWidget()
{
    const bool kinds = m_stack->currentWidget() == m_tables;
    const bool searched =
        view() != nullptr && m_stack->currentWidget() == view() && !view()->searchHint().first.isEmpty();
    return (kinds || searched) && !m_connection.isEmpty() ? m_search : nullptr;
}

QList<shell::KeyHint> StoragePage::keyHints() const
{
    QList<shell::KeyHint> hints = view() != nullptr ? view()->keyHints() : QList<shell::KeyHint>();
    hints.append({QStringLiteral("/"), tr("filter")});
    return hints;
}

void StoragePage::activate()
{
    if (m_stack->currentWidget() == m_tables) {
        m_kinds->focusFirst();
    } else if (view() != nullptr) {
        view()->focusFirst();
    }
}

void StoragePage::refresh()
{
    const QStringList connections = storageConnections();
    if (!connections.contains(m_connection)) {
        m_connection = connections.value(0);
    }
    const bool loaded = session().estate().isLoaded();
    StorageView* shown = loaded ? view() : nullptr;
    m_stack->setCurrentWidget(!loaded                 ? m_loading
                              : connections.isEmpty() ? m_nothing
                              : shown != nullptr      ? shown
                                                      : m_tables);
    // Of a system that says nothing of its health, all that is known stands in its tables.
    const bool told = !session().estateRow(m_connection, QStringLiteral("health")).isEmpty();
    m_strip->setVisible(!connections.isEmpty() && (view() != nullptr || told));
    const auto [placeholder, spoken] =
        shown != nullptr ? shown->searchHint() : std::pair(tr("name or word"), tr("Filter the tables"));
    m_search->setPlaceholderText(placeholder);
    m_search->setAccessibleName(spoken);
    if (connections.isEmpty()) {
        return;
    }
    // What is not shown asks for nothing.
    for (StorageView* other : std::as_const(m_views)) {
        other->setConnection(other == view() ? m_connection : QString());
    }
    m_kinds->setConnection(view() != nullptr ? QString() : m_connection);
    refreshStrip();
    if (view() != nullptr) {
        view()->refresh();
    }
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
    if (view() != nullptr && m_stack->currentWidget() == view()) {
        view()->tick();
    }
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
    if (view() != nullptr) {
        cells += view()->cells();
    }
    m_strip->setCells(cells);
}

}  // namespace sluice::pages
