#pragma once

#include <atomic>

#include "mover/s3_version_count.h"

namespace sluice::mover {

/// The objects of a folder in a bucket. Every read asks for the ETag that was listed.
class S3Source final : public SourceEnd {
public:
    /// @param tells whether what objects have besides their bytes is told
    explicit S3Source(std::shared_ptr<S3Place> place, bool tells = true, CountLimits limits = {})
        : m_place(std::move(place)), m_tells(tells), m_limits(limits)
    {
    }
    Result<void> list(const Sink& sink, ObjectContext& context) override;
    Result<std::optional<ListedObject>> find(const QString& name, ObjectContext& context) override;
    Result<std::unique_ptr<SourceObject>> open(const ListedObject& listed, ObjectContext& context) override;
    void countVersions(const QString& only, ObjectContext& context) override;
    void keptUnread(ObjectContext& context) override;
    Result<bool> holdsAnything(ObjectContext& context) override;

private:
    Blockage unreadable(Error error) const;
    std::optional<ListedObject> listedOf(const s3::ListedObject& object, ObjectContext& context) const;
    Result<std::optional<ListedObject>> findUnlisted(const QString& name, ObjectContext& context);
    Try<s3::ListPage> pageOnce(const QString& prefix, const QString& next, int limit, ObjectContext& context);

    std::shared_ptr<S3Place> m_place;
    bool m_tells;
    CountLimits m_limits;
    std::atomic<bool> m_saidUnread{false};
};

}  // namespace sluice::mover
