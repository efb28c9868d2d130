#include "ui/models/reset_progress.h"

#include <algorithm>

#include "core/units.h"
#include "ui/models/marks.h"
#include "ui/models/texts.h"
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

bool CarriedStep::worked() const
{
    return state == QLatin1String("done") || state == QLatin1String("verified") ||
           state == QLatin1String("already so") || state == QLatin1String("not needed");
}

QString lastReset(const QList<QJsonObject>& actions, const QJsonObject& caseRow)
{
    const QStringList runs = strings(caseRow, u"runs") + QStringList{str(caseRow, u"run")};
    const qint64 closed = time(caseRow, u"closedAt");
    QString id;
    qint64 newest = time(caseRow, u"openedAt");
    for (const QJsonObject& action : actions) {
        const qint64 at = time(action, u"at");
        const QStringList objects = strings(action, u"objects");
        const bool ours = std::any_of(runs.begin(), runs.end(),
                                      [&objects](const QString& run) { return objects.contains(run); });
        if (str(action, u"action") == QLatin1String("flow.reset") && ours && at >= newest &&
            (closed == 0 || at <= closed)) {
            newest = at;
            id = str(action, u"id");
        }
    }
    return id;
}

qint64 recoveredAtMs(const QJsonObject& caseRow)
{
    qint64 at = 0;
    QString before;
    const QJsonArray timeline = arr(caseRow, u"timeline");
    for (const QJsonValue& value : timeline) {
        const QJsonObject entry = value.toObject();
        const QString phase = str(entry, u"phase");
        if (phase == QLatin1String("verify") && before != phase && before != QLatin1String("carry out")) {
            at = time(entry, u"at");
        }
        before = phase;
    }
    return at;
}

bool wasCarriedOut(const QJsonObject& caseRow)
{
    const qint64 recovered = recoveredAtMs(caseRow);
    const QJsonArray timeline = arr(caseRow, u"timeline");
    return std::any_of(timeline.begin(), timeline.end(), [recovered](const QJsonValue& value) {
        const QJsonObject entry = value.toObject();
        return str(entry, u"phase") == QLatin1String("carry out") && time(entry, u"at") >= recovered;
    });
}

CarriedReset carriedReset(const QJsonObject& action)
{
    const QString state = str(action, u"state");
    const bool over = state != QLatin1String("executing");
    CarriedReset reset{.id = str(action, u"id"),
                       .plan = obj(action, u"plan"),
                       .principal = str(action, u"principal"),
                       .reason = str(action, u"reason"),
                       .seq = num(action, u"auditSeq"),
                       .askedAtMs = time(action, u"at"),
                       .closedAtMs = time(action, u"endedAt"),
                       .outcome = over ? state : QString(),
                       .error = over ? str(action, u"detail") : QString(),
                       .stepsEnded = num(action, u"stepsEnded"),
                       .stepsTotal = num(action, u"stepsTotal")};
    const QJsonArray steps = arr(action, u"steps");
    for (const QJsonValue& value : steps) {
        const QJsonObject step = value.toObject();
        reset.steps.append({.id = str(step, u"id"),
                            .title = str(step, u"title"),
                            .checkedBy = str(step, u"checkedBy"),
                            .state = str(step, u"state"),
                            .detail = str(step, u"detail"),
                            .atMs = time(step, u"at")});
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
        // The steps that break locks are counted as the locks of dead holders are.
        int dead = 0;
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
            const QString breaks = QStringLiteral("%1.lock.%2").arg(name).arg(++dead);
            const bool broken =
                std::any_of(reset.steps.begin(), reset.steps.end(),
                            [&](const CarriedStep& step) { return step.id == breaks && step.worked(); });
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
