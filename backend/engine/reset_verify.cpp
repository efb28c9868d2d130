#include <QtCore/QJsonArray>
#include <QtCore/QTimer>

#include "engine/reset_service.h"
#include "engine/troubled.h"

namespace sluice::engine {
namespace {

constexpr qint64 kVerifyMs = 60'000;
constexpr int kVerifyPollMs = 250;

Error finalOne(Error error)
{
    error.retryable = false;
    return error;
}

}  // namespace

using model::TaskState;

void ResetService::verify(const QString& runId, const QJsonArray& tasks, actions::Step::Seen done)
{
    const Case* open = m_cases.openCaseOf(runId);
    const QString caseId = open ? open->id : QString();
    m_cases.setPhase(caseId, QStringLiteral("verify"),
                     QStringLiteral("carried out; watching whether it moves"));
    auto* timer = new QTimer(this);
    const qint64 began = m_clock.monotonicMs();
    connect(timer, &QTimer::timeout, this, [=, this] {
        const flow::Run* run = m_flow.run(runId);
        if (!run) {
            timer->stop();
            timer->deleteLater();
            done(fail(Error{.code = ErrorCode::Aborted,
                            .message = QStringLiteral("The reset is not verified"),
                            .cause = QStringLiteral("%1 ended before it was seen to move").arg(runId),
                            .correction = QStringLiteral("Look at it: sluicectl flow show %1.").arg(runId),
                            .source = QStringLiteral("reset")}));
            return;
        }
        QStringList still;
        const Error* failure = nullptr;
        qint64 movedMs = began;
        for (const QJsonValue& value : tasks) {
            const flow::Task& task = run->tasks[static_cast<size_t>(value["index"].toInt())];
            const bool again = task.attempt > value["attempt"].toInt();
            // Objects that were kept count as done; only what is beyond them was moved by the new attempt.
            const bool active = isActive(task.state) && task.state != TaskState::Stalled;
            const bool stores = task.traits().keepsManifest;
            const bool moves = stores && task.state != TaskState::Failed && task.live &&
                               task.live->objectsDone > task.live->objectsKept;
            const bool runs = !stores && active;
            if (task.state == TaskState::Failed && task.error) {
                failure = task.error.get();
            }
            if (task.state != TaskState::Done && !(again && (moves || runs))) {
                still.append(task.name);
                // Comparing a million kept objects takes longer than the patience with one that stands still.
                movedMs = again && task.live ? qMax(movedMs, task.live->lastProgressMonoMs) : movedMs;
            }
        }
        if (!still.isEmpty() && !failure && m_clock.monotonicMs() - movedMs < kVerifyMs) {
            return;
        }
        timer->stop();
        timer->deleteLater();
        if (still.isEmpty()) {
            const Case* verified = m_cases.openCaseOf(runId);
            if (verified && inTrouble(*verified, m_flow)) {
                m_cases.setPhase(caseId, QStringLiteral("found"),
                                 QStringLiteral("verified: %1 moves again; others do not yet").arg(runId));
            } else {
                m_watch.begin(caseId, QStringLiteral("verified: it moves again"));
            }
            done(QStringLiteral("each task of %1 that was reset moves again or is done").arg(runId));
        } else {
            m_cases.setPhase(
                caseId, QStringLiteral("decide"),
                QStringLiteral("not verified: %1 does not move").arg(still.join(QStringLiteral(", "))));
            // Nobody looks again: what failed once more is looked at by a person.
            done(fail(
                failure ? finalOne(*failure)
                        : Error{.code = ErrorCode::DeadlineExceeded,
                                .message = QStringLiteral("The reset is not verified"),
                                .cause = QStringLiteral("%1 made no progress within 60 s")
                                             .arg(still.join(QStringLiteral(", "))),
                                .correction = QStringLiteral("Ask why with: sluicectl doctor %1.").arg(runId),
                                .source = QStringLiteral("reset")}));
        }
    });
    timer->start(kVerifyPollMs);
}

}  // namespace sluice::engine
