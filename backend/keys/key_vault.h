#pragma once

#include <QtCore/QObject>
#include <QtCore/QThread>
#include <memory>

#include "core/error.h"
#include "keys/key_authority.h"
#include "keys/secret_store.h"

namespace sluice::keys {

/// Secrets without waiting: what a rotation stores, reads and delivers.
class KeyVault {
public:
    virtual ~KeyVault() = default;
    virtual void put(const QString& name, const QByteArray& secret, Callback<void> callback) = 0;
    virtual void get(const QString& name, Callback<QByteArray> callback) = 0;
    virtual void remove(const QString& name, Callback<void> callback) = 0;
    /// Writes a Ceph keyring file for sidecars, atomically, mode 0600.
    virtual void deliver(const QString& path, const QString& entity, const QByteArray& key,
                         Callback<void> callback) = 0;
    /// Whether the file holds what deliver() wrote, for this user only.
    virtual void isDelivered(const QString& path, const QString& entity, const QByteArray& key,
                             Callback<bool> callback) = 0;
};

/// "[client.x]\n\tkey = …\n"
QByteArray keyringText(const QString& entity, const QByteArray& key);

/// A KeyVault over a SecretStore that does the disk's work in a thread of its own, one call after the other.
/// Callbacks come in the thread this object lives in; destroying it waits for the work and drops the
/// callbacks.
class ThreadedKeyVault final : public QObject, public KeyVault {
    Q_OBJECT

public:
    explicit ThreadedKeyVault(std::unique_ptr<SecretStore> store, QObject* parent = nullptr);
    ~ThreadedKeyVault() override;

    void put(const QString& name, const QByteArray& secret, Callback<void> callback) override;
    void get(const QString& name, Callback<QByteArray> callback) override;
    void remove(const QString& name, Callback<void> callback) override;
    void deliver(const QString& path, const QString& entity, const QByteArray& key,
                 Callback<void> callback) override;
    void isDelivered(const QString& path, const QString& entity, const QByteArray& key,
                     Callback<bool> callback) override;

private:
    template <typename T>
    void run(std::function<Result<T>()> work, Callback<T> callback);

    std::unique_ptr<SecretStore> m_store;
    QThread m_thread;
    QObject* m_worker{};
};

}  // namespace sluice::keys
