#include "engine/state_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

namespace sluice::engine {
namespace {

constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
/// What the engine opens by a fixed name or makes new files in.
constexpr const char* kFolders[] = {"logs", "runs", "secrets", "logs/runs"};

struct Closer {
    void operator()(DIR* directory) const { ::closedir(directory); }
};
struct Descriptor {
    int fd{-1};
    explicit Descriptor(int opened) : fd(opened) {}
    ~Descriptor()
    {
        if (fd >= 0) {
            ::close(fd);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
};

Error notOurs(const QString& path, const QString& cause)
{
    return Error{.code = ErrorCode::PermissionDenied,
                 .message = QStringLiteral("The folder %1 cannot be made private").arg(path),
                 .cause = cause,
                 .correction = QStringLiteral("Name another with --state-dir."),
                 .source = QStringLiteral("sluiced")};
}

Error planted(const QString& path, const QString& cause)
{
    return Error{.code = ErrorCode::FailedPrecondition,
                 .message = QStringLiteral("%1 is not used").arg(path),
                 .cause = cause,
                 .correction = QStringLiteral(
                     "Find out who made it and remove it, or name another folder with --state-dir."),
                 .source = QStringLiteral("sluiced")};
}

Result<void> makePrivate(int fd, const QString& path, uid_t user)
{
    struct stat status {};
    if (fd < 0 || ::fstat(fd, &status) != 0) {
        return fail(notOurs(path, QString::fromLocal8Bit(std::strerror(errno))));
    }
    if (status.st_uid != user) {
        return fail(notOurs(path, QStringLiteral("it belongs to user %1").arg(status.st_uid)));
    }
    if ((status.st_mode & 07777) != 0700 && ::fchmod(fd, 0700) != 0) {
        return fail(notOurs(path, QString::fromLocal8Bit(std::strerror(errno))));
    }
    return {};
}

/// Every name directly in the folder: files and folders of this user, without a second name.
Result<void> checkEntries(int fd, const QString& path, uid_t user)
{
    const int own = ::openat(fd, ".", kFolderFlags);
    const std::unique_ptr<DIR, Closer> directory(own < 0 ? nullptr : ::fdopendir(own));
    while (const dirent* entry = directory ? ::readdir(directory.get()) : nullptr) {
        const QByteArray name(entry->d_name);
        struct stat status {};
        if (name == "." || name == ".." || name == "lost+found" ||
            ::fstatat(fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
            continue;
        }
        const QString where = path + '/' + QFile::decodeName(name);
        if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode) && !S_ISSOCK(status.st_mode)) {
            return fail(planted(where, QStringLiteral("it is a link, or neither a file nor a folder")));
        }
        if (status.st_uid != user) {
            return fail(planted(where, QStringLiteral("it belongs to user %1").arg(status.st_uid)));
        }
        if (S_ISREG(status.st_mode) && status.st_nlink > 1) {
            return fail(planted(where, QStringLiteral("it has another name somewhere else (a hard link)")));
        }
    }
    return {};
}

Result<void> prepareSubfolder(int root, const QString& rootPath, const char* name, uid_t user)
{
    const QString path = rootPath + '/' + QLatin1String(name);
    if (::mkdirat(root, name, 0700) != 0 && errno != EEXIST) {
        return fail(notOurs(path, QString::fromLocal8Bit(std::strerror(errno))));
    }
    const Descriptor folder(::openat(root, name, kFolderFlags | O_NOFOLLOW));
    if (folder.fd < 0 && (errno == ELOOP || errno == ENOTDIR)) {
        return fail(planted(path, QStringLiteral("it is a link, or no folder")));
    }
    if (auto made = makePrivate(folder.fd, path, user); !made) {
        return made;
    }
    return checkEntries(folder.fd, path, user);
}

}  // namespace

Result<void> prepareStateFolder(const QString& folder, const QStringList& others, uid_t user)
{
    const QString path = QDir::cleanPath(QDir(folder).absolutePath());
    const QByteArray name = QFile::encodeName(path);
    struct stat link {};
    if (::lstat(name.constData(), &link) == 0 && S_ISLNK(link.st_mode) && link.st_uid != user &&
        link.st_uid != 0) {
        return fail(planted(path, QStringLiteral("it is a link that user %1 has made").arg(link.st_uid)));
    }
    if (!QDir().mkpath(path)) {
        return fail(
            notOurs(path, QStringLiteral("it belongs to somebody else, or its parent cannot be written")));
    }
    const Descriptor root(::open(name.constData(), kFolderFlags));
    if (auto made = makePrivate(root.fd, path, user); !made) {
        return made;
    }
    if (auto checked = checkEntries(root.fd, path, user); !checked) {
        return checked;
    }
    QStringList below = others;
    for (const char* name : kFolders) {
        below.append(QLatin1String(name));
    }
    for (const QString& name : std::as_const(below)) {
        if (auto made = prepareSubfolder(root.fd, path, QFile::encodeName(name).constData(), user); !made) {
            return made;
        }
    }
    return {};
}

}  // namespace sluice::engine
