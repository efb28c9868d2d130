#pragma once

#include "mover/bad_objects.h"
#include "mover/committer.h"
#include "mover/move_host.h"
#include "mover/object_queue.h"

namespace sluice::mover {

/// Copies everything a source lists: one thread lists (and asks what the manifest knows), the others copy, a
/// committer reports. An object that cannot be copied does not hold up the others: at the end one failure
/// names them all. Ends early when the move's stop flag is raised, or when a thousand objects failed for no
/// reason of their own and none came through.
class Pipeline {
public:
    struct Ends {
        SourceEnd& source;
        DestinationEnd& destination;
    };
    static constexpr quint64 kBudgetBytes = 256 * 1024 * 1024;

    /// All must outlive the pipeline.
    Pipeline(const MoveRequest& request, Ends ends, MoveHost& host, MoveContext& move,
             quint64 budgetBytes = kBudgetBytes);

    /// @return nothing; failures are in the stop flag
    void run();

private:
    void list();
    bool enqueue(QList<ListedObject> objects, ObjectContext& context);
    /// @return whether the move goes on
    bool putAside(const QString& object, const Error& error);
    /// Says in the stop flag what was not copied, or that there was nothing to copy.
    void judge();
    Error nothingMatched() const;
    Result<QHash<QString, KnownObject>> lookUp(const QList<ListedObject>& objects, ObjectContext& context);

    const MoveRequest& m_request;
    Ends m_ends;
    MoveHost& m_host;
    MoveContext& m_move;
    Budget m_bytes;
    ObjectQueue m_queue;
    BadObjects m_bad{};
    bool m_copying{false};
};

/// One object of an answer to `manifest.lookup`, or one entry of `manifest.page`.
KnownObject knownFrom(const QJsonObject& json);

}  // namespace sluice::mover
