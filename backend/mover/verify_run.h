#pragma once

#include <QtCore/QStringList>
#include <mutex>

#include "mover/move_host.h"
#include "mover/object_queue.h"

namespace sluice::mover {

/// Compares a destination with the manifest of the task that filled it: every object there, of that size and
/// (S3) ETag, the crc32c of its bytes as they are read back, its attributes and omap where they are kept. An
/// ETag alone proves nothing: it is kept apart from the bytes. What lies there beside it and is newer than
/// the run was added. All are looked at; the failure names those that differ.
class VerifyRun {
public:
    /// @param there lists the destination; nothing: what was added is not looked for
    VerifyRun(const MoveRequest& request, DestinationEnd& destination, MoveHost& host, MoveContext& move,
              SourceEnd* there = nullptr);
    /// Failures are in the stop flag.
    void run();

private:
    void page();
    void findAdded();
    /// Those of them that no task of the run put there. @return whether to go on
    bool judgeListed(const QList<ListedObject>& objects, ObjectContext& context);
    /// @return whether it is data that somebody put there since the run began
    Result<bool> isAdded(const ListedObject& listed, ObjectContext& context);
    void check();
    /// @return what is wrong with it; empty if nothing is
    Result<QString> judge(const QueuedObject& object, ObjectContext& context);
    /// Whether attributes and omap are those of the manifest.
    Result<bool> sameAttributes(const QString& name, const KnownObject& known, const Existing& existing,
                                ObjectContext& context);
    void note(QStringList& names, qint64& count, const QString& text);
    void conclude();

    const MoveRequest& m_request;
    DestinationEnd& m_destination;
    MoveHost& m_host;
    MoveContext& m_move;
    SourceEnd* m_there;
    ObjectQueue m_queue;
    std::mutex m_mutex{};
    QStringList m_wrong{};
    qint64 m_wrongCount{0};
    QStringList m_added{};
    qint64 m_addedCount{0};
    QString m_firstObject{};
};

}  // namespace sluice::mover
