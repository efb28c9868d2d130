#include "ui/pages/case_step_panel.h"

#include <QtGui/QKeyEvent>
#include <algorithm>

#include "core/units.h"
#include "ui/dialogs/dialogs.h"
#include "ui/dialogs/plan_text.h"
#include "ui/models/case_truth.h"
#include "ui/models/marks.h"
#include "ui/models/words.h"
#include "ui/pages/change_requests.h"
#include "ui/pages/layout.h"
#include "ui/session/row.h"
#include "ui/session/session.h"
#include "ui/style/english_forms.h"
#include "ui/widgets/button.h"
#include "ui/widgets/class_mark.h"
#include "ui/widgets/code_block.h"
#include "ui/widgets/figure_row.h"
#include "ui/widgets/note_bar.h"
#include "ui/widgets/progress_bar.h"
#include "ui/widgets/section_head.h"
#include "ui/widgets/step_list.h"
#include "ui/widgets/text_label.h"

namespace sluice::pages {

using session::num;
using session::obj;
using session::str;
using style::Ink;
using style::Type;

namespace {

constexpr qint64 kVerifyMs = 60'000;

}  // namespace

CaseStepPanel::CaseStepPanel(const PageContext& context, QWidget* parent)
    : QWidget(parent), m_context(context)
{
    const style::Theme& theme = context.theme;
    auto* outer = plain<QVBoxLayout>(this);
    outer->setContentsMargins(1, 0, 0, 0);
    auto* scroll = new ScrollColumn(this);
    auto* column = scroll->content();
    column->setContentsMargins(style::kPagePadding, 4, style::kPagePadding, 16);
    m_head = new widgets::SectionHead(theme, QString(), scroll);
    m_head->setObjectName(QStringLiteral("stepHead"));
    m_class = new widgets::ClassMark(theme, m_head);
    m_head->addWidget(m_class);
    m_title = new widgets::TextLabel(theme, Type::Body, Ink::Primary, scroll);
    m_title->setObjectName(QStringLiteral("stepTitle"));
    m_title->setWeight(style::Weight::Medium);
    m_title->setWordWrap(true);
    m_title->setContentsMargins(0, 0, 0, 8);
    m_steps = new widgets::StepList(theme, scroll);
    m_steps->setObjectName(QStringLiteral("caseSteps"));
    m_commands = new widgets::CodeBlock(theme, scroll);
    m_commands->setObjectName(QStringLiteral("caseCommands"));
    m_commands->setCopyable(true);
    m_trouble = new widgets::NoteBar(theme, scroll);
    m_trouble->setObjectName(QStringLiteral("caseTrouble"));
    m_trouble->setTone(style::Tone::Crit);
    m_touchHead = new widgets::SectionHead(theme, tr("What it touches"), scroll);
    m_figures = new widgets::FigureRow(theme, scroll);
    m_touches = new widgets::TextLabel(theme, Type::Small, Ink::Secondary, scroll);
    m_touches->setWordWrap(true);
    m_watchHead = new widgets::SectionHead(theme, tr("Verify"), scroll);
    m_watch = new widgets::ProgressBar(theme, scroll);
    m_watch->setThickness(6);
    m_notes = new QWidget(scroll);
    plain<QVBoxLayout>(m_notes)->setSpacing(8);
    column->addWidget(m_head);
    column->addWidget(m_title);
    column->addWidget(m_steps);
    column->addSpacing(8);
    column->addWidget(m_commands);
    column->addWidget(m_trouble);
    column->addWidget(m_touchHead);
    column->addWidget(m_figures);
    column->addSpacing(4);
    column->addWidget(m_touches);
    column->addWidget(m_watchHead);
    column->addWidget(m_watch);
    column->addWidget(m_notes);
    column->addStretch(1);
    outer->addWidget(scroll, 1);
    outer->addWidget(buildFoot());

    session::EngineClient& client = context.session.client();
    m_connected = client.link().state == session::LinkState::Connected;
    connect(&client, &session::EngineClient::linkChanged, this, [this, &client] {
        const bool connected = client.link().state == session::LinkState::Connected;
        if (connected && !m_connected) {
            readPlan();
        }
        m_connected = connected;
    });
}

QWidget* CaseStepPanel::buildFoot()
{
    auto* foot = new SidePanel(m_context.theme, Qt::TopEdge, this);
    auto* column = plain<QVBoxLayout>(foot);
    column->setContentsMargins(style::kPagePadding, 14, style::kPagePadding, 14);
    column->setSpacing(8);
    auto* row = plain<QHBoxLayout>();
    row->setSpacing(12);
    m_go = new widgets::Button(m_context.theme, tr("Preview and reset…"), widgets::ButtonLook::Primary, foot);
    m_go->setObjectName(QStringLiteral("preview"));
    m_go->setKeyCap(QStringLiteral("R"));
    m_go->installEventFilter(this);
    connect(m_go, &QPushButton::clicked, this, &CaseStepPanel::preview);
    m_again = new widgets::Button(m_context.theme, tr("Look again"), widgets::ButtonLook::Outline, foot);
    m_again->setObjectName(QStringLiteral("lookAgain"));
    m_again->setKeyCap(QStringLiteral("L"));
    connect(m_again, &QPushButton::clicked, this, &CaseStepPanel::lookAgainRequested);
    m_why = new widgets::TextLabel(m_context.theme, Type::Body, Ink::Secondary, foot);
    m_why->setObjectName(QStringLiteral("whyNotPreview"));
    m_why->setWordWrap(true);
    row->addWidget(m_go);
    row->addWidget(m_why, 1);
    row->addWidget(m_again);
    column->addLayout(row);
    m_promise = new widgets::TextLabel(m_context.theme, Type::Small, Ink::Tertiary, foot);
    m_promise->setWordWrap(true);
    column->addWidget(m_promise);
    return foot;
}

void CaseStepPanel::setCase(const QJsonObject& caseRow, const models::CarriedReset& reset)
{
    const QString key = str(caseRow, u"id") + str(caseRow, u"phase") + str(obj(caseRow, u"remedy"), u"title");
    m_case = caseRow;
    // A reset that it stalled again after is not why it moves now.
    m_reset = reset.askedAtMs < models::recoveredAtMs(caseRow) ? models::CarriedReset() : reset;
    const QJsonObject remedy = obj(caseRow, u"remedy");
    if (models::isDecided(caseRow)) {
        forgetPlan();
        showCarried();
    } else if (remedyRequest(m_context.session, caseRow)) {
        if (key != m_planOf) {
            forgetPlan();
            m_planOf = key;
            readPlan();
        } else if (!m_planError.isEmpty() && str(caseRow, u"lookedAt") != m_planLookedAt) {
            // The engine looked again: what stood in the way may be gone.
            readPlan();
        }
        showPlan();
    } else {
        forgetPlan();
        showOutside(remedy);
    }
    refreshFoot();
}

void CaseStepPanel::forgetPlan()
{
    m_planOf.clear();
    m_plan = {};
    m_planError.clear();
    ++m_reading;
}

void CaseStepPanel::readPlan()
{
    const auto request = remedyRequest(m_context.session, m_case);
    if (m_planOf.isEmpty() || !request) {
        return;
    }
    m_planLookedAt = str(m_case, u"lookedAt");
    m_context.session.client().call(request->planMethod, request->planParams, this,
                                    [this, reading = ++m_reading](const Result<QJsonObject>& reply) {
                                        if (reading != m_reading) {
                                            return;
                                        }
                                        m_plan = reply ? obj(*reply, u"plan") : QJsonObject();
                                        m_planError = reply ? QString() : reply.error().toLine();
                                        showPlan();
                                        refreshFoot();
                                    });
}

void CaseStepPanel::setNotes(const QString& title, const QStringList& texts)
{
    qDeleteAll(m_notes->findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly));
    m_notes->setVisible(!texts.isEmpty());
    if (texts.isEmpty()) {
        return;
    }
    m_notes->layout()->addWidget(new widgets::SectionHead(m_context.theme, title, m_notes));
    for (const QString& text : texts) {
        auto* note = new widgets::NoteBar(m_context.theme, m_notes);
        note->setTone(style::Tone::Warn);
        note->setTexts(text);
        m_notes->layout()->addWidget(note);
    }
}

void CaseStepPanel::showPlan()
{
    const QJsonObject remedy = obj(m_case, u"remedy");
    QList<widgets::StepRow> rows;
    const style::StateWord todo = models::stepMark(QStringLiteral("waiting"));
    for (const dialogs::PlannedStep& step : dialogs::planSteps(m_plan)) {
        rows.append({.state = todo, .title = step.title, .detail = tr("checked by: %1").arg(step.checkedBy)});
    }
    if (rows.isEmpty()) {
        for (const QString& step : session::strings(remedy, u"steps")) {
            rows.append({.state = todo, .title = step});
        }
    }
    m_head->setTitle(tr("Next safe step"));
    m_head->setCount(rows.isEmpty() ? QString() : tr("%n steps", nullptr, style::formOf(rows.size())));
    m_title->setText(str(remedy, u"title"));
    m_title->setVisible(true);
    m_class->setVisible(true);
    m_class->setActionClass(static_cast<int>(num(remedy, u"class")));
    m_steps->setSteps(rows);
    m_steps->setVisible(!rows.isEmpty());
    m_commands->setVisible(false);
    m_trouble->setVisible(!m_planError.isEmpty());
    m_trouble->setTexts(tr("There is no plan now."), m_planError);
    // Three fit side by side here; which task it is stands above.
    const auto all = dialogs::planFigures(m_plan);
    const auto figures = all.size() > 3 ? all.mid(1) : all;
    m_figures->setFigures(figures);
    const bool resets = str(m_plan, u"action") == QLatin1String("flow.reset");
    const QStringList touches = session::strings(m_plan, u"touches").mid(resets ? 1 : 0);
    m_touches->setText(touches.join('\n'));
    m_touches->setVisible(!touches.isEmpty());
    m_figures->setVisible(!figures.isEmpty());
    m_touchHead->setVisible(!figures.isEmpty());
    m_watchHead->setVisible(false);
    m_watch->setVisible(false);
    setNotes(tr("What cannot be undone"), session::strings(m_plan, u"cannotUndo"));
}

void CaseStepPanel::showOutside(const QJsonObject& remedy)
{
    const bool known = !remedy.isEmpty();
    m_head->setTitle(known ? tr("Next safe step") : tr("No next safe step is known"));
    m_head->setCount({});
    m_title->setText(str(remedy, u"title"));
    m_title->setVisible(known);
    m_class->setVisible(known);
    m_class->setActionClass(static_cast<int>(num(remedy, u"class")));
    QList<widgets::StepRow> rows;
    for (const QString& step : session::strings(remedy, u"steps")) {
        rows.append({.state = models::stepMark(QStringLiteral("waiting")), .title = step});
    }
    m_steps->setSteps(rows);
    m_steps->setVisible(!rows.isEmpty());
    const QStringList commands = session::strings(remedy, u"commands");
    m_commands->setText(commands.join('\n'));
    m_commands->setVisible(!commands.isEmpty());
    for (QWidget* part : std::initializer_list<QWidget*>{m_trouble, m_touchHead, m_figures, m_touches,
                                                         m_watchHead, m_watch}) {
        part->setVisible(false);
    }
    QStringList notes;
    const QString correction = str(models::leadingFinding(m_case), u"correction");
    if (!correction.isEmpty()) {
        notes << correction;
    }
    setNotes(tr("What to do"), notes);
}

void CaseStepPanel::showCarried()
{
    const QString phase = str(m_case, u"phase");
    const bool closed = phase == QLatin1String("closed");
    const bool ofRun = !str(m_case, u"run").isEmpty();
    QList<widgets::StepRow> rows;
    for (const models::CarriedStep& step : m_reset.steps) {
        rows.append({.state = models::stepMark(step.state),
                     .title = step.title,
                     .detail = step.detail.isEmpty() ? tr("checked by: %1").arg(step.checkedBy) : step.detail,
                     .right = session::clockText(step.atMs),
                     .running = step.state == QLatin1String("running")});
    }
    const bool carried = !m_reset.id.isEmpty() || models::wasCarriedOut(m_case);
    m_head->setTitle(carried  ? tr("Reset with fencing")
                     : !ofRun ? tr("Over")
                     : closed ? tr("Closed without a reset")
                              : tr("It moves again without a reset"));
    m_head->setCount(!m_reset.id.isEmpty()
                         ? tr("%1 of %2 done").arg(m_reset.stepsEnded).arg(m_reset.stepsTotal)
                         : QString());
    const QString remark = str(session::arr(m_case, u"timeline").last().toObject(), u"text");
    m_title->setText(remark);
    m_title->setVisible(closed && m_reset.id.isEmpty() && !remark.isEmpty());
    m_class->setVisible(carried);
    m_class->setActionClass(2);
    m_steps->setSteps(rows);
    m_steps->setVisible(!rows.isEmpty());
    m_commands->setVisible(false);
    m_touchHead->setVisible(false);
    m_figures->setVisible(false);
    m_touches->setVisible(false);
    const bool bad = m_reset.outcome == QLatin1String("failed") ||
                     m_reset.outcome == QLatin1String("not verified") ||
                     m_reset.outcome == QLatin1String("outcome unknown");
    m_trouble->setVisible(bad);
    m_trouble->setTexts(tr("The reset is %1.").arg(models::auditMark(m_reset.outcome).word), m_reset.error);
    m_watchHead->setVisible(phase == QLatin1String("verify"));
    m_watch->setVisible(phase == QLatin1String("verify"));
    setNotes({}, {});
    if (closed) {
        QStringList notes{ofRun ? tr("If it stops moving again, a new case opens by itself.")
                                : tr("If it breaks again, a new case opens by itself.")};
        if (carried && m_reset.id.isEmpty()) {
            notes.prepend(
                tr("The steps of this reset are not among the engine's last actions any more; "
                   "the audit record has them."));
        }
        setNotes(tr("After this"), notes);
    }
    tick();
}

void CaseStepPanel::tick()
{
    if (str(m_case, u"phase") != QLatin1String("verify")) {
        return;
    }
    qint64 since = std::max(m_reset.askedAtMs, models::recoveredAtMs(m_case));
    for (const models::CarriedStep& step : m_reset.steps) {
        since = std::max(since, step.atMs);
    }
    if (since == 0) {
        // an engine that sends no codes
        since = session::time(session::arr(m_case, u"timeline").last().toObject(), u"at");
    }
    const qint64 watched = std::clamp<qint64>(m_context.session.nowMs() - since, 0, kVerifyMs);
    m_watchHead->setNote(tr("%1 of %2").arg(formatDuration(watched), formatDuration(kVerifyMs)));
    m_watch->setFraction(static_cast<double>(watched) / kVerifyMs);
    m_watch->setWords(tr("watched for %1 of %2").arg(formatDuration(watched), formatDuration(kVerifyMs)));
    refreshFoot();
}

void CaseStepPanel::refreshFoot()
{
    const QJsonObject remedy = obj(m_case, u"remedy");
    const QString phase = str(m_case, u"phase");
    const bool late = models::isDecided(m_case);
    const bool ofRun = !str(m_case, u"run").isEmpty();
    const bool resets = str(remedy, u"method") == QLatin1String("flow.reset");
    const bool ours = remedyRequest(m_context.session, m_case).has_value();
    m_go->setText(resets || !ours ? tr("Preview and reset…") : tr("Preview the new key…"));
    m_go->setVisible(!late && ours);
    m_again->setVisible(phase != QLatin1String("closed"));
    QString why;
    if (late) {
        m_why->setText(phase == QLatin1String("closed")
                           ? tr("Closed %1 UTC.").arg(session::clockText(session::time(m_case, u"closedAt")))
                       : phase == QLatin1String("verify")
                           ? (ofRun ? tr("The case closes by itself after a minute without a new stall.")
                                    : tr("The case closes by itself after a minute in which it stays so."))
                           : tr("It is being carried out; closing this window does not stop it."));
        m_promise->setText(!m_reset.id.isEmpty()
                               ? tr("Asked for by %1 at %2 UTC, record %3.")
                                     .arg(m_reset.principal, session::clockText(m_reset.askedAtMs),
                                          QString::number(m_reset.seq))
                               : QString());
    } else if (ours) {
        why = m_context.session.whyNoChanges();
        if (why.isEmpty()) {
            why = whyNoRemedy(m_context.session, m_case);
        }
        if (why.isEmpty() && !m_planError.isEmpty()) {
            why = resets ? tr("Reset waits for a plan") : tr("The new key waits for a plan");
        }
        m_go->setAvailable(why.isEmpty(), why);
        m_why->setText(why);
        m_promise->setText(tr("The state is read again before anything is done. A change voids the plan."));
    } else {
        m_why->setText(
            remedy.isEmpty() ? tr("Look again when something changed.")
            : ofRun ? tr("This step is done outside of Sluice. The task goes on by itself afterwards.")
                    : tr("This step is done outside of Sluice. The case closes by itself afterwards."));
        m_promise->setText({});
    }
    m_promise->setVisible(!m_promise->text().isEmpty());
}

void CaseStepPanel::preview()
{
    if (m_go->isVisibleTo(this) && m_go->isEnabled()) {
        if (const auto request = remedyRequest(m_context.session, m_case)) {
            m_context.dialogs.confirmChange(this, *request, [](const QJsonObject&) {});
        }
    }
}

void CaseStepPanel::focusButton()
{
    (m_go->isVisibleTo(this) && m_go->isEnabled() ? m_go : m_again)->setFocus();
}

bool CaseStepPanel::eventFilter(QObject* object, QEvent* event)
{
    if (object == m_go && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Return || key == Qt::Key_Enter) {
            m_go->click();
            return true;
        }
    }
    return QWidget::eventFilter(object, event);
}

}  // namespace sluice::pages
