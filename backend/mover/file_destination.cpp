#include "mover/file_destination.h"

#include <QtCore/QDir>

#include <fcntl.h>

#include <cerrno>
#include <cstdio>

namespace sluice::mover {
namespace {

const QString kLook = QStringLiteral("look");
const QString kWrite = QStringLiteral("write");
const QString kVerify = QStringLiteral("verify");

struct Place {
    int root{};
    int staging{};
    QString path{};
    QList<QByteArray> parts{};
};

constexpr mode_t kPrivate = 0600;
/// Of a file whose source has no permissions, before the umask.
constexpr mode_t kOrdinary = 0666;

/// No errno.
constexpr int kCannotRename = -1;

Error noWayToName(const QString& path)
{
    return Error{.code = ErrorCode::FailedPrecondition,
                 .message = QStringLiteral("'%1' cannot be put in place on its file system").arg(path),
                 .cause = QStringLiteral(
                     "it can neither rename a file without replacing another, nor give it a second name"),
                 .correction = QStringLiteral(
                     "Choose a destination on another file system; onExisting: replace does not "
                     "help for new files"),
                 .source = QStringLiteral("file")};
}

class FileWriter final : public ObjectWriter {
public:
    /// @param named whether the file has its staged name already; else nothing of it stays if the worker is
    /// killed
    /// @param mode of the file in its place
    FileWriter(Place place, QByteArray staged, bool named, Fd fd, mode_t mode, Existing existing)
        : m_place(std::move(place)),
          m_staged(std::move(staged)),
          m_named(named),
          m_fd(std::move(fd)),
          m_mode(mode),
          m_existing(std::move(existing))
    {
    }
    ~FileWriter() override
    {
        if (m_named && !m_renamed) {
            ::unlinkat(m_place.staging, m_staged.constData(), 0);
        }
    }

    quint64 chunkBytes() const override { return kFileChunkBytes; }

    Result<void> write(const QByteArray& chunk, ObjectContext& context) override
    {
        return persist(context, kWrite, [&]() -> Try<void> {
            const qint64 since = ObjectContext::nowUs();
            const ObjectContext::Step step(context, kWrite, {.object = m_place.path});
            qsizetype done = 0;
            while (done < chunk.size()) {
                const ssize_t count =
                    ::pwrite(m_fd.get(), chunk.data() + done, static_cast<size_t>(chunk.size() - done),
                             static_cast<off_t>(m_written) + done);
                if (count < 0 && errno != EINTR) {
                    context.refused();
                    return hinder(fileHindrance(errno, m_place.path, kWrite));
                }
                done += count > 0 ? count : 0;
            }
            m_written += static_cast<quint64>(chunk.size());
            context.passed(Hop::Write, since);
            return {};
        });
    }

    Result<Stored> finish(quint32 crc, ObjectContext& context) override
    {
        return persist(context, kVerify, [&] { return readBack(crc, context); }).and_then([&] {
            return persist(context, kWrite, [&] { return giveName(context); });
        });
    }

private:
    Try<void> readBack(quint32 crc, ObjectContext& context)
    {
        const qint64 since = ObjectContext::nowUs();
        const ObjectContext::Step step(context, kVerify, {.object = m_place.path, .bytes = m_written});
        // its time need not be kept: a file is known by its bytes
        if (::fdatasync(m_fd.get()) != 0) {
            return hinder(fileHindrance(errno, m_place.path, kVerify));
        }
        // so that the bytes come from the disk
        ::posix_fadvise(m_fd.get(), 0, 0, POSIX_FADV_DONTNEED);
        const auto found = checksumOfFile(m_fd.get(), m_written, m_place.path, kVerify);
        if (!found) {
            return hinder(found.error());
        }
        if (*found != crc) {
            return hinder(otherBytes(m_place.path, crc, *found));
        }
        context.passed(Hop::Verify, since);
        return {};
    }

    Try<Stored> giveName(ObjectContext& context)
    {
        const ObjectContext::Step step(context, kWrite, {.object = m_place.path});
        const Folder folder = openFolder(m_place.root, m_place.parts, true);
        if (folder.error != 0) {
            return hinder(fileHindrance(folder.error, m_place.path, kWrite));
        }
        const char* name = m_place.parts.last().constData();
        struct stat there {};
        if (!m_renamed) {
            const bool isThere = ::fstatat(folder.fd.get(), name, &there, AT_SYMLINK_NOFOLLOW) == 0;
            if (isThere != m_existing.exists || (isThere && versionOf(there) != m_existing.version)) {
                context.refused();
                return hinder(moved(m_place.path));
            }
            // a file system that keeps no modes has its own
            static_cast<void>(::fchmod(m_fd.get(), m_mode));
            int code = nameStaged();
            if (code == 0) {
                code = m_existing.exists ? rename(folder.fd.get(), name) : renameNew(folder.fd.get(), name);
            }
            if (code == EEXIST && !m_existing.exists) {
                context.refused();
                return hinder(moved(m_place.path));
            }
            if (code == kCannotRename) {
                return hinder(noWayToName(m_place.path));
            }
            if (code != 0) {
                return hinder(fileHindrance(code, m_place.path, kWrite));
            }
        }
        m_renamed = true;
        struct stat mine {};
        if ((!syncFolder(folder.fd.get()) && errno != 0) || ::fstat(m_fd.get(), &mine) != 0) {
            return hinder(fileHindrance(errno, m_place.path, kWrite));
        }
        if (::fstatat(folder.fd.get(), name, &there, AT_SYMLINK_NOFOLLOW) != 0 ||
            there.st_ino != mine.st_ino) {
            return hinder(overwritten(m_place.path, QStringLiteral("another file has its name now")));
        }
        return Stored{.version = versionOf(mine), .etag = {}};
    }

    /// @return errno, or kCannotRename
    int nameStaged()
    {
        if (m_named) {
            return 0;
        }
        const QByteArray self = "/proc/self/fd/" + QByteArray::number(m_fd.get());
        if (::linkat(AT_FDCWD, self.constData(), m_place.staging, m_staged.constData(), AT_SYMLINK_FOLLOW) !=
            0) {
            return cannot(errno) ? kCannotRename : errno;
        }
        m_named = true;
        return 0;
    }

    static bool cannot(int error)
    {
        return error == EPERM || error == EOPNOTSUPP || error == ENOSYS || error == EINVAL;
    }

    /// @return errno
    int rename(int folder, const char* name) const
    {
        return ::renameat(m_place.staging, m_staged.constData(), folder, name) == 0 ? 0 : errno;
    }

    /// Never over what is there. CephFS, NFS and FUSE cannot rename in that way; there a second name does the
    /// same.
    /// @return errno, or kCannotRename
    int renameNew(int folder, const char* name) const
    {
        const char* staged = m_staged.constData();
        if (::renameat2(m_place.staging, staged, folder, name, RENAME_NOREPLACE) == 0) {
            return 0;
        }
        if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP) {
            return errno;
        }
        if (::linkat(m_place.staging, staged, folder, name, 0) != 0) {
            return cannot(errno) ? kCannotRename : errno;
        }
        ::unlinkat(m_place.staging, staged, 0);
        return 0;
    }

    Place m_place;
    QByteArray m_staged;
    bool m_named;
    Fd m_fd;
    mode_t m_mode;
    Existing m_existing;
    quint64 m_written{0};
    bool m_renamed{false};
};

/// @return invalid where the file system has no such thing, or it could not be given a name later
Fd openUnnamed(int folder, mode_t mode)
{
    return ::access("/proc/self/fd", X_OK) == 0
               ? Fd(::openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode))
               : Fd();
}

}  // namespace

FileDestination::FileDestination(QString root, Fd rootFd, std::unique_ptr<Staging> staging)
    : m_root(std::move(root)), m_rootFd(std::move(rootFd)), m_staging(std::move(staging))
{
}

FileDestination::~FileDestination() = default;

Result<std::unique_ptr<FileDestination>> FileDestination::open(const QString& root, const QString& task,
                                                               ObjectContext& context)
{
    return persist(context, QStringLiteral("connect"), [&]() -> Try<std::unique_ptr<FileDestination>> {
        if (!QDir().mkpath(root)) {
            return hinder(
                folderHindrance(errno == 0 ? EACCES : errno, root, QStringLiteral("connect"),
                                QStringLiteral("Name another folder, or remove what is in its way")));
        }
        Fd rootFd(::open(root.toUtf8().constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!rootFd.valid()) {
            return hinder(fileHindrance(errno, root, QStringLiteral("connect")));
        }
        auto staging = Staging::open(rootFd.get(), root, task);
        if (!staging) {
            return hinder(staging.error());
        }
        return std::unique_ptr<FileDestination>(
            new FileDestination(root, std::move(rootFd), std::move(*staging)));
    });
}

Result<Existing> FileDestination::look(const QString& name, ObjectContext& context)
{
    const auto parts = pathParts(name);
    if (!parts) {
        return fail(parts.error());
    }
    const QString path = m_root + '/' + name;
    return persist(context, kLook, [&]() -> Try<Existing> {
        const ObjectContext::Step step(context, kLook, {.object = path});
        const Folder folder = openFolder(m_rootFd.get(), *parts, false);
        if (folder.error == ENOENT) {
            return Existing{};
        }
        if (folder.error != 0) {
            return hinder(fileHindrance(folder.error, path, kLook));
        }
        struct stat status {};
        if (::fstatat(folder.fd.get(), parts->last().constData(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno == ENOENT) {
                return Existing{};
            }
            return hinder(fileHindrance(errno, path, kLook));
        }
        if (!S_ISREG(status.st_mode)) {
            Error error = std::get<Error>(fileHindrance(EEXIST, path, kLook));
            error.cause = QStringLiteral("there is a %1 of that name").arg(kindOf(status));
            return hinder(error);
        }
        return Existing{
            .exists = true, .sizeBytes = static_cast<quint64>(status.st_size), .version = versionOf(status)};
    });
}

Result<quint32> FileDestination::checksum(const QString& name, const Existing& existing,
                                          ObjectContext& context)
{
    const auto parts = pathParts(name);
    if (!parts) {
        return fail(parts.error());
    }
    const QString path = m_root + '/' + name;
    return persist(context, kVerify, [&]() -> Try<quint32> {
        const qint64 since = ObjectContext::nowUs();
        const ObjectContext::Step step(context, kVerify, {.object = path, .bytes = existing.sizeBytes});
        const Folder folder = openFolder(m_rootFd.get(), *parts, false);
        const Fd fd(folder.error != 0 ? -1
                                      : ::openat(folder.fd.get(), parts->last().constData(),
                                                 O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
        struct stat status {};
        if (!fd.valid() || ::fstat(fd.get(), &status) != 0) {
            return hinder(fileHindrance(folder.error != 0 ? folder.error : errno, path, kVerify));
        }
        if (!S_ISREG(status.st_mode)) {
            return hinder(moved(path));
        }
        if (versionOf(status) != existing.version ||
            static_cast<quint64>(status.st_size) != existing.sizeBytes) {
            return hinder(moved(path));
        }
        auto crc = checksumOfFile(fd.get(), existing.sizeBytes, path, kVerify);
        if (crc) {
            context.passed(Hop::Verify, since);
        }
        return crc;
    });
}

Result<std::unique_ptr<ObjectWriter>> FileDestination::open(const QString& name, SourceObject& source,
                                                            const Existing& existing, ObjectContext& context)
{
    auto parts = pathParts(name);
    if (!parts) {
        return fail(parts.error());
    }
    Place place{
        .root = m_rootFd.get(), .staging = m_staging->fd(), .path = m_root + '/' + name, .parts = *parts};
    const QByteArray staged = QByteArray::number(m_counter++);
    return persist(context, kWrite, [&]() -> Try<std::unique_ptr<ObjectWriter>> {
        // made with the mode it will have, so that the umask takes its part, and private until it is in its
        // place
        const mode_t wanted = source.permissions().value_or(kOrdinary);
        Fd fd = openUnnamed(place.staging, wanted);
        const bool named = !fd.valid();
        if (named) {
            fd = Fd(::openat(place.staging, staged.constData(),
                             O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, wanted));
        }
        struct stat made {};
        if (!fd.valid() || ::fstat(fd.get(), &made) != 0) {
            return hinder(fileHindrance(errno, place.path, kWrite));
        }
        static_cast<void>(::fchmod(fd.get(), kPrivate));
        return std::make_unique<FileWriter>(place, staged, named, std::move(fd), made.st_mode & 0777,
                                            existing);
    });
}

}  // namespace sluice::mover
