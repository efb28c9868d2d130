#include "engine/case_book.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <algorithm>
#include <utility>

#include "core/log.h"
#include "diagnosis/outage.h"
#include "engine/chain_of_then.h"
#include "store/database.h"
#include "store/row_reader.h"

namespace sluice::engine {
namespace {

constexpr qsizetype kClosedKept = 500;
constexpr qsizetype kTimelineKept = 100;
/// Of a case of more runs the tasks that come along later stand in its list only.
constexpr qsizetype kToldByTask = 10;
/// A case of more runs and tasks than this is written and announced every kWriteMs at most.
constexpr qsizetype kSmallCase = 100;
constexpr int kWriteMs = 250;

}  // namespace

store::PartSchema CaseBook::schema()
{
    return {.part = QStringLiteral("cases"),
            .steps = {{.version = 1,
                       .statements = {QStringLiteral(
                           "CREATE TABLE case_row (number INTEGER PRIMARY KEY, body TEXT NOT NULL)")},
                       .inFileSince = 1}}};
}

CaseBook::CaseBook(store::Database& database, const Clock& clock, QObject* parent)
    : LiveTopic(parent), m_database(database), m_clock(clock)
{
    m_writing.setSingleShot(true);
    m_writing.setInterval(kWriteMs);
    connect(&m_writing, &QTimer::timeout, this, &CaseBook::writeDue);
}

CaseBook::~CaseBook()
{
    writeDue();
}

Result<void> CaseBook::load()
{
    auto read = m_database.readNow([this](store::Tx& tx) {
        return store::readRows(
            tx, m_database.file(), QStringLiteral("case_row"),
            QStringLiteral("SELECT number, body FROM case_row"), {}, [this](store::RowReader& row) {
                Case item = Case::fromJson(row.object(1));
                if (item.number != row.integer(0)) {
                    row.refuse(QStringLiteral("it holds another case, C-%1").arg(item.number));
                }
                index(item);
                m_cases.emplace(item.number, std::move(item));
            });
    });
    if (read) {
        prune();
    }
    return read;
}

void CaseBook::index(const Case& item)
{
    for (const QString& run : item.closedAtMs == 0 ? item.runs : QStringList()) {
        m_openOf[run] = std::max(m_openOf.value(run), item.number);
    }
}

/// The newest case is open or among the kept, so numbers are never given twice.
void CaseBook::prune()
{
    QList<qint64> closed;
    for (auto it = m_cases.rbegin(); it != m_cases.rend(); ++it) {
        if (it->second.closedAtMs > 0) {
            closed.append(it->first);
        }
    }
    const QList<qint64> old = closed.mid(kClosedKept);
    if (old.isEmpty()) {
        return;
    }
    QStringList removed;
    for (const qint64 number : old) {
        removed.append(m_cases.at(number).id);
        m_cases.erase(number);
    }
    m_database.write(
        [old](store::Tx& tx) -> Result<void> {
            for (const qint64 number : old) {
                if (auto gone = tx.exec(QStringLiteral("DELETE FROM case_row WHERE number = ?"), {number});
                    !gone) {
                    return gone;
                }
            }
            return {};
        },
        this,
        [](const Result<void>& pruned) {
            if (!pruned) {
                log::warn("cases",
                          QStringLiteral("old cases not forgotten: %1").arg(pruned.error().toLine()));
            }
        });
    announce({}, removed);
}

Case* CaseBook::find(const QString& id)
{
    const auto it = m_cases.find(id.mid(2).toLongLong());
    return it == m_cases.end() ? nullptr : &it->second;
}

const Case* CaseBook::openCaseOf(const QString& run) const
{
    const auto number = m_openOf.constFind(run);
    const auto it = number == m_openOf.constEnd() ? m_cases.end() : m_cases.find(*number);
    return it == m_cases.end() ? nullptr : &it->second;
}

const Case* CaseBook::openCase(const QString& id) const
{
    const Case* item = const_cast<CaseBook*>(this)->find(id);
    return item && item->closedAtMs == 0 ? item : nullptr;
}

int CaseBook::openCount() const
{
    return static_cast<int>(std::count_if(m_cases.begin(), m_cases.end(),
                                          [](const auto& item) { return item.second.closedAtMs == 0; }));
}

void CaseBook::addToTimeline(Case& item, const QString& text, const QString& code, const QString& rule)
{
    QJsonObject line{{"at", toRfc3339(m_clock.nowMs())}, {"text", text}, {"phase", item.phase}};
    if (!code.isEmpty()) {
        line["code"] = code;
    }
    if (!rule.isEmpty()) {
        line["rule"] = rule;
    }
    item.timeline.append(line);
    while (item.timeline.size() > kTimelineKept) {
        item.timeline.removeAt(1);
    }
}

QString CaseBook::openOrJoin(const QString& run, const QString& taskId, const QString& taskName, bool failed,
                             const diagnosis::Diagnosis* found)
{
    if (const Case* open = openCaseOf(run)) {
        Case& item = *find(open->id);
        if (!item.tasks.contains(taskId)) {
            item.tasks.append(taskId);
            if (item.runs.size() <= kToldByTask) {
                addToTimeline(
                    item, (failed ? QStringLiteral("%1 failed") : QStringLiteral("%1 does not move either"))
                              .arg(taskName));
            }
            save(item);
        }
        return item.id;
    }
    const OwnFindings mine = found ? OwnFindings(found->toJson()) : OwnFindings();
    if (Case* same = mine.outage.isEmpty() ? nullptr : ofOutage(mine.outage, {})) {
        addRun(*same, run);
        same->tasks.append(taskId);
        same->own[run] = mine;
        save(*same);
        Q_EMIT runPlaced(run, same->id);
        return same->id;
    }
    return open(run, {taskId},
                (failed ? QStringLiteral("%1 failed") : QStringLiteral("%1 does not move")).arg(taskName),
                (failed ? QStringLiteral("found: %1 failed")
                        : QStringLiteral("found: %1 made no progress for its deadline"))
                    .arg(taskName));
}

QString CaseBook::open(const QString& run, const QStringList& tasks, const QString& title,
                       const QString& remark)
{
    const qint64 number = m_cases.empty() ? 1 : m_cases.rbegin()->first + 1;
    Case item{.number = number,
              .id = QStringLiteral("C-%1").arg(number),
              .run = run,
              .runs = run.isEmpty() ? QStringList() : QStringList{run},
              .tasks = tasks,
              .title = title,
              .openedAtMs = m_clock.nowMs()};
    addToTimeline(item, remark, QStringLiteral("found"));
    m_cases.emplace(number, item);
    if (run.isEmpty()) {
        return item.id;
    }
    m_openOf[run] = number;
    save(item);
    Q_EMIT runPlaced(run, item.id);
    return item.id;
}

QString CaseBook::diagnosed(const QString& id, const QString& run, const diagnosis::Diagnosis& diagnosis,
                            bool leadsCase)
{
    Case* item = find(id);
    if (!item || item->closedAtMs > 0) {
        return id;
    }
    QJsonObject found = diagnosis.toJson();
    found["lookedAt"] = toRfc3339(m_clock.nowMs());
    item->own[run] = OwnFindings(found);
    if (item->isEarly()) {
        if (const QString where = place(*item, run); where != id) {
            item = find(where);
            leadsCase = item->runs.first() == run;
        }
    }
    if (leadsCase) {
        item->run = run;
        leadWith(*item, diagnosis);
    }
    save(*item);
    return item->id;
}

void CaseBook::leadWith(Case& item, const diagnosis::Diagnosis& diagnosis)
{
    const QString before = item.diagnosis["rule"].toString();
    const bool first = item.diagnosis.isEmpty();
    item.diagnosis = diagnosis.toJson();
    item.lookedAtMs = m_clock.nowMs();
    if (!item.isEarly()) {
        return;
    }
    const bool confirmed = diagnosis.verdict == diagnosis::Verdict::Confirmed;
    item.phase = !confirmed                                                ? QStringLiteral("found")
                 : diagnosis.remedy && !diagnosis.remedy->method.isEmpty() ? QStringLiteral("decide")
                                                                           : QStringLiteral("cause named");
    if (first || before != diagnosis.rule) {
        const bool known = !diagnosis.rule.isEmpty();
        addToTimeline(item,
                      known ? QStringLiteral("cause named by %1: %2").arg(diagnosis.rule, diagnosis.summary)
                            : QStringLiteral("cause unknown: %1").arg(diagnosis.summary),
                      known ? QStringLiteral("cause named") : QStringLiteral("cause unknown"),
                      diagnosis.rule);
    }
}

void CaseBook::setPhase(const QString& id, const QString& phase, const QString& remark)
{
    if (Case* item = find(id); item && item->closedAtMs == 0) {
        item->phase = phase;
        if (phase == QLatin1String("verify")) {
            item->diagnosis["chain"] = chainOfThen(item->diagnosis["chain"].toArray(), remark);
        }
        addToTimeline(*item, remark);
        save(*item);
    }
}

void CaseBook::close(const QString& id, const QString& remark)
{
    if (Case* item = find(id); item && item->closedAtMs == 0) {
        item->phase = QStringLiteral("closed");
        item->closedAtMs = m_clock.nowMs();
        item->own.erase(kOfSubject);
        item->title.replace(QLatin1String(" does not move"), QLatin1String(" did not move"));
        item->diagnosis["chain"] = chainOfThen(item->diagnosis["chain"].toArray(), remark);
        addToTimeline(*item, remark);
        for (const QString& run : std::as_const(item->runs)) {
            if (m_openOf.value(run) == item->number) {
                m_openOf.remove(run);
            }
        }
        item->forgetMost();
        save(*item);
        prune();
    }
}

void CaseBook::detachRun(const QString& id, const QString& run, const QString& remark)
{
    Case* item = find(id);
    if (!item || item->closedAtMs > 0 || !item->runs.contains(run) ||
        (item->runs.size() < 2 && !item->stands())) {
        return;
    }
    item->runs.removeAll(run);
    item->run = item->runs.value(0);
    item->tasks.removeIf([&run](const QString& task) { return task.section('/', 0, 0) == run; });
    item->own.erase(run);
    if (m_openOf.value(run) == item->number) {
        m_openOf.remove(run);
    }
    if (const auto left = item->own.find(item->run.isEmpty() ? kOfSubject : item->run);
        left != item->own.end() && left->second.found.contains(QLatin1String("chain"))) {
        item->diagnosis = left->second.found;
    }
    addToTimeline(*item, remark);
    save(*item);
}

void CaseBook::reopenInterrupted(const QStringList& carriedOn)
{
    for (auto& [number, item] : m_cases) {
        const bool late = item.phase == QLatin1String("carry out") || item.phase == QLatin1String("verify");
        const bool carried = std::any_of(item.runs.begin(), item.runs.end(),
                                         [&](const QString& run) { return carriedOn.contains(run); });
        if (item.closedAtMs == 0 && late && !carried) {
            setPhase(item.id, QStringLiteral("found"),
                     QStringLiteral("the engine ended before it was verified; looking again"));
        }
    }
}

void CaseBook::remark(const QString& id, const QString& text)
{
    if (Case* item = find(id); item && item->closedAtMs == 0) {
        addToTimeline(*item, text);
        save(*item);
    }
}

QStringList CaseBook::openIds() const
{
    QStringList open;
    for (const auto& [number, item] : m_cases) {
        if (item.closedAtMs == 0) {
            open.append(item.id);
        }
    }
    return open;
}

QStringList CaseBook::ids() const
{
    QStringList open, closed;
    for (auto it = m_cases.rbegin(); it != m_cases.rend(); ++it) {
        (it->second.closedAtMs == 0 ? open : closed).append(it->second.id);
    }
    return open + closed;
}

bool CaseBook::matches(const QString& id, const QJsonObject& filter) const
{
    QJsonObject rest = filter;
    const QJsonValue run = rest.take(QStringLiteral("run"));
    if (!run.isUndefined()) {
        const Case* item = const_cast<CaseBook*>(this)->find(id);
        const QJsonArray wanted = run.isArray() ? run.toArray() : QJsonArray{run};
        if (!item || std::none_of(item->runs.begin(), item->runs.end(),
                                  [&wanted](const QString& one) { return wanted.contains(one); })) {
            return false;
        }
    }
    return LiveTopic::matches(id, rest);
}

QJsonObject CaseBook::row(const QString& id) const
{
    const auto it = m_cases.find(id.mid(2).toLongLong());
    return it == m_cases.end() || it->second.id != id ? QJsonObject{} : it->second.toJson();
}

QJsonObject CaseBook::rowOf(const QString& id, const QString& run) const
{
    QJsonObject json = row(id);
    const Case* item = const_cast<CaseBook*>(this)->find(id);
    const auto found = item ? item->own.find(run) : std::map<QString, OwnFindings>::const_iterator();
    if (!item || found == item->own.end()) {
        return json;
    }
    const QJsonObject& mine = found->second.found;
    for (auto own = mine.begin(); own != mine.end(); ++own) {
        json[own.key()] = own.value();
    }
    json["run"] = run;
    json["tasks"] = QJsonArray::fromStringList(item->tasks);
    return json;
}

void CaseBook::save(const Case& item)
{
    if (item.runs.size() + item.tasks.size() <= kSmallCase || item.closedAtMs > 0) {
        m_due.remove(item.id);
        write(item);
        return;
    }
    m_due.insert(item.id);
    if (!m_writing.isActive()) {
        m_writing.start();
    }
}

void CaseBook::writeDue()
{
    for (const QString& id : std::exchange(m_due, {})) {
        if (const Case* item = find(id)) {
            write(*item);
        }
    }
}

void CaseBook::write(const Case& item)
{
    const QString body = QString::fromUtf8(QJsonDocument(item.toJson()).toJson(QJsonDocument::Compact));
    m_database.write(
        [number = item.number, body](store::Tx& tx) {
            return tx.exec(QStringLiteral("INSERT INTO case_row (number, body) VALUES (?, ?) "
                                          "ON CONFLICT (number) DO UPDATE SET body = excluded.body"),
                           {number, body});
        },
        this,
        [id = item.id](const Result<void>& saved) {
            if (!saved) {
                log::warn("cases", QStringLiteral("%1 not kept: %2").arg(id, saved.error().toLine()));
            }
        });
    announce({item.id});
}

}  // namespace sluice::engine
