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
    /// Of attributes and omap, where they are kept; nothing: not told.
    std::optional<quint32> attributesCrc{};
};

/// What became of one object.
struct CopiedObject {
    QString name{};
    quint64 sizeBytes{};
    quint32 crc{};
    quint64 version{};
    quint64 sourceVersion{};
    QString etag{};
    std::optional<quint32> attributesCrc{};
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
    [[nodiscard]] Result<CopiedObject> run(const ListedObject& listed,
                                           const std::optional<KnownObject>& known, ObjectContext& context);

private:
    /// What is at the destination of an object that the manifest knows.
    struct KnownCopy {
        /// It is what this task put there.
        bool own{false};
        /// And so is the source: nothing is to be done.
        std::optional<CopiedObject> kept{};
    };
    Result<KnownCopy> lookAtKnown(const ListedObject& listed, const KnownObject& known,
                                  ObjectContext& context);
    Result<bool> isOwn(const ListedObject& listed, const KnownObject& known, const Existing& existing,
                       ObjectContext& context);
    /// Whether the bytes of the source still are those of the manifest.
    Result<bool> sourceIsKnown(const ListedObject& listed, const KnownObject& known, const Existing& existing,
                               ObjectContext& context);
    Result<CopiedObject> once(const ListedObject& listed, bool looked,
                              const std::optional<KnownObject>& known, ObjectContext& context);
    std::optional<Attributes> headersOf(const Existing& existing) const;
    /// Checksum of attributes and omap of a source, where they arrive.
    Result<std::optional<quint32>> attributesOf(SourceObject& source, ObjectContext& context);
    /// The same of an object that was at the destination with the source's bytes; nothing if it is not known.
    Result<std::optional<quint32>> attributesKept(SourceObject& source, const Existing& existing,
                                                  ObjectContext& context);
    /// The checksum if both are equal.
    Result<std::optional<quint32>> compare(const QString& name, SourceObject& source,
                                           const Existing& existing, ObjectContext& context);
    Result<CopiedObject> transfer(const QString& name, SourceObject& source, const Existing& existing,
                                  ObjectContext& context);
    Result<CopiedObject> stream(const QString& name, SourceObject& source, const Existing& existing,
                                ObjectContext& context);

    const MoveRequest& m_request;
    SourceEnd& m_source;
    DestinationEnd& m_destination;
};

}  // namespace sluice::mover
