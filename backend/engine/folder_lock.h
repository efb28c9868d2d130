#pragma once

#include <QtCore/QLockFile>
#include <QtCore/QString>
#include <memory>

#include "core/error.h"

namespace sluice::engine {

/// Keeps a state folder for one engine. The folder itself is locked, so that it stays locked when somebody
/// removes the file that names the process.
class FolderLock {
public:
    /// @error FailedPrecondition: another engine uses the folder, or its lock file cannot be made.
    static Result<std::unique_ptr<FolderLock>> take(const QString& folder);
    ~FolderLock();
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

    /// Whether the folder's name still leads to the folder that is locked. @thread any
    bool isNamed() const;

private:
    FolderLock(QString folder, int fd);

    QString m_folder;
    int m_fd;
    QLockFile m_file;
};

}  // namespace sluice::engine
