#include "ui/pages/record_list.h"

#include <QtCore/QJsonArray>
#include <QtWidgets/QScrollBar>

#include "core/units.h"
#include "ui/dialogs/dialogs.h"
#include "ui/models/columns.h"
#include "ui/pages/layout.h"
#include "ui/pages/record_filter_bar.h"
#include "ui/session/live_table.h"
#include "ui/session/row.h"
#include "ui/session/session.h"
#include "ui/style/english_forms.h"
#include "ui/widgets/chip.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/search_field.h"
#include "ui/widgets/table_view.h"
#include "ui/widgets/text_label.h"

namespace sluice::pages {

using session::num;
using style::Ink;
using style::Type;

namespace {

/// While a person types, no question is sent.
constexpr int kTypingMs = 150;
/// Newer records that are shown above one that was jumped to.
constexpr qint64 kAbove = 20;

}  // namespace

RecordList::RecordList(const PageContext& context, QWidget* parent)
    : QWidget(parent), m_context(context), m_feed(context.session.client(), context.session.audit())
{
    setFocusPolicy(Qt::ClickFocus);
    buildHead();
    auto* column = plain<QVBoxLayout>(this);
    column->setContentsMargins(12, 8, 12, 8);
    column->setSpacing(4);
    m_bar = new RecordFilterBar(context.theme, this);
    m_bar->setObjectName(QStringLiteral("filterBar"));
    column->addWidget(m_bar);
    buildTable(column);
    m_typing.setSingleShot(true);
    m_typing.setInterval(kTypingMs);
    connect(&m_typing, &QTimer::timeout, this, &RecordList::applyFilter);
    connect(m_search, &QLineEdit::textChanged, &m_typing, qOverload<>(&QTimer::start));
    connect(m_bar, &RecordFilterBar::edited, &m_typing, qOverload<>(&QTimer::start));
    connect(m_bar, &RecordFilterBar::outcomeEdited, this, [this] { m_exceptions->setChecked(false); });
    connect(m_exceptions, &QAbstractButton::toggled, this, [this](bool on) {
        if (on) {
            m_bar->clearOutcome();
        }
        applyFilter();
    });
    connect(m_upTo, &QAbstractButton::clicked, this, [this] {
        m_before = 0;
        applyFilter();
    });
    connect(&m_feed, &session::RecordFeed::changed, this, &RecordList::touched);
    // Other records than before: in their own order, also under the pointer.
    connect(&m_feed, &session::RecordFeed::replaced, this, [this] {
        m_records->setOrder(models::newerRecord);
        m_view->scrollToTop();
    });
}

void RecordList::buildHead()
{
    m_head = new QWidget(this);
    auto* row = plain<QHBoxLayout>(m_head);
    row->setSpacing(8);
    m_search =
        new widgets::SearchField(m_context.theme, QStringLiteral("search"), QStringLiteral("/"), m_head);
    m_search->setObjectName(QStringLiteral("search"));
    m_search->setPlaceholderText(tr("words, or a \"phrase\", anywhere in a record"));
    m_search->setAccessibleName(tr("Search all records"));
    m_search->setFixedWidth(360);
    m_exceptions = new widgets::Chip(m_context.theme, m_head);
    m_exceptions->setObjectName(QStringLiteral("exceptions"));
    m_exceptions->setText(tr("only what went wrong"));
    m_exceptions->setCheckable(true);
    m_upTo = new widgets::Chip(m_context.theme, m_head);
    m_upTo->setObjectName(QStringLiteral("upTo"));
    m_upTo->setCheckable(true);
    row->addWidget(m_search);
    row->addWidget(m_exceptions);
    row->addWidget(m_upTo);
}

void RecordList::buildTable(QVBoxLayout* column)
{
    m_records =
        new session::LiveTable(&m_feed.rows(), m_context.session.ticker(), models::auditColumns(), {}, this);
    m_records->setOrder(models::newerRecord);
    m_view = new widgets::TableView(m_context.theme, this);
    m_view->setObjectName(QStringLiteral("records"));
    m_view->setTextElideMode(Qt::ElideMiddle);
    bindTable(*m_view, *m_records, m_context.dialogs);
    connect(m_view->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &RecordList::touched);
    connect(m_view->verticalScrollBar(), &QScrollBar::valueChanged, this, &RecordList::loadOnScroll);
    column->addWidget(m_view, 1);
    m_none = new widgets::EmptyState(m_context.theme, this);
    m_none->setObjectName(QStringLiteral("noRecord"));
    m_none->setBoxed(false);
    connect(m_none, &widgets::EmptyState::actionTriggered, this, &RecordList::clearFilter);
    column->addWidget(m_none);
    m_loading = new Skeleton(m_context.theme, 12, style::kRowNormal, this);
    column->addWidget(m_loading);
    column->addStretch(0);
    m_foot = new widgets::TextLabel(m_context.theme, QString(), Type::Small, Ink::Tertiary, this);
    m_foot->setObjectName(QStringLiteral("recordsFoot"));
    m_foot->setContentsMargins(8, 4, 8, 0);
    column->addWidget(m_foot);
}

void RecordList::focusSearch()
{
    m_search->setFocus();
}

void RecordList::focusRecords()
{
    // What is hidden takes no focus, and it must not end up in a field where keys are text.
    setFocus();
    if (m_view->isVisibleTo(this)) {
        m_view->setFocus();
    }
}

bool RecordList::isFiltered() const
{
    return !m_search->text().isEmpty() || m_exceptions->isChecked() || !m_bar->isEmpty();
}

void RecordList::applyFilter()
{
    m_typing.stop();
    QJsonObject filter = m_bar->filter(m_context.session.nowMs());
    if (const QString text = m_search->text().trimmed(); !text.isEmpty()) {
        filter[QStringLiteral("text")] = text;
    }
    if (m_exceptions->isChecked()) {
        filter[QStringLiteral("outcomes")] = QJsonArray::fromStringList(RecordFilterBar::exceptions());
    }
    if (!filter.isEmpty()) {
        // Who filters looks for something else than the record that was to be shown.
        m_wanted.clear();
    }
    if (m_before > 0 && filter.isEmpty()) {
        filter[QStringLiteral("before")] = m_before;
    } else {
        m_before = 0;
    }
    if (filter != m_feed.filter()) {
        m_exported.clear();
    }
    m_feed.setFilter(filter);
    Q_EMIT touched();
}

void RecordList::clearFilter()
{
    m_search->clear();
    m_exceptions->setChecked(false);
    m_bar->clear();
    m_before = 0;
    applyFilter();
}

void RecordList::showRecord(const QString& seq)
{
    clearFilter();
    m_wanted = seq;
}

void RecordList::pickWanted()
{
    const qint64 wanted = m_wanted.toLongLong();
    if (const int row = m_records->rowOf(m_wanted); row >= 0) {
        m_view->selectRow(row);
        m_wanted.clear();
    } else if (m_feed.isLoaded() && m_before == 0 && wanted > 0 && !m_feed.isWhole()) {
        m_before = wanted + kAbove + 1;
        applyFilter();
    } else if (m_feed.isLoaded()) {
        m_wanted.clear();
    }
}

void RecordList::loadOnScroll()
{
    const QScrollBar* bar = m_view->verticalScrollBar();
    if (isVisible() && bar->value() >= bar->maximum() - bar->pageStep()) {
        m_feed.more();
    }
}

QString RecordList::current() const
{
    return m_view->currentIndex().data(session::IdRole).toString();
}

QJsonObject RecordList::record(qint64 seq)
{
    const QString id = QString::number(seq);
    for (session::LiveRows* rows : {&m_feed.rows(), &m_context.session.audit()}) {
        if (rows->contains(id)) {
            return rows->row(id);
        }
    }
    if (seq < 1 || seq > m_feed.total() || m_asked.contains(seq)) {
        return m_asked.value(seq);
    }
    m_asked.insert(seq, {});
    m_context.session.client().call(
        QStringLiteral("audit.list"), {{"before", seq + 1}, {"after", seq - 1}, {"limit", 1}}, this,
        [this, seq](const Result<QJsonObject>& reply) {
            if (!reply) {
                m_asked.remove(seq);
                return;
            }
            m_asked.insert(seq, session::arr(*reply, u"records").first().toObject());
            Q_EMIT touched();
        });
    return {};
}

QString RecordList::footText() const
{
    if (!m_exported.isEmpty()) {
        return m_exported;
    }
    if (m_export) {
        return tr("Exporting: %1 records written to %2 so far", nullptr, style::formOf(m_export->records()))
            .arg(formatCount(m_export->records()), m_export->fileName());
    }
    const qsizetype shown = m_records->rowCount();
    QStringList parts;
    if (shown > 0 && isFiltered()) {
        parts.append(tr("%1 of %2 records match.", nullptr, style::formOf(m_feed.matches()))
                         .arg(matchesText(), formatCount(m_feed.total())));
    }
    if (m_feed.isFull()) {
        parts.append(tr("The newest %1 are shown; export them to see all.", nullptr, style::formOf(shown))
                         .arg(formatCount(shown)));
    } else if (m_feed.isLoaded() && !m_feed.isWhole() && shown > 0) {
        parts.append(tr("%1 are loaded; scroll on for older ones.", nullptr, style::formOf(shown))
                         .arg(formatCount(shown)));
    }
    parts.append(tr("Times are UTC. Refused and void requests are recorded too."));
    return parts.join(' ');
}

QString RecordList::matchesText() const
{
    return formatCount(m_feed.matches()) + (m_feed.isCounting() ? QStringLiteral("…") : QString());
}

void RecordList::refresh()
{
    if (m_feed.isIdle()) {
        m_feed.reload();
    }
    const int shown = m_records->rowCount();
    const bool filtered = isFiltered();
    const bool searching = shown == 0 && !m_feed.isWhole();
    const bool unanswered = shown == 0 && m_feed.error().has_value();
    m_loading->setVisible(searching && !filtered && !unanswered);
    m_view->setVisible(shown > 0);
    if (shown > 0 && hasFocus()) {
        m_view->setFocus();
    }
    m_none->setVisible(shown == 0 && (filtered || unanswered || m_feed.isWhole()));
    if (unanswered) {
        m_none->setHeadline(tr("The records could not be searched"));
        m_none->setChecked(m_feed.error()->message);
    } else if (searching) {
        m_none->setHeadline(tr("Searching…"));
        m_none->setChecked(
            m_feed.isLoaded()
                ? tr("%1 of %2 records were looked through.", nullptr, style::formOf(m_feed.lookedThrough()))
                      .arg(formatCount(m_feed.lookedThrough()), formatCount(m_feed.total()))
                : QString());
    } else if (filtered) {
        m_none->setHeadline(tr("No record matches"));
        m_none->setChecked(tr("All %1 records were searched.", nullptr, style::formOf(m_feed.total()))
                               .arg(formatCount(m_feed.total())));
    } else {
        m_none->setHeadline(tr("No record yet"));
        m_none->setChecked(tr("Everything that changes something is written here first."));
    }
    m_none->setAction(filtered ? tr("Remove the filter") : QString());
    const QString ofAll =
        filtered ? tr("%1 of %2").arg(matchesText(), formatCount(m_feed.total())) : QString();
    m_search->setNote(ofAll);
    m_exceptions->setCount(m_exceptions->isChecked() ? ofAll : QString());
    m_upTo->setVisible(m_before > 0);
    m_upTo->setChecked(m_before > 0);
    m_upTo->setText(tr("up to record %1").arg(formatCount(m_before - 1)));
    m_foot->setText(footText());
    if (!m_wanted.isEmpty()) {
        pickWanted();
    } else if (shown > 0 && !m_view->currentIndex().isValid()) {
        m_view->selectRow(0);
    }
    // What had no answer is asked for again by scrolling on, not by itself.
    if (!m_feed.error()) {
        loadOnScroll();
    }
}

QString RecordList::whyNoExport() const
{
    return m_export ? tr("An export is being written") : QString();
}

void RecordList::saveAs()
{
    if (m_export) {
        return;
    }
    QJsonObject filter = m_feed.filter();
    filter.remove(QStringLiteral("before"));
    m_context.dialogs.pickSaveFile(
        this, QStringLiteral("audit.jsonl"),
        {tr("Records as they are hashed (*.jsonl)"), tr("Table for people (*.csv)")},
        [this, filter](const QString& path) {
            m_exported.clear();
            m_export = new session::RecordExport(m_context.session.client(), path, filter, this);
            connect(m_export, &session::RecordExport::progressed, this, &RecordList::touched);
            connect(m_export, &session::RecordExport::finished, this, [this] {
                m_exported = tr("%1 records were written to %2", nullptr, style::formOf(m_export->records()))
                                 .arg(formatCount(m_export->records()), m_export->fileName());
                m_export.clear();
                Q_EMIT touched();
            });
            connect(m_export, &session::RecordExport::failed, this, [this](const Error& error) {
                m_exported = tr("The export failed: %1 (%2)").arg(error.message, error.cause);
                m_export.clear();
                Q_EMIT touched();
            });
            m_export->start();
            Q_EMIT touched();
        });
}

}  // namespace sluice::pages
