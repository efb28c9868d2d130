#include "engine/attempt_fencer.h"

#include <signal.h>

#include <QtCore/QFile>
#include <QtCore/QTimer>

#include "luigi/process_group.h"

namespace sluice::engine {
namespace {

constexpr int kCallMs = 10'000;
constexpr int kReadMs = 5000;
constexpr int kDeathMs = 5000;
constexpr int kDeathPollMs = 20;
constexpr qint64 kBlocklistSeconds = 3600;

}  // namespace

qint64 processStartTicks(qint64 pid)
{
    QFile stat(QStringLiteral("/proc/%1/stat").arg(pid));
    if (pid <= 0 || !stat.open(QIODevice::ReadOnly)) {
        return 0;
    }
    const QByteArray text = stat.readAll();
    // The name in parentheses may hold spaces; fields are counted from after it.
    const QList<QByteArray> fields = text.mid(text.lastIndexOf(')') + 2).split(' ');
    return fields.size() > 19 && fields[0] != "Z" ? fields[19].toLongLong() : 0;
}

struct AttemptFencer::Work {
    flow::AttemptRecord attempt{};
    flow::Acknowledge done{};
    qsizetype client{};
    qsizetype key{};
    bool processEnded{false};
    qint64 killedAtMs{};
};

AttemptFencer::AttemptFencer(ClusterLink& link, const config::Config& config, const Clock& clock, QObject* parent)
    : QObject(parent), m_link(link), m_config(config), m_clock(clock)
{
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
            luigi::killGroup(luigi::ProcessMark::fromJson(client["process"].toObject()), m_clock, kDeathMs, this,
                             [this, work](Result<luigi::DeathProof> proof) {
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
        const QJsonObject key = attempt.s3Keys[work->key++];
        const config::Connection* cluster = m_config.clusterOfGateway(key["connection"].toString());
        m_link.call(cluster ? cluster->name : QString(), QStringLiteral("s3.key.remove"), key, kCallMs, true,
                    [this, work, key](const Result<QJsonObject>& reply) {
                        if (reply || reply.error().code == ErrorCode::NotFound) {
                            abortUploads(work, key);
                        } else {
                            work->done(fail(reply.error()));
                        }
                    });
        return;
    }
    if (!work->processEnded) {
        endProcess(work);
        return;
    }
    work->done({});
}

/// With the key gone nothing can be added to an upload of the attempt; what is left of it only takes up space.
void AttemptFencer::abortUploads(std::shared_ptr<Work> work, const QJsonObject& key)
{
    // Without a prefix the uploads could be anybody's: those are left alone.
    if (key["bucket"].toString().isEmpty() || key["prefix"].toString().isEmpty()) {
        nextStep(work);
        return;
    }
    const config::Connection* cluster = m_config.clusterOfGateway(key["connection"].toString());
    m_link.call(cluster ? cluster->name : QString(), QStringLiteral("s3.uploads.abort"),
                {{"connection", key["connection"]}, {"bucket", key["bucket"]}, {"prefix", key["prefix"]}}, kCallMs, true,
                [this, work](const Result<QJsonObject>& reply) {
                    if (reply || reply.error().code == ErrorCode::NotFound) {
                        nextStep(work);
                    } else {
                        work->done(fail(reply.error()));
                    }
                });
}

void AttemptFencer::blocklist(std::shared_ptr<Work> work, const QString& connection, const QString& address)
{
    if (auto may = m_link.mayAct(connection); !may) {
        work->done(fail(may.error()));
        return;
    }
    m_link.call(connection, QStringLiteral("blocklist.add"), {{"address", address}, {"expireSeconds", kBlocklistSeconds}}, kCallMs,
                true, [this, work, connection, address](const Result<QJsonObject>& added) {
                    if (!added && added.error().code != ErrorCode::OutcomeUnknown) {
                        work->done(fail(added.error()));
                        return;
                    }
                    m_link.call(connection, QStringLiteral("blocklist.has"), {{"address", address}}, kReadMs, false,
                                [this, work, connection, address](const Result<QJsonObject>& has) {
                                    if (!has) {
                                        work->done(fail(has.error()));
                                    } else if (!(*has)["listed"].toBool()) {
                                        work->done(fail(Error{.code = ErrorCode::Unavailable,
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
    const bool alive = pid > 0 && work->attempt.pidStartedAt > 0 && processStartTicks(pid) == work->attempt.pidStartedAt;
    if (!alive) {
        work->processEnded = true;
        nextStep(work);
        return;
    }
    if (work->killedAtMs == 0) {
        work->killedAtMs = m_clock.monotonicMs();
        ::kill(static_cast<pid_t>(pid), SIGKILL);
    } else if (m_clock.monotonicMs() - work->killedAtMs > kDeathMs) {
        work->done(fail(Error{.code = ErrorCode::DeadlineExceeded,
                              .message = QStringLiteral("Process %1 of the old attempt does not end").arg(pid),
                              .cause = QStringLiteral("SIGKILL had no effect within 5 s"),
                              .correction = QStringLiteral("See why the process hangs in the kernel; its writes are fenced."),
                              .retryable = true,
                              .source = QStringLiteral("worker")}));
        return;
    }
    QTimer::singleShot(kDeathPollMs, this, [this, work] { endProcess(work); });
}

void AttemptFencer::release(const flow::AttemptRecord& attempt)
{
    for (const QJsonObject& key : attempt.s3Keys) {
        const config::Connection* cluster = m_config.clusterOfGateway(key["connection"].toString());
        m_link.call(cluster ? cluster->name : QString(), QStringLiteral("s3.key.remove"), key, kCallMs, true,
                    [](const Result<QJsonObject>&) {});
    }
}

}  // namespace sluice::engine
