#include "ui/dialogs/change_dialog.h"

#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>
#include <QtGui/QShortcut>
#include <QtWidgets/QBoxLayout>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLineEdit>

#include "core/units.h"
#include "ui/dialogs/plan_text.h"
#include "ui/models/words.h"
#include "ui/session/engine_client.h"
#include "ui/session/live_table.h"
#include "ui/session/row.h"
#include "ui/session/ticker.h"
#include "ui/widgets/button.h"
#include "ui/widgets/class_mark.h"
#include "ui/widgets/figure_row.h"
#include "ui/widgets/note_bar.h"
#include "ui/widgets/section_head.h"
#include "ui/widgets/table_view.h"
#include "ui/widgets/text_label.h"

namespace sluice::dialogs {

using session::Column;
using session::str;
using widgets::ButtonLook;

namespace {

/// A plan this old is offered to be read again before it is sent; the engine reads the state anyway.
constexpr qint64 kOldPlanMs = 60'000;

QList<Column> stepColumns()
{
    return {{.id = QStringLiteral("number"),
             .title = QString(),
             .text = [](const QJsonObject& row, qint64) { return str(row, u"number"); },
             .quiet = true},
            {.id = QStringLiteral("title"),
             .title = ChangeDialog::tr("Step"),
             .text = [](const QJsonObject& row, qint64) { return str(row, u"title"); },
             .toolTip = [](const QJsonObject& row, qint64) { return str(row, u"title"); }},
            {.id = QStringLiteral("check"),
             .title = ChangeDialog::tr("Checked by"),
             .text = [](const QJsonObject& row, qint64) { return str(row, u"checkedBy"); },
             .toolTip = [](const QJsonObject& row, qint64) { return str(row, u"checkedBy"); },
             .quiet = true}};
}

}  // namespace

ChangeDialog::ChangeDialog(const style::Theme& theme, session::EngineClient& client, session::Ticker& ticker,
                           const ChangeRequest& request, QWidget* parent)
    : DialogFrame(theme, parent), m_client(client), m_ticker(ticker), m_request(request)
{
    setObjectName(QStringLiteral("changeDialog"));
    build();
    connect(&m_ticker, &session::Ticker::ticked, this, &ChangeDialog::tick);
    if (!m_request.planMethod.isEmpty()) {
        readPlan();
    }
    refreshButtons();
    if (m_request.actionClass >= 2) {
        m_cancel->setFocus();
    } else {
        m_reason->setFocus();
    }
}

void ChangeDialog::build()
{
    const bool disruptive = m_request.actionClass >= 2;
    setHead(m_request.title, disruptive ? style::Glyph::DiamondBang : style::Glyph::RingDot,
            m_request.actionClass >= 3 ? style::Tone::Crit
            : disruptive               ? style::Tone::Warn
                                       : style::Tone::Progress);
    auto* mark = new widgets::ClassMark(theme(), this);
    mark->setActionClass(m_request.actionClass);
    addToHead(mark);

    m_void = new widgets::NoteBar(theme(), this);
    m_void->setObjectName(QStringLiteral("void"));
    m_void->setTone(style::Tone::Warn);
    m_void->hide();
    body()->addSpacing(8);
    body()->addWidget(m_void);
    if (!m_request.question.isEmpty()) {
        auto* question =
            new widgets::TextLabel(theme(), m_request.question, style::Type::Body, style::Ink::Primary, this);
        question->setWordWrap(true);
        body()->addWidget(question);
    }
    if (!m_request.planMethod.isEmpty()) {
        buildPlan();
    }
    body()->addStretch(1);
    auto* reasonHead = new widgets::SectionHead(theme(), tr("Reason"), this);
    reasonHead->setNote(tr("kept in the audit"));
    pinned()->addWidget(reasonHead);
    m_reason = new QLineEdit(this);
    m_reason->setObjectName(QStringLiteral("reason"));
    m_reason->setAccessibleName(tr("Reason, kept in the audit"));
    m_reason->setMaxLength(400);
    pinned()->addWidget(m_reason);
    m_error = new widgets::NoteBar(theme(), this);
    m_error->setObjectName(QStringLiteral("error"));
    m_error->setTone(style::Tone::Crit);
    m_error->hide();
    pinned()->addWidget(m_error);
    buildFoot();
}

void ChangeDialog::buildPlan()
{
    m_stepsHead = new widgets::SectionHead(theme(), tr("What will be done"), this);
    body()->addWidget(m_stepsHead);
    m_stepRows = new session::LiveRows(this);
    m_stepTable = new session::LiveTable(m_stepRows, m_ticker, stepColumns(), {}, this);
    m_steps = new widgets::TableView(theme(), this);
    m_steps->setObjectName(QStringLiteral("steps"));
    m_steps->setFitRows(true);
    m_steps->setModel(m_stepTable);
    m_steps->setFocusPolicy(Qt::ClickFocus);
    m_steps->setTextElideMode(Qt::ElideMiddle);
    m_steps->horizontalHeader()->resizeSection(0, 32);
    m_steps->horizontalHeader()->resizeSection(2, 300);
    m_steps->setStretchColumn(1);
    body()->addWidget(m_steps);
    m_figures = new widgets::FigureRow(theme(), this);
    m_figures->hide();
    body()->addWidget(m_figures);
    m_touches = new widgets::TextLabel(theme(), style::Type::Small, style::Ink::Secondary, this);
    m_touches->setWordWrap(true);
    m_touches->hide();
    body()->addWidget(m_touches);
    m_undo = new QWidget(this);
    auto* undo = new QVBoxLayout(m_undo);
    undo->setContentsMargins(0, 0, 0, 0);
    undo->setSpacing(8);
    body()->addWidget(m_undo);
    m_undo->hide();
}

void ChangeDialog::buildFoot()
{
    m_copy = new widgets::Button(theme(), tr("Copy plan"), ButtonLook::Quiet, this);
    m_copy->setIconName(QStringLiteral("copy"));
    m_copy->setVisible(m_stepsHead != nullptr);
    connect(m_copy, &QPushButton::clicked, this, [this] {
        QGuiApplication::clipboard()->setText(planAsText(m_request.title, m_plan));
        m_copy->setText(tr("Plan copied"));
    });
    m_wait = new widgets::TextLabel(theme(), style::Type::Small, style::Ink::Secondary, this);
    m_wait->setObjectName(QStringLiteral("wait"));
    m_cancel = new widgets::Button(theme(), tr("Cancel"), ButtonLook::Outline, this);
    m_cancel->setObjectName(QStringLiteral("cancel"));
    m_cancel->setKeyCap(tr("Esc"));
    connect(m_cancel, &QPushButton::clicked, this, &QDialog::reject);
    m_go = new widgets::Button(theme(), m_request.button, ButtonLook::Primary, this);
    m_go->setObjectName(QStringLiteral("go"));
    m_go->setKeyCap(tr("Ctrl Enter"));
    connect(m_go, &QPushButton::clicked, this, &ChangeDialog::send);
    for (const QKeySequence& keys :
         {QKeySequence(Qt::CTRL | Qt::Key_Return), QKeySequence(Qt::CTRL | Qt::Key_Enter)}) {
        connect(new QShortcut(keys, this), &QShortcut::activated, m_go, &QPushButton::click);
    }
    foot()->addWidget(m_copy);
    foot()->addStretch(1);
    foot()->addWidget(m_wait);
    foot()->addWidget(m_cancel);
    foot()->addWidget(m_go);
}

void ChangeDialog::readPlan()
{
    m_busy = true;
    m_stepsHead->setNote(tr("reading again…"));
    refreshButtons();
    m_client.call(m_request.planMethod, m_request.planParams, this, [this](const Result<QJsonObject>& reply) {
        m_busy = false;
        if (!reply) {
            m_stepsHead->setNote(tr("no plan"));
            m_refused = true;
            showError(reply.error());
        } else {
            m_planHash = str(*reply, u"planHash");
            showPlan(session::obj(*reply, u"plan"));
        }
        refreshButtons();
    });
}

void ChangeDialog::showPlan(const QJsonObject& plan)
{
    m_plan = plan;
    m_refused = false;
    m_copy->setText(tr("Copy plan"));
    m_readAtMs = m_ticker.nowMs();
    QList<QJsonObject> rows;
    int number = 0;
    for (const PlannedStep& step : planSteps(plan)) {
        ++number;
        rows.append({{QStringLiteral("id"), QString::number(number)},
                     {QStringLiteral("number"), QString::number(number)},
                     {QStringLiteral("title"), step.title},
                     {QStringLiteral("checkedBy"), step.checkedBy}});
    }
    m_stepRows->replace(rows);
    m_stepsHead->setCount(QString::number(number));
    const auto figures = planFigures(plan);
    m_figures->setFigures(figures);
    m_figures->setVisible(!figures.isEmpty());
    // The first sentence of a reset repeats the figures; what follows are locks that are left alone.
    QStringList touches = session::strings(plan, u"touches");
    if (str(plan, u"action") == QLatin1String("flow.reset") && !touches.isEmpty()) {
        touches.removeFirst();
    }
    m_touches->setText(touches.join('\n'));
    m_touches->setVisible(!touches.isEmpty());
    qDeleteAll(m_undo->findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly));
    const QStringList forever = session::strings(plan, u"cannotUndo");
    m_undo->setVisible(!forever.isEmpty());
    if (!forever.isEmpty()) {
        m_undo->layout()->addWidget(new widgets::SectionHead(theme(), tr("What cannot be undone"), m_undo));
    }
    for (const QString& text : forever) {
        auto* note = new widgets::NoteBar(theme(), m_undo);
        note->setTone(style::Tone::Warn);
        note->setTexts(text);
        m_undo->layout()->addWidget(note);
        // A layout shows it later; till then it has no height.
        note->show();
    }
    tick();
}

void ChangeDialog::tick()
{
    if (m_stepsHead == nullptr || m_readAtMs == 0 || m_busy) {
        return;
    }
    const qint64 age = m_ticker.ageMs(m_readAtMs);
    if (m_request.planMethod.isEmpty()) {
        m_stepsHead->setNote({});
    } else if (age < 2000) {
        m_stepsHead->setNote(tr("read again just now"));
    } else {
        m_stepsHead->setNote(tr("read %1 ago").arg(formatDuration(age)));
    }
    m_stepsHead->setStale(age > kOldPlanMs && !m_request.planMethod.isEmpty()
                              ? tr("read %1 ago").arg(formatDuration(age))
                              : QString());
}

void ChangeDialog::send()
{
    if (!m_go->isEnabled()) {
        return;
    }
    m_busy = true;
    m_error->hide();
    refreshButtons();
    QJsonObject params = m_request.params;
    if (!m_planHash.isEmpty()) {
        params[QStringLiteral("planHash")] = m_planHash;
    }
    if (!m_reason->text().trimmed().isEmpty()) {
        params[QStringLiteral("reason")] = m_reason->text().trimmed();
    }
    m_client.change(m_request.method, params, this,
                    [this](const Result<QJsonObject>& reply) { sent(reply); });
}

void ChangeDialog::sent(const Result<QJsonObject>& reply)
{
    m_busy = false;
    if (reply) {
        Q_EMIT changed(*reply);
        accept();
        return;
    }
    const Error& error = reply.error();
    if (error.code == ErrorCode::OutcomeUnknown) {
        m_outcomeUnknown = true;
        showError(error);
    } else if (error.code == ErrorCode::FailedPrecondition && !m_request.planMethod.isEmpty()) {
        replan(error);
    } else {
        showError(error);
    }
    refreshButtons();
}

void ChangeDialog::replan(const Error& why)
{
    m_busy = true;
    m_stepsHead->setNote(tr("reading again…"));
    m_client.call(
        m_request.planMethod, m_request.planParams, this, [this, why](const Result<QJsonObject>& reply) {
            m_busy = false;
            if (!reply) {
                m_refused = true;
                showError(reply.error());
            } else if (str(*reply, u"planHash") == m_planHash) {
                showError(why);
            } else {
                const QJsonObject fresh = session::obj(*reply, u"plan");
                const QStringList differences = planDifferences(m_plan, fresh);
                m_void->setTexts(
                    tr("The plan is void: the state changed after it was shown. Nothing was done."),
                    differences.isEmpty() ? tr("What you see below is read again; the steps are the same.")
                                          : differences.join('\n'));
                m_void->show();
                m_planHash = str(*reply, u"planHash");
                showPlan(fresh);
                m_cancel->setFocus();
            }
            refreshButtons();
        });
}

void ChangeDialog::showError(const Error& error)
{
    if (m_outcomeUnknown) {
        m_error->setTexts(
            tr("The outcome is not known."),
            tr("%1 It is not sent again. Close this and look at the run and the audit.").arg(error.toLine()));
    } else {
        QStringList rest{error.cause, error.correction};
        if (error.upstream) {
            rest << QStringLiteral("[%1 %2 %3]")
                        .arg(error.upstream->system, QString::number(error.upstream->code),
                             error.upstream->text);
        }
        m_error->setTexts(error.message, models::sentence(rest));
    }
    m_error->show();
}

void ChangeDialog::refreshButtons()
{
    const bool needsPlan = !m_request.planMethod.isEmpty() && m_planHash.isEmpty();
    QString why;
    if (m_outcomeUnknown) {
        why = tr("Not sent again while the outcome is not known");
    } else if (m_busy) {
        why = needsPlan ? tr("Waits for the plan") : tr("Sending…");
    } else if (needsPlan || m_refused) {
        why = tr("There is no plan to carry out");
    }
    m_go->setAvailable(why.isEmpty(), why);
    m_wait->setText(why);
    m_cancel->setText(m_outcomeUnknown ? tr("Close") : tr("Cancel"));
    m_copy->setAvailable(!m_plan.isEmpty(), tr("There is no plan yet"));
}

}  // namespace sluice::dialogs
