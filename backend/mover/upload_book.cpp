#include "mover/upload_book.h"

#include <QtCore/QJsonArray>

#include "mover/host_ask.h"

namespace sluice::mover {

Result<void> UploadBook::begun(const QString& connection, const QString& bucket, const QString& key,
                               const QString& uploadId, ObjectContext& context)
{
    // held while it asks: a list must not overtake a later one
    const std::lock_guard lock(m_mutex);
    m_open[uploadId] = {{"connection", connection}, {"bucket", bucket}, {"key", key}, {"uploadId", uploadId}};
    QJsonArray open;
    for (const auto& [id, upload] : m_open) {
        open.append(upload);
    }
    return askHost(m_host, QStringLiteral("uploads"), {{"open", open}}, context).map([](const QJsonObject&) {});
}

void UploadBook::ended(const QString& uploadId)
{
    const std::lock_guard lock(m_mutex);
    m_open.erase(uploadId);
}

}  // namespace sluice::mover
