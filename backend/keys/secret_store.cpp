#include "keys/secret_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtCore/QRegularExpression>
#include <cerrno>

#include "core/units.h"
#include "keys/private_file.h"

namespace sluice::keys {
namespace {

constexpr int kMostParts = 4;
constexpr int kMostName = 200;

void sweep(const QString& folder, int depth)
{
    const auto entries = QDir(folder).entryInfoList(QDir::Files | QDir::Dirs | QDir::Hidden | QDir::System |
                                                    QDir::NoDotAndDotDot);
    for (const QFileInfo& entry : entries) {
        if (entry.isSymLink()) {
            continue;
        }
        if (entry.isDir() && depth > 1) {
            sweep(entry.filePath(), depth - 1);
        } else if (entry.fileName().startsWith(QLatin1String(".tmp-"))) {
            QFile::remove(entry.filePath());
        }
    }
}

void collect(const QString& folder, const QString& prefix, int depth, QStringList& names)
{
    for (const QFileInfo& entry :
         QDir(folder).entryInfoList(QDir::Files | QDir::Dirs | QDir::NoDotAndDotDot)) {
        if (entry.isSymLink()) {
            continue;
        }
        const QString name = prefix + entry.fileName();
        if (entry.isDir() && depth > 1) {
            collect(entry.filePath(), name + '/', depth - 1, names);
        } else if (entry.isFile() && checkSecretName(name)) {
            names.append(name);
        }
    }
}

}  // namespace

Result<void> checkSecretName(const QString& name)
{
    static const QRegularExpression part(
        QRegularExpression::anchoredPattern(QStringLiteral("[A-Za-z0-9_-][A-Za-z0-9._-]*")));
    const QStringList parts = name.split('/');
    bool good = name.size() <= kMostName && parts.size() <= kMostParts;
    for (const QString& text : parts) {
        good = good && part.match(text).hasMatch();
    }
    if (good) {
        return {};
    }
    return fail(
        {.code = ErrorCode::InvalidArgument,
         .message = QStringLiteral("“%1” cannot be the name of a secret").arg(shortened(name, kMostName)),
         .cause =
             QStringLiteral("a name is one to four parts joined by /, each of letters, digits, . _ and -"),
         .correction = QStringLiteral("Choose a name like s3/archive."),
         .source = QStringLiteral("secrets")});
}

FileSecretStore::FileSecretStore(QString folder) : m_folder(std::move(folder)) {}

Result<FileSecretStore> FileSecretStore::open(const QString& folder)
{
    const QFileInfo info(folder);
    if (!info.exists() && !info.isSymLink()) {
        if (!QDir().mkpath(info.absolutePath()) ||
            (::mkdir(QFile::encodeName(folder).constData(), S_IRWXU) != 0 && errno != EEXIST)) {
            return fail(fileError(errno, QStringLiteral("stored"), folder));
        }
    }
    const Result<Fd> opened = openPrivateFolder(folder, {}, false);
    if (!opened) {
        return fail(opened.error());
    }
    sweep(folder, kMostParts);
    return FileSecretStore(folder);
}

Result<QByteArray> FileSecretStore::get(const QString& name) const
{
    if (auto checked = checkSecretName(name); !checked) {
        return fail(checked.error());
    }
    QStringList parts = name.split('/');
    const QString file = parts.takeLast();
    const Result<Fd> folder = openPrivateFolder(m_folder, parts, false);
    if (!folder) {
        return fail(folder.error());
    }
    return readPrivateFile(folder->get(), file);
}

Result<void> FileSecretStore::put(const QString& name, const QByteArray& secret)
{
    if (auto checked = checkSecretName(name); !checked) {
        return checked;
    }
    if (secret.size() > kMostSecretBytes) {
        return fail(fileError(EFBIG, QStringLiteral("stored"), name));
    }
    QStringList parts = name.split('/');
    const QString file = parts.takeLast();
    const Result<Fd> folder = openPrivateFolder(m_folder, parts, true);
    if (!folder) {
        return fail(folder.error());
    }
    return replacePrivateFile(folder->get(), file, secret, true);
}

Result<void> FileSecretStore::remove(const QString& name)
{
    if (auto checked = checkSecretName(name); !checked) {
        return checked;
    }
    QStringList parts = name.split('/');
    const QByteArray file = QFile::encodeName(parts.takeLast());
    const Result<Fd> folder = openPrivateFolder(m_folder, parts, false);
    if (!folder) {
        return folder.error().code == ErrorCode::NotFound ? Result<void>() : fail(folder.error());
    }
    if (::unlinkat(folder->get(), file.constData(), 0) != 0 && errno != ENOENT) {
        return fail(fileError(errno, QStringLiteral("removed"), name));
    }
    if (::fsync(folder->get()) != 0) {
        return fail(fileError(errno, QStringLiteral("removed"), name));
    }
    return {};
}

Result<QStringList> FileSecretStore::list() const
{
    const Result<Fd> folder = openPrivateFolder(m_folder, {}, false);
    if (!folder) {
        return fail(folder.error());
    }
    QStringList names;
    collect(m_folder, {}, kMostParts, names);
    names.sort();
    return names;
}

Result<void> writePrivateFile(const QString& path, const QByteArray& bytes)
{
    const QFileInfo info(path);
    const QString folder = info.absolutePath();
    const Fd opened(::open(QFile::encodeName(folder).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat stat {};
    if (!opened.valid() || ::fstat(opened.get(), &stat) != 0) {
        return fail(fileError(errno, QStringLiteral("delivered"), folder));
    }
    if ((stat.st_uid != geteuid() && stat.st_uid != 0) || (stat.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return fail(
            {.code = ErrorCode::PermissionDenied,
             .message = QStringLiteral("The key is not delivered to %1").arg(path),
             .cause = QStringLiteral("others may write to the folder %1").arg(folder),
             .correction = QStringLiteral("Give the folder to the engine's user, mode 0755 or narrower."),
             .source = QStringLiteral("secrets")});
    }
    return replacePrivateFile(opened.get(), info.fileName(), bytes, false);
}

}  // namespace sluice::keys
