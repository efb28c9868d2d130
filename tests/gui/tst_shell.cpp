#include <QtGui/QAction>
#include <QtTest/QSignalSpy>
#include <QtWidgets/QApplication>
#include <QtWidgets/QLineEdit>
#include <memory>

#include "core/clock.h"
#include "patience.h"
#include "ui/shell/find_box.h"
#include "ui/shell/find_source.h"
#include "ui/shell/header_strip.h"
#include "ui/shell/main_window.h"
#include "ui/shell/page_head.h"
#include "ui/shell/rail.h"
#include "ui/shell/status_line.h"
#include "ui/style/theme.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/button.h"
#include "widgets_support.h"

using namespace sluice;
using namespace sluice::shell;
using style::Domain;
using style::stateWord;
using style::Theme;
using style::ThemeMode;
using style::Tone;

namespace {

constexpr qint64 kNow = 1'795'000'000'000;

class HandClock final : public Clock {
public:
    qint64 nowMs() const override { return now; }
    qint64 monotonicMs() const override { return now; }
    qint64 now{kNow};
};

class FakePage final : public Page {
public:
    explicit FakePage(const QString& name, const QString& parent = {}) : name(name), parent(parent)
    {
        action = new QAction(QStringLiteral("Reset 1 task…"), this);
        action->setShortcut(Qt::Key_R);
        connect(action, &QAction::triggered, this, [this] { ++triggered; });
        field = new QLineEdit(this);
    }
    QString title() const override { return name; }
    QString subtitle() const override { return sub; }
    QString parentTitle() const override { return parent; }
    QList<PageTab> tabs() const override { return shownTabs; }
    QString currentTab() const override { return tab; }
    void setCurrentTab(const QString& id) override
    {
        tab = id;
        Q_EMIT headChanged();
    }
    QList<PageAction> actions() const override
    {
        return {{action, widgets::ButtonLook::Primary, "reset", "R"}};
    }
    QList<KeyHint> keyHints() const override { return {{"R", "reset…"}}; }
    QList<PageBanner> banners() const override { return shownBanners; }
    void triggerBanner(const QString& id) override { triggeredBanner = id; }
    void activate() override { ++activated; }
    void deactivate() override { ++deactivated; }

    QString name;
    QString parent;
    QString sub{};
    QString tab{};
    QList<PageTab> shownTabs{};
    QList<PageBanner> shownBanners{};
    QString triggeredBanner{};
    QAction* action{};
    QLineEdit* field{};
    int triggered{0};
    int activated{0};
    int deactivated{0};
};

class FakeFinds final : public FindSource {
public:
    QList<FindHit> find(const QString& text, int limit) const override
    {
        QList<FindHit> hits{
            {.kind = "run", .id = "R-4182", .title = "nightly-train", .detail = "stalled", .icon = "flows"},
            {.kind = "action", .id = "reset", .title = "nightly reset", .whyNot = "Select a task first."}};
        hits.removeIf([&text](const FindHit& hit) { return !hit.title.contains(text); });
        return hits.mid(0, limit);
    }
};

ShellValues values()
{
    ShellValues values{.profileName = "lab",
                       .profileKind = "lab",
                       .profileColour = "moss",
                       .openCases = 1,
                       .caseId = "C-1",
                       .oldestFactAtMs = kNow - 6000,
                       .oldestFactStaleAfterMs = 30'000,
                       .who = "operator A",
                       .role = "operator"};
    values.changes = {
        .kind = ChangeLock::Kind::Allowed, .text = "Changes allowed", .untilMs = kNow + 25 * 60'000};
    values.connectors = {{.name = "vega",
                          .state = stateWord(Domain::Connection, u"up"),
                          .oldestFactAtMs = kNow - 2000,
                          .staleAfterMs = 10'000}};
    return values;
}

}  // namespace

class TestShell : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<Theme> m_theme{};
    HandClock m_clock{};
    FakeFinds m_finds{};
    std::unique_ptr<ShellState> m_state{};
    std::unique_ptr<MainWindow> m_window{};
    FakePage* m_now{};
    FakePage* m_flows{};
    FakePage* m_case{};

    template <typename T>
    T* part() const
    {
        return m_window->findChild<T*>();
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_theme = std::make_unique<Theme>(ThemeMode::Light);
        m_theme->applyTo(*qApp);
    }

    void init()
    {
        m_clock.now = kNow;
        m_state = std::make_unique<ShellState>();
        m_state->set(values());
        m_window = std::make_unique<MainWindow>(*m_theme, *m_state, m_clock);
        m_now = new FakePage(QStringLiteral("Now"));
        m_flows = new FakePage(QStringLiteral("Flows"));
        m_case = new FakePage(QStringLiteral("C-1"), QStringLiteral("Now"));
        m_window->addPage(Place::Now, m_now);
        m_window->addPage(Place::Flows, m_flows);
        m_window->addSubPage(Place::Now, m_case);
        m_window->setMissing(Place::Routes, QStringLiteral("Routes come with a later version."));
        m_window->setFindSource(&m_finds);
        m_window->resize(style::kWindowWidth, style::kWindowHeight);
        test::give(*m_window);
    }

    void cleanup() { m_window.reset(); }

    void numberKeysOpenThePagesThatAreThere()
    {
        QCOMPARE(m_window->currentPage(), m_now);
        QCOMPARE(m_now->activated, 1);
        QTest::keyClick(m_window.get(), Qt::Key_2);
        QCOMPARE(m_window->currentPage(), m_flows);
        QCOMPARE(m_now->deactivated, 1);
        QVERIFY(m_flows->isVisible() && !m_now->isVisible());
        QTest::keyClick(m_window.get(), Qt::Key_4);
        QCOMPARE(m_window->currentPage(), m_flows);
        QCOMPARE(part<StatusLine>()->accessibleDescription(),
                 QStringLiteral("Routes is not part of this version"));
        QCOMPARE(m_window->currentPlace(), Place::Flows);
        QTest::keyClick(m_window.get(), Qt::Key_1);
        QCOMPARE(m_window->currentPage(), m_now);
    }

    void aMissingPageSaysWhy()
    {
        Rail* rail = part<Rail>();
        QCOMPARE(rail->partCount(), 8);
        QVERIFY(
            test::accessibleNames(*rail).at(3).contains(QStringLiteral("Routes come with a later version.")));
        QTest::mouseClick(rail, Qt::LeftButton, {}, rail->partRect(3).center());
        QCOMPARE(m_window->currentPage(), m_now);
        QCOMPARE(part<StatusLine>()->accessibleDescription(),
                 QStringLiteral("Routes is not part of this version"));
        QTest::mouseClick(rail, Qt::LeftButton, {}, rail->partRect(1).center());
        QCOMPARE(m_window->currentPage(), m_flows);
        QCOMPARE(test::accessibleNames(*rail).at(1), QStringLiteral("Flows, key 2, shown"));
    }

    void digitsCanBeTypedIntoFields()
    {
        m_now->field->setFocus();
        QTest::keyClick(m_now->field, Qt::Key_2);
        QCOMPARE(m_window->currentPage(), m_now);
        QCOMPARE(m_now->field->text(), QStringLiteral("2"));
    }

    void shortcutsOfAPageWorkOnlyWhileItIsShown()
    {
        QTest::keyClick(m_window.get(), Qt::Key_R);
        QCOMPARE(m_now->triggered, 1);
        m_window->showPlace(Place::Flows);
        QTest::keyClick(m_window.get(), Qt::Key_R);
        QCOMPARE(m_now->triggered, 1);
        QCOMPARE(m_flows->triggered, 1);
    }

    void escapeLeadsBackFromASubPage()
    {
        m_window->showPage(m_case);
        QCOMPARE(m_window->currentPlace(), Place::Now);
        QCOMPARE(m_window->currentPage(), m_case);
        QTest::keyClick(m_window.get(), Qt::Key_Escape);
        QCOMPARE(m_window->currentPage(), m_now);
        QTest::keyClick(m_window.get(), Qt::Key_Escape);
        QCOMPARE(m_window->currentPage(), m_now);
    }

    void theHeadFollowsItsPage()
    {
        PageHead* head = part<PageHead>();
        auto* button = head->findChild<widgets::Button*>(QString(), Qt::FindDirectChildrenOnly);
        QVERIFY(button != nullptr);
        widgets::Button* reset = nullptr;
        for (widgets::Button* candidate : head->findChildren<widgets::Button*>()) {
            reset = candidate->text() == m_now->action->text() ? candidate : reset;
        }
        QVERIFY(reset != nullptr && reset->isVisible());
        m_now->action->setToolTip(QStringLiteral("No task is stalled."));
        m_now->action->setEnabled(false);
        QVERIFY(!reset->isEnabled());
        QCOMPARE(reset->toolTip(), QStringLiteral("No task is stalled."));

        HeadTabs* tabs = head->findChild<HeadTabs*>();
        QVERIFY(!tabs->isVisible());
        m_now->shownTabs = {{"runs", "Runs", {}}, {"files", "Flow files", {}}};
        m_now->tab = QStringLiteral("runs");
        Q_EMIT m_now->headChanged();
        QVERIFY(tabs->isVisible());
        QTest::mouseClick(tabs, Qt::LeftButton, {}, tabs->partRect(1).center());
        QCOMPARE(m_now->tab, QStringLiteral("files"));
        QPointer<widgets::Button> same = reset;
        Q_EMIT m_now->headChanged();
        QVERIFY2(same != nullptr && same->isVisible(), "buttons that stay are not made anew");
    }

    void bannersComeAndGo()
    {
        m_now->shownBanners = {{.id = "q",
                                .tone = Tone::Crit,
                                .headline = "Monitor quorum lost.",
                                .detail = "1 of 3.",
                                .action = "Open case C-1"}};
        Q_EMIT m_now->headChanged();
        auto* banner = part<widgets::Banner>();
        QVERIFY(banner != nullptr && banner->isVisible());
        QTest::mouseClick(banner->findChild<widgets::Button*>(), Qt::LeftButton);
        QCOMPARE(m_now->triggeredBanner, QStringLiteral("q"));
        m_now->shownBanners.clear();
        Q_EMIT m_now->headChanged();
        QTRY_VERIFY(part<widgets::Banner>() == nullptr);
    }

    void theHeaderTellsWhatIsTrueNow()
    {
        auto* header = part<HeaderStrip>();
        const auto words = [header] {
            QStringList all;
            for (const QAbstractButton* item : header->findChildren<QAbstractButton*>()) {
                if (item->isVisible()) {
                    all.append(item->accessibleName());
                }
            }
            return all;
        };
        QVERIFY(words().contains(QStringLiteral("1 open case")));
        QVERIFY(words().contains(QStringLiteral("Oldest fact 6 s")));
        QVERIFY(words().contains(QStringLiteral("Changes allowed, 25 min left")));
        QVERIFY(words().contains(QStringLiteral("operator A operator")));
        const QImage fresh = header->grab().toImage();
        m_clock.now += 60'000;
        m_window->refreshAges();
        QVERIFY(words().contains(QStringLiteral("Oldest fact 1 min 6 s")));
        QVERIFY(header->grab().toImage() != fresh);
        ShellValues changed = values();
        changed.openCases = 0;
        changed.engineTrouble = QStringLiteral("Engine not reachable");
        m_state->set(changed);
        QVERIFY(words().contains(QStringLiteral("No open case")));
        QVERIFY(words().contains(QStringLiteral("Engine not reachable")));
    }

    void calmWordsOnlyWhileTheyAreKnown()
    {
        auto* header = part<HeaderStrip>();
        const auto cases = [header] {
            for (const QAbstractButton* item : header->findChildren<QAbstractButton*>()) {
                if (item->isVisible() && (item->text().contains("ase") || item->text().contains("gate"))) {
                    return item->text() + QLatin1Char('|') + item->toolTip();
                }
            }
            return QString();
        };
        ShellValues changed = values();
        changed.openCases = 0;
        m_state->set(changed);
        QCOMPARE(cases(), QStringLiteral("No open case|"));
        QVERIFY(test::contains(header->grab().toImage(), m_theme->shape(Tone::Ok)));
        changed.casesDoubt = QStringLiteral("vega is degraded");
        m_state->set(changed);
        QCOMPARE(cases(), QStringLiteral("Cases unknown, was none|vega is degraded"));
        QCOMPARE(test::count(header->grab().toImage(), m_theme->shape(Tone::Ok)), 0);
        changed.casesKnown = false;
        m_state->set(changed);
        QCOMPARE(cases(), QStringLiteral("Cases unknown|vega is degraded"));
        changed.openGates = 2;
        m_state->set(changed);
        QCOMPARE(cases(), QStringLiteral("2 gates wait for you|"));
        changed.openCases = 2;
        m_state->set(changed);
        QCOMPARE(cases(), QStringLiteral("2 open cases|"));
    }

    void theLockIsAnIndicator()
    {
        ShellValues changed = values();
        changed.changes = {.kind = ChangeLock::Kind::Blocked,
                           .text = "vega: changes blocked",
                           .toolTip = "vega: the lease ended"};
        m_state->set(changed);
        int found = 0;
        for (const QAbstractButton* item : part<HeaderStrip>()->findChildren<QAbstractButton*>()) {
            if (item->text() == QLatin1String("vega: changes blocked")) {
                ++found;
                QCOMPARE(item->focusPolicy(), Qt::NoFocus);
                QCOMPARE(item->cursor().shape(), Qt::ArrowCursor);
                QCOMPARE(item->toolTip(), QStringLiteral("vega: the lease ended"));
                QCOMPARE(item->accessibleDescription(), QStringLiteral("vega: the lease ended"));
            }
        }
        QCOMPARE(found, 1);
    }

    void casesAreOpenedFromTheHeader()
    {
        const QSignalSpy opened(m_window.get(), &MainWindow::openRequested);
        for (QAbstractButton* item : part<HeaderStrip>()->findChildren<QAbstractButton*>()) {
            if (item->accessibleName() == QStringLiteral("1 open case")) {
                QTest::mouseClick(item, Qt::LeftButton);
            }
        }
        QCOMPARE(opened.count(), 1);
        QCOMPARE(opened.at(0).at(0).toString(), QStringLiteral("case"));
        QCOMPARE(opened.at(0).at(1).toString(), QStringLiteral("C-1"));
    }

    void theStatusLineShowsSystemsAndTheirAge()
    {
        auto* line = part<StatusLine>();
        QCOMPARE(test::accessibleNames(*line), QStringList{QStringLiteral("vega, up, oldest fact 2 s old")});
        QCOMPARE(line->accessibleDescription(), QStringLiteral("R reset…"));
        QVERIFY(test::contains(line->grab().toImage(), m_theme->shape(Tone::Ok)));
        m_clock.now += 60'000;
        m_window->refreshAges();
        QCOMPARE(test::count(line->grab().toImage(), m_theme->shape(Tone::Ok)), 0);
        QVERIFY(line->rect().contains(line->partRect(0)));
    }

    void theStripeHasTheColourOfTheProfile()
    {
        QCOMPARE(m_window->grab().toImage().pixelColor(400, 1).rgb(), m_theme->profile(u"moss").rgb());
    }

    void ctrlKFinds()
    {
        auto* find = part<FindBox>();
        QTest::keyClick(m_window.get(), Qt::Key_K, Qt::ControlModifier);
        QTRY_VERIFY(find->hasFocus());
        QTest::keyClicks(find, QStringLiteral("nightly"));
        QVERIFY(find->list()->isVisible());
        QCOMPARE(find->list()->partCount(), 2);
        const QSignalSpy opened(m_window.get(), &MainWindow::openRequested);
        QTest::keyClick(find, Qt::Key_Down);
        QTest::keyClick(find, Qt::Key_Return);
        QCOMPARE(opened.count(), 0);
        QTest::keyClick(find, Qt::Key_Up);
        QTest::keyClick(find, Qt::Key_Return);
        QCOMPARE(opened.count(), 1);
        QCOMPARE(opened.at(0).at(1).toString(), QStringLiteral("R-4182"));
        QVERIFY(!find->list()->isVisible());
    }

    void nothingFoundIsSaid()
    {
        auto* find = part<FindBox>();
        find->setFocus();
        QTest::keyClicks(find, QStringLiteral("zzz"));
        QVERIFY(find->list()->isVisible());
        QCOMPARE(find->list()->partCount(), 0);
        const int activated = m_now->activated;
        QTest::keyClick(find, Qt::Key_Escape);
        QVERIFY(!find->list()->isVisible());
        QCOMPARE(m_now->activated, activated + 1);
    }

    void f6GoesRoundTheParts()
    {
        part<FindBox>()->setFocus();
        QTest::keyClick(m_window.get(), Qt::Key_F6);
        QCOMPARE(m_window->focusWidget(), part<Rail>());
        QTest::keyClick(m_window.get(), Qt::Key_F6);
        QVERIFY(part<PageHead>()->isAncestorOf(m_window->focusWidget()));
        QTest::keyClick(m_window.get(), Qt::Key_F6);
        QVERIFY(m_now->isAncestorOf(m_window->focusWidget()));
        QTest::keyClick(m_window.get(), Qt::Key_F6);
        QVERIFY(part<HeaderStrip>()->isAncestorOf(m_window->focusWidget()));
    }

    void nothingLeavesTheWindowWhenItIsSmall()
    {
        m_now->sub = QStringLiteral(
            "1 thing needs you. 4 runs move, and this sentence is much longer than it should be.");
        m_now->shownTabs = {{"runs", "Runs", {}}, {"files", "Flow files", {}}};
        ShellValues trouble = values();
        trouble.engineTrouble = QStringLiteral("Engine not reachable");
        m_state->set(trouble);
        Q_EMIT m_now->headChanged();
        m_window->setMinimumSize(0, 0);
        for (const QSize size : {QSize(1440, 900), QSize(1120, 700), QSize(860, 560)}) {
            m_window->resize(size);
            QTRY_COMPARE(m_window->size(), size);
            QCoreApplication::sendPostedEvents();
            for (QWidget* strip : std::initializer_list<QWidget*>{part<HeaderStrip>(), part<PageHead>()}) {
                QVERIFY(strip->width() <= size.width());

                for (QWidget* child : strip->findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly)) {
                    if (child->isVisible()) {
                        QVERIFY2(strip->rect().contains(child->geometry()),
                                 qPrintable(QStringLiteral("%1 at %2")
                                                .arg(child->metaObject()->className())
                                                .arg(size.width())));
                    }
                }
            }
        }
    }
};

QTEST_MAIN(TestShell)
#include "tst_shell.moc"
