#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QString>
#include <QtCore/QStringList>

#include "core/error.h"

namespace sluice::keys {

/// Secrets by name. Names travel anywhere; values only to the worker that needs them.
/// A name is one to four parts joined by "/", each of letters, digits, ".", "_" and "-", not starting with
/// "."; at most 200 characters, e.g. "s3/rgw.vega", "cephx/vega/ingest.g2".
/// @thread any; calls may wait for the disk, so the engine's main loop uses KeyVault instead
class SecretStore {
public:
    virtual ~SecretStore() = default;
    /// @error NotFound; PermissionDenied: stored too openly, not read; InvalidArgument: bad name.
    [[nodiscard]] virtual Result<QByteArray> get(const QString& name) const = 0;
    /// Replaces atomically; after success the new value survives a power cut. Limit 64 KiB.
    [[nodiscard]] virtual Result<void> put(const QString& name, const QByteArray& secret) = 0;
    /// Removing what is not there is no error.
    [[nodiscard]] virtual Result<void> remove(const QString& name) = 0;
    /// Sorted names.
    [[nodiscard]] virtual Result<QStringList> list() const = 0;
};

/// @error InvalidArgument, saying what a name may be.
[[nodiscard]] Result<void> checkSecretName(const QString& name);

/// Files of mode 0600 in folders of mode 0700 of this user. Anything wider, of another owner, or reached
/// through a symbolic link is refused with PermissionDenied and left alone.
class FileSecretStore final : public SecretStore {
public:
    /// Makes `folder` if it is absent and removes what an interrupted put left behind.
    [[nodiscard]] static Result<FileSecretStore> open(const QString& folder);

    Result<QByteArray> get(const QString& name) const override;
    Result<void> put(const QString& name, const QByteArray& secret) override;
    Result<void> remove(const QString& name) override;
    Result<QStringList> list() const override;

private:
    explicit FileSecretStore(QString folder);

    QString m_folder;
};

/// Writes `bytes` to `path` atomically with mode 0600 (for a key that a sidecar reads). The folder must
/// exist, belong to this user or root, and not be writable by others.
[[nodiscard]] Result<void> writePrivateFile(const QString& path, const QByteArray& bytes);

}  // namespace sluice::keys
