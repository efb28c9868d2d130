#pragma once

#include "mover/s3_place.h"

namespace sluice::mover {

/// How much is asked for a number.
struct CountLimits {
    /// Of more versions than fit these pages only those are counted.
    int pages{1000};
    /// Longest time for one answer, and for all that come after the last object is through.
    qint64 ms{5000};
};

/// Counts the older versions that a bucket keeps. As long as objects are at work it takes its time; no run
/// waits for it longer than the limits say. What could not be counted is said.
class S3VersionCount {
public:
    /// All must outlive the count.
    S3VersionCount(S3Place& place, CountLimits limits, ObjectContext& context);
    /// @param only the key of one object; empty: all below the place's prefix
    void run(const QString& only);

private:
    Error timeIsUp() const;
    /// Tries again a few times what may go away by itself; no operation that could be seen to wait.
    template <typename T>
    Result<T> ask(const std::function<Result<T>(qint64 withinMs)>& once);

    S3Place& m_place;
    CountLimits m_limits;
    ObjectContext& m_context;
    /// Why the last answer was none.
    std::optional<Error> m_refused{};
};

}  // namespace sluice::mover
