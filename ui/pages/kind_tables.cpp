#include "ui/pages/kind_tables.h"

#include <algorithm>

#include "core/units.h"
#include "ui/models/kind_columns.h"
#include "ui/pages/layout.h"
#include "ui/session/live_table.h"
#include "ui/session/row.h"
#include "ui/session/session.h"
#include "ui/widgets/button.h"
#include "ui/widgets/section.h"
#include "ui/widgets/section_head.h"
#include "ui/widgets/table_view.h"

namespace sluice::pages {

KindTables::KindTables(const PageContext& context, QWidget* parent) : QWidget(parent), m_context(context)
{
    setObjectName(QStringLiteral("kindTables"));
    m_column = plain<QVBoxLayout>(this);
    connect(&context.session, &session::Session::listedChanged, this, &KindTables::refresh);
    hide();
}

void KindTables::setConnection(const QString& connection)
{
    if (connection != m_connection) {
        clear();
        m_connection = connection;
    }
    refresh();
}

void KindTables::clear()
{
    for (const Table& table : std::as_const(m_tables)) {
        delete table.section;
        table.rows->deleteLater();
    }
    m_tables.clear();
}

void KindTables::setSearch(const QString& text)
{
    m_search = text;
    for (const Table& table : std::as_const(m_tables)) {
        table.model->setSearch(text);
    }
}

KindTables::Table KindTables::make(const QString& kind)
{
    session::Session& session = m_context.session;
    Table table;
    table.section = new widgets::Section(m_context.theme, models::kindTitles(session, kind), this);
    table.section->setObjectName(QStringLiteral("kind.") + kind);
    table.section->content()->setContentsMargins(12, 0, 12, 0);
    table.rows = session.listedOf(kind, m_connection, this);
    table.model = new session::LiveTable(table.rows, session.ticker(), models::kindColumns(session, kind),
                                         models::estateTraits(session), table.section);
    table.model->setSearch(m_search);
    table.view = new widgets::TableView(m_context.theme, table.section);
    table.view->setObjectName(QStringLiteral("rows.") + kind);
    table.view->setFitRows(true);
    table.view->setAccessibleName(models::kindTitles(session, kind));
    bindTable(*table.view, *table.model, m_context.dialogs);
    table.section->addWidget(table.view);
    const auto button = [&](const QString& text, const QString& name, int by) {
        auto* made = new widgets::Button(m_context.theme, text, widgets::ButtonLook::Quiet, table.section);
        made->setObjectName(name);
        connect(made, &QPushButton::clicked, this, [this, kind, by] { move(kind, by); });
        table.section->head()->addWidget(made);
        return made;
    };
    table.before = button(tr("Previous %1").arg(session::Session::kListedRows), QStringLiteral("before"), -1);
    table.after = button(tr("Next %1").arg(session::Session::kListedRows), QStringLiteral("after"), 1);
    connect(table.rows, &session::LiveRows::changed, this, [this, kind] {
        const Table& known = m_tables.value(kind);
        if (known.rows != nullptr && known.rows->size() == 0 && known.rows->total() > 0 && known.offset > 0) {
            move(kind, -1);
        }
        refresh();
    });
    m_column->addWidget(table.section);
    return table;
}

void KindTables::move(const QString& kind, int by)
{
    Table& table = m_tables[kind];
    const int rows = session::Session::kListedRows;
    const auto last = static_cast<int>(std::max<qint64>(0, table.rows->total() - 1)) / rows * rows;
    table.offset = std::clamp(table.offset + by * rows, 0, last);
    table.rows->moveTo(table.offset, rows);
}

void KindTables::refresh()
{
    if (m_connection.isEmpty()) {
        hide();
        return;
    }
    const QStringList kinds = m_context.session.listedKinds();
    const QStringList known = m_tables.keys();
    for (const QString& kind : known) {
        if (!kinds.contains(kind)) {
            const Table gone = m_tables.take(kind);
            delete gone.section;
            gone.rows->deleteLater();
        }
    }
    bool any = false;
    for (const QString& kind : kinds) {
        if (!m_tables.contains(kind)) {
            m_tables.insert(kind, make(kind));
        }
        Table& table = m_tables[kind];
        const qint64 total = table.rows->total();
        const qint64 size = table.rows->size();
        table.section->setVisible(total > 0);
        table.section->head()->setCount(models::shownOf(size, total));
        table.section->head()->setNote(
            size < total ? tr("%1 to %2").arg(formatCount(table.offset + 1), formatCount(table.offset + size))
                         : QString());
        table.before->setVisible(size < total);
        table.before->setAvailable(table.offset > 0, tr("These are the first"));
        table.after->setVisible(size < total);
        table.after->setAvailable(table.offset + size < total, tr("These are the last"));
        any = any || total > 0;
    }
    setVisible(any);
}

void KindTables::focusFirst()
{
    for (const Table& table : std::as_const(m_tables)) {
        if (table.section->isVisibleTo(this)) {
            table.view->setFocus(Qt::ShortcutFocusReason);
            return;
        }
    }
}

}  // namespace sluice::pages
