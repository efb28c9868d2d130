#include "ui/pages/task_dock.h"

#include <QtGui/QPainter>

#include "core/units.h"
#include "ui/models/marks.h"
#include "ui/models/task_kind.h"
#include "ui/models/texts.h"
#include "ui/models/words.h"
#include "ui/pages/layout.h"
#include "ui/session/row.h"
#include "ui/session/session.h"
#include "ui/style/english_forms.h"
#include "ui/style/paint.h"
#include "ui/widgets/button.h"
#include "ui/widgets/hop_bar.h"
#include "ui/widgets/key_values.h"
#include "ui/widgets/log_view.h"
#include "ui/widgets/note_bar.h"
#include "ui/widgets/progress_bar.h"
#include "ui/widgets/section_head.h"
#include "ui/widgets/state_label.h"
#include "ui/widgets/text_label.h"

namespace sluice::pages {

using session::num;
using session::obj;
using session::str;
using style::Ink;
using style::Type;
using widgets::ButtonLook;

namespace {

constexpr int kHeadHeight = 48;
constexpr int kFactsWidth = 312;
constexpr int kLogLines = 200;
/// A task that works is asked for its log every so many seconds.
constexpr int kLogEvery = 2;

bool isActive(const QJsonObject& task)
{
    const QString state = str(task, u"state");
    return state == QLatin1String("running") || state == QLatin1String("verifying") ||
           state == QLatin1String("stalled");
}

QString kindLine(const QJsonObject& task)
{
    const QString title = models::kindTitle(task);
    if (!models::movesObjects(task)) {
        return title;
    }
    const QString from = str(task, u"from").section(':', 0, 0);
    const QString to = str(task, u"to").section(':', 0, 0);
    const QString line = TaskDock::tr("%1, %2 to %3").arg(title, from, to);
    const QString how = str(task, u"how");
    return how.isEmpty() ? line : line + QStringLiteral(", ") + models::translated(how);
}

}  // namespace

TaskDock::TaskDock(const PageContext& context, QWidget* parent) : QWidget(parent), m_context(context)
{
    setBackgroundRole(QPalette::Base);
    setAutoFillBackground(true);
    auto* column = plain<QVBoxLayout>(this);
    column->addWidget(buildHead());
    auto* row = plain<QHBoxLayout>();
    row->addWidget(buildFacts());
    row->addWidget(buildWay(), 1);
    column->addLayout(row, 1);
}

QWidget* TaskDock::buildHead()
{
    auto* head = new QWidget(this);
    head->setFixedHeight(kHeadHeight);
    auto* row = plain<QHBoxLayout>(head);
    row->setContentsMargins(style::kPagePadding, 0, style::kPagePadding, 0);
    row->setSpacing(8);
    m_state = new widgets::StateLabel(m_context.theme, head);
    m_state->setObjectName(QStringLiteral("taskState"));
    m_state->setType(Type::Lead);
    m_state->setGlyphOnly(true);
    m_name = new widgets::TextLabel(m_context.theme, Type::Lead, Ink::Primary, head);
    m_name->setObjectName(QStringLiteral("taskName"));
    m_line = new widgets::TextLabel(m_context.theme, Type::Body, Ink::Secondary, head);
    m_line->setObjectName(QStringLiteral("taskLine"));
    m_line->setWeight(style::Weight::Medium);
    m_kind = new widgets::TextLabel(m_context.theme, Type::Body, Ink::Tertiary, head);
    m_kind->setElideMiddle(true);
    m_approve = new widgets::Button(m_context.theme, tr("Approve…"), ButtonLook::Primary, head);
    m_approve->setObjectName(QStringLiteral("approve"));
    m_approve->setKeyCap(QStringLiteral("A"));
    connect(m_approve, &QPushButton::clicked, this, &TaskDock::approveRequested);
    m_reset = new widgets::Button(m_context.theme, tr("Reset task…"), ButtonLook::Outline, head);
    m_reset->setObjectName(QStringLiteral("reset"));
    m_reset->setKeyCap(QStringLiteral("R"));
    connect(m_reset, &QPushButton::clicked, this, &TaskDock::resetRequested);
    m_case = new widgets::Button(m_context.theme, tr("Open case"), ButtonLook::Primary, head);
    m_case->setObjectName(QStringLiteral("openCase"));
    m_case->setKeyCap(QStringLiteral("C"));
    connect(m_case, &QPushButton::clicked, this, [this] { Q_EMIT openCaseRequested(m_caseId); });
    row->addWidget(m_state);
    row->addWidget(m_name);
    row->addWidget(m_line);
    row->addWidget(m_kind, 1);
    row->addWidget(m_approve);
    row->addWidget(m_reset);
    row->addWidget(m_case);
    return head;
}

QWidget* TaskDock::buildFacts()
{
    auto* scroll = new ScrollColumn(this);
    scroll->setFixedWidth(kFactsWidth);
    scroll->content()->setContentsMargins(style::kPagePadding, 12, 12, 12);
    m_facts = new widgets::KeyValues(m_context.theme, scroll);
    m_facts->setObjectName(QStringLiteral("facts"));
    m_facts->setKeyWidth(104);
    m_bar = new widgets::ProgressBar(m_context.theme, scroll);
    m_bar->setThickness(6);
    scroll->content()->addWidget(m_bar);
    scroll->content()->addSpacing(8);
    scroll->content()->addWidget(m_facts);
    scroll->content()->addStretch(1);
    return scroll;
}

QWidget* TaskDock::buildWay()
{
    auto* way = new SidePanel(m_context.theme, Qt::LeftEdge, this);
    auto* column = plain<QVBoxLayout>(way);
    column->setContentsMargins(style::kPagePadding, 0, style::kPagePadding, 12);
    m_wayHead = new widgets::SectionHead(m_context.theme, tr("Where it stands"), way);
    m_hops = new widgets::HopBar(m_context.theme, way);
    m_hops->setObjectName(QStringLiteral("hops"));
    m_note = new widgets::NoteBar(m_context.theme, way);
    m_note->setObjectName(QStringLiteral("taskNote"));
    m_logHead = new widgets::SectionHead(m_context.theme, tr("Log"), way);
    m_log = new widgets::LogView(m_context.theme, way);
    m_log->setObjectName(QStringLiteral("log"));
    m_log->setMinimumHeight(64);
    column->addWidget(m_wayHead);
    column->addWidget(m_hops);
    column->addSpacing(8);
    column->addWidget(m_note);
    column->addWidget(m_logHead);
    column->addWidget(m_log, 1);
    return way;
}

void TaskDock::setTask(const QJsonObject& task, const Offers& offers)
{
    const bool sameTask = str(task, u"id") == str(m_task, u"id");
    const bool sameState = sameTask && str(task, u"state") == str(m_task, u"state");
    m_task = task;
    m_caseId = offers.caseId;
    m_case->setVisible(!offers.caseId.isEmpty());
    m_case->setText(tr("Open case %1").arg(offers.caseId));
    m_approve->setVisible(offers.approve);
    m_approve->setText(tr("Approve %1…").arg(str(task, u"task")));
    m_approve->setAvailable(offers.whyNotApprove.isEmpty(), offers.whyNotApprove);
    m_reset->setVisible(offers.reset);
    m_reset->setAvailable(offers.whyNotReset.isEmpty(), offers.whyNotReset);
    m_whyNot = offers.approve ? offers.whyNotApprove : offers.reset ? offers.whyNotReset : QString();
    refresh();
    if (!sameTask) {
        m_log->setLines({});
        m_logHead->setNote({});
    }
    if (!sameState) {
        readLog();
    }
}

void TaskDock::refresh()
{
    const qint64 now = m_context.session.nowMs();
    const style::StateWord mark = models::taskMark(m_task);
    m_state->setState(mark);
    m_name->setText(str(m_task, u"task"));
    m_line->setText(models::taskLine(m_task, now));
    if (style::isQuiet(mark.tone)) {
        m_line->setInk(Ink::Secondary);
    } else {
        m_line->setTone(mark.tone);
    }
    m_kind->setText(kindLine(m_task));
    m_facts->setRows(factsOf(m_task, now));
    const double done = models::bytesFraction(m_task);
    m_bar->setVisible(done >= 0);
    m_bar->setFraction(done);
    m_bar->setTone(mark.tone == style::Tone::Neutral ? style::Tone::Progress : mark.tone);
    m_bar->setWords(models::ofText(num(m_task, u"objectsDone"), num(m_task, u"objectsTotal")));

    const bool moves = models::movesObjects(m_task);
    const bool begun = num(m_task, u"attempt") > 0;
    const QString state = str(m_task, u"state");
    const bool comes = !begun && (state == QLatin1String("waiting") || state == QLatin1String("ready"));
    m_hops->setVisible(moves && begun);
    if (moves && begun) {
        m_hops->setHops(hopsOf(m_task, now));
    }
    const QString blocked = models::blockedText(m_task);
    m_wayHead->setNote(moves && begun ? tr("objects passed and p99 time per hop") : QString());
    const QJsonObject error = obj(m_task, u"error");
    if (!error.isEmpty()) {
        const Error failed = session::errorOf(error);
        m_note->setTone(style::Tone::Crit);
        m_note->setTexts(models::sentence({failed.message}),
                         models::sentence({failed.cause, failed.correction, m_whyNot}));
    } else if (!blocked.isEmpty()) {
        m_note->setTone(style::Tone::Warn);
        m_note->setTexts(models::sentence({blocked}),
                         models::sentence({models::blockedCause(m_task), m_whyNot}));
    } else if (comes) {
        m_note->setTone(style::Tone::Neutral);
        m_note->setTexts(tr("Nothing has started yet: %1.").arg(models::taskLine(m_task, now)),
                         models::sentence({m_whyNot}));
    }
    m_note->setVisible(!error.isEmpty() || !blocked.isEmpty() || comes);
    m_wayHead->setVisible(m_hops->isVisibleTo(this) || m_note->isVisibleTo(this));
}

void TaskDock::tick()
{
    if (m_task.isEmpty()) {
        return;
    }
    if (isActive(m_task)) {
        refresh();
        if (++m_ticks % kLogEvery == 0) {
            readLog();
        }
    }
}

void TaskDock::readLog()
{
    const QString id = str(m_task, u"id");
    if (id.isEmpty()) {
        return;
    }
    m_context.session.client().call(
        QStringLiteral("flow.log"),
        {{QStringLiteral("run"), str(m_task, u"run")},
         {QStringLiteral("task"), str(m_task, u"task")},
         {QStringLiteral("lines"), kLogLines}},
        this, [this, id](const Result<QJsonObject>& reply) {
            if (id != str(m_task, u"id")) {
                return;
            }
            if (!reply) {
                m_logHead->setNote(reply.error().message);
                return;
            }
            QList<widgets::LogLine> lines;
            const QJsonArray array = session::arr(*reply, u"lines");
            for (const QJsonValue& value : array) {
                const QJsonObject line = value.toObject();
                const QString level = str(line, u"level");
                lines.append({.time = str(line, u"at").mid(11, 12),
                              .who = level,
                              .text = str(line, u"text"),
                              .tone = level == QLatin1String("error")  ? style::Tone::Crit
                                      : level == QLatin1String("warn") ? style::Tone::Warn
                                                                       : style::Tone::Neutral});
            }
            m_log->setLines(lines);
            m_logHead->setNote(lines.isEmpty()
                                   ? tr("no line yet")
                                   : tr("last %n lines, times in UTC", nullptr, style::formOf(lines.size())));
        });
}

void TaskDock::focusLog()
{
    m_log->setFocus();
}

void TaskDock::paintEvent(QPaintEvent* event)
{
    QWidget::paintEvent(event);
    QPainter painter(this);
    const QColor line = m_context.theme.line(style::Line::Hairline);
    style::paintHairline(painter, rect(), Qt::TopEdge, m_context.theme.line(style::Line::Strong));
    style::paintHairline(painter, QRectF(0, 0, width(), kHeadHeight), Qt::BottomEdge, line);
}

}  // namespace sluice::pages
