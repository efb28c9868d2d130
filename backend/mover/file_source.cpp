#include "mover/file_source.h"

#include <dirent.h>
#include <fcntl.h>

#include <cerrno>

namespace sluice::mover {
namespace {

const QString kRead = QStringLiteral("read");
const QString kList = QStringLiteral("list");
constexpr qsizetype kBatch = 500;

class FileSourceObject final : public SourceObject {
public:
    FileSourceObject(Fd fd, QString path, const struct stat& status) : m_fd(std::move(fd)), m_path(std::move(path)), m_status(status) {}

    quint64 sizeBytes() const override { return static_cast<quint64>(m_status.st_size); }
    quint64 version() const override { return versionOf(m_status); }

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

    Result<void> confirm(quint32, ObjectContext&) override
    {
        struct stat opened{};
        struct stat named{};
        if (::fstat(m_fd.get(), &opened) != 0 || ::lstat(m_path.toUtf8().constData(), &named) != 0) {
            return fail(sourceChanged(m_path, QStringLiteral("it was removed while it was read")));
        }
        if (named.st_ino != opened.st_ino || named.st_dev != opened.st_dev) {
            return fail(sourceChanged(m_path, QStringLiteral("another file has its name now")));
        }
        if (opened.st_size != m_status.st_size || versionOf(opened) != versionOf(m_status)) {
            return fail(sourceChanged(m_path, QStringLiteral("size or time of last change moved while it was read")));
        }
        return {};
    }

private:
    Fd m_fd;
    QString m_path;
    struct stat m_status;
};

}  // namespace

FileSource::FileSource(QString root, Log warn) : m_root(std::move(root)), m_warn(std::move(warn)) {}

Result<void> FileSource::listFolder(int folder, const QString& prefix, const Sink& sink, QList<ListedObject>& batch,
                                    bool& goOn, ObjectContext& context)
{
    struct Closer {
        void operator()(DIR* directory) const { ::closedir(directory); }
    };
    const int own = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, Closer> directory(own < 0 ? nullptr : ::fdopendir(own));
    while (const dirent* entry = directory ? ::readdir(directory.get()) : nullptr) {
        const QByteArrayView bytes(entry->d_name);
        if (bytes == "." || bytes == ".." || (prefix.isEmpty() && bytes == kStagingFolder)) {
            continue;
        }
        const QString name = prefix + QString::fromUtf8(bytes);
        if (!QUtf8StringView(bytes.data(), bytes.size()).isValidUtf8()) {
            return fail(Error{.code = ErrorCode::InvalidArgument,
                              .message = QStringLiteral("The name of the file '%1' is no UTF-8").arg(pathOf(name)),
                              .cause = QStringLiteral("its bytes are %1").arg(QString::fromLatin1(bytes.toByteArray().toPercentEncoding())),
                              .correction = QStringLiteral("Rename it, or move it out of the folder"),
                              .source = QStringLiteral("file")});
        }
        struct stat status{};
        if (::fstatat(folder, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
            continue;  // removed since it was read from the folder
        }
        if (S_ISDIR(status.st_mode)) {
            const auto below = persist(context, kList, [&]() -> Try<std::shared_ptr<Fd>> {
                auto fd = std::make_shared<Fd>(::openat(folder, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
                if (!fd->valid()) {
                    return hinder(fileHindrance(errno, pathOf(name), kList));
                }
                return fd;
            });
            if (!below) {
                return fail(below.error());
            }
            if (auto listed = listFolder((*below)->get(), name + '/', sink, batch, goOn, context); !listed || !goOn) {
                return listed;
            }
        } else if (S_ISREG(status.st_mode)) {
            batch.append({.name = name, .sizeBytes = static_cast<quint64>(status.st_size), .version = versionOf(status)});
            if (batch.size() >= kBatch) {
                goOn = sink(std::exchange(batch, {}));
                if (!goOn) {
                    return {};
                }
            }
        } else {
            m_warn(QStringLiteral("'%1' is left out: it is neither a file nor a folder").arg(pathOf(name)));
        }
    }
    return {};
}

Result<void> FileSource::list(const Sink& sink, ObjectContext& context)
{
    const auto root = persist(context, kList, [&]() -> Try<std::shared_ptr<Fd>> {
        auto fd = std::make_shared<Fd>(::open(m_root.toUtf8().constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!fd->valid()) {
            return hinder(fileHindrance(errno, m_root, kList));
        }
        return fd;
    });
    if (!root) {
        return fail(root.error());
    }
    QList<ListedObject> batch;
    bool goOn = true;
    if (auto listed = listFolder((*root)->get(), QString(), sink, batch, goOn, context); !listed) {
        return listed;
    }
    if (goOn && !batch.isEmpty()) {
        sink(std::move(batch));
    }
    return {};
}

Result<std::unique_ptr<SourceObject>> FileSource::open(const ListedObject& listed, ObjectContext& context)
{
    const QString path = pathOf(listed.name);
    return persist(context, kRead, [&]() -> Try<std::unique_ptr<SourceObject>> {
        Fd fd(::open(path.toUtf8().constData(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
        struct stat status{};
        if (!fd.valid() || ::fstat(fd.get(), &status) != 0) {
            return hinder(fileHindrance(errno, path, kRead));
        }
        if (listed.version != 0 && (versionOf(status) != listed.version ||
                                    static_cast<quint64>(status.st_size) != listed.sizeBytes)) {
            return hinder(sourceChanged(path, QStringLiteral("it was written after it was listed")));
        }
        ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
        return std::make_unique<FileSourceObject>(std::move(fd), path, status);
    });
}

}  // namespace sluice::mover
