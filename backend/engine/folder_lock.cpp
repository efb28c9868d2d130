#include "engine/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QtCore/QFile>
#include <cerrno>
#include <cstring>

namespace sluice::engine {
namespace {

Error refused(const QString& message, const QString& cause, const QString& correction)
{
    return Error{.code = ErrorCode::FailedPrecondition,
                 .message = message,
                 .cause = cause,
                 .correction = correction,
                 .source = QStringLiteral("sluiced")};
}

Error usedByAnother(const QString& folder, const QLockFile& file)
{
    qint64 pid = 0;
    QString host, name;
    const bool told = file.getLockInfo(&pid, &host, &name) && pid > 0;
    return refused(QStringLiteral("Another engine uses %1").arg(folder),
                   told ? QStringLiteral("process %1 (%2) holds its lock").arg(pid).arg(name)
                        : QStringLiteral("its lock is held, and the file that names the process is gone"),
                   told ? QStringLiteral("Use that engine, or name another folder with --state-dir.")
                        : QStringLiteral("Use that engine, or find and stop it: fuser -v %1.").arg(folder));
}

Error cannotLock(const QString& folder, QLockFile::LockError error)
{
    const QString path = folder + QStringLiteral("/lock");
    if (error == QLockFile::LockFailedError) {
        return refused(QStringLiteral("%1 cannot be locked").arg(folder),
                       QStringLiteral("%1 stands in the way, and no engine holds it").arg(path),
                       QStringLiteral("Find out what it is and remove it."));
    }
    // Tried again by hand, for the reason.
    const QByteArray name = QFile::encodeName(path);
    const int fd = ::open(name.constData(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    const int why = fd < 0 ? errno : ENOSPC;
    if (fd >= 0) {
        ::close(fd);
        ::unlink(name.constData());
    }
    return refused(QStringLiteral("%1 cannot be written").arg(folder),
                   QString::fromLocal8Bit(std::strerror(why)),
                   why == ENOSPC || why == EDQUOT
                       ? QStringLiteral("Free space on that file system.")
                       : QStringLiteral("Check owner, mode and mount options of the folder, or name "
                                        "another with --state-dir."));
}

}  // namespace

FolderLock::FolderLock(QString folder, int fd)
    : m_folder(std::move(folder)), m_fd(fd), m_file(m_folder + QStringLiteral("/lock"))
{
    m_file.setStaleLockTime(0);
}

FolderLock::~FolderLock()
{
    m_file.unlock();
    if (m_fd >= 0) {
        ::close(m_fd);
    }
}

Result<std::unique_ptr<FolderLock>> FolderLock::take(const QString& folder)
{
    const int fd = ::open(QFile::encodeName(folder).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return fail(refused(QStringLiteral("%1 cannot be locked").arg(folder),
                            QString::fromLocal8Bit(std::strerror(errno)),
                            QStringLiteral("Name another folder with --state-dir.")));
    }
    std::unique_ptr<FolderLock> lock(new FolderLock(folder, fd));
    // Where a file system knows no such lock, the file alone has to do.
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        return fail(usedByAnother(folder, lock->m_file));
    }
    if (lock->m_file.tryLock(0) || (lock->m_file.removeStaleLockFile() && lock->m_file.tryLock(0))) {
        return lock;
    }
    qint64 pid = 0;
    QString host, name;
    const bool held =
        lock->m_file.error() == QLockFile::LockFailedError && lock->m_file.getLockInfo(&pid, &host, &name);
    return fail(held ? usedByAnother(folder, lock->m_file) : cannotLock(folder, lock->m_file.error()));
}

bool FolderLock::isNamed() const
{
    struct stat now {};
    struct stat held {};
    return ::fstat(m_fd, &held) == 0 && ::stat(QFile::encodeName(m_folder).constData(), &now) == 0 &&
           now.st_dev == held.st_dev && now.st_ino == held.st_ino;
}

}  // namespace sluice::engine
