#include "ui/pages/now_page.h"

#include "core/units.h"
#include "ui/dialogs/dialogs.h"
#include "ui/models/case_truth.h"
#include "ui/models/columns.h"
#include "ui/models/freshness.h"
#include "ui/models/words.h"
#include "ui/pages/case_card.h"
#include "ui/pages/change_requests.h"
#include "ui/pages/gate_card.h"
#include "ui/pages/layout.h"
#include "ui/pages/storage_view.h"
#include "ui/pages/two_columns.h"
#include "ui/session/live_table.h"
#include "ui/session/row.h"
#include "ui/style/english_forms.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/note_bar.h"
#include "ui/widgets/section.h"
#include "ui/widgets/section_head.h"
#include "ui/widgets/table_view.h"
#include "ui/widgets/text_label.h"

namespace sluice::pages {

using session::LiveTable;
using session::num;
using session::str;
using style::Ink;
using style::Type;

namespace {

constexpr int kRightWidth = 540;
constexpr int kTwoColumnsWidth = 1240;
constexpr int kActionsShown = 8;
constexpr qint64 kHourMs = 3'600'000;

widgets::TableView* fitTable(const PageContext& context, LiveTable& table, const QString& name,
                             QWidget* parent)
{
    auto* view = new widgets::TableView(context.theme, parent);
    view->setObjectName(name);
    view->setFitRows(true);
    bindTable(*view, table, context.dialogs);
    return view;
}

}  // namespace

NowPage::NowPage(const PageContext& context, QWidget* parent) : LivePage(context, parent)
{
    setObjectName(QStringLiteral("now"));
    m_columns = new TwoColumns(theme(), TwoColumns::Fixed::Right, kRightWidth, kTwoColumnsWidth, this);
    plain<QVBoxLayout>(this)->addWidget(m_columns);
    buildLeft();
    buildRight();
    addAction(tr("Open case"), QKeySequence(Qt::Key_C), [this] {
        if (!m_cards.isEmpty() && m_cards.first()->isVisible()) {
            Q_EMIT openRequested(QStringLiteral("case"), m_cards.first()->caseId());
        }
    });
    addAction(tr("Approve"), QKeySequence(Qt::Key_A), [this] {
        if (!m_gates.isEmpty() && m_gates.first()->canApprove()) {
            approve(m_gates.first()->task());
        }
    });
    for (session::LiveRows* rows : {&session().cases(), &session().gates(), &session().runs(),
                                    &session().estate(), &session().actions(), &session().engine()}) {
        follow(*rows);
    }
}

void NowPage::buildLeft()
{
    ScrollColumn* scroll = m_columns->left();
    m_needs = new widgets::Section(theme(), tr("Needs you"), scroll);
    m_needs->setRuled(false);
    m_casesLoading = new Skeleton(theme(), 5, style::kRowNormal, m_needs);
    m_needs->addWidget(m_casesLoading);
    m_quiet = new widgets::EmptyState(theme(), m_needs);
    m_quiet->setObjectName(QStringLiteral("quiet"));
    m_needs->addWidget(m_quiet);
    m_columns->addLeft(m_needs);

    m_runsSection = new widgets::Section(theme(), tr("Runs in progress"), scroll);
    m_runsSection->setRuled(false);
    m_runsSection->content()->setContentsMargins(12, 0, 12, 0);
    m_runs = new LiveTable(&session().runs(), session().ticker(), models::runColumns(), {}, this);
    m_runs->setFilter([](const QJsonObject& run) {
        return models::runInProgress(run) && str(run, u"state") != QLatin1String("failed");
    });
    m_runs->setOrder(models::runBefore);
    m_runsView = fitTable(context(), *m_runs, QStringLiteral("runs"), m_runsSection);
    connect(m_runsView, &widgets::TableView::rowActivated, this, [this](const QModelIndex& index) {
        Q_EMIT openRequested(QStringLiteral("run"), index.data(session::IdRole).toString());
    });
    m_runsSection->addWidget(m_runsView);
    m_noRuns = new widgets::TextLabel(theme(), Type::Body, Ink::Secondary, m_runsSection);
    m_noRuns->setContentsMargins(8, 4, 8, 4);
    m_runsSection->addWidget(m_noRuns);
    m_runsLoading = new Skeleton(theme(), 4, style::kRowNormal, m_runsSection);
    m_runsSection->addWidget(m_runsLoading);
    m_columns->addLeft(m_runsSection);
}

void NowPage::buildRight()
{
    ScrollColumn* scroll = m_columns->right();
    m_healthSection = new widgets::Section(theme(), tr("Health"), scroll);
    m_healthSection->setRuled(false);
    m_healthSection->content()->setContentsMargins(12, 0, 12, 0);
    m_healthSection->head()->setNote(tr("3 words per connection"));
    m_health = new LiveTable(&session().estate(), session().ticker(), models::healthColumns(session()),
                             models::estateTraits(session()), this);
    m_health->setFilter(
        [](const QJsonObject& row) { return str(row, u"kind") == QLatin1String("connection"); });
    m_health->setRelated(models::connectionOfHealth);
    m_healthView = fitTable(context(), *m_health, QStringLiteral("health"), m_healthSection);
    connect(m_healthView, &widgets::TableView::rowActivated, this, [this](const QModelIndex& index) {
        Q_EMIT openRequested(QStringLiteral("entity"), index.data(session::IdRole).toString());
    });
    m_healthSection->addWidget(m_healthView);
    m_healthLoading = new Skeleton(theme(), 4, style::kRowNormal, m_healthSection);
    m_healthSection->addWidget(m_healthLoading);
    m_noConnections = new widgets::EmptyState(theme(), m_healthSection);
    m_noConnections->setBoxed(false);
    m_noConnections->setHeadline(tr("No connection in this profile"));
    m_noConnections->setChecked(
        tr("Add a cluster to the engine's configuration and start the engine again:"));
    m_noConnections->setCode(exampleOf(context(), &SystemView::exampleConfig));
    auto* inset = plain<QHBoxLayout>();
    inset->setContentsMargins(8, 0, 8, 0);
    inset->addWidget(m_noConnections);
    m_healthSection->content()->addLayout(inset);
    m_troubles = new QWidget(m_healthSection);
    plain<QVBoxLayout>(m_troubles)->setSpacing(8);
    m_troubles->layout()->setContentsMargins(8, 8, 8, 0);
    m_healthSection->addWidget(m_troubles);
    m_healthNote = new widgets::NoteBar(theme(), m_healthSection);
    m_healthNote->setObjectName(QStringLiteral("healthNote"));
    auto* noteRow = plain<QHBoxLayout>();
    noteRow->setContentsMargins(8, 8, 8, 0);
    noteRow->addWidget(m_healthNote);
    m_healthSection->content()->addLayout(noteRow);
    m_columns->addRight(m_healthSection);

    m_actionsSection = new widgets::Section(theme(), tr("Last actions"), scroll);
    m_actionsSection->setRuled(false);
    m_actionsSection->content()->setContentsMargins(12, 0, 12, 0);
    m_actionsSection->head()->setNote(tr("times in UTC"));
    m_actions = new LiveTable(&session().actions(), session().ticker(), models::actionColumns(), {}, this);
    m_actions->setOrder(models::newerAction);
    m_actions->setLimit(kActionsShown);
    m_actionsView = fitTable(context(), *m_actions, QStringLiteral("actions"), m_actionsSection);
    connect(m_actionsView, &widgets::TableView::rowActivated, this, [this](const QModelIndex& index) {
        const qint64 seq = num(index.data(session::RowRole).toJsonObject(), u"auditSeq");
        Q_EMIT openRequested(QStringLiteral("record"), QString::number(seq));
    });
    m_actionsSection->addWidget(m_actionsView);
    m_noActions = new widgets::TextLabel(theme(), tr("Nothing was changed through this engine yet."),
                                         Type::Body, Ink::Secondary, m_actionsSection);
    m_noActions->setContentsMargins(8, 4, 8, 4);
    m_actionsSection->addWidget(m_noActions);
    m_columns->addRight(m_actionsSection);
}

QString NowPage::title() const
{
    return tr("Now");
}

QString NowPage::subtitle() const
{
    if (!session().cases().isLoaded() || !session().gates().isLoaded() || !session().estate().isLoaded()) {
        return {};
    }
    const qsizetype needs = session().openCases().size() + session().gates().size();
    const QString need = session().connections().isEmpty() ? tr("No connection in this profile.")
                         : needs > 0 ? tr("%n things need you.", nullptr, style::formOf(needs))
                         : models::whyUncertain(session()).isEmpty() ? tr("All quiet.")
                                                                     : tr("Unknown now, was quiet.");
    if (client().link().state != session::LinkState::Connected) {
        return need;
    }
    int moving = 0;
    for (const QJsonObject& run : session().runs().rows()) {
        const QString state = str(run, u"state");
        moving += state == QLatin1String("running") || state == QLatin1String("verifying") ? 1 : 0;
    }
    const QString moves = moving == 0 ? tr("No run moves.") : tr("%n runs move.", nullptr, moving);
    return need + ' ' + moves;
}

QList<shell::KeyHint> NowPage::keyHints() const
{
    QList<shell::KeyHint> hints{{tr("Enter"), tr("open")}};
    if (!session().openCases().isEmpty()) {
        hints.append({QStringLiteral("C"), tr("open case")});
    }
    if (session().gates().size() > 0) {
        hints.append({QStringLiteral("A"), tr("approve…")});
    }
    hints.append({tr("Ctrl K"), tr("find")});
    return hints;
}

void NowPage::activate()
{
    QWidget* first = this;
    for (QWidget* view : std::initializer_list<QWidget*>{m_healthView, m_runsView}) {
        first = view->isVisibleTo(this) ? view : first;
    }
    first->setFocus();
}

void NowPage::refresh()
{
    refreshNeeds();
    refreshRuns();
    refreshHealth();
    refreshActions();
    if (hasFocus()) {
        activate();
    }
}

void NowPage::tick()
{
    refreshNeeds();
    refreshHealthNote();
    // Words grow old as time passes, without a row that changes.
    if (const QString words = subtitle(); words != m_subtitle) {
        m_subtitle = words;
        Q_EMIT headChanged();
    }
}

void NowPage::approve(const QJsonObject& task)
{
    dialogs().confirmChange(this, approveRequest(session(), task), [](const QJsonObject&) {});
}

void NowPage::refreshNeeds()
{
    const qsizetype count = session().openCases().size() + session().gates().size();
    const bool loaded = session().cases().isLoaded() && session().gates().isLoaded();
    m_casesLoading->setVisible(!loaded && count == 0);
    m_quiet->setVisible(loaded && count == 0);
    const bool known = loaded && (count > 0 || models::whyUncertain(session()).isEmpty());
    m_needs->head()->setCount(known ? QString::number(count) : QString());
    refreshCards();
    refreshGates();
    if (loaded && count == 0) {
        refreshQuiet();
    }
}

void NowPage::refreshCards()
{
    const QList<QJsonObject> open = session().openCases();
    while (m_cards.size() < open.size()) {
        auto* card = new CaseCard(context(), m_needs);
        connect(card, &CaseCard::openRequested, this,
                [this](const QString& id) { Q_EMIT openRequested(QStringLiteral("case"), id); });
        // Behind the skeleton, the empty state and the cards that are there; before the gates.
        m_needs->content()->insertWidget(2 + static_cast<int>(m_cards.size()), card);
        m_cards.append(card);
    }
    while (m_cards.size() > open.size()) {
        delete m_cards.takeLast();
    }
    for (qsizetype i = 0; i < open.size(); ++i) {
        const QJsonObject run = session().runs().row(str(open[i], u"run"));
        const int waiting = static_cast<int>(num(session::obj(run, u"counts"), u"waiting"));
        m_cards[i]->setCase(models::caseOfNow(session(), open[i]), run, waiting, i == 0, nowMs());
    }
}

void NowPage::refreshGates()
{
    const QList<QJsonObject> tasks = session().gates().rows();
    while (m_gates.size() < tasks.size()) {
        auto* card = new GateCard(theme(), m_needs);
        connect(card, &GateCard::openRequested, this,
                [this](const QString& id) { Q_EMIT openRequested(QStringLiteral("task"), id); });
        connect(card, &GateCard::approveRequested, this, &NowPage::approve);
        m_needs->addWidget(card);
        m_gates.append(card);
    }
    while (m_gates.size() > tasks.size()) {
        delete m_gates.takeLast();
    }
    const QString whyNot = session().whyNoChanges();
    const bool primary = session().openCases().isEmpty();
    for (qsizetype i = 0; i < tasks.size(); ++i) {
        m_gates[i]->setTask(tasks[i], session().runs().row(str(tasks[i], u"run")), i == 0, primary, whyNot,
                            nowMs());
    }
}

QList<shell::PageBanner> NowPage::pageBanners() const
{
    const QStringList files = session().filesInDoubt();
    if (files.isEmpty()) {
        return {};
    }
    QStringList doubts;
    for (const QString& file : files) {
        doubts << tr("%1: %2").arg(file, session().doubtAbout(file));
    }
    const QString correction = session().correctionOfDoubt();
    const bool acting = session().engineRow().value(QLatin1String("acting")).toBool(true);
    return {
        {.id = QStringLiteral("state"),
         .tone = style::Tone::Crit,
         .headline =
             !correction.isEmpty()
                 ? tr("Nothing is changed: the engine's own files were damaged while it had them open.")
             : acting ? tr("The engine's own files do not fit together.")
                      : tr("Nothing is changed: the engine's own files do not fit together."),
         .detail = models::sentence(
             {doubts.join(QStringLiteral("; ")),
              correction.isEmpty() ? tr("Stop the engine and put them back from a backup, or give up what "
                                        "is missing: sluicectl engine accept-state")
                                   : correction})}};
}

void NowPage::refreshQuiet()
{
    const qsizetype connections = session().connections().size();
    if (connections == 0) {
        m_quiet->setHeadline(tr("Nothing is watched yet"), style::stateWord(style::Domain::Task, u"unknown"));
        m_quiet->setChecked({});
        m_quiet->setFigures({});
        return;
    }
    const QString why = models::whyUncertain(session());
    m_quiet->setHeadline(why.isEmpty() ? tr("Nothing needs you") : tr("Unknown now, was: nothing needs you"),
                         style::stateWord(style::Domain::Task, why.isEmpty() ? u"done" : u"unknown"));
    m_quiet->setChecked(why.isEmpty() ? QString() : tr("It cannot be told: %1.").arg(why));
    qint64 oldest = 0;
    for (const QJsonObject& row : session().estateOf(QStringLiteral("connection"))) {
        const qint64 at = models::oldestFactMs(row);
        oldest = oldest == 0 || (at > 0 && at < oldest) ? at : oldest;
    }
    int ended = 0, failed = 0, running = 0, stalled = 0;
    for (const QJsonObject& run : session().runs().rows()) {
        ended += str(run, u"state") == QLatin1String("done") ? 1 : 0;
        failed += str(run, u"state") == QLatin1String("failed") ? 1 : 0;
        stalled += str(run, u"state") == QLatin1String("stalled") ? 1 : 0;
        running += models::runInProgress(run) && str(run, u"state") != QLatin1String("failed") ? 1 : 0;
    }
    m_quiet->setFigures(
        {{tr("%n connections", nullptr, style::formOf(connections)),
          oldest > 0 ? tr("oldest fact %1 old").arg(models::ageText(oldest, nowMs())) : tr("none asked")},
         {tr("%1 facts", nullptr, style::formOf(session().estateTotal()))
              .arg(formatCount(session().estateTotal())),
          tr("in the estate")},
         {tr("%n runs", nullptr, running),
          stalled == 0 ? tr("in progress, none stalled") : tr("in progress, %1 stalled").arg(stalled)},
         {tr("%n runs", nullptr, ended),
          failed == 0 ? tr("done, 0 failed") : tr("done, %1 failed").arg(failed)}});
}

void NowPage::refreshRuns()
{
    const bool loaded = session().runs().isLoaded();
    const int count = m_runs->rowCount();
    m_runsLoading->setVisible(!loaded);
    m_runsView->setVisible(loaded && count > 0);
    m_noRuns->setVisible(loaded && count == 0);
    m_noRuns->setText(tr("No run is in progress. Submit a flow on the page Flows."));
    m_runsSection->head()->setCount(loaded ? QString::number(count) : QString());
    int ended = 0, failed = 0;
    for (const QJsonObject& run : session().runs().rows()) {
        const qint64 at = session::time(run, u"endedAt");
        if (at > 0 && nowMs() - at < kHourMs) {
            ++ended;
        }
        failed += str(run, u"state") == QLatin1String("failed") ? 1 : 0;
    }
    m_runsSection->head()->setNote(loaded ? tr("%1 ended in the last hour, %2 failed").arg(ended).arg(failed)
                                          : QString());
}

void NowPage::refreshHealth()
{
    const bool loaded = session().estate().isLoaded();
    const int count = m_health->rowCount();
    m_healthLoading->setVisible(!loaded);
    m_healthView->setVisible(loaded && count > 0);
    m_noConnections->setVisible(loaded && count == 0);
    qDeleteAll(m_troubles->findChildren<widgets::NoteBar*>(QString(), Qt::FindDirectChildrenOnly));
    int troubles = 0;
    for (const QJsonObject& row : session().estateOf(QStringLiteral("connection"))) {
        const QJsonObject json = session::obj(session::facts(row), u"error");
        if (json.isEmpty() || str(json, u"message").isEmpty()) {
            continue;
        }
        const Error error = session::errorOf(json);
        auto* note = new widgets::NoteBar(theme(), m_troubles);
        note->setTone(str(session::facts(row), u"state") == QLatin1String("down") ? style::Tone::Crit
                                                                                  : style::Tone::Warn);
        note->setTexts(tr("%1: %2.").arg(str(row, u"connection"), error.message),
                       models::sentence({error.cause, error.correction}));
        m_troubles->layout()->addWidget(note);
        ++troubles;
    }
    m_troubles->setVisible(troubles > 0);
    refreshHealthNote();
}

void NowPage::refreshHealthNote()
{
    const int count = m_health->rowCount();
    const bool troubles = m_troubles->isVisibleTo(m_healthSection);
    const QString alert = refutedAlert();
    const QString why = models::whyUncertain(session());
    if (!alert.isEmpty()) {
        m_healthNote->setTexts(alert, tr("It does not touch any stalled task (R0)."));
    } else if (!why.isEmpty()) {
        m_healthNote->setTexts(tr("Whether every connection answers is unknown now."),
                               tr("Why: %1.").arg(why));
    } else {
        m_healthNote->setTexts(
            tr("All %n connections answer within their deadline.", nullptr, style::formOf(count)));
    }
    m_healthNote->setVisible(session().estate().isLoaded() && count > 0 && (!alert.isEmpty() || !troubles));
}

QString NowPage::refutedAlert() const
{
    for (const QJsonObject& row : session().openCases()) {
        const QJsonObject item = models::caseOfNow(session(), row);
        const QJsonArray findings = session::arr(item, u"findings");
        for (const QJsonValue& value : findings) {
            const QJsonObject finding = value.toObject();
            if (str(finding, u"rule") == QLatin1String("R0") &&
                str(finding, u"verdict") == QLatin1String("refuted")) {
                return str(finding, u"title") + '.';
            }
        }
    }
    return {};
}

void NowPage::refreshActions()
{
    m_actionsView->setVisible(m_actions->rowCount() > 0);
    m_noActions->setVisible(session().actions().isLoaded() && m_actions->rowCount() == 0);
}

}  // namespace sluice::pages
