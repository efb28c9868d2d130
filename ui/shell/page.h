#pragma once

#include <QtCore/QList>
#include <QtCore/QString>
#include <QtWidgets/QWidget>

#include "ui/style/state_words.h"
#include "ui/widgets/button.h"

class QAction;

namespace sluice::shell {

/// The eight places of the rail, in the order of their number keys.
enum class Place { Now, Flows, Storage, Routes, Keys, Observe, Audit, Settings };
inline constexpr int kPlaceCount = 8;

/// A key that works here, for the status line: {"R", "reset…"}.
struct KeyHint {
    QString key{};
    QString what{};
};

/// One tab of the page head; a shape before it says how that thing is.
struct PageTab {
    QString id{};
    QString text{};
    /// None without a word.
    style::StateWord state{};
};

/// A button of the page head. Its action's text names verb and object; while it is disabled, the action's
/// tool tip says why. The action's shortcut works while the page is shown.
struct PageAction {
    QAction* action{};
    widgets::ButtonLook look{widgets::ButtonLook::Outline};
    QString icon{};
    QString keyCap{};
};

/// Something that concerns the whole page; shown under its head as long as the page reports it.
struct PageBanner {
    QString id{};
    style::Tone tone{style::Tone::Warn};
    QString headline{};
    QString detail{};
    /// Empty: no button. Pressing it calls Page::triggerBanner with `id`.
    QString action{};
    QString keyCap{};
};

/// One page of the window. The shell draws stripe, header, rail, page head, banners and status line round it.
///
/// A page says what it shows through these methods and emits headChanged when any of them would answer
/// differently.
class Page : public QWidget {
    Q_OBJECT

public:
    using QWidget::QWidget;

    virtual QString title() const = 0;
    virtual QString subtitle() const { return {}; }
    /// The page this one was opened from, as a link before the title: "Now /". Empty for the pages of the
    /// rail.
    virtual QString parentTitle() const { return {}; }
    virtual QList<PageTab> tabs() const { return {}; }
    virtual QString currentTab() const { return {}; }
    virtual void setCurrentTab(const QString& id) { Q_UNUSED(id) }
    /// Grey words before the actions: "Ceph 18.2.7, 48 OSDs".
    virtual QString headNote() const { return {}; }
    /// A field or a switch of this page that stands in its head, before the actions; owned by the page while
    /// it is hidden and by the head while it is shown.
    virtual QWidget* headWidget() { return nullptr; }
    virtual QList<PageAction> actions() const { return {}; }
    virtual QList<KeyHint> keyHints() const { return {}; }
    virtual QList<PageBanner> banners() const { return {}; }
    virtual void triggerBanner(const QString& id) { Q_UNUSED(id) }
    /// The page is shown now: it gives the focus to what a person will use first.
    virtual void activate() {}
    /// Another page is shown now.
    virtual void deactivate() {}

Q_SIGNALS:
    /// Title, subtitle, tabs, note, actions, key hints or banners changed.
    void headChanged();
    /// The person wants to see a thing: a run, a task, a case, an entity. The wiring of the window decides
    /// where.
    void openRequested(const QString& kind, const QString& id);
    /// Something was done that is not seen on the page: the status line says it for a while.
    void said(const QString& message);
    /// Escape, or the parent's title was pressed.
    void backRequested();
};

}  // namespace sluice::shell
