#pragma once

#include <QtCore/QHash>
#include <functional>
#include <mutex>
#include <optional>

#include "mover/s3_place.h"

namespace sluice::mover {

/// What the objects under way have beside their bytes, as answers told it.
/// @thread any
class S3Extras {
public:
    void put(const QString& name, const s3::ObjectExtras& extras);
    std::optional<s3::ObjectExtras> take(const QString& name);

private:
    std::mutex m_mutex{};
    QHash<QString, s3::ObjectExtras> m_seen{};
};

/// The objects of a folder in a bucket. Every read asks for the ETag that was listed.
class S3Source final : public SourceEnd {
public:
    /// @param tells whether what objects have besides their bytes is told
    explicit S3Source(std::shared_ptr<S3Place> place, bool tells = true) : m_place(std::move(place)), m_tells(tells) {}
    Result<void> list(const Sink& sink, ObjectContext& context) override;
    Result<std::optional<ListedObject>> find(const QString& name, ObjectContext& context) override;
    Result<std::unique_ptr<SourceObject>> open(const ListedObject& listed, ObjectContext& context) override;
    void countVersions(const QString& only, ObjectContext& context) override;
    void carried(const ListedObject& listed, ObjectContext& context) override;

private:
    Blockage unreadable(Error error) const;
    std::optional<ListedObject> listedOf(const s3::ListedObject& object, ObjectContext& context) const;
    template <typename T>
    Result<T> toldOfVersions(ObjectContext& context, const std::function<Result<T>(s3::Client&)>& ask);
    Try<s3::ListPage> pageOnce(const QString& prefix, const QString& next, int limit, ObjectContext& context);

    std::shared_ptr<S3Place> m_place;
    bool m_tells;
    S3Extras m_extras{};
};

}  // namespace sluice::mover
