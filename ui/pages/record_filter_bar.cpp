#include "ui/pages/record_filter_bar.h"

#include <QtCore/QJsonArray>
#include <QtCore/QSignalBlocker>
#include <algorithm>

#include "core/clock.h"
#include "core/moment.h"
#include "ui/pages/layout.h"
#include "ui/style/state_words.h"
#include "ui/widgets/search_field.h"

namespace sluice::pages {

using style::Domain;
using widgets::SearchField;

namespace {

/// The table has the word a person reads for a record that was written before its call.
QString onTheWire(const QString& state)
{
    return state == QLatin1String("requested") ? QStringLiteral("intent") : state;
}

}  // namespace

RecordFilterBar::RecordFilterBar(const style::Theme& theme, QWidget* parent) : QWidget(parent), m_theme(theme)
{
    // in two rows, for seven side by side are too narrow to be read
    auto* rows = plain<QVBoxLayout>(this);
    rows->setSpacing(6);
    m_row = plain<QHBoxLayout>();
    m_row->setSpacing(6);
    rows->addLayout(m_row);
    m_by = field(QStringLiteral("by"), tr("who"), tr("The whole name of a person, or engine"));
    m_run = field(QStringLiteral("run"), tr("run"), tr("What touches or starts this run: R-4"));
    m_object = field(QStringLiteral("object"), tr("object"),
                     tr("What touches this object or one below it: vega/orders"));
    m_action = field(QStringLiteral("action"), tr("action"),
                     tr("A method, or a group of them: keys.rotate, or keys"));
    m_row = plain<QHBoxLayout>();
    m_row->setSpacing(6);
    rows->addLayout(m_row);
    m_outcome = field(QStringLiteral("outcome"), tr("outcome"), tr("An outcome, or how it begins: failed"));
    m_since = field(QStringLiteral("since"), tr("from"),
                    tr("2026-11-19, 2026-11-19 03:14 (UTC), or 2h for two hours ago"));
    m_until = field(QStringLiteral("until"), tr("to"), tr("The same; a day is meant to its end"));
    connect(m_outcome, &QLineEdit::textChanged, this, [this](const QString& text) {
        if (!text.isEmpty()) {
            Q_EMIT outcomeEdited();
        }
    });
    for (SearchField* time : {m_since, m_until}) {
        connect(time, &QLineEdit::textChanged, this, [this, time] { checkTime(time); });
    }
}

SearchField* RecordFilterBar::field(const QString& name, const QString& hint, const QString& toolTip)
{
    auto* made = new SearchField(m_theme, QStringLiteral("filter"), QString(), this);
    made->setObjectName(name);
    made->setPlaceholderText(hint);
    made->setAccessibleName(hint);
    made->setToolTip(toolTip);
    made->setMinimumWidth(64);
    m_row->addWidget(made);
    connect(made, &QLineEdit::textChanged, this, &RecordFilterBar::edited);
    return made;
}

void RecordFilterBar::checkTime(SearchField* field)
{
    const bool readable = parseMoment(field->text(), 1, DayPart::Begin) != 0;
    field->setNote(readable || field->text().isEmpty() ? QString() : tr("no time"));
}

QJsonObject RecordFilterBar::filter(qint64 nowMs) const
{
    QJsonObject filter;
    for (const SearchField* field : {m_by, m_run, m_object, m_action}) {
        if (const QString text = field->text().trimmed(); !text.isEmpty()) {
            filter[field->objectName()] = text;
        }
    }
    if (const QString text = m_outcome->text().trimmed(); !text.isEmpty()) {
        filter[QStringLiteral("outcomes")] = QJsonArray::fromStringList(outcomesFor(text));
    }
    for (const auto& [field, part] : {std::pair{m_since, DayPart::Begin}, std::pair{m_until, DayPart::End}}) {
        if (const qint64 at = parseMoment(field->text(), nowMs, part); at > 0) {
            filter[field->objectName()] = toRfc3339(at);
        }
    }
    return filter;
}

bool RecordFilterBar::isEmpty() const
{
    const auto all = {m_by, m_run, m_object, m_action, m_outcome, m_since, m_until};
    return std::all_of(all.begin(), all.end(), [](const SearchField* one) { return one->text().isEmpty(); });
}

void RecordFilterBar::clear()
{
    for (SearchField* field : {m_by, m_run, m_object, m_action, m_outcome, m_since, m_until}) {
        field->clear();
    }
}

void RecordFilterBar::clearOutcome()
{
    m_outcome->clear();
}

QStringList RecordFilterBar::outcomesFor(const QString& text)
{
    QStringList found;
    for (const QString& state : style::statesOf(Domain::Audit)) {
        if (onTheWire(state).startsWith(text, Qt::CaseInsensitive) ||
            style::stateWord(Domain::Audit, state).word.startsWith(text, Qt::CaseInsensitive)) {
            found.append(onTheWire(state));
        }
    }
    return found.isEmpty() ? QStringList{text} : found;
}

QStringList RecordFilterBar::exceptions()
{
    QStringList found;
    for (const QString& state : style::statesOf(Domain::Audit)) {
        if (style::stateWord(Domain::Audit, state).isException()) {
            found.append(onTheWire(state));
        }
    }
    return found;
}

}  // namespace sluice::pages
