#pragma once

#include <QtCore/QJsonObject>
#include <map>
#include <mutex>

#include "mover/move_host.h"
#include "mover/object_context.h"

namespace sluice::mover {

/// The multipart uploads a move has open, made durable by the host, so that exactly these are aborted should the move
/// not end them. One that began and could not be told to the host holds no part yet.
/// @thread any
class UploadBook {
public:
    explicit UploadBook(MoveHost& host) : m_host(host) {}

    /// Returns once the host has it; no part may be sent before. @error as for askHost
    Result<void> begun(const QString& connection, const QString& bucket, const QString& key, const QString& uploadId,
                       ObjectContext& context);
    /// It was completed or aborted; the host hears of it with the next one.
    void ended(const QString& uploadId);

private:
    MoveHost& m_host;
    std::mutex m_mutex{};
    std::map<QString, QJsonObject> m_open{};
};

}  // namespace sluice::mover
