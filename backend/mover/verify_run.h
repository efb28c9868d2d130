#pragma once

#include <QtCore/QStringList>
#include <mutex>

#include "mover/move_host.h"
#include "mover/object_queue.h"

namespace sluice::mover {

/// Compares a destination with the manifest of the task that filled it: every object there, of that size and (S3) ETag,
/// and the crc32c of its bytes as they are read back. An ETag alone proves nothing: it is kept apart from the bytes.
/// All are looked at; the failure names the first that differ.
class VerifyRun {
public:
    VerifyRun(const MoveRequest& request, DestinationEnd& destination, MoveHost& host, MoveContext& move);
    /// Failures are in the stop flag.
    void run();

private:
    void page();
    /// @return what is wrong with it; empty if nothing is
    Result<QString> check(const QueuedObject& object, ObjectContext& context);

    const MoveRequest& m_request;
    DestinationEnd& m_destination;
    MoveHost& m_host;
    MoveContext& m_move;
    ObjectQueue m_queue;
    std::mutex m_mutex{};
    QStringList m_wrong{};
    qint64 m_wrongCount{0};
};

}  // namespace sluice::mover
