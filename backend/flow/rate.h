#pragma once

#include <QtCore/QtGlobal>
#include <deque>

namespace sluice::flow {

/// Throughput over the last ten seconds, from a counter that only grows.
/// @thread that of its owner
class Rate {
public:
    void sample(qint64 monotonicMs, qint64 total);
    /// Units per second; 0 if nothing moved in the window.
    double perSecond(qint64 monotonicMs) const;
    /// Seconds until `total` at the present rate, or -1 if that is not known.
    qint64 secondsLeft(qint64 monotonicMs, qint64 total) const;

private:
    struct Sample {
        qint64 atMs{};
        qint64 total{};
    };
    std::deque<Sample> m_samples{};
};

}  // namespace sluice::flow
