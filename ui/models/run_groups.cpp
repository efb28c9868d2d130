#include "ui/models/run_groups.h"

#include <algorithm>
#include <array>

#include "ui/models/columns.h"
#include "ui/models/marks.h"
#include "ui/models/words.h"
#include "ui/session/list_change.h"
#include "ui/session/live_rows.h"
#include "ui/session/row.h"
#include "ui/session/ticker.h"

namespace sluice::models {
namespace {

using session::num;
using session::str;

const QString kHead = QStringLiteral("group:");

QString groupOf(const QString& state)
{
    if (state == QLatin1String("stalled") || state == QLatin1String("failed")) {
        return kHead + state;
    }
    if (state == QLatin1String("done") || state == QLatin1String("cancelled")) {
        return kHead + QStringLiteral("ended");
    }
    return kHead + QStringLiteral("running");
}

}  // namespace

RunGroups::RunGroups(session::LiveRows& runs, session::Ticker& ticker, QObject* parent)
    : QAbstractListModel(parent), m_runs(runs), m_ticker(ticker)
{
    connect(&runs, &session::LiveRows::changed, this,
            [this](const QStringList& upserted, const QStringList&) { refresh(upserted); });
    refresh({});
}

void RunGroups::setSearch(const QString& text)
{
    m_words = text.split(' ', Qt::SkipEmptyParts);
    refresh({});
}

QModelIndex RunGroups::indexOf(const QString& run) const
{
    const qsizetype row = m_keys.indexOf(run);
    return row < 0 ? QModelIndex() : index(static_cast<int>(row));
}

QString RunGroups::firstRun() const
{
    for (const QString& key : m_keys) {
        if (!key.startsWith(kHead)) {
            return key;
        }
    }
    return {};
}

int RunGroups::shownRuns() const
{
    return static_cast<int>(std::count_if(m_keys.begin(), m_keys.end(),
                                          [](const QString& key) { return !key.startsWith(kHead); }));
}

bool RunGroups::accepts(const QString& id) const
{
    const QJsonObject run = m_runs.row(id);
    const QString text = id + ' ' + str(run, u"flow") + ' ' + taskMark(run).word;
    return std::all_of(m_words.begin(), m_words.end(),
                       [&](const QString& word) { return text.contains(word, Qt::CaseInsensitive); });
}

QStringList RunGroups::wanted()
{
    QHash<QString, QStringList> groups;
    for (const QString& id : m_runs.ids()) {
        if (accepts(id)) {
            groups[groupOf(str(m_runs.row(id), u"state"))].append(id);
        }
    }
    QStringList keys;
    m_counts.clear();
    static const std::array<QString, 4> kOrder{
        kHead + QStringLiteral("stalled"), kHead + QStringLiteral("failed"),
        kHead + QStringLiteral("running"), kHead + QStringLiteral("ended")};
    for (const QString& group : kOrder) {
        QStringList runs = groups.value(group);
        if (runs.isEmpty()) {
            continue;
        }
        std::stable_sort(runs.begin(), runs.end(), [](const QString& a, const QString& b) {
            return a.section('-', 1).toLongLong() > b.section('-', 1).toLongLong();
        });
        m_counts.insert(group, static_cast<int>(runs.size()));
        keys << group << runs;
    }
    return keys;
}

void RunGroups::refresh(const QStringList& upserted)
{
    const QHash<QString, int> before = m_counts;
    session::changeList(m_keys, wanted(),
                        {.beginRemove = [this](int first, int last) { beginRemoveRows({}, first, last); },
                         .endRemove = [this] { endRemoveRows(); },
                         .beginInsert = [this](int first, int last) { beginInsertRows({}, first, last); },
                         .endInsert = [this] { endInsertRows(); },
                         .beginMove = [this](int from, int to) { beginMoveRows({}, from, from, {}, to); },
                         .endMove = [this] { endMoveRows(); }});
    for (int row = 0; row < m_keys.size(); ++row) {
        const QString& key = m_keys[row];
        if (upserted.contains(key) || (key.startsWith(kHead) && before.value(key) != m_counts.value(key))) {
            Q_EMIT dataChanged(index(row), index(row));
        }
    }
}

int RunGroups::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_keys.size());
}

QVariant RunGroups::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const QString& key = m_keys[index.row()];
    if (key.startsWith(kHead)) {
        const QString group = key.mid(kHead.size());
        switch (role) {
            case Qt::DisplayRole:
                return group == QLatin1String("stalled")   ? tr("Stalled")
                       : group == QLatin1String("failed")  ? tr("Failed")
                       : group == QLatin1String("running") ? tr("In progress")
                                                           : tr("Ended");
            case session::GroupRole:
                return true;
            case session::NoteRole:
                return QString::number(m_counts.value(key));
            default:
                return {};
        }
    }
    const QJsonObject run = m_runs.row(key);
    switch (role) {
        case Qt::DisplayRole:
            return str(run, u"flow");
        case Qt::AccessibleTextRole:
            return tr("%1 %2, %3, %4")
                .arg(str(run, u"flow"), key, taskMark(run).word, runLine(run, m_ticker.nowMs()));
        case Qt::ToolTipRole:
            return tr("%1, submitted by %2 at %3 UTC")
                .arg(key, str(run, u"submittedBy"), session::clockText(session::time(run, u"submittedAt")));
        case session::SecondLineRole:
            return runLine(run, m_ticker.nowMs());
        case session::NoteRole:
            return key;
        case session::IdRole:
            return key;
        case session::RowRole:
            return QVariant::fromValue(run);
        case session::StateRole:
            return QVariant::fromValue(taskMark(run));
        case session::FractionRole: {
            const qint64 total = num(run, u"tasksTotal");
            return total <= 0 || !runInProgress(run)
                       ? QVariant()
                       : static_cast<double>(num(run, u"tasksDone")) / static_cast<double>(total);
        }
        case session::ToneRole: {
            const style::Tone tone = taskMark(run).tone;
            return static_cast<int>(tone == style::Tone::Neutral ? style::Tone::Progress : tone);
        }
        case session::GroupRole:
            return false;
        default:
            return {};
    }
}

Qt::ItemFlags RunGroups::flags(const QModelIndex& index) const
{
    if (index.isValid() && m_keys[index.row()].startsWith(kHead)) {
        return Qt::NoItemFlags;
    }
    return QAbstractListModel::flags(index);
}

}  // namespace sluice::models
