#include "mover/file_source.h"

#include <fcntl.h>
#include <sys/xattr.h>

#include <cerrno>

#include "core/utf8.h"
#include "mover/staging.h"

namespace sluice::mover {
namespace {

const QString kRead = QStringLiteral("read");
const QString kList = QStringLiteral("list");
constexpr qsizetype kBatch = 500;
/// Things that are left out and named in the log; the others are only counted.
constexpr int kMostNamed = 100;

/// A place that gives an error instead of what it holds keeps the listing from ever being complete: it is
/// waited for.
Hindrance listHindrance(int error, const QString& path)
{
    Hindrance hindrance = fileHindrance(error, path, kList);
    if (std::holds_alternative<Blockage>(hindrance)) {
        return hindrance;
    }
    Error described = std::get<Error>(hindrance);
    described.message = QStringLiteral("'%1' cannot be listed").arg(path);
    described.correction = QStringLiteral("Look at the disk or the mount; the run goes on by itself");
    return Blockage{.what = Obstacle::Unreadable,
                    .connection = QStringLiteral("file"),
                    .object = path,
                    .op = kList,
                    .error = described};
}

Try<std::shared_ptr<Fd>> openRoot(const QString& root, int flags)
{
    auto fd = std::make_shared<Fd>(::open(root.toUtf8().constData(), flags | O_DIRECTORY | O_CLOEXEC));
    if (fd->valid()) {
        return fd;
    }
    // a root that is not there is a mistake of the flow, not a listing that stopped
    return hinder(
        errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == ENAMETOOLONG
            ? folderHindrance(
                  errno, root, kList,
                  QStringLiteral("Name a folder, or one file without '/' at its end; links to files, and "
                                 "what is no file, are not copied"))
            : listHindrance(errno, root));
}

qint64 changedAtMs(const struct stat& status)
{
    const auto ms = [](const timespec& time) { return time.tv_sec * 1000 + time.tv_nsec / 1'000'000; };
    return std::max(ms(status.st_mtim), ms(status.st_ctim));
}

ListedObject listedFrom(QString name, const struct stat& status)
{
    return {.name = std::move(name),
            .sizeBytes = static_cast<quint64>(status.st_size),
            .version = versionOf(status),
            .etag = {},
            .changedAtMs = changedAtMs(status),
            .bad = {}};
}

/// Attributes that somebody gave it, access lists and capabilities among them; not what the kernel keeps of
/// every file.
bool hasOwnAttributes(const QByteArray& path)
{
    QByteArray names(65536, Qt::Uninitialized);
    const ssize_t size = ::llistxattr(path.constData(), names.data(), static_cast<size_t>(names.size()));
    const QByteArrayList all = names.left(std::max<ssize_t>(size, 0)).split('\0');
    return std::any_of(all.begin(), all.end(), [](const QByteArray& name) {
        return name.startsWith("user.") || name.startsWith("trusted.") || name == "system.posix_acl_access" ||
               name == "security.capability";
    });
}

class FileSourceObject final : public SourceObject {
public:
    FileSourceObject(Fd fd, QString root, QString name, const struct stat& status)
        : m_fd(std::move(fd)),
          m_root(std::move(root)),
          m_name(std::move(name)),
          m_path(m_root + '/' + m_name),
          m_status(status)
    {
    }

    quint64 sizeBytes() const override { return static_cast<quint64>(m_status.st_size); }
    quint64 version() const override { return versionOf(m_status); }
    std::optional<quint32> permissions() const override { return m_status.st_mode & 0777; }

    Result<QByteArray> read(quint64 offset, quint64 length, ObjectContext& context) override
    {
        return persist(context, kRead, [&] {
            const qint64 since = ObjectContext::nowUs();
            const ObjectContext::Step step(context, kRead, {.object = m_path, .bytes = length});
            auto bytes = readAt(m_fd.get(), offset, length, m_path, kRead);
            if (bytes) {
                context.passed(Hop::Read, since);
            }
            return bytes;
        });
    }

    Result<void> confirm(quint32 crcOfBytesRead, ObjectContext& context) override
    {
        return persist(context, kRead, [&]() -> Try<void> {
            const auto root = openRoot(m_root, O_PATH);
            if (!root) {
                return hinder(root.error());
            }
            const auto more = holdsMore(m_fd.get(), sizeBytes(), m_path, kRead);
            if (!more) {
                return hinder(more.error());
            }
            struct stat opened {};
            struct stat named {};
            const Fd there = openBelow((*root)->get(), m_name.toUtf8(), O_PATH);
            if (!there.valid() && errno != ENOENT && errno != ENOTDIR && errno != ELOOP) {
                return hinder(fileHindrance(errno, m_path, kRead));
            }
            if (!there.valid() || ::fstat(there.get(), &named) != 0 || ::fstat(m_fd.get(), &opened) != 0) {
                return hinder(sourceChanged(m_path, QStringLiteral("it was removed while it was read")));
            }
            if (named.st_ino != opened.st_ino || named.st_dev != opened.st_dev) {
                return hinder(sourceChanged(m_path, QStringLiteral("another file has its name now")));
            }
            if (opened.st_size != m_status.st_size) {
                return hinder(sourceChanged(
                    m_path, QStringLiteral("it grew or shrank while it was read: %1 bytes, now %2")
                                .arg(m_status.st_size)
                                .arg(opened.st_size)));
            }
            if (*more) {
                return hinder(moreThanItsSize(m_path, sizeBytes()));
            }
            if (versionOf(opened) != versionOf(m_status)) {
                return hinder(sourceChanged(m_path, QStringLiteral("it was written while it was read")));
            }
            const bool touched = opened.st_ctim.tv_sec != m_status.st_ctim.tv_sec ||
                                 opened.st_ctim.tv_nsec != m_status.st_ctim.tv_nsec;
            if (!touched) {
                return {};
            }
            // its mode changed, or it was written and its time set back: only the bytes can tell
            const auto crc = checksumOfFile(m_fd.get(), sizeBytes(), m_path, kRead);
            if (!crc) {
                return hinder(crc.error());
            }
            if (*crc != crcOfBytesRead) {
                return hinder(
                    sourceChanged(m_path, QStringLiteral("its checksum is not that of what was read")));
            }
            return {};
        });
    }

private:
    Fd m_fd;
    QString m_root;
    QString m_name;
    QString m_path;
    struct stat m_status;
};

}  // namespace

struct FileSource::Listing {
    const Sink& sink;
    ObjectContext& context;
    QByteArray root{};
    std::vector<QByteArray> folders{QByteArray()};
    QList<ListedObject> batch{};
    bool goOn{true};
    int named{0};

    void add(ListedObject object)
    {
        batch.append(std::move(object));
        if (batch.size() >= kBatch) {
            flush();
        }
    }

    void flush()
    {
        if (goOn && !batch.isEmpty()) {
            goOn = sink(std::exchange(batch, {}));
        }
    }
};

FileSource::FileSource(QString root, Log warn) : m_root(std::move(root)), m_warn(std::move(warn)) {}

QString FileSource::pathOf(const QByteArray& path) const
{
    const QString shown = nameFromBytes(path).value_or(shownBytes(path));
    return path.isEmpty() ? m_root : m_root + '/' + shown;
}

void FileSource::leaveOut(const char* what, const QString& why, const QByteArray& path, Listing& listing,
                          qint64 count)
{
    if (count == 0) {
        return;
    }
    listing.context.leftOut(QString::fromLatin1(what), count, pathOf(path));
    if (m_warn && listing.named++ < kMostNamed) {
        m_warn(QStringLiteral("'%1' is left out: %2").arg(pathOf(path), why));
    }
}

/// By its path: a tree of any depth takes two descriptors.
Try<std::shared_ptr<DIR>> FileSource::openOnce(const QByteArray& folder) const
{
    struct Closer {
        void operator()(DIR* directory) const { ::closedir(directory); }
    };
    const auto root = openRoot(m_root, O_PATH);
    if (!root) {
        return hinder(root.error());
    }
    Fd fd = openBelow((*root)->get(), folder, O_RDONLY | O_DIRECTORY);
    if (!fd.valid() && !folder.isEmpty() && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)) {
        return std::shared_ptr<DIR>();
    }
    // one that can be read and not searched gives names, and nothing behind them
    struct stat status {};
    std::unique_ptr<DIR, Closer> directory;
    if (fd.valid() && ::fstatat(fd.get(), ".", &status, 0) == 0) {
        directory.reset(::fdopendir(fd.get()));
    }
    if (!directory) {
        return hinder(listHindrance(errno, pathOf(folder)));
    }
    fd.release();
    return std::shared_ptr<DIR>(std::move(directory));
}

Result<void> FileSource::listFolder(const QByteArray& folder, const std::shared_ptr<DIR>& opened,
                                    Listing& listing)
{
    const QString place = pathOf(folder);
    if (!opened) {
        struct stat status {};
        const auto root = openRoot(m_root, O_PATH);
        const Fd there = root ? openBelow((*root)->get(), folder, O_PATH) : Fd();
        if (there.valid() && ::fstat(there.get(), &status) == 0) {  // else it was removed since it was listed
            listing.add(
                {.name = nameFromBytes(folder).value_or(shownBytes(folder)), .bad = notAFile(place, status)});
        }
        return {};
    }
    bool empty = true;
    while (listing.goOn) {
        const auto entry = persist(listing.context, kList, [&]() -> Try<QByteArray> {
            errno = 0;
            const dirent* next = ::readdir(opened.get());
            if (!next && errno != 0) {
                return hinder(listHindrance(errno, place));
            }
            return next ? QByteArray(next->d_name) : QByteArray();
        });
        if (!entry) {
            return fail(entry.error());
        }
        if (entry->isEmpty()) {
            break;
        }
        if (*entry == "." || *entry == "..") {
            continue;
        }
        empty = false;
        const QByteArray path = folder.isEmpty() ? *entry : folder + '/' + *entry;
        if (folder == kStagingFolder) {
            if (const auto staged = stagedFilesIn(::dirfd(opened.get()), *entry)) {
                leaveOut("staged", QStringLiteral("copies at work, or left by an attempt"), path, listing,
                         *staged);
                continue;
            }
        }
        if (auto listed = listEntry(::dirfd(opened.get()), path, listing); !listed) {
            return listed;
        }
    }
    if (empty && listing.goOn && !folder.isEmpty()) {
        leaveOut("emptyFolder", QStringLiteral("it is an empty folder"), folder, listing);
    }
    return {};
}

Result<void> FileSource::listEntry(int folder, const QByteArray& path, Listing& listing)
{
    const QByteArray entry = path.mid(path.lastIndexOf('/') + 1);
    struct stat status {};
    const auto there = persist(listing.context, kList, [&]() -> Try<bool> {
        if (::fstatat(folder, entry.constData(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
            return true;
        }
        if (errno == ENOENT) {
            return false;  // removed since it was read from the folder
        }
        return hinder(listHindrance(errno, pathOf(path)));
    });
    if (!there) {
        return fail(there.error());
    }
    if (!*there) {
        return {};
    }
    if (S_ISDIR(status.st_mode)) {
        listing.folders.push_back(path);
        return {};
    }
    if (!S_ISREG(status.st_mode)) {
        leaveOut(S_ISLNK(status.st_mode) ? "link" : "special",
                 QStringLiteral("it is a %1").arg(kindOf(status)), path, listing);
        return {};
    }
    if (hasOwnAttributes(listing.root + '/' + path)) {
        listing.context.leftOut(QStringLiteral("fileAttributes"), 1, pathOf(path));
    }
    const auto name = nameFromBytes(path);
    ListedObject object = listedFrom(name.value_or(shownBytes(path)), status);
    if (!name) {
        object.bad =
            Error{.code = ErrorCode::InvalidArgument,
                  .message = QStringLiteral("The name of the file '%1' is not UTF-8").arg(pathOf(path)),
                  .cause = QStringLiteral("its bytes are %1").arg(shownBytes(path)),
                  .correction = QStringLiteral("Rename it, or move it out of the folder"),
                  .source = QStringLiteral("file")};
    }
    listing.add(std::move(object));
    return {};
}

Result<void> FileSource::list(const Sink& sink, ObjectContext& context)
{
    Listing listing{.sink = sink, .context = context, .root = m_root.toUtf8()};
    // those that cannot be read come last: they do not hold up what can
    std::vector<QByteArray> later;
    while ((!listing.folders.empty() || !later.empty()) && listing.goOn) {
        const bool wait = listing.folders.empty();
        std::vector<QByteArray>& from = wait ? later : listing.folders;
        const QByteArray folder = std::move(from.back());
        from.pop_back();
        Try<std::shared_ptr<DIR>> opened = openOnce(folder);
        if (!opened && !wait) {
            later.push_back(folder);
            continue;
        }
        if (!opened) {
            listing.flush();
            auto waited = persist(context, kList, [&] { return openOnce(folder); });
            if (!waited) {
                return fail(waited.error());
            }
            opened = std::move(*waited);
        }
        if (auto listed = listFolder(folder, *opened, listing); !listed) {
            return listed;
        }
    }
    listing.flush();
    return {};
}

Result<std::optional<ListedObject>> FileSource::find(const QString& name, ObjectContext& context)
{
    return persist(context, kList, [&]() -> Try<std::optional<ListedObject>> {
        const auto root = openRoot(m_root, O_PATH);
        if (!root) {
            return std::optional<ListedObject>();  // the listing says so at its own place
        }
        struct stat status {};
        const Fd there = openBelow((*root)->get(), name.toUtf8(), O_PATH);
        if (!there.valid() || ::fstat(there.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
            return std::optional<ListedObject>();
        }
        if (hasOwnAttributes((m_root + '/' + name).toUtf8())) {
            context.leftOut(QStringLiteral("fileAttributes"), 1, m_root + '/' + name);
        }
        return std::optional(listedFrom(name, status));
    });
}

Result<std::unique_ptr<SourceObject>> FileSource::open(const ListedObject& listed, ObjectContext& context)
{
    const QString path = m_root + '/' + listed.name;
    return persist(context, kRead, [&]() -> Try<std::unique_ptr<SourceObject>> {
        const auto root = openRoot(m_root, O_PATH);
        if (!root) {
            return hinder(root.error());
        }
        struct stat status {};
        // looked at before it is opened: opening a device can do something
        const Fd there = openBelow((*root)->get(), listed.name.toUtf8(), O_PATH);
        if (there.valid() && ::fstat(there.get(), &status) == 0 && !S_ISREG(status.st_mode)) {
            return hinder(notAFile(path, status));
        }
        Fd fd = there.valid() ? openBelow((*root)->get(), listed.name.toUtf8(), O_RDONLY) : Fd();
        if (!fd.valid() || ::fstat(fd.get(), &status) != 0) {
            return hinder(fileHindrance(errno, path, kRead));
        }
        if (!S_ISREG(status.st_mode)) {
            return hinder(notAFile(path, status));
        }
        if (listed.version != 0 && (versionOf(status) != listed.version ||
                                    static_cast<quint64>(status.st_size) != listed.sizeBytes)) {
            return hinder(
                sourceChanged(path, QStringLiteral("it was written after it was listed: from %1 to %2 bytes")
                                        .arg(listed.sizeBytes)
                                        .arg(status.st_size)));
        }
        ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
        return std::make_unique<FileSourceObject>(std::move(fd), m_root, listed.name, status);
    });
}

}  // namespace sluice::mover
