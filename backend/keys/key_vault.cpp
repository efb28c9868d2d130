#include "keys/key_vault.h"

#include <QtCore/QFile>

namespace sluice::keys {

QByteArray keyringText(const QString& entity, const QByteArray& key)
{
    return '[' + entity.toUtf8() + "]\n\tkey = " + key.trimmed() + '\n';
}

namespace {

bool holdsForOneUser(const QString& path, const QByteArray& text)
{
    constexpr QFileDevice::Permissions kOthers =
        QFileDevice::ReadGroup | QFileDevice::WriteGroup | QFileDevice::ReadOther | QFileDevice::WriteOther;
    QFile file(path);
    return file.open(QIODevice::ReadOnly) && !(file.permissions() & kOthers) && file.readAll() == text;
}

}  // namespace

ThreadedKeyVault::ThreadedKeyVault(std::unique_ptr<SecretStore> store, QObject* parent)
    : QObject(parent), m_store(std::move(store)), m_worker(new QObject)
{
    m_worker->moveToThread(&m_thread);
    m_thread.setObjectName(QStringLiteral("secrets"));
    m_thread.start();
}

ThreadedKeyVault::~ThreadedKeyVault()
{
    // Behind the work that is queued: what was asked for is done, only nobody is told.
    QMetaObject::invokeMethod(
        m_worker, [this] { m_thread.quit(); }, Qt::QueuedConnection);
    m_thread.wait();
    delete m_worker;
}

template <typename T>
void ThreadedKeyVault::run(std::function<Result<T>()> work, Callback<T> callback)
{
    QMetaObject::invokeMethod(
        m_worker,
        [this, work = std::move(work), callback = std::move(callback)] {
            Result<T> result = work();
            QMetaObject::invokeMethod(
                this, [callback, result = std::move(result)] { callback(result); }, Qt::QueuedConnection);
        },
        Qt::QueuedConnection);
}

void ThreadedKeyVault::put(const QString& name, const QByteArray& secret, Callback<void> callback)
{
    run<void>([this, name, secret] { return m_store->put(name, secret); }, std::move(callback));
}

void ThreadedKeyVault::get(const QString& name, Callback<QByteArray> callback)
{
    run<QByteArray>([this, name] { return m_store->get(name); }, std::move(callback));
}

void ThreadedKeyVault::remove(const QString& name, Callback<void> callback)
{
    run<void>([this, name] { return m_store->remove(name); }, std::move(callback));
}

void ThreadedKeyVault::deliver(const QString& path, const QString& entity, const QByteArray& key,
                               Callback<void> callback)
{
    run<void>([path, entity, key] { return writePrivateFile(path, keyringText(entity, key)); },
              std::move(callback));
}

void ThreadedKeyVault::isDelivered(const QString& path, const QString& entity, const QByteArray& key,
                                   Callback<bool> callback)
{
    run<bool>(
        [path, entity, key]() -> Result<bool> { return holdsForOneUser(path, keyringText(entity, key)); },
        std::move(callback));
}

}  // namespace sluice::keys
