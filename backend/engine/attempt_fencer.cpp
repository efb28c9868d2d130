#include "engine/attempt_fencer.h"

#include <signal.h>

#include <QtCore/QJsonDocument>

#include "core/log.h"
#include "core/process_identity.h"
#include "engine/recorded_link.h"
#include "luigi/process_group.h"
#include "store/database.h"
#include "store/row_reader.h"
#include "systems/ceph/settings.h"

namespace sluice::engine {
namespace {

constexpr int kCallMs = 10'000;
constexpr int kReadMs = 5000;
constexpr int kDeathMs = 5000;
constexpr int kDeathPollMs = 20;
constexpr qint64 kBlocklistSeconds = 3600;
constexpr int kRevokeEveryMs = 10'000;
constexpr int kRevokeWaitMostMs = 300'000;

QJsonObject because(const flow::AttemptRecord& attempt, const QString& what)
{
    const QString run = QStringLiteral("R-%1").arg(attempt.run);
    return RecordedLink::because(run, QStringLiteral("%1, task %2, attempt %3: %4")
                                          .arg(run)
                                          .arg(attempt.task)
                                          .arg(attempt.attempt)
                                          .arg(what));
}

/// What was made for an attempt is a key or an upload on a gateway, or a staged copy in a Ceph pool.
bool isUpload(const QJsonObject& made)
{
    return made.contains(QLatin1String("uploadId"));
}

bool isStaged(const QJsonObject& made)
{
    return made.contains(QLatin1String("cephPool"));
}

/// The gateway, or the cluster of a staged copy.
QString placeOf(const QJsonObject& made)
{
    return made["connection"].toString();
}

QString nameOf(const QJsonObject& made)
{
    if (isStaged(made)) {
        return placeOf(made) + '/' + made["cephPool"].toString() + '/' + made["object"].toString();
    }
    return made[isUpload(made) ? QLatin1String("uploadId") : QLatin1String("accessKey")].toString();
}

QString revokeMethod(const QJsonObject& made)
{
    return isStaged(made)   ? QStringLiteral("staged.remove")
           : isUpload(made) ? QStringLiteral("s3.upload.abort")
                            : QStringLiteral("s3.key.remove");
}

QJsonObject withReason(QJsonObject params, const QJsonObject& because)
{
    params["because"] = because;
    return params;
}

/// What an attempt that ended leaves behind on its gateways and in Ceph pools.
QList<QJsonObject> grantsOf(const flow::AttemptRecord& attempt)
{
    QList<QJsonObject> all;
    for (const QJsonObject& item : attempt.s3Keys) {
        all.append(withReason(item, because(attempt, QStringLiteral("ended"))));
    }
    return all;
}

/// `made` is to be taken back, by this life or the next.
Result<void> note(store::Tx& tx, const QJsonObject& made)
{
    const QString body = QString::fromUtf8(QJsonDocument(made).toJson(QJsonDocument::Compact));
    return tx.exec(QStringLiteral("INSERT OR REPLACE INTO s3_left (name, body) VALUES (?, ?)"),
                   {nameOf(made), body});
}

}  // namespace

struct AttemptFencer::Work {
    flow::AttemptRecord attempt{};
    flow::Acknowledge done{};
    qsizetype client{};
    qsizetype key{};
    bool processEnded{false};
    qint64 killedAtMs{};
};

store::PartSchema AttemptFencer::schema()
{
    return {.part = QStringLiteral("s3-keys-left"),
            .steps = {{.version = 1,
                       .statements = {QStringLiteral(
                           "CREATE TABLE s3_left (name TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID")},
                       .inFileSince = 2}}};
}

AttemptFencer::AttemptFencer(connect::Link& link, const config::Config& config, store::Database& database,
                             const Clock& clock, QObject* parent)
    : QObject(parent), m_link(link), m_config(config), m_database(database), m_clock(clock)
{
    m_again.setInterval(kRevokeEveryMs);
    connect(&m_again, &QTimer::timeout, this, qOverload<>(&AttemptFencer::revoke));
}

Result<void> AttemptFencer::load()
{
    return m_database.readNow([this](store::Tx& tx) {
        return store::readRows(tx, m_database.file(), QStringLiteral("s3_left"),
                               QStringLiteral("SELECT name, body FROM s3_left"), {},
                               [this](store::RowReader& row) {
                                   const QJsonObject made = row.object(1);
                                   m_backlogs[placeOf(made)].left.append(made);
                               });
    });
}

void AttemptFencer::start()
{
    m_again.start();
    revoke();
}

void AttemptFencer::fence(const flow::AttemptRecord& attempt, flow::Acknowledge done)
{
    nextStep(std::make_shared<Work>(Work{.attempt = attempt, .done = std::move(done)}));
}

void AttemptFencer::nextStep(std::shared_ptr<Work> work)
{
    const flow::AttemptRecord& attempt = work->attempt;
    if (work->client < attempt.clients.size()) {
        const QJsonObject client = attempt.clients[work->client++];
        if (client.contains(QLatin1String("process"))) {
            luigi::killGroup(luigi::ProcessMark::fromJson(client["process"].toObject()), m_clock, kDeathMs,
                             this, [this, work](Result<luigi::DeathProof> proof) {
                                 if (proof) {
                                     nextStep(work);
                                 } else {
                                     work->done(fail(proof.error()));
                                 }
                             });
            return;
        }
        blocklist(work, client["connection"].toString(), client["address"].toString());
        return;
    }
    if (work->key < attempt.s3Keys.size()) {
        revokeNow(work, withReason(attempt.s3Keys[work->key++], because(attempt, QStringLiteral("fenced"))));
        return;
    }
    if (!work->processEnded) {
        endProcess(work);
        return;
    }
    work->done({});
}

const config::Connection* AttemptFencer::clusterOf(const QJsonObject& made) const
{
    return isStaged(made) ? m_config.connection(placeOf(made))
                          : systems::ceph::clusterOfGateway(m_config, placeOf(made));
}

/// It is noted and asked for at once, and nothing waits for the answer: nobody can write with it any more.
void AttemptFencer::leave(std::shared_ptr<Work> work, const QJsonObject& made)
{
    addToBacklog(made);
    m_database.write([made](store::Tx& tx) { return note(tx, made); }, this,
                     [this, work, made](const Result<void>& noted) {
                         if (!noted) {
                             work->done(fail(noted.error()));
                             return;
                         }
                         revoke(placeOf(made));
                         nextStep(work);
                     });
}

/// Clients are fenced before and keys stand first: with them gone nothing can be added to an upload or a
/// staged copy; what is left of it only takes up space. A Ceph pool that does not answer holds up no fence
/// for that.
void AttemptFencer::revokeNow(std::shared_ptr<Work> work, const QJsonObject& made)
{
    const config::Connection* cluster = clusterOf(made);
    if (!cluster || isStaged(made)) {
        if (!cluster) {
            log::warn("fence", QStringLiteral("%1 is not taken back: no cluster of the configuration has %2")
                                   .arg(nameOf(made), placeOf(made)));
        }
        leave(work, made);
        return;
    }
    // A key that is gone is a success; "not found" is said of the gateway or its user, and proves nothing.
    askPlace({cluster->name, made, [this, work](const Result<QJsonObject>& done) {
                  if (done) {
                      nextStep(work);
                  } else {
                      work->done(fail(done.error()));
                  }
              }});
}

void AttemptFencer::blocklist(std::shared_ptr<Work> work, const QString& connection, const QString& address)
{
    if (!m_config.connection(connection)) {
        log::warn("fence",
                  QStringLiteral("%1 is not blocklisted: the configuration no longer has the connection %2")
                      .arg(address, connection));
        nextStep(work);
        return;
    }
    if (auto may = m_link.mayAct(connection); !may) {
        work->done(fail(may.error()));
        return;
    }
    m_link.call(
        connection, QStringLiteral("blocklist.add"),
        {{"address", address},
         {"expireSeconds", kBlocklistSeconds},
         {"because", because(work->attempt, QStringLiteral("fenced"))}},
        kCallMs, true, [this, work, connection, address](const Result<QJsonObject>& added) {
            if (!added && added.error().code != ErrorCode::OutcomeUnknown) {
                work->done(fail(added.error()));
                return;
            }
            m_link.call(
                connection, QStringLiteral("blocklist.has"), {{"address", address}}, kReadMs, false,
                [this, work, connection, address](const Result<QJsonObject>& has) {
                    if (!has) {
                        work->done(fail(has.error()));
                    } else if (!(*has)["listed"].toBool()) {
                        work->done(fail(Error{
                            .code = ErrorCode::Unavailable,
                            .message = QStringLiteral("The fence of %1 is not proved").arg(address),
                            .cause = QStringLiteral("%1 does not list it as blocked").arg(connection),
                            .correction = QStringLiteral("It is tried again; nothing new starts before."),
                            .retryable = true,
                            .source = connection}));
                    } else {
                        nextStep(work);
                    }
                });
        });
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

flow::RunStore::Write AttemptFencer::noteRelease(const flow::AttemptRecord& attempt) const
{
    const QList<QJsonObject> all = grantsOf(attempt);
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
    for (const QJsonObject& made : grantsOf(attempt)) {
        addToBacklog(made);
        revoke(placeOf(made));
    }
}

void AttemptFencer::addToBacklog(const QJsonObject& made)
{
    QList<QJsonObject>& left = m_backlogs[placeOf(made)].left;
    if (std::none_of(left.cbegin(), left.cend(),
                     [&made](const QJsonObject& other) { return nameOf(other) == nameOf(made); })) {
        left.append(made);
    }
}

void AttemptFencer::revoke()
{
    for (const QString& place : QStringList(m_backlogs.keys())) {
        revoke(place);
    }
}

/// A gateway or an OSD that hangs holds a thread of its cluster's worker per call, and fences and the
/// doctor's questions need those threads: it is asked one thing at a time, and what it does not answer to
/// one, it answers to none.
void AttemptFencer::askPlace(const Question& question)
{
    Backlog& backlog = m_backlogs[placeOf(question.made)];
    if (backlog.asked) {
        backlog.waiting.append(question);
        return;
    }
    backlog.asked = true;
    const auto answered = [this, question](const Result<QJsonObject>& answer) {
        const QString place = placeOf(question.made);
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
    m_link.call(question.cluster, revokeMethod(question.made), question.made, kCallMs, true, answered);
}

/// After a refusal it is asked less and less often.
void AttemptFencer::revoke(const QString& place)
{
    Backlog& backlog = m_backlogs[place];
    if (backlog.asked || !backlog.waiting.isEmpty() || backlog.left.isEmpty() ||
        m_clock.monotonicMs() < backlog.notBeforeMs) {
        return;
    }
    const QJsonObject made = backlog.left.first();
    // A connection that the configuration does not name now may come back to it.
    const config::Connection* cluster = clusterOf(made);
    if (!cluster || !m_link.mayAct(cluster->name)) {
        return;
    }
    const auto answered = [this, place, made](const Result<QJsonObject>& reply) {
        Backlog& backlog = m_backlogs[place];
        backlog.left.removeOne(made);
        if (!reply) {
            // What one of them fails for need not be true of the others.
            backlog.left.append(made);
            backlog.waitMs = qBound(kRevokeEveryMs, 2 * backlog.waitMs, kRevokeWaitMostMs);
            backlog.notBeforeMs = m_clock.monotonicMs() + backlog.waitMs;
            return;
        }
        backlog.waitMs = 0;
        m_database.write(
            [name = nameOf(made)](store::Tx& tx) {
                return tx.exec(QStringLiteral("DELETE FROM s3_left WHERE name = ?"), {name});
            },
            this, [](const Result<void>&) {});
        revoke(place);
    };
    askPlace({cluster->name, made, answered});
}

}  // namespace sluice::engine
