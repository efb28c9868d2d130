#include "store/file_watch.h"

#include <sys/stat.h>

#include <QtCore/QFile>
#include <algorithm>
#include <limits>

namespace sluice::store {
namespace {

Damage changed(const QString& file, const QString& path, const QString& cause)
{
    Error error{
        .code = ErrorCode::DataLoss,
        .message = QStringLiteral("%1 is not written any more").arg(file),
        .cause = QStringLiteral("%1 %2 while it was open").arg(path, cause),
        .correction = QStringLiteral("Find out who did it; stop the engine, put the file back from a backup "
                                     "if you have one, and start the engine: it says what is missing"),
        .source = QStringLiteral("store")};
    return {.path = path, .error = std::move(error)};
}

}  // namespace

std::optional<FileWatch::Seen> FileWatch::seen(const QString& path)
{
    struct stat status {};
    if (::stat(QFile::encodeName(path).constData(), &status) != 0) {
        return {};
    }
    return Seen{.device = status.st_dev, .inode = status.st_ino, .size = status.st_size};
}

void FileWatch::remember(qint64 logLimit)
{
    m_logLimit = logLimit;
    m_main = seen(m_file);
    m_log = seen(m_file + QStringLiteral("-wal"));
    m_index = seen(m_file + QStringLiteral("-shm"));
}

std::optional<Damage> FileWatch::look()
{
    constexpr qint64 kNever = std::numeric_limits<qint64>::max();
    if (auto damage = compare(m_file, m_main, kNever)) {
        return damage;
    }
    if (auto damage = compare(m_file + QStringLiteral("-wal"), m_log, m_logLimit)) {
        return damage;
    }
    return compare(m_file + QStringLiteral("-shm"), m_index, kNever);
}

bool FileWatch::isNamed() const
{
    const std::optional<Seen> now = seen(m_file);
    return now && m_main && now->device == m_main->device && now->inode == m_main->inode;
}

std::optional<Damage> FileWatch::compare(const QString& path, std::optional<Seen>& before,
                                         qint64 mayShrinkTo) const
{
    const std::optional<Seen> now = seen(path);
    if (!before) {
        before = now;
        return {};
    }
    if (!now) {
        return changed(m_file, path, QStringLiteral("was removed"));
    }
    if (now->device != before->device || now->inode != before->inode) {
        return changed(m_file, path, QStringLiteral("was replaced by another file"));
    }
    if (now->size < std::min(before->size, mayShrinkTo)) {
        return changed(m_file, path, QStringLiteral("became shorter"));
    }
    before = now;
    return {};
}

}  // namespace sluice::store
