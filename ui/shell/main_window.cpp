#include "ui/shell/main_window.h"

#include <QtCore/QTimer>
#include <QtGui/QKeyEvent>
#include <QtGui/QPainter>
#include <QtGui/QScreen>
#include <QtGui/QShortcut>
#include <QtWidgets/QStackedWidget>
#include <QtWidgets/QVBoxLayout>
#include <algorithm>
#include <array>
#include <chrono>

#include "ui/shell/find_box.h"
#include "ui/shell/header_strip.h"
#include "ui/shell/page_head.h"
#include "ui/shell/rail.h"
#include "ui/shell/status_line.h"
#include "ui/widgets/banner.h"

namespace sluice::shell {

using namespace style;
using namespace std::chrono_literals;

/// The line of the profile's colour along the upper edge.
class ProfileStripe : public widgets::ThemedWidget {
public:
    ProfileStripe(const Theme& theme, const ShellState& state, QWidget* parent)
        : ThemedWidget(theme, parent), m_state(state)
    {
        setFixedHeight(kProfileStripe);
        connect(&state, &ShellState::changed, this, qOverload<>(&QWidget::update));
    }

protected:
    void paintEvent(QPaintEvent* event) override
    {
        Q_UNUSED(event)
        QPainter(this).fillRect(rect(), theme().profile(m_state.values().profileColour));
    }

private:
    const ShellState& m_state;
};

MainWindow::MainWindow(const Theme& theme, const ShellState& state, const Clock& clock, QWidget* parent)
    : QMainWindow(parent), m_theme(theme), m_state(state), m_clock(clock)
{
    setWindowTitle(QStringLiteral("Sluice"));
    buildFrame();
    makeShortcuts();
    const QSize room = screen() != nullptr ? screen()->availableSize() : QSize(kWindowWidth, kWindowHeight);
    setMinimumSize(QSize(kWindowMinWidth, kWindowMinHeight).boundedTo(room));
    resize(QSize(kWindowWidth, kWindowHeight).boundedTo(room));

    auto* second = new QTimer(this);
    connect(second, &QTimer::timeout, this, &MainWindow::refreshAges);
    second->start(1s);
    connect(&state, &ShellState::changed, this, &MainWindow::refreshAges);
    connect(m_rail, &Rail::chosen, this, &MainWindow::showPlace);
    connect(m_head, &PageHead::parentPressed, this, &MainWindow::goBack);
    connect(m_header, &HeaderStrip::casesPressed, this, [this](const QString& id) {
        const bool cases = m_state.values().openCases > 0;
        Q_EMIT openRequested(cases ? QStringLiteral("case") : QStringLiteral("page"),
                             cases ? id : QStringLiteral("now"));
    });
    connect(m_header->find(), &FindBox::chosen, this, &MainWindow::openRequested);
    connect(m_header->find(), &widgets::SearchField::escaped, this, [this] {
        if (m_current != nullptr) {
            m_current->activate();
        }
    });
    for (int i = 0; i < kPlaceCount; ++i) {
        m_rail->setMissing(static_cast<Place>(i), tr("This page comes with a later version."));
    }
    refreshAges();
}

MainWindow::~MainWindow() = default;

void MainWindow::buildFrame()
{
    auto* frame = new QWidget(this);
    setCentralWidget(frame);
    auto* column = new QVBoxLayout(frame);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_stripe = new ProfileStripe(m_theme, m_state, frame);
    m_header = new HeaderStrip(m_theme, m_state, frame);
    column->addWidget(m_stripe);
    column->addWidget(m_header);

    auto* middle = new QHBoxLayout;
    middle->setSpacing(0);
    m_rail = new Rail(m_theme, frame);
    middle->addWidget(m_rail);
    auto* pane = new QWidget(frame);
    pane->setAutoFillBackground(true);
    pane->setBackgroundRole(QPalette::Base);
    auto* content = new QVBoxLayout(pane);
    content->setContentsMargins(0, 0, 0, 0);
    content->setSpacing(0);
    m_head = new PageHead(m_theme, pane);
    m_stack = new QStackedWidget(pane);
    m_banners = new QVBoxLayout;
    m_banners->setSpacing(0);
    content->addWidget(m_head);
    content->addLayout(m_banners);
    content->addWidget(m_stack, 1);
    middle->addWidget(pane, 1);
    column->addLayout(middle, 1);

    m_status = new StatusLine(m_theme, m_state, frame);
    column->addWidget(m_status);
}

void MainWindow::makeShortcuts()
{
    for (int i = 0; i < kPlaceCount; ++i) {
        auto* number = new QShortcut(QKeySequence(Qt::Key_1 + i), this);
        connect(number, &QShortcut::activated, this, [this, i] { showPlace(static_cast<Place>(i)); });
    }
    auto* find = new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_K), this);
    connect(find, &QShortcut::activated, m_header->find(), &FindBox::begin);
    auto* quit = new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_Q), this);
    connect(quit, &QShortcut::activated, this, &QWidget::close);
    auto* next = new QShortcut(QKeySequence(Qt::Key_F6), this);
    connect(next, &QShortcut::activated, this, &MainWindow::focusNextPart);
}

void MainWindow::addPage(Place place, Page* page)
{
    adopt(place, page, false);
    m_rail->setMissing(place, {});
    if (m_current == nullptr) {
        showPage(page);
    }
}

void MainWindow::addSubPage(Place place, Page* page)
{
    adopt(place, page, true);
}

void MainWindow::adopt(Place place, Page* page, bool sub)
{
    m_entries.append({.place = place, .page = page, .sub = sub});
    m_stack->addWidget(page);
    connect(page, &Page::headChanged, this, [this, page] {
        if (page == m_current) {
            refreshHead();
        }
    });
    connect(page, &Page::openRequested, this, &MainWindow::openRequested);
    connect(page, &Page::said, this,
            [this](const QString& message) { m_status->say(message, m_clock.nowMs()); });
    connect(page, &Page::backRequested, this, [this, page] {
        if (page == m_current) {
            goBack();
        }
    });
}

void MainWindow::setMissing(Place place, const QString& reason)
{
    m_rail->setMissing(place, reason);
}

void MainWindow::setFindSource(const FindSource* source)
{
    m_header->find()->setSource(source);
}

const MainWindow::Entry* MainWindow::entryOf(const Page* page) const
{
    const auto it = std::find_if(m_entries.cbegin(), m_entries.cend(),
                                 [page](const Entry& entry) { return entry.page == page; });
    return it == m_entries.cend() ? nullptr : &*it;
}

void MainWindow::showPlace(Place place)
{
    for (const Entry& entry : std::as_const(m_entries)) {
        if (entry.place == place && !entry.sub) {
            showPage(entry.page);
            return;
        }
    }
    m_status->say(tr("%1 is not part of this version").arg(Rail::title(place)), m_clock.nowMs());
}

void MainWindow::showPage(Page* page)
{
    const Entry* entry = entryOf(page);
    if (entry == nullptr) {
        return;
    }
    const bool other = page != m_current;
    if (other && m_current != nullptr) {
        m_current->deactivate();
    }
    m_status->say({}, 0);
    m_current = page;
    m_rail->setPlace(entry->place);
    m_stack->setCurrentWidget(page);
    refreshHead();
    setWindowTitle(tr("%1 – Sluice").arg(page->title()));
    if (other) {
        page->activate();
        Q_EMIT pageShown(page);
    }
}

Place MainWindow::currentPlace() const
{
    return m_rail->place();
}

void MainWindow::refreshHead()
{
    const QList<PageAction> actions = m_current->actions();
    for (const PageAction& action : actions) {
        // On the page, so that its shortcut works only while the page is shown.
        if (!m_current->QWidget::actions().contains(action.action)) {
            m_current->addAction(action.action);
        }
    }
    m_head->show(m_current);
    m_status->setKeyHints(m_current->keyHints());
    refreshBanners();
}

void MainWindow::refreshBanners()
{
    const QList<PageBanner> wanted = m_current->banners();
    while (m_banners->count() > wanted.size()) {
        QLayoutItem* item = m_banners->takeAt(m_banners->count() - 1);
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    for (int i = 0; i < wanted.size(); ++i) {
        if (i >= m_banners->count()) {
            auto* fresh = new widgets::Banner(m_theme, m_head->parentWidget());
            m_banners->addWidget(fresh);
            fresh->show();
            connect(fresh, &widgets::Banner::actionTriggered, this,
                    [this, fresh] { m_current->triggerBanner(fresh->property("bannerId").toString()); });
        }
        auto* banner = static_cast<widgets::Banner*>(m_banners->itemAt(i)->widget());
        banner->setProperty("bannerId", wanted.at(i).id);
        banner->setTone(wanted.at(i).tone);
        banner->setTexts(wanted.at(i).headline, wanted.at(i).detail);
        banner->setAction(wanted.at(i).action, wanted.at(i).keyCap);
    }
}

void MainWindow::refreshAges()
{
    const qint64 now = m_clock.nowMs();
    m_header->refresh(now);
    m_status->refresh(now);
}

void MainWindow::goBack()
{
    const Entry* entry = m_current != nullptr ? entryOf(m_current) : nullptr;
    if (entry != nullptr && entry->sub) {
        showPlace(entry->place);
    }
}

void MainWindow::focusNextPart()
{
    const std::array<QWidget*, 4> parts{m_header, m_rail, m_head, m_stack};
    const QWidget* focus = focusWidget();
    size_t from = parts.size() - 1;
    for (size_t i = 0; i < parts.size(); ++i) {
        if (focus != nullptr && (parts[i] == focus || parts[i]->isAncestorOf(focus))) {
            from = i;
        }
    }
    for (size_t step = 1; step <= parts.size(); ++step) {
        QWidget* part = parts[(from + step) % parts.size()];
        QList<QWidget*> candidates = part->findChildren<QWidget*>();
        candidates.prepend(part);
        for (QWidget* candidate : std::as_const(candidates)) {
            if ((candidate->focusPolicy() & Qt::TabFocus) != 0 && candidate->isVisibleTo(this) &&
                candidate->isEnabled()) {
                candidate->setFocus(Qt::TabFocusReason);
                return;
            }
        }
    }
}

void MainWindow::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape) {
        goBack();
        return;
    }
    QMainWindow::keyPressEvent(event);
}

}  // namespace sluice::shell
