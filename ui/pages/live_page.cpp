#include "ui/pages/live_page.h"

#include <QtGui/QAction>

#include "core/units.h"
#include "ui/models/words.h"
#include "ui/session/live_rows.h"
#include "ui/session/row.h"

namespace sluice::pages {

using session::LinkState;

namespace {

/// For how long a restart after a crash is told.
constexpr qint64 kToldMs = 600'000;

}  // namespace

LivePage::LivePage(const PageContext& context, QWidget* parent) : Page(parent), m_context(context)
{
    setBackgroundRole(QPalette::Base);
    setAutoFillBackground(true);
    setFocusPolicy(Qt::ClickFocus);
    m_soon.setSingleShot(true);
    m_soon.setInterval(0);
    connect(&m_soon, &QTimer::timeout, this, [this] {
        if (m_touched && isVisible()) {
            refreshNow();
        }
    });
    connect(&client(), &session::EngineClient::linkChanged, this, &LivePage::touch);
    connect(&session().ticker(), &session::Ticker::ticked, this, [this] {
        if (isVisible()) {
            tick();
        }
    });
}

void LivePage::follow(session::LiveRows& rows)
{
    m_followed.append(&rows);
    connect(&rows, &QObject::destroyed, this, [this, gone = &rows] { m_followed.removeOne(gone); });
    connect(&rows, &session::LiveRows::changed, this, &LivePage::touch);
    connect(&rows, &session::LiveRows::failed, this, &LivePage::touch);
}

void LivePage::touch()
{
    m_touched = true;
    if (isVisible() && !m_soon.isActive()) {
        m_soon.start();
    }
}

void LivePage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    refreshNow();
}

bool LivePage::holdsFocus() const
{
    const QWidget* focus = window()->focusWidget();
    return focus != nullptr && (focus == this || isAncestorOf(focus)) && focus->isVisibleTo(window());
}

void LivePage::refreshNow()
{
    m_touched = false;
    const bool held = holdsFocus();
    refresh();
    // What had the focus may be hidden now. It stays on the page: keys typed next are for it, not for the
    // find field.
    if (held && !holdsFocus()) {
        activate();
        if (!holdsFocus()) {
            setFocus();
        }
    }
    Q_EMIT headChanged();
}

QList<shell::PageBanner> LivePage::banners() const
{
    QList<shell::PageBanner> list;
    const session::Link link = m_context.session.client().link();
    if (link.state == LinkState::Lost) {
        list.append(
            {.id = QStringLiteral("engine"),
             .tone = style::Tone::Crit,
             .headline = tr("The engine has not been reachable since %1 UTC. What you see was known then.")
                             .arg(session::clockText(link.sinceMs)),
             .detail = models::sentence({link.error.message, link.error.cause, link.error.correction})});
    }
    const QJsonObject engine = m_context.session.engineRow();
    const qint64 started = session::time(engine, u"startedAt");
    if (link.state == LinkState::Connected && engine.value(QLatin1String("startedAfterCrash")).toBool() &&
        nowMs() - started < kToldMs) {
        list.append(
            {.id = QStringLiteral("restarted"),
             .tone = style::Tone::Warn,
             .headline = tr("The engine ended unexpectedly and was started again at %1 UTC.")
                             .arg(session::clockText(started)),
             .detail = tr("Runs, cases and rotations go on from what is recorded; facts are read again.")});
    }
    return list + cutBanners() + pageBanners();
}

QList<shell::PageBanner> LivePage::cutBanners() const
{
    QList<shell::PageBanner> list;
    for (const session::LiveRows* rows : m_followed) {
        if (rows->size() < rows->total()) {
            list.append(
                {.id = QStringLiteral("cut.") + rows->topic(),
                 .tone = style::Tone::Warn,
                 .headline = tr("Showing %1 of %2 rows of '%3'.")
                                 .arg(formatCount(rows->size()), formatCount(rows->total()), rows->topic()),
                 .detail = tr("What is counted here is not all that is there.")});
        }
    }
    return list;
}

void LivePage::triggerBanner(const QString& id)
{
    Q_UNUSED(id)
}

QAction* LivePage::addAction(const QString& text, const QKeySequence& shortcut,
                             std::function<void()> triggered)
{
    auto* action = new QAction(text, this);
    action->setShortcut(shortcut);
    action->setShortcutContext(Qt::WindowShortcut);
    connect(action, &QAction::triggered, this, [run = std::move(triggered)] { run(); });
    QWidget::addAction(action);
    return action;
}

void LivePage::setAvailable(QAction* action, const QString& whyNot)
{
    action->setEnabled(whyNot.isEmpty());
    action->setToolTip(whyNot);
}

}  // namespace sluice::pages
