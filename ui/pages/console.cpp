#include "ui/pages/console.h"

#include "ui/pages/audit_page.h"
#include "ui/pages/case_page.h"
#include "ui/pages/flows_page.h"
#include "ui/pages/keys_page.h"
#include "ui/pages/now_page.h"
#include "ui/pages/storage_page.h"
#include "ui/session/row.h"

namespace sluice::pages {

using session::str;
using shell::Place;

Console::Console(const PageContext& context, const Clock& clock, QObject* parent)
    : QObject(parent),
      m_session(context.session),
      m_find(context.session, context.systems),
      m_feed(context.session, m_state),
      m_window(std::make_unique<shell::MainWindow>(context.theme, m_state, clock)),
      m_now(new NowPage(context)),
      m_flows(new FlowsPage(context)),
      m_storage(new StoragePage(context)),
      m_keys(new KeysPage(context)),
      m_audit(new AuditPage(context)),
      m_case(new CasePage(context))
{
    m_window->addPage(Place::Now, m_now);
    m_window->addPage(Place::Flows, m_flows);
    m_window->addPage(Place::Storage, m_storage);
    m_window->addPage(Place::Keys, m_keys);
    m_window->addPage(Place::Audit, m_audit);
    m_window->addSubPage(Place::Now, m_case);
    m_window->setMissing(Place::Routes,
                         tr("Routes come with a later version: repeatable movements of data under a policy"));
    m_window->setMissing(Place::Observe,
                         tr("Observe comes with a later version: latencies per hop, anomalies, forecasts"));
    m_window->setMissing(
        Place::Settings,
        tr("Settings come with a later version: until then the engine's configuration file"));
    m_window->setFindSource(&m_find);
    connect(m_window.get(), &shell::MainWindow::openRequested, this, &Console::open);
    m_window->showPlace(Place::Now);
}

Console::~Console() = default;

void Console::open(const QString& kind, const QString& id)
{
    if (kind == QLatin1String("case")) {
        const QString wanted = id.isEmpty() ? str(m_session.openCases().value(0), u"id") : id;
        if (!wanted.isEmpty()) {
            m_case->showCase(wanted);
            m_window->showPage(m_case);
        }
    } else if (kind == QLatin1String("run")) {
        m_flows->showRun(id);
        m_window->showPlace(Place::Flows);
    } else if (kind == QLatin1String("task")) {
        m_flows->showTask(id);
        m_window->showPlace(Place::Flows);
    } else if (kind == QLatin1String("role")) {
        m_keys->showRole(id);
        m_window->showPlace(Place::Keys);
    } else if (kind == QLatin1String("record")) {
        m_audit->showRecord(id);
        m_window->showPlace(Place::Audit);
    } else if (kind == QLatin1String("entity")) {
        openEntity(id);
    } else if (kind == QLatin1String("page")) {
        openPage(id);
    } else if (kind == QLatin1String("action") && id == QLatin1String("submit")) {
        m_window->showPlace(Place::Flows);
        m_flows->submitFlow();
    } else if (kind == QLatin1String("action") && id == QLatin1String("verify")) {
        m_window->showPlace(Place::Audit);
        m_audit->verifyChain();
    }
}

void Console::openEntity(const QString& id)
{
    const QString connection = id.section('/', 0, 0);
    const QString kind = id.section('/', 1, 1);
    if (kind == QLatin1String("auth-entity")) {
        m_window->showPlace(Place::Keys);
    } else if (m_storage->shows(connection) || m_session.listedKinds().contains(kind)) {
        m_storage->showConnection(connection);
        m_window->showPlace(Place::Storage);
    } else if (connection.startsWith(QLatin1String("R-"))) {
        open(QStringLiteral("task"), id);
    }
}

void Console::openPage(const QString& id)
{
    if (id == QLatin1String("cases")) {
        open(QStringLiteral("case"), {});
        return;
    }
    const QList<std::pair<QString, Place>> places{{QStringLiteral("now"), Place::Now},
                                                  {QStringLiteral("flows"), Place::Flows},
                                                  {QStringLiteral("storage"), Place::Storage},
                                                  {QStringLiteral("keys"), Place::Keys},
                                                  {QStringLiteral("audit"), Place::Audit}};
    for (const auto& [name, place] : places) {
        if (name == id) {
            m_window->showPlace(place);
        }
    }
}

}  // namespace sluice::pages
