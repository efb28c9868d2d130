#pragma once

#include <functional>
#include <thread>

#include "mover/progress.h"
#include "mover/stop_flag.h"

namespace sluice::mover {

/// Looks for operations without an answer and says why they wait. An operation on data never times out, so
/// this is the only way to hear of one that hangs.
class HangWatch {
public:
    /// Blocks a few seconds at most. @return why operations there hang
    using Judge = std::function<Blockage(const Progress::Waiting& waiting)>;
    static constexpr qint64 kAfterMs = 3000;

    HangWatch(Progress& progress, Judge judge);
    ~HangWatch();
    HangWatch(const HangWatch&) = delete;
    HangWatch& operator=(const HangWatch&) = delete;

private:
    void watch();

    Progress& m_progress;
    Judge m_judge;
    StopFlag m_end{};
    std::thread m_thread;
};

}  // namespace sluice::mover
