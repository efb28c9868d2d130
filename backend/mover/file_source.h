#pragma once

#include <dirent.h>

#include "mover/file_ops.h"

namespace sluice::mover {

/// The regular files below a folder, named by their path from there. Links, special files, empty folders and
/// what attempts have staged there are left out, counted and logged; a name that is not UTF-8 makes its file
/// one that cannot be copied. A folder that cannot be read is waited for.
class FileSource final : public SourceEnd {
public:
    using Log = std::function<void(const QString& text)>;
    FileSource(QString root, Log warn);
    Result<void> list(const Sink& sink, ObjectContext& context) override;
    Result<std::optional<ListedObject>> find(const QString& name, ObjectContext& context) override;
    Result<std::unique_ptr<SourceObject>> open(const ListedObject& listed, ObjectContext& context) override;
    /// Size and time can be set by anybody.
    bool versionProvesBytes() const override { return false; }

private:
    struct Listing;
    /// @return null if it is no folder any more
    Try<std::shared_ptr<DIR>> openOnce(const QByteArray& folder) const;
    Result<void> listFolder(const QByteArray& folder, const std::shared_ptr<DIR>& opened, Listing& listing);
    Result<void> listEntry(int folder, const QByteArray& path, Listing& listing);
    void leaveOut(const char* what, const QString& why, const QByteArray& path, Listing& listing,
                  qint64 count = 1);
    QString pathOf(const QByteArray& path) const;

    QString m_root;
    Log m_warn;
};

}  // namespace sluice::mover
