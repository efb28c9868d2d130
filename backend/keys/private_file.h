#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <utility>

#include "core/error.h"

/// Small files of this user only, reached without following symbolic links. Blocking system calls.
namespace sluice::keys {

inline constexpr qint64 kMostSecretBytes = 64 * 1024;

/// Closes at the end of its scope.
class Fd {
public:
    explicit Fd(int fd = -1) : m_fd(fd) {}
    ~Fd();
    Fd(Fd&& other) noexcept : m_fd(other.m_fd) { other.m_fd = -1; }
    Fd& operator=(Fd&& other) noexcept;
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;

    int get() const { return m_fd; }
    bool valid() const { return m_fd >= 0; }

private:
    int m_fd;
};

/// An Error from errno; `what` says what was tried, `path` where.
Error fileError(int code, const QString& what, const QString& path);

/// Opens folder by folder from `root` on and checks that each is private. Missing ones below the root are
/// made if `create`.
[[nodiscard]] Result<Fd> openPrivateFolder(const QString& root, const QStringList& below, bool create);

/// @error NotFound; PermissionDenied: of another owner, readable by others, or no regular file.
[[nodiscard]] Result<QByteArray> readPrivateFile(int folder, const QString& name);

/// Writes a temporary file beside it, then renames. What stands there already must be private, or is not
/// touched.
[[nodiscard]] Result<void> replacePrivateFile(int folder, const QString& name, const QByteArray& bytes,
                                              bool mustBePrivate);

}  // namespace sluice::keys
