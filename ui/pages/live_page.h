#pragma once

#include <QtCore/QTimer>
#include <functional>

#include "ui/pages/page_context.h"
#include "ui/session/session.h"
#include "ui/shell/page.h"

namespace sluice::pages {

/// A page over live rows: many changes of one turn of the event loop are shown once, nothing is worked out
/// while the page is hidden, and a lost engine is said on top of every page.
class LivePage : public shell::Page {
    Q_OBJECT

public:
    explicit LivePage(const PageContext& context, QWidget* parent = nullptr);

    QList<shell::PageBanner> banners() const final;
    void triggerBanner(const QString& id) override;

protected:
    const style::Theme& theme() const { return m_context.theme; }
    session::Session& session() const { return m_context.session; }
    session::EngineClient& client() const { return m_context.session.client(); }
    dialogs::Dialogs& dialogs() const { return m_context.dialogs; }
    const PageContext& context() const { return m_context; }
    qint64 nowMs() const { return m_context.session.nowMs(); }

    /// Its changes show this page anew.
    void follow(session::LiveRows& rows);
    /// Something changed: refresh() runs soon, once, and only while the page is visible.
    void touch();
    /// Shows everything from the rows.
    virtual void refresh() = 0;
    /// A second passed; only while visible.
    virtual void tick() {}
    virtual QList<shell::PageBanner> pageBanners() const { return {}; }

    /// An action of this page; its shortcut works while the page is shown.
    QAction* addAction(const QString& text, const QKeySequence& shortcut, std::function<void()> triggered);
    /// Enabled, or disabled with the reason as tool tip.
    static void setAvailable(QAction* action, const QString& whyNot);

    void showEvent(QShowEvent* event) override;

private:
    bool holdsFocus() const;
    void refreshNow();

    /// That more of a followed topic is there than one window holds.
    QList<shell::PageBanner> cutBanners() const;

    PageContext m_context;
    QList<session::LiveRows*> m_followed{};
    QTimer m_soon{};
    bool m_touched{true};
};

}  // namespace sluice::pages
