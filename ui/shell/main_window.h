#pragma once

#include <QtCore/QList>
#include <QtCore/QPointer>
#include <QtWidgets/QMainWindow>

#include "core/clock.h"
#include "ui/shell/page.h"
#include "ui/shell/shell_state.h"
#include "ui/style/theme.h"

class QStackedWidget;
class QVBoxLayout;

namespace sluice::shell {

class FindSource;
class HeaderStrip;
class PageHead;
class ProfileStripe;
class Rail;
class StatusLine;

/// The frame of the console: profile stripe, header, rail, page head, banners, the page, status line. It
/// knows no engine: what it shows comes from ShellState and the pages.
///
/// Keys: 1 to 8 the pages, Ctrl K the find field, Escape back to the page a page was opened from, F6 the next
/// part of the frame.
class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    /// @param theme, state, clock must outlive the window
    MainWindow(const style::Theme& theme, const ShellState& state, const Clock& clock,
               QWidget* parent = nullptr);
    ~MainWindow() override;

    /// The page of a place of the rail. Takes ownership.
    void addPage(Place place, Page* page);
    /// A page that is opened from another one: the rail keeps showing `place`. Takes ownership.
    void addSubPage(Place place, Page* page);
    /// Places without a page are shown disabled, with this as the reason.
    void setMissing(Place place, const QString& reason);
    /// @param source may be null; must outlive the window
    void setFindSource(const FindSource* source);

    void showPlace(Place place);
    void showPage(Page* page);
    Page* currentPage() const { return m_current; }
    Place currentPlace() const;
    /// Reads ages anew; runs at 1 Hz by itself.
    void refreshAges();

Q_SIGNALS:
    void pageShown(sluice::shell::Page* page);
    /// Asked for by a page, the find field or the header.
    void openRequested(const QString& kind, const QString& id);

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    struct Entry {
        Place place{};
        Page* page{};
        bool sub{false};
    };
    const Entry* entryOf(const Page* page) const;
    void adopt(Place place, Page* page, bool sub);
    void buildFrame();
    void makeShortcuts();
    void refreshHead();
    void refreshBanners();
    void goBack();
    void focusNextPart();

    const style::Theme& m_theme;
    const ShellState& m_state;
    const Clock& m_clock;
    ProfileStripe* m_stripe{};
    HeaderStrip* m_header{};
    Rail* m_rail{};
    PageHead* m_head{};
    QVBoxLayout* m_banners{};
    QStackedWidget* m_stack{};
    StatusLine* m_status{};
    QList<Entry> m_entries{};
    QPointer<Page> m_current{};
};

}  // namespace sluice::shell
