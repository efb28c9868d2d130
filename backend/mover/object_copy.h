#pragma once

#include "mover/ends.h"
#include "mover/move_request.h"

namespace sluice::mover {

/// What the manifest of an earlier attempt says of an object.
struct KnownObject {
    quint64 sizeBytes{};
    quint32 crc{};
    quint64 version{};
    /// 0: not told.
    quint64 sourceVersion{};
    QString etag{};
};

/// What became of one object.
struct CopiedObject {
    QString name{};
    quint64 sizeBytes{};
    quint32 crc{};
    quint64 version{};
    quint64 sourceVersion{};
    QString etag{};
    /// It was there already, and equal.
    bool kept{false};
    /// Something else was there.
    bool replaced{false};
};

/// What to do about what is at the destination.
enum class Plan {
    Create,     ///< nothing is there
    Overwrite,  ///< it may go: a shell, an unfinished copy of this task, or replacing is allowed
    Compare,    ///< it may be equal
    Refuse,     ///< it differs and may not go
};
Plan planFor(const Existing& existing, quint64 sourceBytes, const QString& name, const MoveRequest& request);

/// Brings one object from source to destination and verifies it there.
/// @thread any; several at once on the same ends
class ObjectCopy {
public:
    ObjectCopy(const MoveRequest& request, SourceEnd& source, DestinationEnd& destination);

    /// @param known what the manifest says, if it knows the object
    /// @error AlreadyExists: something else is there and may not be replaced; and those of the ends
    [[nodiscard]] Result<CopiedObject> run(const ListedObject& listed, const std::optional<KnownObject>& known,
                                           ObjectContext& context);

private:
    Result<std::optional<CopiedObject>> keepKnown(const ListedObject& listed, const KnownObject& known,
                                                  ObjectContext& context);
    Result<CopiedObject> once(const ListedObject& listed, bool looked, ObjectContext& context);
    /// The checksum if both are equal.
    Result<std::optional<quint32>> compare(const QString& name, SourceObject& source, const Existing& existing,
                                           ObjectContext& context);
    Result<CopiedObject> transfer(const QString& name, SourceObject& source, const Existing& existing,
                                  ObjectContext& context);
    Result<CopiedObject> stream(const QString& name, SourceObject& source, const Existing& existing,
                                ObjectContext& context);

    const MoveRequest& m_request;
    SourceEnd& m_source;
    DestinationEnd& m_destination;
};

}  // namespace sluice::mover
