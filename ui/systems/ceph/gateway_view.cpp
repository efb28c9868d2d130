#include "ui/systems/ceph/gateway_view.h"

#include "ui/models/columns.h"
#include "ui/models/words.h"
#include "ui/pages/kind_tables.h"
#include "ui/pages/layout.h"
#include "ui/session/row.h"
#include "ui/session/session.h"
#include "ui/widgets/key_values.h"
#include "ui/widgets/note_bar.h"
#include "ui/widgets/section.h"

namespace sluice::systems::ceph {

using session::facts;
using session::str;
using session::time;

GatewayPanel::GatewayPanel(const pages::PageContext& context, QWidget* parent)
    : StorageView(parent), m_context(context)
{
    auto* scroll = new pages::ScrollColumn(this);
    pages::plain<QVBoxLayout>(this)->addWidget(scroll);
    m_section = new widgets::Section(context.theme, tr("Gateway"), scroll);
    m_section->setRuled(false);
    m_facts = new widgets::KeyValues(context.theme, m_section);
    m_facts->setObjectName(QStringLiteral("gateway"));
    m_section->addWidget(m_facts);
    m_note = new widgets::NoteBar(context.theme, m_section);
    m_section->addWidget(m_note);
    scroll->content()->addWidget(m_section);
    m_kinds = new pages::KindTables(context, scroll);
    scroll->content()->addWidget(m_kinds);
    scroll->content()->addStretch(1);
}

void GatewayPanel::setConnection(const QString& connection)
{
    m_connection = connection;
    m_kinds->setConnection(connection);
}

void GatewayPanel::refresh()
{
    const QJsonObject row = m_context.session.estateRow(m_connection, QStringLiteral("gateway"));
    const QJsonObject f = facts(row);
    const QJsonObject known = facts(m_context.session.estateRow(m_connection, QStringLiteral("connection")));
    const bool answers = f.value(QLatin1String("answers")).toBool();
    const bool stale = models::isStale(m_context.session, row);
    m_facts->setRows({{.key = tr("Endpoint"), .value = str(f, u"endpoint"), .mono = true},
                      {.key = tr("Answers"),
                       .value = f.isEmpty() ? tr("never asked")
                                : stale     ? tr("unknown")
                                : answers   ? tr("yes")
                                            : tr("no")},
                      {.key = tr("Probe"),
                       .value = answers ? tr("%1 ms").arg(QString::number(
                                              f.value(QLatin1String("probeMs")).toDouble(), 'g', 3))
                                        : tr("none")},
                      {.key = tr("Asked"),
                       .value = f.isEmpty() ? tr("never")
                                            : tr("%1 ago").arg(models::ageText(time(row, u"observedAt"),
                                                                               m_context.session.nowMs()))}});
    const QJsonObject json = session::obj(known, u"error");
    m_note->setVisible(!json.isEmpty());
    if (!json.isEmpty()) {
        const Error error = session::errorOf(json);
        m_note->setTone(style::Tone::Crit);
        m_note->setTexts(error.message + '.', models::sentence({error.cause, error.correction}));
    }
    m_section->setStale(stale ? time(row, u"observedAt") : 0, m_context.session.nowMs());
}

}  // namespace sluice::systems::ceph
