#include "engine/attempt_fencer.h"

#include <signal.h>

#include <QtCore/QJsonDocument>
#include <QtCore/QPointer>

#include "core/canonical_json.h"
#include "core/log.h"
#include "core/process_identity.h"
#include "store/database.h"
#include "store/row_reader.h"

namespace sluice::engine {
namespace {

constexpr int kDeathMs = 5000;
constexpr int kDeathPollMs = 20;
constexpr int kReleaseEveryMs = 10'000;
constexpr int kReleaseWaitMostMs = 300'000;

QJsonObject because(const flow::AttemptRecord& attempt, const QString& what)
{
    const QString run = QStringLiteral("R-%1").arg(attempt.run);
    return connect::Link::because(run, QStringLiteral("%1, task %2, attempt %3: %4")
                                           .arg(run)
                                           .arg(attempt.task)
                                           .arg(attempt.attempt)
                                           .arg(what));
}

}  // namespace

struct AttemptFencer::Work {
    flow::AttemptRecord attempt{};
    QList<flow::Claim> claims{};
    flow::Acknowledge done{};
    qsizetype next{};
    bool processEnded{false};
    qint64 killedAtMs{};
};

AttemptFencer::AttemptFencer(connect::ClaimKeepers keepers, connect::Link& link, store::Database& database,
                             const Clock& clock, QObject* parent)
    : QObject(parent), m_keepers(std::move(keepers)), m_link(link), m_database(database), m_clock(clock)
{
    m_again.setInterval(kReleaseEveryMs);
    connect(&m_again, &QTimer::timeout, this, &AttemptFencer::releaseAll);
}

Result<void> AttemptFencer::load()
{
    return m_database.readNow([this](store::Tx& tx) {
        return store::readRows(
            tx, m_database.file(), QStringLiteral("claim_left"),
            QStringLiteral("SELECT name, claim FROM claim_left"), {}, [this](store::RowReader& row) {
                const QString name = row.text(0);
                const QJsonObject json = row.object(1);
                const flow::Claim claim = flow::Claim::fromJson(json);
                if (claim.kind.isEmpty()) {
                    row.refuse(QStringLiteral("column claim holds something that is no claim"));
                } else if (const auto* keeper = m_keepers.find(claim.kind); keeper && keeper->release) {
                    m_backlogs[claim.connection].left.append({name, claim, json["because"].toObject()});
                } else {
                    // It stays in the table, for the version that knows it.
                    log::warn("fence", m_keepers.noKeeper(claim).toLine());
                }
            });
    });
}

void AttemptFencer::start()
{
    m_again.start();
    releaseAll();
}

Result<void> AttemptFencer::mayClaim(const flow::Claim& claim) const
{
    return m_keepers.find(claim.kind) ? Result<void>() : fail(m_keepers.noKeeper(claim));
}

flow::FenceWords AttemptFencer::describe(const flow::AttemptRecord& attempt) const
{
    return m_keepers.describe(attempt.claims);
}

void AttemptFencer::fence(const flow::AttemptRecord& attempt, flow::Acknowledge done)
{
    nextStep(std::make_shared<Work>(
        Work{.attempt = attempt, .claims = m_keepers.inOrder(attempt.claims), .done = std::move(done)}));
}

flow::Acknowledge AttemptFencer::whileHere(flow::Acknowledge done)
{
    return [self = QPointer<AttemptFencer>(this), done = std::move(done)](const Result<void>& result) {
        if (self) {
            done(result);
        }
    };
}

void AttemptFencer::nextStep(std::shared_ptr<Work> work)
{
    if (work->next < work->claims.size()) {
        const flow::Claim& claim = work->claims[work->next];
        const connect::ClaimKeeper* keeper = m_keepers.find(claim.kind);
        if (!keeper) {
            work->done(fail(m_keepers.noKeeper(claim)));
        } else if (keeper->fence) {
            keeper->fence(claim, because(work->attempt, QStringLiteral("fenced")), this,
                          whileHere([this, work](const Result<void>& fenced) {
                              if (fenced) {
                                  releaseNow(work);
                              } else {
                                  work->done(fenced);
                              }
                          }));
        } else {
            releaseNow(work);
        }
        return;
    }
    if (!work->processEnded) {
        endProcess(work);
        return;
    }
    work->done({});
}

AttemptFencer::Left AttemptFencer::leftOf(const flow::AttemptRecord& attempt, const flow::Claim& claim,
                                          const QString& what)
{
    return {QString::fromUtf8(canonicalJson(claim.toJson())), claim, because(attempt, what)};
}

/// It is to be released, by this life or the next.
Result<void> AttemptFencer::note(store::Tx& tx, const Left& left)
{
    QJsonObject json = left.claim.toJson();
    json["because"] = left.because;
    return tx.exec(QStringLiteral("INSERT OR REPLACE INTO claim_left (name, claim) VALUES (?, ?)"),
                   {left.name, QString::fromUtf8(QJsonDocument(json).toJson(QJsonDocument::Compact))});
}

/// It is noted and asked for at once, and nothing waits for the answer: nobody can write with it any more.
void AttemptFencer::releaseLater(std::shared_ptr<Work> work, const Left& left)
{
    addToBacklog(left);
    m_database.write([left](store::Tx& tx) { return note(tx, left); }, this,
                     [this, work, place = left.claim.connection](const Result<void>& noted) {
                         if (!noted) {
                             work->done(fail(noted.error()));
                             return;
                         }
                         releaseNext(place);
                         nextStep(work);
                     });
}

void AttemptFencer::releaseNow(std::shared_ptr<Work> work)
{
    const flow::Claim claim = work->claims[work->next++];
    const connect::ClaimKeeper& keeper = *m_keepers.find(claim.kind);
    if (!keeper.release) {
        nextStep(work);
        return;
    }
    const Left left = leftOf(work->attempt, claim, QStringLiteral("fenced"));
    const bool configured = !keeper.askedOf(claim).isEmpty();
    if (!configured && keeper.order != connect::ClaimOrder::Leftover) {
        work->done(fail(connect::notConfigured(claim, keeper.nameOf(claim))));
        return;
    }
    if (!configured) {
        log::warn("fence", QStringLiteral("%1 is not taken back: nothing in the configuration has %2")
                               .arg(keeper.nameOf(claim), claim.connection));
    }
    if (!configured || !keeper.fenceWaits) {
        releaseLater(work, left);
        return;
    }
    askPlace({left, [this, work](const Result<void>& released) {
                  if (released) {
                      nextStep(work);
                  } else {
                      work->done(released);
                  }
              }});
}

void AttemptFencer::endProcess(std::shared_ptr<Work> work)
{
    const qint64 pid = work->attempt.pid;
    const bool alive =
        pid > 0 && work->attempt.pidStartedAt > 0 && processStartTicks(pid) == work->attempt.pidStartedAt;
    if (!alive) {
        work->processEnded = true;
        nextStep(work);
        return;
    }
    if (work->killedAtMs == 0) {
        work->killedAtMs = m_clock.monotonicMs();
        ::kill(static_cast<pid_t>(pid), SIGKILL);
    } else if (m_clock.monotonicMs() - work->killedAtMs > kDeathMs) {
        work->done(fail(Error{
            .code = ErrorCode::DeadlineExceeded,
            .message = QStringLiteral("Process %1 of the old attempt does not end").arg(pid),
            .cause = QStringLiteral("SIGKILL had no effect within 5 s"),
            .correction = QStringLiteral("See why the process hangs in the kernel; its writes are fenced."),
            .retryable = true,
            .source = QStringLiteral("worker")}));
        return;
    }
    QTimer::singleShot(kDeathPollMs, this, [this, work] { endProcess(work); });
}

/// What an attempt that ended well leaves behind.
QList<AttemptFencer::Left> AttemptFencer::releasesOf(const flow::AttemptRecord& attempt) const
{
    QList<Left> all;
    for (const flow::Claim& claim : m_keepers.inOrder(attempt.claims)) {
        if (const auto* keeper = m_keepers.find(claim.kind); keeper && keeper->release) {
            all.append(leftOf(attempt, claim, QStringLiteral("ended")));
        }
    }
    return all;
}

flow::RunStore::Write AttemptFencer::noteRelease(const flow::AttemptRecord& attempt) const
{
    const QList<Left> all = releasesOf(attempt);
    if (all.isEmpty()) {
        return {};
    }
    return [all](store::Tx& tx) {
        Result<void> noted{};
        for (qsizetype i = 0; noted && i < all.size(); ++i) {
            noted = note(tx, all[i]);
        }
        return noted;
    };
}

void AttemptFencer::release(const flow::AttemptRecord& attempt)
{
    for (const Left& left : releasesOf(attempt)) {
        addToBacklog(left);
        releaseNext(left.claim.connection);
    }
}

void AttemptFencer::addToBacklog(const Left& left)
{
    QList<Left>& all = m_backlogs[left.claim.connection].left;
    if (std::none_of(all.cbegin(), all.cend(),
                     [&left](const Left& other) { return other.name == left.name; })) {
        all.append(left);
    }
}

void AttemptFencer::releaseAll()
{
    for (const QString& place : QStringList(m_backlogs.keys())) {
        releaseNext(place);
    }
}

/// What hangs may hold a thread of whoever asks it for each call, and fences and the doctor's questions need
/// those threads: it is asked one thing at a time, and what it does not answer to one, it answers to none.
void AttemptFencer::askPlace(const Question& question)
{
    Backlog& backlog = m_backlogs[question.left.claim.connection];
    if (backlog.asked) {
        backlog.waiting.append(question);
        return;
    }
    backlog.asked = true;
    const auto answered = [this, question](const Result<void>& answer) {
        const QString place = question.left.claim.connection;
        m_backlogs[place].asked = false;
        QList<Question> together{question};
        if (!answer && (answer.error().retryable || answer.error().code == ErrorCode::OutcomeUnknown)) {
            together += std::exchange(m_backlogs[place].waiting, {});
        }
        for (const Question& each : together) {
            each.reply(answer);
        }
        Backlog& now = m_backlogs[place];
        if (!now.asked && !now.waiting.isEmpty()) {
            askPlace(now.waiting.takeFirst());
        }
    };
    const flow::Claim& claim = question.left.claim;
    m_keepers.find(claim.kind)->release(claim, question.left.because, whileHere(answered));
}

/// After a refusal it is asked less and less often.
void AttemptFencer::releaseNext(const QString& place)
{
    Backlog& backlog = m_backlogs[place];
    if (backlog.asked || !backlog.waiting.isEmpty() || backlog.left.isEmpty() ||
        m_clock.monotonicMs() < backlog.notBeforeMs) {
        return;
    }
    const Left left = backlog.left.first();
    // A connection that the configuration does not name now may come back to it.
    const QString asked = m_keepers.find(left.claim.kind)->askedOf(left.claim);
    if (asked.isEmpty() || !m_link.mayAct(asked)) {
        return;
    }
    const auto answered = [this, place, left](const Result<void>& reply) {
        Backlog& backlog = m_backlogs[place];
        backlog.left.removeIf([&left](const Left& other) { return other.name == left.name; });
        if (!reply) {
            // What one of them fails for need not be true of the others.
            backlog.left.append(left);
            backlog.waitMs = qBound(kReleaseEveryMs, 2 * backlog.waitMs, kReleaseWaitMostMs);
            backlog.notBeforeMs = m_clock.monotonicMs() + backlog.waitMs;
            return;
        }
        backlog.waitMs = 0;
        m_database.write(
            [name = left.name](store::Tx& tx) {
                return tx.exec(QStringLiteral("DELETE FROM claim_left WHERE name = ?"), {name});
            },
            this, [](const Result<void>&) {});
        releaseNext(place);
    };
    askPlace({left, answered});
}

}  // namespace sluice::engine
