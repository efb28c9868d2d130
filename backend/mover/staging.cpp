#include "mover/staging.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>

#include <QtCore/QRandomGenerator>
#include <QtCore/QRegularExpression>

#include <algorithm>
#include <cerrno>

namespace sluice::mover {
namespace {

const QString kConnect = QStringLiteral("connect");
constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr char kBeforeRandom = '~';
constexpr int kMostDepth = 16;
constexpr int kTries = 1000;

Error planted(const QString& path, const QString& cause)
{
    return Error{.code = ErrorCode::FailedPrecondition,
                 .message = QStringLiteral("'%1' is not used for files at work").arg(path),
                 .cause = cause,
                 .correction = QStringLiteral(
                     "Find out who made it, remove it, then reset the run; or choose a folder that only "
                     "this user may write"),
                 .source = QStringLiteral("file")};
}

/// Opens a folder of this user below `parent`, made if there is none.
Try<Fd> ownFolder(int parent, const QByteArray& name, const QString& path, uid_t user)
{
    if (::mkdirat(parent, name.constData(), 0700) != 0 && errno != EEXIST) {
        return hinder(fileHindrance(errno, path, kConnect));
    }
    Fd folder(::openat(parent, name.constData(), kFolderFlags));
    if (!folder.valid() && (errno == ELOOP || errno == ENOTDIR)) {
        return hinder(planted(path, QStringLiteral("it is a link or no folder")));
    }
    struct stat status {};
    if (!folder.valid() || ::fstat(folder.get(), &status) != 0) {
        return hinder(fileHindrance(errno, path, kConnect));
    }
    if (status.st_uid != user) {
        return hinder(planted(path, QStringLiteral("it belongs to user %1").arg(status.st_uid)));
    }
    if (!onOneMount(parent, folder.get())) {
        return hinder(planted(path, QStringLiteral("something is mounted there")));
    }
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return hinder(planted(path, QStringLiteral("others may write it (mode %1)")
                                        .arg(status.st_mode & 07777, 4, 8, QLatin1Char('0'))));
    }
    return folder;
}

struct Closer {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

/// The names in a folder; its descriptor stays as it is.
QList<QByteArray> namesIn(int folder)
{
    QList<QByteArray> names;
    const int own = ::openat(folder, ".", kFolderFlags);
    const std::unique_ptr<DIR, Closer> directory(own < 0 ? nullptr : ::fdopendir(own));
    while (const dirent* entry = directory ? ::readdir(directory.get()) : nullptr) {
        const QByteArray name(entry->d_name);
        if (name != "." && name != "..") {
            names.append(name);
        }
    }
    return names;
}

/// A link among what is removed is removed itself; where it points nothing is touched. What belongs to
/// somebody else, or is mounted there, no attempt has left: it stays.
void removeTree(int parent, const QByteArray& name, uid_t user, int depth)
{
    if (::unlinkat(parent, name.constData(), 0) == 0 || depth == 0) {
        return;
    }
    const Fd folder(::openat(parent, name.constData(), kFolderFlags));
    struct stat status {};
    if (!folder.valid() || ::fstat(folder.get(), &status) != 0 || status.st_uid != user ||
        !onOneMount(parent, folder.get())) {
        return;
    }
    for (const QByteArray& below : namesIn(folder.get())) {
        removeTree(folder.get(), below, user, depth - 1);
    }
    ::unlinkat(parent, name.constData(), AT_REMOVEDIR);
}

/// Whether the move that made the folder lives: the kernel gives up its lock when it ends, however it does.
/// @param otherwise what to say where folders cannot be locked
bool isHeld(int parent, const QByteArray& name, bool otherwise)
{
    const Fd folder(::openat(parent, name.constData(), kFolderFlags));
    if (!folder.valid() || ::flock(folder.get(), LOCK_EX | LOCK_NB) == 0) {
        return false;
    }
    return errno == EWOULDBLOCK || otherwise;
}

}  // namespace

Staging::Staging(int root, Fd all, QByteArray name, Fd folder)
    : m_root(root), m_all(std::move(all)), m_name(std::move(name)), m_folder(std::move(folder))
{
}

Staging::~Staging()
{
    ::unlinkat(m_all.get(), m_name.constData(), AT_REMOVEDIR);
    ::unlinkat(m_root, kStagingFolder, AT_REMOVEDIR);
}

Try<std::unique_ptr<Staging>> Staging::openOnce(int root, const QString& path, const QByteArray& task,
                                                uid_t user)
{
    auto all = ownFolder(root, kStagingFolder, path, user);
    if (!all) {
        return hinder(all.error());
    }
    for (const QByteArray& name : namesIn(all->get())) {
        const bool earlier = name == task || name.startsWith(task + kBeforeRandom);
        if (earlier ? !isHeld(all->get(), name, false)
                    : stagedFilesIn(all->get(), name, user) && !isHeld(all->get(), name, true)) {
            removeTree(all->get(), name, user, kMostDepth);
        }
    }
    const QByteArray name =
        task + kBeforeRandom + QByteArray::number(QRandomGenerator::system()->generate64(), 16);
    const QString where = path + '/' + QString::fromUtf8(name);
    auto folder = ownFolder(all->get(), name, where, user);
    if (!folder) {
        return hinder(folder.error());
    }
    struct stat status {};
    const bool taken = ::flock(folder->get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (taken || ::fstat(folder->get(), &status) != 0 || status.st_nlink == 0) {
        return hinder(
            fileHindrance(ENOENT, where, kConnect));  // another move took it for one that nobody holds
    }
    return std::unique_ptr<Staging>(new Staging(root, std::move(*all), name, std::move(*folder)));
}

std::optional<qint64> stagedFilesIn(int staging, const QByteArray& name, uid_t user)
{
    static const QRegularExpression kAttempt(
        QRegularExpression::anchoredPattern(QStringLiteral("R-[0-9]+\\.[^~]+~[0-9a-f]{1,16}")));
    if (!kAttempt.match(QString::fromUtf8(name)).hasMatch()) {
        return std::nullopt;
    }
    const Fd folder(::openat(staging, name.constData(), kFolderFlags));
    struct stat status {};
    if (!folder.valid() || ::fstat(folder.get(), &status) != 0 || status.st_uid != user ||
        (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return std::nullopt;
    }
    const QList<QByteArray> files = namesIn(folder.get());
    const bool own = std::all_of(files.begin(), files.end(), [&](const QByteArray& file) {
        const bool number =
            std::all_of(file.begin(), file.end(), [](char c) { return c >= '0' && c <= '9'; });
        return number && (::fstatat(folder.get(), file.constData(), &status, AT_SYMLINK_NOFOLLOW) != 0 ||
                          (S_ISREG(status.st_mode) && status.st_uid == user));
    });
    return own ? std::optional<qint64>(files.size()) : std::nullopt;
}

Try<std::unique_ptr<Staging>> Staging::open(int root, const QString& rootPath, const QString& task,
                                            uid_t user)
{
    const QString path = rootPath + '/' + QLatin1String(kStagingFolder);
    for (int left = kTries;; --left) {
        auto opened = openOnce(root, path, task.toUtf8(), user);
        // The move that was the last one there took the folder away a moment ago.
        const Error* error = opened ? nullptr : std::get_if<Error>(&opened.error());
        if (!error || error->code != ErrorCode::NotFound || left == 0) {
            return opened;
        }
    }
}

}  // namespace sluice::mover
