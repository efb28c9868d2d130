#include "ui/dialogs/submit_dialog.h"

#include <QtCore/QFileInfo>
#include <QtGui/QShortcut>
#include <QtWidgets/QBoxLayout>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLineEdit>
#include <algorithm>

#include "core/read_file.h"
#include "core/utf8.h"
#include "ui/models/words.h"
#include "ui/session/engine_client.h"
#include "ui/session/live_table.h"
#include "ui/session/row.h"
#include "ui/session/ticker.h"
#include "ui/style/english_forms.h"
#include "ui/widgets/button.h"
#include "ui/widgets/code_block.h"
#include "ui/widgets/note_bar.h"
#include "ui/widgets/section_head.h"
#include "ui/widgets/state_label.h"
#include "ui/widgets/table_view.h"
#include "ui/widgets/text_label.h"

namespace sluice::dialogs {

using session::Column;
using session::num;
using session::str;
using widgets::ButtonLook;

namespace {

constexpr qint64 kLargestFile = 4 * 1024 * 1024;
constexpr int kLinesAround = 3;
constexpr int kLongestReason = 400;

QList<Column> mistakeColumns()
{
    return {{.id = QStringLiteral("place"),
             .title = SubmitDialog::tr("Line, column"),
             .text =
                 [](const QJsonObject& row, qint64) {
                     return QStringLiteral("%1:%2").arg(num(row, u"line")).arg(num(row, u"column"));
                 },
             .mono = true},
            {.id = QStringLiteral("message"),
             .title = SubmitDialog::tr("What is wrong"),
             .text = [](const QJsonObject& row, qint64) { return str(row, u"message"); },
             .toolTip = [](const QJsonObject& row, qint64) { return str(row, u"message"); },
             .name = true},
            {.id = QStringLiteral("expected"),
             .title = SubmitDialog::tr("Expected"),
             .text = [](const QJsonObject& row, qint64) { return str(row, u"expected"); },
             .toolTip = [](const QJsonObject& row, qint64) { return str(row, u"expected"); },
             .quiet = true}};
}

}  // namespace

SubmitDialog::SubmitDialog(const style::Theme& theme, session::EngineClient& client, session::Ticker& ticker,
                           Dialogs& dialogs, QWidget* parent)
    : DialogFrame(theme, parent), m_client(client), m_ticker(ticker), m_dialogs(dialogs)
{
    setObjectName(QStringLiteral("submitDialog"));
    build();
    refreshButtons();
    m_open->setFocus();
}

void SubmitDialog::build()
{
    setHead(tr("Submit a flow"), style::Glyph::None, style::Tone::Neutral);
    body()->addWidget(new widgets::SectionHead(theme(), tr("Flow file"), this));
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    m_path = new QLineEdit(this);
    m_path->setObjectName(QStringLiteral("path"));
    m_path->setPlaceholderText(tr("path of a YAML file"));
    m_path->setAccessibleName(tr("Path of the flow file"));
    connect(m_path, &QLineEdit::returnPressed, this, [this] { setFile(m_path->text().trimmed()); });
    connect(m_path, &QLineEdit::textChanged, this, &SubmitDialog::forget);
    m_open = new widgets::Button(theme(), tr("Open file…"), ButtonLook::Outline, this);
    m_open->setObjectName(QStringLiteral("open"));
    m_open->setIconName(QStringLiteral("file"));
    connect(m_open, &QPushButton::clicked, this,
            [this] { m_dialogs.pickFlowFile(this, [this](const QString& path) { setFile(path); }); });
    m_again = new widgets::Button(theme(), tr("Check again"), ButtonLook::Outline, this);
    m_again->setObjectName(QStringLiteral("again"));
    m_again->setIconName(QStringLiteral("reset"));
    connect(m_again, &QPushButton::clicked, this, [this] { setFile(m_path->text().trimmed()); });
    row->addWidget(m_path, 1);
    row->addWidget(m_open);
    row->addWidget(m_again);
    body()->addLayout(row);

    m_verdict = new widgets::StateLabel(theme(), this);
    m_verdict->setObjectName(QStringLiteral("verdict"));
    m_verdict->hide();
    body()->addSpacing(4);
    body()->addWidget(m_verdict);
    m_mistakesHead = new widgets::SectionHead(theme(), tr("Mistakes"), this);
    m_mistakesHead->setNote(tr("nothing is stored until there is none"));
    body()->addWidget(m_mistakesHead);
    m_mistakes = new session::LiveRows(this);
    m_table = new session::LiveTable(m_mistakes, m_ticker, mistakeColumns(), {}, this);
    m_view = new widgets::TableView(theme(), this);
    m_view->setObjectName(QStringLiteral("mistakes"));
    m_view->setFitRows(true);
    m_view->setModel(m_table);
    m_view->horizontalHeader()->resizeSection(0, 104);
    m_view->horizontalHeader()->resizeSection(2, 300);
    m_view->setStretchColumn(1);
    connect(m_view->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& index) {
                showLine(static_cast<int>(num(m_table->rowAt(index.row()), u"line")));
            });
    body()->addWidget(m_view);
    m_linesHead = new widgets::SectionHead(theme(), tr("Where it is"), this);
    body()->addWidget(m_linesHead);
    m_lines = new widgets::CodeBlock(theme(), this);
    m_lines->setCopyable(false);
    body()->addWidget(m_lines);
    m_error = new widgets::NoteBar(theme(), this);
    m_error->setObjectName(QStringLiteral("error"));
    m_error->setTone(style::Tone::Crit);
    m_error->hide();
    body()->addWidget(m_error);
    body()->addStretch(1);
    auto* reasonHead = new widgets::SectionHead(theme(), tr("Reason"), this);
    reasonHead->setNote(tr("may be empty; kept in the audit"));
    pinned()->addWidget(reasonHead);
    m_reason = new QLineEdit(this);
    m_reason->setObjectName(QStringLiteral("reason"));
    m_reason->setAccessibleName(tr("Reason, kept in the audit"));
    m_reason->setMaxLength(kLongestReason);
    pinned()->addWidget(m_reason);
    for (QWidget* part : std::initializer_list<QWidget*>{m_mistakesHead, m_view, m_linesHead, m_lines}) {
        part->hide();
    }

    m_wait = new widgets::TextLabel(theme(), style::Type::Small, style::Ink::Secondary, this);
    m_wait->setObjectName(QStringLiteral("wait"));
    m_cancel = new widgets::Button(theme(), tr("Cancel"), ButtonLook::Outline, this);
    m_cancel->setObjectName(QStringLiteral("cancel"));
    m_cancel->setKeyCap(tr("Esc"));
    connect(m_cancel, &QPushButton::clicked, this, &QDialog::reject);
    m_go = new widgets::Button(theme(), tr("Submit flow"), ButtonLook::Primary, this);
    m_go->setObjectName(QStringLiteral("go"));
    m_go->setKeyCap(tr("Ctrl Enter"));
    connect(m_go, &QPushButton::clicked, this, &SubmitDialog::submit);
    for (const QKeySequence& keys :
         {QKeySequence(Qt::CTRL | Qt::Key_Return), QKeySequence(Qt::CTRL | Qt::Key_Enter)}) {
        connect(new QShortcut(keys, this), &QShortcut::activated, m_go, &QPushButton::click);
    }
    foot()->addWidget(m_wait, 1);
    foot()->addWidget(m_cancel);
    foot()->addWidget(m_go);
}

void SubmitDialog::forget()
{
    ++m_reading;
    m_ok = false;
    m_busy = false;
    m_file.clear();
    m_text.clear();
    // What is not known stays said.
    m_error->setVisible(m_outcomeUnknown);
    m_verdict->hide();
    for (QWidget* part : std::initializer_list<QWidget*>{m_mistakesHead, m_view, m_linesHead, m_lines}) {
        part->hide();
    }
    refreshButtons();
}

void SubmitDialog::setFile(const QString& path)
{
    if (m_sending) {
        return;
    }
    m_path->setText(path);
    forget();
    const auto text =
        path.isEmpty()
            ? Result<QByteArray>(fail({.code = ErrorCode::NotFound, .message = tr("No file is named")}))
            : readRegularFile(path, kLargestFile);
    if (!text) {
        Error error = text.error();
        error.correction = tr("Choose a flow file of at most 4 MiB");
        showError(error);
    } else {
        if (const auto bad = firstBadByte(*text)) {
            showError({.code = ErrorCode::InvalidArgument,
                       .message = tr("%1 is %2").arg(path, bad->toText()),
                       .cause = tr("a name written in another encoding would become another name"),
                       .correction = tr("Save the file as UTF-8")});
        } else {
            m_file = QFileInfo(path).fileName();
            m_text = QString::fromUtf8(*text);
            check();
        }
    }
    refreshButtons();
}

void SubmitDialog::check()
{
    m_busy = true;
    m_client.call(QStringLiteral("flow.check"),
                  {{QStringLiteral("text"), m_text}, {QStringLiteral("file"), m_file}}, this,
                  [this, reading = m_reading](const Result<QJsonObject>& reply) {
                      if (reading != m_reading) {
                          return;
                      }
                      m_busy = false;
                      checked(reply);
                      refreshButtons();
                  });
}

void SubmitDialog::checked(const Result<QJsonObject>& reply)
{
    if (!reply) {
        showError(reply.error());
        return;
    }
    m_ok = reply->value(QLatin1String("ok")).toBool();
    m_flow = str(*reply, u"flow");
    QList<QJsonObject> rows;
    const QJsonArray errors = session::arr(*reply, u"errors");
    for (const QJsonValue& value : errors) {
        QJsonObject row = value.toObject();
        row[QStringLiteral("id")] = QString::number(rows.size());
        rows.append(row);
    }
    m_mistakes->replace(rows);
    m_mistakesHead->setCount(QString::number(rows.size()));
    for (QWidget* part : std::initializer_list<QWidget*>{m_mistakesHead, m_view, m_linesHead, m_lines}) {
        part->setVisible(!m_ok);
    }
    m_verdict->setVisible(m_ok);
    if (m_ok) {
        m_verdict->setState(
            {.word = m_flow, .glyph = style::Glyph::DiscCheck, .tone = style::Tone::Ok, .known = true});
        const qint64 tasks = num(*reply, u"tasks");
        m_verdict->setDetail(tr("%n tasks, no mistake", nullptr, style::formOf(tasks)));
        m_go->setFocus();
    } else if (!rows.isEmpty()) {
        m_view->selectRow(0);
        showLine(static_cast<int>(num(rows.constFirst(), u"line")));
    }
}

void SubmitDialog::showLine(int line)
{
    const QStringList lines = m_text.split('\n');
    const int first = std::max(1, line - kLinesAround);
    const int last = std::min(static_cast<int>(lines.size()), line + kLinesAround);
    QString text;
    for (int number = first; number <= last; ++number) {
        text += QStringLiteral("%1 %2  %3%4")
                    .arg(number == line ? QStringLiteral("→") : QStringLiteral(" "))
                    .arg(number, 4)
                    .arg(lines[number - 1], number == last ? QString() : QStringLiteral("\n"));
    }
    m_linesHead->setCount(QStringLiteral("%1:%2").arg(m_file, QString::number(line)));
    m_lines->setText(text);
}

void SubmitDialog::submit()
{
    if (!m_go->isEnabled()) {
        return;
    }
    m_sending = true;
    m_error->hide();
    refreshButtons();
    QJsonObject params{{QStringLiteral("text"), m_text}, {QStringLiteral("file"), m_file}};
    if (!m_reason->text().trimmed().isEmpty()) {
        params[QStringLiteral("reason")] = m_reason->text().trimmed();
    }
    m_client.change(QStringLiteral("flow.submit"), params, this, [this](const Result<QJsonObject>& reply) {
        m_sending = false;
        if (reply) {
            Q_EMIT submitted(*reply);
            accept();
            return;
        }
        m_outcomeUnknown = reply.error().code == ErrorCode::OutcomeUnknown;
        showError(reply.error());
        refreshButtons();
    });
}

void SubmitDialog::showError(const Error& error)
{
    QStringList rest{error.cause, error.correction};
    m_error->setTexts(m_outcomeUnknown
                          ? tr("It is not known whether the flow was submitted: look at the list of runs.")
                          : error.message,
                      models::sentence(rest));
    m_error->show();
}

void SubmitDialog::refreshButtons()
{
    QString why;
    if (m_outcomeUnknown) {
        why = tr("Not sent again while the outcome is not known");
    } else if (m_sending) {
        why = tr("Sending…");
    } else if (m_busy) {
        why = tr("Checking…");
    } else if (!m_ok && !m_text.isEmpty()) {
        why = tr("Submit waits until the file has no mistake");
    } else if (!m_ok) {
        why = m_path->text().trimmed().isEmpty() || m_error->isVisibleTo(this)
                  ? tr("Submit waits for a flow file")
                  : tr("Submit waits until the file is checked: press Enter in its field");
    }
    m_path->setReadOnly(m_sending);
    m_open->setAvailable(!m_sending, tr("Sending…"));
    m_go->setText(m_ok ? tr("Submit %1").arg(m_flow) : tr("Submit flow"));
    m_go->setAvailable(why.isEmpty(), why);
    m_wait->setText(why);
    m_again->setAvailable(!m_path->text().trimmed().isEmpty() && !m_busy && !m_sending,
                          tr("There is no file to check"));
}

}  // namespace sluice::dialogs
