#include "ui/models/reset_progress.h"

#include <QtCore/QCoreApplication>
#include <algorithm>

#include "core/units.h"
#include "ui/models/marks.h"
#include "ui/models/words.h"
#include "ui/session/row.h"
#include "ui/session/session.h"

namespace sluice::models {
namespace {

using session::arr;
using session::num;
using session::obj;
using session::str;
using session::strings;
using session::time;

QString tr(const char* text)
{
    return QCoreApplication::translate("sluice::models", text);
}

/// What records a step leaves behind, the surest last.
QStringList tracesOf(const QString& step)
{
    if (step == QLatin1String("fence")) {
        return {QStringLiteral("client.blocklist"), QStringLiteral("attempt.kill")};
    }
    if (step == QLatin1String("dead")) {
        return {QStringLiteral("attempt.kill")};
    }
    return {step == QLatin1String("lock")   ? QStringLiteral("lock.break")
            : step == QLatin1String("drop") ? QStringLiteral("object.remove")
                                            : QStringLiteral("attempt.start")};
}

/// Whether a record says what a step came to; calls to the cluster that it makes have records of their own.
bool endsStep(const QJsonObject& record)
{
    static const QStringList ends{QStringLiteral("verified"), QStringLiteral("already so"),
                                  QStringLiteral("not needed")};
    return ends.contains(str(record, u"outcome")) ||
           (str(record, u"action").startsWith(QLatin1String("attempt.")) &&
            str(record, u"outcome") == QLatin1String("done"));
}

/// The n-th record of one of these actions about this task.
QJsonObject trace(const QList<QJsonObject>& records, const QStringList& actions, const QString& task, int n)
{
    for (const QString& action : actions) {
        int seen = 0;
        for (const QJsonObject& record : records) {
            if (endsStep(record) && str(record, u"action") == action &&
                strings(record, u"objects").contains(task) && seen++ == n) {
                return record;
            }
        }
    }
    return {};
}

void readSteps(CarriedReset& reset, const QString& run, const QList<QJsonObject>& records)
{
    QHash<QString, int> sameBefore;
    bool unfinished = false;
    const QJsonArray steps = arr(reset.plan, u"steps");
    for (const QJsonValue& value : steps) {
        const QJsonObject step = value.toObject();
        const QString id = str(step, u"id");
        const QString task = run + '/' + id.section('.', 0, -2);
        const QJsonObject record = trace(records, tracesOf(id.section('.', -1)), task, sameBefore[id]++);
        CarriedStep carried{.title = str(step, u"title"), .checkedBy = str(step, u"checkedBy")};
        const bool done = !record.isEmpty() || reset.outcome == QLatin1String("verified");
        if (done) {
            carried.state = QStringLiteral("done");
            carried.atMs = record.isEmpty() ? 0 : time(record, u"time");
            ++reset.stepsDone;
        } else if (!unfinished) {
            unfinished = true;
            carried.state = reset.outcome.isEmpty() ? QStringLiteral("running") : QStringLiteral("failed");
        } else {
            carried.state = QStringLiteral("waiting");
        }
        reset.steps.append(carried);
    }
}

QJsonObject outcomeRow(const QString& what, const QString& before, const QString& expected,
                       const QString& seen, const QString& state, qint64 atMs)
{
    return {{QStringLiteral("id"), what},
            {QStringLiteral("what"), what},
            {QStringLiteral("before"), before},
            {QStringLiteral("expected"), expected},
            {QStringLiteral("seen"), seen},
            {QStringLiteral("state"), state},
            {QStringLiteral("at"), static_cast<double>(atMs)}};
}

}  // namespace

CarriedReset lastReset(const QList<QJsonObject>& audit, const QString& run, qint64 sinceMs)
{
    QList<QJsonObject> records = audit;
    std::sort(records.begin(), records.end(),
              [](const QJsonObject& a, const QJsonObject& b) { return num(a, u"seq") < num(b, u"seq"); });
    CarriedReset reset;
    QString request;
    QList<QJsonObject> after;
    for (const QJsonObject& record : std::as_const(records)) {
        const bool ours = str(record, u"action") == QLatin1String("flow.reset") &&
                          strings(record, u"objects").contains(run);
        if (ours && str(record, u"outcome") == QLatin1String("intent") && time(record, u"time") >= sinceMs) {
            reset = {.plan = obj(obj(record, u"detail"), u"plan"),
                     .principal = str(record, u"principal"),
                     .reason = str(record, u"reason"),
                     .seq = num(record, u"seq"),
                     .askedAtMs = time(record, u"time")};
            request = str(record, u"requestId");
            after.clear();
        } else if (reset.seq > 0) {
            if (ours && str(record, u"requestId") == request) {
                reset.outcome = str(record, u"outcome");
                reset.closedAtMs = time(record, u"time");
                reset.error = str(obj(obj(record, u"detail"), u"error"), u"message");
            }
            after.append(record);
        }
    }
    if (reset.seq > 0) {
        readSteps(reset, run, after);
    }
    return reset;
}

QList<QJsonObject> resetOutcome(session::Session& session, const QString& run, const CarriedReset& reset)
{
    QList<QJsonObject> rows;
    const qint64 now = session.nowMs();
    const bool over = !reset.outcome.isEmpty();
    const QString waits = over ? QStringLiteral("failed") : QStringLiteral("checking");
    const auto verdict = [&](bool good) { return good ? QStringLiteral("verified") : waits; };
    const QJsonArray tasks = arr(reset.plan, u"tasks");
    for (const QJsonValue& value : tasks) {
        const QJsonObject planned = value.toObject();
        const QString name = str(planned, u"task");
        const QJsonObject task = session.tasks(run).row(run + '/' + name);
        const qint64 before = num(planned, u"attempt");
        const qint64 attempt = num(task, u"attempt");
        const QString state = str(task, u"state");
        const bool moves = state == QLatin1String("done") || state == QLatin1String("running") ||
                           state == QLatin1String("verifying");
        rows.append(outcomeRow(
            tr("Attempt of %1").arg(name), tr("%1, fence %2").arg(before).arg(num(planned, u"fence")),
            tr("%1").arg(before + 1), tr("%1, fence %2").arg(attempt).arg(num(task, u"fence")),
            verdict(attempt > before), now));
        const qint64 kept = num(obj(planned, u"kept"), u"objects");
        rows.append(outcomeRow(tr("Progress of %1").arg(name), tr("none"), tr("it moves"),
                               task.isEmpty() ? tr("not read yet") : taskLine(task, now),
                               verdict(attempt > before && moves), now));
        if (kept > 0) {
            const qint64 stored = num(task, u"objectsDone");
            rows.append(
                outcomeRow(tr("Objects stored by %1").arg(name), formatCount(kept),
                           tr("%1 or more").arg(formatCount(kept)),
                           attempt > before ? ofText(stored, num(task, u"objectsTotal")) : tr("not yet"),
                           verdict(attempt > before && stored >= kept), now));
        }
        const QJsonArray locks = arr(planned, u"locks");
        for (const QJsonValue& item : locks) {
            const QJsonObject lock = item.toObject();
            if (lock.value(QLatin1String("alive")).toBool(true)) {
                continue;
            }
            const QJsonObject fact = session.estateRow(
                str(lock, u"connection"), QStringLiteral("lock"),
                str(lock, u"cephPool") + '/' + str(lock, u"object") + '/' + str(lock, u"lock"));
            const qsizetype holders = arr(session::facts(fact), u"holders").size();
            const bool broken =
                std::any_of(reset.steps.begin(), reset.steps.end(), [&](const CarriedStep& step) {
                    return step.state == QLatin1String("done") && step.title.contains(str(lock, u"lock"));
                });
            rows.append(outcomeRow(tr("Holders of lock %1").arg(str(lock, u"lock")),
                                   tr("1, %1 is gone").arg(str(lock, u"client")), QStringLiteral("0"),
                                   broken || holders == 0 ? QStringLiteral("0") : QString::number(holders),
                                   verdict(broken), now));
        }
    }
    return rows;
}

QList<session::Column> resetOutcomeColumns()
{
    const auto text = [](const char* key) {
        const QString name = QString::fromLatin1(key);
        return [name](const QJsonObject& row, qint64) { return str(row, name); };
    };
    return {
        {.id = QStringLiteral("what"), .title = tr("What"), .text = text("what"), .name = true},
        {.id = QStringLiteral("before"),
         .title = tr("Before"),
         .text = text("before"),
         .quiet = true,
         .width = 160},
        {.id = QStringLiteral("expected"),
         .title = tr("Expected"),
         .text = text("expected"),
         .quiet = true,
         .width = 130},
        {.id = QStringLiteral("seen"), .title = tr("Seen"), .text = text("seen"), .width = 170},
        {.id = QStringLiteral("result"),
         .title = tr("Result"),
         .state =
             [](const QJsonObject& row) { return style::stateWord(style::Domain::Step, str(row, u"state")); },
         .width = 116},
    };
}

}  // namespace sluice::models
