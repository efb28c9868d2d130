#include "diagnosis/outage.h"
#include "engine/case_book.h"

/// One outage is one case: which run belongs to which.
namespace sluice::engine {
namespace {

/// So many runs that join are named one by one.
constexpr qsizetype kJoinedByName = 10;

}  // namespace

QString CaseBook::place(Case& item, const QString& run)
{
    const QStringList mine = item.own[run].outage;
    if (mine.isEmpty() || item.sharesOutage(mine, run)) {
        return item.id;
    }
    if (Case* same = ofOutage(mine, item.id)) {
        // Of two cases of one outage the older one goes on, unless others would be torn out of the newer, or
        // the outage was seen without a run.
        if (same->number < item.number || item.runs.size() > 1 || !same->subject.isEmpty()) {
            moveTo(*same, item, run);
            return same->id;
        }
        for (const QString& other : QStringList(same->runs)) {
            moveTo(item, *same, other);
        }
        return item.id;
    }
    if (!item.hasOutage(run) || (item.runs.size() < 2 && !item.stands())) {
        return item.id;
    }
    const QStringList tasks = item.tasksOf(run);
    const QString title = QStringLiteral("%1 does not move").arg(tasks.value(0).section('/', 1));
    Case& apart =
        *find(open(run, {}, title, QStringLiteral("found: another outage than that of %1").arg(item.id)));
    moveTo(apart, item, run);
    return apart.id;
}

Case* CaseBook::ofOutage(const QStringList& outage, const QString& but)
{
    for (auto& [number, other] : m_cases) {
        if (other.closedAtMs == 0 && other.id != but && other.isEarly() && other.sharesOutage(outage)) {
            return &other;
        }
    }
    return nullptr;
}

const Case* CaseBook::openCaseAbout(const QString& subject) const
{
    for (const auto& [number, item] : m_cases) {
        if (item.closedAtMs == 0 && item.subject == subject) {
            return &item;
        }
    }
    return nullptr;
}

QString CaseBook::openStanding(const diagnosis::Diagnosis& diagnosis)
{
    QJsonObject found = diagnosis.toJson();
    found["lookedAt"] = toRfc3339(m_clock.nowMs());
    const OwnFindings mine(found);
    const QString subject = mine.outage.value(0);
    Case* item = const_cast<Case*>(openCaseAbout(subject));
    if (Case* same = item ? nullptr : ofOutage(mine.outage, {}); same && same->subject.isEmpty()) {
        item = same;
        item->subject = subject;
    }
    if (!item) {
        const QString title = diagnosis.findings.first().title;
        item = find(open({}, {}, title, QStringLiteral("found: %1").arg(title)));
        item->subject = subject;
    }
    item->own[kOfSubject] = mine;
    if (item->run.isEmpty()) {
        if (item->phase == QLatin1String("verify")) {
            item->phase = QStringLiteral("found");
            addToTimeline(*item, QStringLiteral("it is back within a minute"));
        }
        leadWith(*item, diagnosis);
    }
    save(*item);
    return item->id;
}

void CaseBook::endStanding(const QString& id, const QString& remark)
{
    Case* item = find(id);
    if (!item || item->closedAtMs > 0) {
        return;
    }
    item->own.erase(kOfSubject);
    if (item->runs.isEmpty()) {
        setPhase(id, QStringLiteral("verify"), remark);
        return;
    }
    addToTimeline(*item, remark);
    save(*item);
}

void CaseBook::addRun(Case& item, const QString& run)
{
    m_openOf[run] = item.number;
    if (item.runs.contains(run)) {
        return;
    }
    item.runs.append(run);
    const qsizetype joined = item.runs.size() - 1;
    if (joined <= kJoinedByName) {
        addToTimeline(item, QStringLiteral("%1 stands for the same cause").arg(run));
        return;
    }
    // What a thousand runs would say one by one is one line, which counts them.
    const QString count = QStringLiteral("%1 runs stand for the same cause");
    if (item.timeline.last()["text"].toString() == count.arg(joined)) {
        item.timeline.removeLast();
    }
    addToTimeline(item, count.arg(joined + 1));
}

void CaseBook::moveTo(Case& target, Case& from, const QString& run)
{
    addRun(target, run);
    for (const QString& task : from.tasksOf(run)) {
        if (!target.tasks.contains(task)) {
            target.tasks.append(task);
        }
    }
    target.own[run] = from.own[run];
    save(target);
    Q_EMIT runPlaced(run, target.id);
    if (from.runs.size() > 1 || from.stands()) {
        detachRun(from.id, run, QStringLiteral("%1 stands for another cause: %2").arg(run, target.id));
    } else {
        close(from.id, QStringLiteral("part of %1").arg(target.id));
    }
}

}  // namespace sluice::engine
