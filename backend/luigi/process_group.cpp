#include "luigi/process_group.h"

#include <sys/stat.h>
#include <unistd.h>

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFutureWatcher>
#include <QtCore/QJsonArray>
#include <QtCore/QPromise>
#include <QtCore/QThreadPool>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <memory>
#include <thread>

namespace sluice::luigi {
namespace {

constexpr auto kLookEvery = std::chrono::milliseconds(10);
/// So long a process may be without an environment that has only just been started. One that waits for a disk
/// or a mount meanwhile may be so for longer.
constexpr int kMostUnclearMs = 1000;
/// One look can miss a child whose parent ended while the list was read.
constexpr int kEmptyLooks = 2;

struct ProcStat {
    char state{};
    qint64 group{};
    quint64 startTicks{};
    bool ofKernel{};
};

constexpr quint64 kKernelThread = 0x0020'0000;  ///< PF_KTHREAD, field 9 of /proc/<pid>/stat

QByteArray readAll(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// @source proc(5); the name in parentheses may hold anything, so the fields are counted from the last ')'
std::optional<ProcStat> statOf(qint64 pid)
{
    const QByteArray text = readAll(QStringLiteral("/proc/%1/stat").arg(pid));
    const qsizetype end = text.lastIndexOf(')');
    if (end < 0) {
        return std::nullopt;
    }
    const QList<QByteArray> fields = text.mid(end + 2).split(' ');
    if (fields.size() < 20) {
        return std::nullopt;
    }
    return ProcStat{fields[0].isEmpty() ? '?' : fields[0].at(0), fields[2].toLongLong(),
                    fields[19].toULongLong(), (fields[6].toULongLong() & kKernelThread) != 0};
}

bool ended(const ProcStat& stat)
{
    return stat.state == 'Z' || stat.state == 'X';
}

QString bootId()
{
    return QString::fromLatin1(readAll(QStringLiteral("/proc/sys/kernel/random/boot_id"))).trimmed();
}

bool carries(const QByteArray& environment, const QString& marker)
{
    const QByteArray wanted = '\0' + QByteArray("SLUICE_ATTEMPT=") + marker.toUtf8() + '\0';
    return !marker.isEmpty() && ('\0' + environment + '\0').contains(wanted);
}

bool isMine(qint64 pid)
{
    struct stat info {};
    return ::stat(QByteArray("/proc/" + QByteArray::number(pid)).constData(), &info) == 0 &&
           info.st_uid == geteuid();
}

GroupLook find(const ProcessMark& mark)
{
    GroupLook found;
    const bool sameBoot = !mark.bootId.isEmpty() && mark.bootId == bootId();
    // While the leader itself is there (even as a zombie), its pid and with it the group's number cannot be
    // reused.
    const auto leader = sameBoot && mark.pid > 0 ? statOf(mark.pid) : std::nullopt;
    const bool groupIsOurs = leader && leader->startTicks == mark.startTicks;
    const QStringList entries = QDir(QStringLiteral("/proc")).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    for (const QString& entry : entries) {
        bool isNumber = false;
        const qint64 pid = entry.toLongLong(&isNumber);
        if (!isNumber || pid == getpid() || !isMine(pid)) {
            continue;
        }
        const auto stat = statOf(pid);
        if (!stat || stat->ofKernel || ended(*stat)) {
            continue;
        }
        // One that may not be looked at is not one that has none.
        QFile file(QStringLiteral("/proc/%1/environ").arg(pid));
        const bool readable = file.open(QIODevice::ReadOnly);
        const QByteArray environment = readable ? file.readAll() : QByteArray();
        if ((groupIsOurs && (pid == mark.pid || stat->group == mark.pid)) ||
            carries(environment, mark.marker)) {
            found.members.append(pid);
        } else if (readable && environment.isEmpty() && sameBoot && stat->startTicks >= mark.startTicks) {
            found.unclear.append(pid);
            found.unclearWaits = found.unclearWaits || stat->state == 'D';
        }
    }
    return found;
}

}  // namespace

QJsonObject ProcessMark::toJson() const
{
    return {
        {"pid", pid}, {"startTicks", QString::number(startTicks)}, {"bootId", bootId}, {"marker", marker}};
}

ProcessMark ProcessMark::fromJson(const QJsonObject& json)
{
    return {.pid = json["pid"].toInteger(),
            .startTicks = json["startTicks"].toString().toULongLong(),
            .bootId = json["bootId"].toString(),
            .marker = json["marker"].toString()};
}

Result<ProcessMark> markOf(qint64 pid, const QString& marker)
{
    const auto stat = statOf(pid);
    if (!stat) {
        return fail({.code = ErrorCode::NotFound,
                     .message = QStringLiteral("There is no process %1").arg(pid),
                     .source = QStringLiteral("luigi")});
    }
    return ProcessMark{.pid = pid, .startTicks = stat->startTicks, .bootId = bootId(), .marker = marker};
}

QList<qint64> membersOf(const ProcessMark& mark)
{
    return find(mark).members;
}

QJsonObject DeathProof::toJson() const
{
    QJsonArray pids;
    for (const qint64 pid : killed) {
        pids.append(pid);
    }
    return {{"process", mark.toJson()}, {"killed", pids}, {"goneAtMs", goneAtMs}};
}

Result<DeathProof> killUntilGone(const ProcessMark& mark, const std::function<GroupLook()>& look,
                                 const Clock& clock, int deadlineMs)
{
    DeathProof proof{.mark = mark};
    const qint64 end = clock.monotonicMs() + deadlineMs;
    const qint64 unclearEnd = clock.monotonicMs() + kMostUnclearMs;
    int emptyLooks = 0;
    for (;;) {
        const GroupLook found = look();
        for (const qint64 pid : found.members) {
            if (!proof.killed.contains(pid)) {
                proof.killed.append(pid);
            }
        }
        const bool clear =
            found.unclear.isEmpty() || (clock.monotonicMs() >= unclearEnd && !found.unclearWaits);
        const bool empty = found.members.isEmpty() && clear;
        emptyLooks = empty ? emptyLooks + 1 : 0;
        if (emptyLooks == kEmptyLooks) {
            proof.goneAtMs = clock.nowMs();
            return proof;
        }
        if (!empty && clock.monotonicMs() >= end) {
            QStringList pids;
            for (const qint64 pid : found.members + found.unclear) {
                pids.append(QString::number(pid));
            }
            return fail(
                {.code = ErrorCode::DeadlineExceeded,
                 .message = QStringLiteral("A Luigi process cannot be ended"),
                 .cause = QStringLiteral("pid %1 still there %2 ms after SIGKILL")
                              .arg(pids.join(QStringLiteral(", ")))
                              .arg(deadlineMs),
                 .correction = QStringLiteral("It waits for a disk or a mount in the kernel: see what, or "
                                              "restart the host. No new attempt starts before it is gone."),
                 .retryable = true,
                 .source = QStringLiteral("luigi")});
        }
        for (const qint64 pid : found.members) {
            ::kill(pid_t(pid), SIGKILL);
        }
        std::this_thread::sleep_for(kLookEvery);
    }
}

void killGroup(const ProcessMark& mark, const Clock& clock, int deadlineMs, QObject* context,
               std::function<void(Result<DeathProof>)> callback)
{
    auto* watcher = new QFutureWatcher<Result<DeathProof>>(context);
    QObject::connect(watcher, &QFutureWatcherBase::finished, context,
                     [watcher, callback = std::move(callback)] {
                         watcher->deleteLater();
                         callback(watcher->future().result());
                     });
    const auto promise = std::make_shared<QPromise<Result<DeathProof>>>();
    watcher->setFuture(promise->future());
    promise->start();
    QThreadPool::globalInstance()->start([promise, mark, &clock, deadlineMs] {
        promise->addResult(killUntilGone(
            mark, [&mark] { return find(mark); }, clock, deadlineMs));
        promise->finish();
    });
}

}  // namespace sluice::luigi
