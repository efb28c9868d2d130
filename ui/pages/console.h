#pragma once

#include <QtCore/QObject>

#include "ui/pages/find_index.h"
#include "ui/pages/page_context.h"
#include "ui/pages/shell_feed.h"
#include "ui/shell/main_window.h"
#include "ui/shell/shell_state.h"

namespace sluice::pages {

class AuditPage;
class CasePage;
class FlowsPage;
class KeysPage;
class NowPage;
class StoragePage;

/// The console: the window with its pages, each thing leading to where it is shown.
class Console final : public QObject {
    Q_OBJECT

public:
    /// All of `context` and `clock` outlive the console.
    Console(const PageContext& context, const Clock& clock, QObject* parent = nullptr);
    ~Console() override;

    shell::MainWindow& window() { return *m_window; }
    /// Leads to a thing: "run", "task", "case", "entity", "role", "record", "page", "action".
    void open(const QString& kind, const QString& id);

private:
    void openEntity(const QString& id);
    void openPage(const QString& id);

    session::Session& m_session;
    shell::ShellState m_state{};
    FindIndex m_find;
    ShellFeed m_feed;
    std::unique_ptr<shell::MainWindow> m_window;
    NowPage* m_now{};
    FlowsPage* m_flows{};
    StoragePage* m_storage{};
    KeysPage* m_keys{};
    AuditPage* m_audit{};
    CasePage* m_case{};
};

}  // namespace sluice::pages
