#include "core/process_identity.h"

#include <unistd.h>
#include <QtCore/QFile>
#include <QtCore/QList>
#include <array>

namespace sluice {
namespace {

QByteArray readAll(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// /proc/PID/stat from the state on. The name in parentheses may hold anything, so fields are counted from
/// the last one.
QList<QByteArray> statOf(qint64 pid)
{
    const QByteArray stat = readAll(QStringLiteral("/proc/%1/stat").arg(pid));
    return stat.mid(stat.lastIndexOf(')') + 2).split(' ');
}

/// The effective uid of /proc/PID/status. The owner of the folder is root's for a process that may not be
/// dumped.
std::optional<quint32> uidOf(qint64 pid)
{
    const QList<QByteArray> lines = readAll(QStringLiteral("/proc/%1/status").arg(pid)).split('\n');
    for (const QByteArray& line : lines) {
        if (line.startsWith("Uid:")) {
            const QList<QByteArray> uids = line.mid(4).simplified().split(' ');
            return uids.size() == 4 ? std::optional(uids.at(1).toUInt()) : std::nullopt;
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<ProcessIdentity> processOf(qint64 pid)
{
    if (pid <= 0) {
        return std::nullopt;
    }
    const QList<QByteArray> fields = statOf(pid);
    const auto uid = uidOf(pid);
    if (fields.size() < 20 || fields.at(0) == "Z" || fields.at(0) == "X" || !uid) {
        return std::nullopt;
    }
    return ProcessIdentity{.pid = pid, .startTicks = fields.at(19).toULongLong(), .uid = *uid};
}

qint64 processStartTicks(qint64 pid)
{
    const auto process = processOf(pid);
    return process ? static_cast<qint64>(process->startTicks) : 0;
}

bool isStopped(qint64 pid)
{
    const QByteArray state = pid > 0 ? statOf(pid).value(0) : QByteArray();
    return state == "T" || state == "t";
}

QString pidNamespace()
{
    std::array<char, 64> name{};
    const ssize_t n = ::readlink("/proc/self/ns/pid", name.data(), name.size());
    return n > 0 ? QString::fromLatin1(name.data(), n) : QString();
}

}  // namespace sluice
