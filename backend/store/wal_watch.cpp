#include "store/wal_watch.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QtCore/QFile>
#include <cerrno>

#include "store/sqlite_error.h"

namespace sluice::store {
namespace {

constexpr int kLooksBetween = 30;

qint64 nanoseconds(const struct timespec& time)
{
    return static_cast<qint64>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

/// As much as there is, up to `bytes`; -1 if it cannot be read.
qint64 readAll(int fd, qint64 offset, char* to, qint64 bytes)
{
    qint64 got = 0;
    while (got < bytes) {
        const ssize_t now = ::pread(fd, to + got, static_cast<size_t>(bytes - got), offset + got);
        if (now < 0 && errno == EINTR) {
            continue;
        }
        if (now < 0) {
            return -1;
        }
        if (now == 0) {
            break;
        }
        got += now;
    }
    return got;
}

Result<int> opened(const QString& path)
{
    const int fd =
        ::open(QFile::encodeName(path).constData(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    return fd < 0 ? Result<int>(fail(fileError(errno, path))) : Result<int>(fd);
}

}  // namespace

bool LookPace::isDue(const Stamp& now)
{
    m_same = now == m_seen ? m_same + 1 : 0;
    m_seen = now;
    return m_same <= 1 || m_same % kLooksBetween == 0;
}

WalWatch::~WalWatch()
{
    for (const int fd : {m_log, m_index}) {
        if (fd >= 0) {
            ::close(fd);
        }
    }
}

Result<void> WalWatch::open()
{
    for (const auto& [fd, tail] : {std::pair(&m_log, "-wal"), std::pair(&m_index, "-shm")}) {
        const auto file = opened(m_file + QLatin1String(tail));
        if (!file) {
            return fail(file.error());
        }
        *fd = *file;
    }
    return {};
}

std::optional<wal::IndexHead> WalWatch::index() const
{
    char bytes[wal::kIndexHeadBytes];
    const qint64 got = readAll(m_index, 0, bytes, wal::kIndexHeadBytes);
    return got < 0 ? std::nullopt : wal::indexHead(QByteArrayView(bytes, got));
}

std::optional<LookPace::Stamp> WalWatch::stamp() const
{
    struct stat status {};
    if (::fstat(m_log, &status) != 0) {
        return {};
    }
    return LookPace::Stamp{.size = status.st_size,
                           .changedNs = nanoseconds(status.st_ctim),
                           .modifiedNs = nanoseconds(status.st_mtim)};
}

qint64 WalWatch::frames() const
{
    const auto head = index();
    return head ? head->frames : 0;
}

Damage WalWatch::damaged(const QString& what) const
{
    const QString path = m_file + QStringLiteral("-wal");
    Error error{.code = ErrorCode::DataLoss,
                .message = QStringLiteral("%1 is not written any more").arg(m_file),
                .cause = QStringLiteral("%1 was damaged while it was open: %2").arg(path, what),
                .correction = QStringLiteral(
                    "Copy the whole state folder before anything else. Find out who did it; then stop the "
                    "engine, put the folder back from a backup if you have one, and start the engine: it "
                    "goes on with what is whole and says what is missing"),
                .source = QStringLiteral("store")};
    return {.path = path, .error = std::move(error)};
}

std::optional<Damage> WalWatch::look(Look when)
{
    const auto before = index();
    const auto now = stamp();
    if (!before || !now) {
        return {};  // SQLite makes an index anew that is none
    }
    if (m_last && m_last->salts == before->salts && before->frames < m_last->frames) {
        return damaged(
            QStringLiteral("frames %1 to %2 are lost").arg(before->frames + 1).arg(m_last->frames));
    }
    m_last = before;
    if (!m_pace.isDue(*now) && when == Look::IfChanged) {
        return {};
    }
    bool readable = true;
    const wal::Extent extent = wal::extentOf(
        [this, &readable](qint64 offset, char* to, qint64 bytes) {
            const qint64 got = readAll(m_log, offset, to, bytes);
            readable = readable && got >= 0;
            return got;
        },
        before->frames);
    if (!readable) {
        return {};  // a disk that fails is no damage yet; SQLite meets it too
    }
    const auto after = index();
    if (!after || after->salts != before->salts) {
        return {};  // begun anew meanwhile
    }
    const QString damage = wal::damageOf(*before, extent, now->size);
    return damage.isEmpty() ? std::nullopt : std::optional(damaged(damage));
}

}  // namespace sluice::store
