#pragma once

#include "mover/s3_place.h"

namespace sluice::mover {

/// The objects of a bucket below a prefix. Every read asks for the ETag that was listed.
class S3Source final : public SourceEnd {
public:
    explicit S3Source(std::shared_ptr<S3Place> place) : m_place(std::move(place)) {}
    Result<void> list(const Sink& sink, ObjectContext& context) override;
    Result<std::unique_ptr<SourceObject>> open(const ListedObject& listed, ObjectContext& context) override;

private:
    std::shared_ptr<S3Place> m_place;
};

}  // namespace sluice::mover
