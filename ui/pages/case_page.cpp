#include "ui/pages/case_page.h"

#include <QtGui/QAction>
#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>
#include <algorithm>

#include "core/units.h"
#include "ui/models/case_truth.h"
#include "ui/models/marks.h"
#include "ui/models/words.h"
#include "ui/pages/case_card.h"
#include "ui/pages/case_step_panel.h"
#include "ui/pages/layout.h"
#include "ui/session/followed_action.h"
#include "ui/session/live_table.h"
#include "ui/session/row.h"
#include "ui/style/english_forms.h"
#include "ui/widgets/cause_list.h"
#include "ui/widgets/chain_view.h"
#include "ui/widgets/code_block.h"
#include "ui/widgets/note_bar.h"
#include "ui/widgets/phase_bar.h"
#include "ui/widgets/section.h"
#include "ui/widgets/section_head.h"
#include "ui/widgets/table_view.h"
#include "ui/widgets/text_label.h"
#include "ui/widgets/time_strip.h"

namespace sluice::pages {

using session::num;
using session::obj;
using session::str;
using session::time;

namespace {

constexpr int kPanelWidth = 480;
constexpr int kNarrowPanelWidth = 408;
constexpr qsizetype kLongestMark = 30;

QString markText(const QJsonObject& event)
{
    const QString code = str(event, u"code");
    if (code == QLatin1String("found")) {
        return CasePage::tr("found");
    }
    if (code == QLatin1String("cause named")) {
        return CasePage::tr("cause named by %1").arg(str(event, u"rule"));
    }
    if (code == QLatin1String("cause unknown")) {
        return CasePage::tr("cause unknown");
    }
    const QString text = str(event, u"text");
    return text.size() > kLongestMark ? text.left(kLongestMark - 1) + QStringLiteral("…") : text;
}

}  // namespace

CasePage::CasePage(const PageContext& context, QWidget* parent) : LivePage(context, parent)
{
    setObjectName(QStringLiteral("case"));
    auto* column = plain<QVBoxLayout>(this);
    m_phases = new widgets::PhaseBar(theme(), this);
    m_phases->setObjectName(QStringLiteral("phases"));
    column->addWidget(m_phases);
    auto* row = plain<QHBoxLayout>();
    row->addWidget(buildLeft(), 1);
    auto* panel = new SidePanel(theme(), Qt::LeftEdge, this);
    panel->setWidths(kPanelWidth, kNarrowPanelWidth);
    m_step = new CaseStepPanel(context, panel);
    connect(m_step, &CaseStepPanel::lookAgainRequested, this, &CasePage::lookAgain);
    plain<QVBoxLayout>(panel)->addWidget(m_step);
    row->addWidget(panel);
    column->addLayout(row, 1);

    m_again = addAction(tr("Look again"), QKeySequence(Qt::Key_L), [this] { lookAgain(); });
    m_hand = addAction(tr("Hand-over text"), QKeySequence(Qt::Key_H), [this] { handOver(); });
    addAction(tr("Preview the next safe step"), QKeySequence(Qt::Key_R), [this] { m_step->preview(); });
    m_action = new session::FollowedAction(client(), session().actions(), this);
    connect(m_action, &session::FollowedAction::changed, this, &CasePage::touch);
    for (session::LiveRows* rows : {&session().cases(), &session().runs(), &session().actions(),
                                    &session().engine(), &session().estate()}) {
        follow(*rows);
    }
}

QWidget* CasePage::buildLeft()
{
    auto* scroll = new ScrollColumn(this);
    m_chainSection = new widgets::Section(theme(), tr("From the task to the cause"), scroll);
    m_chainSection->setRuled(false);
    m_chain = new widgets::ChainView(theme(), m_chainSection);
    m_chain->setObjectName(QStringLiteral("chain"));
    m_chain->setInteractive(true);
    connect(m_chain, &widgets::ChainView::partActivated, this, &CasePage::openCard);
    m_chainSection->addWidget(m_chain);
    m_summary = new widgets::TextLabel(theme(), style::Type::Body, style::Ink::Secondary, m_chainSection);
    m_summary->setObjectName(QStringLiteral("summary"));
    m_summary->setWordWrap(true);
    m_chainSection->addWidget(m_summary);
    m_lookError = new widgets::NoteBar(theme(), m_chainSection);
    m_lookError->setTone(style::Tone::Crit);
    m_lookError->hide();
    m_chainSection->addWidget(m_lookError);
    scroll->content()->addWidget(m_chainSection);

    m_outcomeSection = new widgets::Section(theme(), tr("Did it work?"), scroll);
    m_outcomeSection->setRuled(false);
    m_outcomeSection->content()->setContentsMargins(12, 0, 12, 0);
    m_outcomeRows = new session::LiveRows(this);
    m_outcome =
        new session::LiveTable(m_outcomeRows, session().ticker(), models::resetOutcomeColumns(), {}, this);
    m_outcomeView = new widgets::TableView(theme(), m_outcomeSection);
    m_outcomeView->setObjectName(QStringLiteral("outcome"));
    m_outcomeView->setFitRows(true);
    bindTable(*m_outcomeView, *m_outcome, dialogs());
    m_outcomeSection->addWidget(m_outcomeView);
    scroll->content()->addWidget(m_outcomeSection);

    m_causeSection = new widgets::Section(theme(), tr("Causes"), scroll);
    m_causeSection->setRuled(false);
    m_causeSection->content()->setContentsMargins(0, 0, 0, 0);
    m_causes = new widgets::CauseList(theme(), m_causeSection);
    m_causes->setObjectName(QStringLiteral("causes"));
    m_causes->setInteractive(true);
    m_causeSection->addWidget(m_causes);
    scroll->content()->addWidget(m_causeSection);

    m_otherSection = new widgets::Section(theme(), tr("In the same case"), scroll);
    m_otherSection->setRuled(false);
    m_otherSection->head()->setNote(tr("the same outage holds up more runs; each has evidence of its own"));
    m_otherSection->content()->setContentsMargins(0, 0, 0, 0);
    m_others = new widgets::CauseList(theme(), m_otherSection);
    m_others->setObjectName(QStringLiteral("otherRuns"));
    m_others->setInteractive(true);
    m_otherSection->addWidget(m_others);
    scroll->content()->addWidget(m_otherSection);

    m_timeSection = new widgets::Section(theme(), tr("When it happened"), scroll);
    m_timeSection->setRuled(false);
    m_times = new widgets::TimeStrip(theme(), m_timeSection);
    m_times->setObjectName(QStringLiteral("times"));
    m_timeSection->addWidget(m_times);
    scroll->content()->addWidget(m_timeSection);

    m_handOverSection = new widgets::Section(theme(), tr("Hand-over text"), scroll);
    m_handOverSection->setRuled(false);
    m_handOverSection->head()->setNote(tr("written from the record, no secret in it"));
    m_handOverText = new widgets::CodeBlock(theme(), m_handOverSection);
    m_handOverText->setObjectName(QStringLiteral("handOver"));
    m_handOverText->setProse(true);
    m_handOverSection->addWidget(m_handOverText);
    scroll->content()->addWidget(m_handOverSection);
    scroll->content()->addStretch(1);
    return scroll;
}

void CasePage::showCase(const QString& id)
{
    if (id != m_id) {
        m_id = id;
        m_handOver = false;
        m_lookError->hide();
    }
    touch();
}

QJsonObject CasePage::row() const
{
    return models::caseOfNow(session(), session().cases().row(m_id));
}

QString CasePage::title() const
{
    const QJsonObject item = row();
    return item.isEmpty() ? m_id : tr("%1 %2").arg(m_id, str(item, u"title"));
}

QString CasePage::subtitle() const
{
    const QJsonObject item = row();
    const qint64 closed = time(item, u"closedAt");
    if (item.isEmpty()) {
        return tr("this case is not among those the engine keeps");
    }
    const QString opened = session::clockText(time(item, u"openedAt"));
    return closed > 0 ? tr("opened %1, closed %2").arg(opened, session::clockText(closed))
                      : tr("opened %1").arg(opened);
}

QList<shell::PageAction> CasePage::actions() const
{
    return {{.action = m_hand,
             .look = widgets::ButtonLook::Outline,
             .icon = QStringLiteral("hand-over"),
             .keyCap = QStringLiteral("H")}};
}

QList<shell::KeyHint> CasePage::keyHints() const
{
    QList<shell::KeyHint> hints;
    const QString phase = str(row(), u"phase");
    const QString method = str(obj(row(), u"remedy"), u"method");
    const bool resets = method == QLatin1String("flow.reset");
    if ((resets || method == QLatin1String("keys.renew")) &&
        (phase == QLatin1String("decide") || phase == QLatin1String("cause named") ||
         phase == QLatin1String("found"))) {
        hints.append({QStringLiteral("R"), resets ? tr("preview and reset…") : tr("preview the new key…")});
    }
    hints.append({QStringLiteral("L"), tr("look again")});
    hints.append({QStringLiteral("H"), tr("hand-over text")});
    hints.append({tr("Esc"), tr("back")});
    return hints;
}

void CasePage::activate()
{
    m_step->focusButton();
}

void CasePage::refresh()
{
    const QJsonObject item = row();
    const QString run = str(item, u"run");
    if (!run.isEmpty()) {
        session::LiveRows& tasks = session().tasks(run);
        connect(&tasks, &session::LiveRows::changed, this, &CasePage::touch, Qt::UniqueConnection);
    }
    m_action->follow(item.isEmpty() ? QString() : models::lastReset(session().actions().rows(), item));
    m_reset = models::carriedReset(m_action->row());
    m_phases->setPhase(str(item, u"phase"));
    m_phases->setFailed(m_reset.outcome == QLatin1String("failed") ||
                        m_reset.outcome == QLatin1String("not verified"));
    refreshChain(item);
    m_step->setCase(item, m_reset);
    refreshCauses(item);
    refreshOthers(item);
    refreshOutcome(item);
    refreshTimes(item);
    refreshHandOver(item);
}

void CasePage::refreshChain(const QJsonObject& item)
{
    if (const QJsonArray links = session::arr(item, u"chain"); links != m_links) {
        m_links = links;
        m_chain->setCards(chainCards(item, context().systems));
    }
    m_chain->setVisible(!m_links.isEmpty());
    m_chainSection->head()->setTitle(str(item, u"run").isEmpty() ? tr("What is seen")
                                                                 : tr("From the task to the cause"));
    m_summary->setText(str(item, u"summary"));
}

widgets::CauseRow CasePage::causeRow(const QJsonObject& finding, bool past) const
{
    const qint64 now = nowMs();
    widgets::CauseRow row{.verdict = models::findingMark(finding),
                          .title = str(finding, u"title"),
                          .rule = models::ruleText(finding),
                          .ruleId = str(finding, u"rule"),
                          .correction = str(finding, u"correction")};
    const QJsonArray evidence = session::arr(finding, u"evidence");
    for (const QJsonValue& piece : evidence) {
        const QJsonObject seen = piece.toObject();
        const qint64 at = time(seen, u"observedAt");
        row.evidence.append(
            {.text = str(seen, u"text"),
             .source = str(seen, u"source"),
             .age = at > 0 ? models::ageText(at, now) : QStringLiteral("–"),
             .stale = !past && at > 0 && now - at > models::evidenceStaleAfterMs(session(), seen)});
    }
    if (!row.evidence.isEmpty()) {
        row.summary = row.evidence.constLast().text;
        row.age = models::ageText(models::oldestEvidence(finding), now);
    }
    return row;
}

void CasePage::refreshOthers(const QJsonObject& item)
{
    const bool past = models::isDecided(item);
    QList<widgets::CauseRow> rows;
    const QJsonArray runs = session::arr(item, u"byRun");
    for (const QJsonValue& value : runs) {
        const QJsonObject own = value.toObject();
        const QJsonObject now = models::caseOfNow(
            session(), {{QStringLiteral("phase"), item.value(QLatin1String("phase"))},
                        {QStringLiteral("findings"), own.value(QLatin1String("findings"))}});
        const QJsonObject finding = session::arr(now, u"findings").at(0).toObject();
        const QString run = str(own, u"run");
        if (run != str(item, u"run") && !finding.isEmpty()) {
            rows.append(causeRow(finding, past));
            rows.last().title = tr("%1: %2").arg(run, rows.constLast().title);
        }
    }
    m_others->setCauses(rows);
    const qsizetype all = std::max(rows.size(), session::arr(item, u"runs").size() - 1);
    m_otherSection->head()->setCount(
        all > rows.size() ? tr("%1 of %2 runs", nullptr, style::formOf(all)).arg(rows.size()).arg(all)
                          : tr("%n runs", nullptr, style::formOf(all)));
    m_otherSection->setVisible(!rows.isEmpty());
}

void CasePage::refreshCauses(const QJsonObject& item)
{
    const qint64 now = nowMs();
    const bool past = models::isDecided(item);
    QList<widgets::CauseRow> rows;
    const QJsonArray findings = session::arr(item, u"findings");
    for (const QJsonValue& value : findings) {
        rows.append(causeRow(value.toObject(), past));
    }
    m_causes->setCauses(rows);
    m_causes->setVisible(!rows.isEmpty());
    m_causeSection->head()->setCount(QString::number(rows.size()));
    const bool ofRun = !str(item, u"run").isEmpty();
    m_causeSection->head()->setNote(ofRun ? tr("nearest to the task's own objects first") : QString());
    m_causeSection->setVisible(!item.isEmpty());
    const qint64 looked = time(item, u"lookedAt");
    const QString note =
        m_looking ? tr("looking again…")
        : looked <= 0
            ? tr("not looked yet")
            : tr("looked %1 UTC, %2 ago").arg(session::clockText(looked), models::ageText(looked, now));
    m_chainSection->head()->setNote(note);
}

void CasePage::refreshOutcome(const QJsonObject& item)
{
    const QString phase = str(item, u"phase");
    const bool shown = !m_reset.id.isEmpty() && phase != QLatin1String("found");
    m_outcomeSection->setVisible(shown);
    m_outcomeRows->replace(shown ? models::resetOutcome(session(), str(item, u"run"), m_reset)
                                 : QList<QJsonObject>());
    m_outcomeSection->head()->setCount(QString::number(m_outcome->rowCount()));
    m_outcomeSection->head()->setNote(
        m_reset.outcome.isEmpty() ? tr("seen now, while it is watched")
                                  : tr("the reset is %1").arg(models::auditMark(m_reset.outcome).word));
}

void CasePage::refreshTimes(const QJsonObject& item)
{
    const qint64 closed = time(item, u"closedAt");
    const qint64 end = closed > 0 ? closed : nowMs();
    QList<widgets::TimeMark> marks;
    const QJsonArray timeline = session::arr(item, u"timeline");
    for (const QJsonValue& value : timeline) {
        const QJsonObject event = value.toObject();
        marks.append({.atMs = time(event, u"at"), .text = markText(event)});
    }
    QList<widgets::TimeSpan> spans;
    const QString run = str(item, u"run");
    const QJsonObject task =
        run.isEmpty() ? QJsonObject() : session().tasks(run).row(session::strings(item, u"tasks").value(0));
    const qint64 progress = time(task, u"lastProgressAt");
    const bool still = str(task, u"state") == QLatin1String("stalled");
    if (still && progress > 0 && closed == 0) {
        marks.prepend({.atMs = progress, .text = tr("last progress")});
        spans.append({.fromMs = progress,
                      .toMs = end,
                      .text = tr("no progress for %1").arg(formatDuration(end - progress)),
                      .tone = style::Tone::Warn});
    }
    if (closed == 0 && !marks.isEmpty()) {
        marks.append({.atMs = end, .text = tr("now")});
    }
    m_times->setEvents(marks, spans);
    m_timeSection->setVisible(marks.size() > 1);
    if (marks.size() > 1) {
        m_timeSection->head()->setNote(
            tr("UTC, %1 to %2").arg(session::minuteText(marks.constFirst().atMs), session::minuteText(end)));
    }
}

void CasePage::refreshHandOver(const QJsonObject& item)
{
    const QString phase = str(item, u"phase");
    const bool shown = m_handOver || phase == QLatin1String("verify") || phase == QLatin1String("closed");
    m_handOverSection->setVisible(shown && !item.isEmpty());
    if (!shown) {
        return;
    }
    QList<QJsonObject> actions;
    for (const QJsonObject& action : session().actions().rows()) {
        if (session::strings(action, u"objects").contains(str(item, u"run")) &&
            time(action, u"at") >= time(item, u"openedAt")) {
            actions.append(action);
        }
    }
    const QString text = models::handOverText(item, session().runs().row(str(item, u"run")), actions);
    if (text != m_handOverText->toPlainText()) {
        m_handOverText->setText(text);
    }
}

void CasePage::tick()
{
    const QJsonObject item = row();
    refreshChain(item);
    refreshCauses(item);
    refreshOthers(item);
    refreshTimes(item);
    m_step->tick();
}

void CasePage::lookAgain()
{
    if (m_looking || client().link().state != session::LinkState::Connected) {
        return;
    }
    m_looking = true;
    m_lookError->hide();
    touch();
    const QString run = str(row(), u"run");
    client().call(QStringLiteral("doctor.run"), {{QStringLiteral("run"), run.isEmpty() ? m_id : run}}, this,
                  [this](const Result<QJsonObject>& reply) {
                      m_looking = false;
                      if (!reply) {
                          m_lookError->setTexts(
                              reply.error().message + '.',
                              models::sentence({reply.error().cause, reply.error().correction}));
                          m_lookError->show();
                      }
                      m_step->readPlan();
                      touch();
                  });
}

void CasePage::handOver()
{
    m_handOver = true;
    refreshHandOver(row());
    QGuiApplication::clipboard()->setText(m_handOverText->toPlainText());
    m_handOverSection->head()->setNote(tr("copied; written from the record, no secret in it"));
    m_handOverText->setFocus();
    Q_EMIT said(tr("Hand-over text of %1 copied").arg(str(row(), u"id")));
}

void CasePage::openCard(int card)
{
    const QJsonObject link = m_links.at(card).toObject();
    const QString kind = str(link, u"kind");
    const QJsonObject item = row();
    if (kind == QLatin1String("task") || kind == QLatin1String("report")) {
        Q_EMIT openRequested(QStringLiteral("task"), session::strings(item, u"tasks").value(0));
        return;
    }
    const QJsonObject finding = models::leadingFinding(item);
    const QString entity = str(session::arr(finding, u"evidence").at(0).toObject(), u"entity");
    if (!entity.isEmpty()) {
        Q_EMIT openRequested(QStringLiteral("entity"), entity);
    }
}

}  // namespace sluice::pages
