#include <QtGui/QAction>
#include <QtWidgets/QHBoxLayout>

#include "core/clock.h"
#include "samples.h"
#include "sheets.h"
#include "ui/shell/main_window.h"
#include "ui/style/theme.h"
#include "ui/widgets/search_field.h"

namespace sluice::gallery {

using namespace style;
using namespace shell;

namespace {

class StillClock final : public Clock {
public:
    qint64 nowMs() const override { return kNowMs; }
    qint64 monotonicMs() const override { return kNowMs; }
};

/// A page round one of the other sheets.
class SamplePage final : public Page {
public:
    SamplePage(const Theme& theme, QWidget* content, bool asCase) : m_case(asCase)
    {
        auto* column = new QVBoxLayout(this);
        column->setContentsMargins(0, 0, 0, 0);
        column->addWidget(content);
        m_export = new QAction("Export evidence", this);
        m_text = new QAction("Hand-over text", this);
        m_field = new widgets::SearchField(theme, "filter", "/", this);
        m_field->setPlaceholderText("flow, run, task or state");
        m_field->setFixedWidth(220);
        m_field->hide();
    }
    QString title() const override { return m_case ? "C-318 copy-train-set does not move" : "Storage"; }
    QString subtitle() const override { return m_case ? "opened 03:12:56, operator A" : QString(); }
    QString parentTitle() const override { return m_case ? "Now" : QString(); }
    QList<PageTab> tabs() const override
    {
        if (m_case) {
            return {};
        }
        return {{"vega", "vega", stateWord(Domain::Availability, u"available")},
                {"atlas", "atlas", stateWord(Domain::Redundancy, u"reduced")},
                {"rgw", "rgw.vega", stateWord(Domain::Availability, u"available")}};
    }
    QString currentTab() const override { return "atlas"; }
    QString headNote() const override { return m_case ? QString() : "Ceph 18.2.7, 48 OSDs, 523.6 TiB raw"; }
    QWidget* headWidget() override { return m_case ? nullptr : m_field; }
    QList<PageAction> actions() const override
    {
        return {{m_export, widgets::ButtonLook::Quiet, "export", {}},
                {m_text, widgets::ButtonLook::Outline, "copy", "H"}};
    }
    QList<KeyHint> keyHints() const override
    {
        return {
            {"Tab", "next part"}, {"P", "pools"}, {"O", "OSDs"}, {"/", "filter"}, {"E", "export evidence"}};
    }
    QList<PageBanner> banners() const override
    {
        return m_case ? QList<PageBanner>()
                      : QList<PageBanner>{
                            {.id = "q",
                             .tone = Tone::Crit,
                             .headline = "Monitor quorum lost: 1 of 3 monitors answers, 2 are needed.",
                             .detail = "What is hatched below is what was known then.",
                             .action = "Open case C-319",
                             .keyCap = "C"}};
    }

private:
    bool m_case;
    QAction* m_export{};
    QAction* m_text{};
    widgets::SearchField* m_field{};
};

ShellValues values()
{
    const auto mark = [](const char* name, qint64 ageMs) {
        return ConnectorMark{.name = name,
                             .state = stateWord(Domain::Connection, u"up"),
                             .oldestFactAtMs = kNowMs - ageMs,
                             .staleAfterMs = 10000};
    };
    ShellValues values{.profileName = "prod-eu",
                       .profileKind = "production",
                       .profileColour = "plum",
                       .openCases = 1,
                       .caseId = "C-318",
                       .oldestFactAtMs = kNowMs - 6000,
                       .oldestFactStaleAfterMs = 30000,
                       .who = "operator A",
                       .role = "operator"};
    values.changes = {
        .kind = ChangeLock::Kind::Allowed, .text = "Changes allowed", .untilMs = kNowMs + 25 * 60000};
    values.connectors = {mark("vega", 2000), mark("atlas", 3000), mark("luigid", 5000)};
    values.connectors.append({.name = "rgw.vega",
                              .state = stateWord(Domain::Connection, u"down"),
                              .oldestFactAtMs = kNowMs - 134000,
                              .staleAfterMs = 10000});
    return values;
}

QWidget* window(const Theme& theme, QWidget* content, bool asCase)
{
    auto* state = new ShellState;
    state->set(values());
    static const StillClock kClock;
    auto* window = new MainWindow(theme, *state, kClock);
    state->setParent(window);
    auto* page = new SamplePage(theme, content, asCase);
    const Place place = asCase ? Place::Now : Place::Storage;
    for (const Place there : {Place::Now, Place::Flows, Place::Storage, Place::Keys, Place::Audit}) {
        window->setMissing(there, {});
    }
    window->addPage(place, page);
    window->resize(kWindowWidth, kWindowHeight);
    return window;
}

}  // namespace

QWidget* windowSheet(const Theme& theme)
{
    return window(theme, storageSheet(theme), false);
}

QWidget* caseWindowSheet(const Theme& theme)
{
    return window(theme, caseSheet(theme), true);
}

QList<Sheet> sheets()
{
    return {{"words", wordsSheet},     {"controls", controlsSheet},    {"case", caseSheet},
            {"storage", storageSheet}, {"lost", storageLostSheet},     {"osds", osdSheet},
            {"flow", flowSheet},       {"flow-large", largeFlowSheet}, {"flow-huge", hugeFlowSheet},
            {"empty", emptySheet},     {"window", windowSheet},        {"window-case", caseWindowSheet}};
}

}  // namespace sluice::gallery
