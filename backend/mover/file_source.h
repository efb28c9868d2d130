#pragma once

#include "mover/file_ops.h"

namespace sluice::mover {

/// The regular files below a folder, named by their path from there. Links and special files are left out and logged.
class FileSource final : public SourceEnd {
public:
    using Log = std::function<void(const QString& text)>;
    FileSource(QString root, Log warn);
    Result<void> list(const Sink& sink, ObjectContext& context) override;
    Result<std::unique_ptr<SourceObject>> open(const ListedObject& listed, ObjectContext& context) override;

private:
    Result<void> listFolder(int folder, const QString& prefix, const Sink& sink, QList<ListedObject>& batch,
                            bool& goOn, ObjectContext& context);
    QString pathOf(const QString& name) const { return m_root + '/' + name; }

    QString m_root;
    Log m_warn;
};

}  // namespace sluice::mover
