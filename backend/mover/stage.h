#pragma once

#include <QtCore/QJsonObject>

#include "mover/ends.h"

namespace sluice::mover {

/// One object on its way to its place: written under a name of its own, then put in place in one step. Every
/// call waits out what may go away by itself.
/// @thread one at a time
class Stage {
public:
    virtual ~Stage() = default;
    /// What the host keeps for whoever has to clear up; `id` tells it from other claims.
    virtual QString id() const = 0;
    virtual QJsonObject claim() const = 0;
    /// Every piece but the last has this size.
    virtual quint64 chunkBytes() const = 0;

    /// Room for what is staged and for the copy of it, before anything is written; held as long as the stage
    /// lives.
    [[nodiscard]] virtual Result<void> reserve(ObjectContext& context) = 0;
    [[nodiscard]] virtual Result<void> begin(const QByteArray& chunk, ObjectContext& context) = 0;
    [[nodiscard]] virtual Result<void> append(quint64 offset, const QByteArray& chunk,
                                              ObjectContext& context) = 0;
    /// Writes what belongs to the object besides its bytes, and compares what is staged with the bytes
    /// written.
    [[nodiscard]] virtual Result<void> complete(quint32 crc, ObjectContext& context) = 0;
    /// @error moved(): the destination is not as it was looked at; nothing was put there
    [[nodiscard]] virtual Result<Stored> publish(quint32 crc, ObjectContext& context) = 0;
    /// Removes what is staged; waits a few seconds at most. @return whether it is known to be gone
    virtual bool remove() = 0;
};

}  // namespace sluice::mover
