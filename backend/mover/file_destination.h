#pragma once

#include <atomic>

#include "mover/staging.h"

namespace sluice::mover {

/// A folder as destination. A file is written without a name (where the file system can; else under one of
/// its own), forced to the disk, read back, and only then given its name: a new one never replaces what
/// appeared there meanwhile.
class FileDestination final : public DestinationEnd {
public:
    /// Makes the folder and the place for files at work, and removes what attempts that ended left there.
    /// @param task run and task, without '/'
    static Result<std::unique_ptr<FileDestination>> open(const QString& root, const QString& task,
                                                         ObjectContext& context);
    ~FileDestination() override;

    Result<Existing> look(const QString& name, ObjectContext& context) override;
    Result<quint32> checksum(const QString& name, const Existing& existing, ObjectContext& context) override;
    Result<std::unique_ptr<ObjectWriter>> open(const QString& name, SourceObject& source,
                                               const Existing& existing, ObjectContext& context) override;
    /// Size and time can be set by anybody.
    bool versionProvesBytes() const override { return false; }
    quint64 bufferBytes(quint64 sizeBytes) const override { return std::min(sizeBytes, kFileChunkBytes); }

private:
    FileDestination(QString root, Fd rootFd, std::unique_ptr<Staging> staging);

    QString m_root;
    Fd m_rootFd;
    std::unique_ptr<Staging> m_staging;
    std::atomic<quint64> m_counter{0};
};

}  // namespace sluice::mover
