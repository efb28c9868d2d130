#pragma once

#include <QtCore/QJsonObject>
#include <mutex>
#include <optional>

#include "core/error.h"

namespace sluice::ceph {

/// When the manager made the figures that the monitors hand on: PG states, usage, object counts. The monitors
/// repeat the last they got for as long as they are asked, so the manager itself is asked for the version of
/// its PG map: while it answers and goes on counting, its figures are of the time of its answer.
/// @thread any
class ManagerWatch {
public:
    /// A manager makes a new version every few seconds; one that answers and does not is stuck.
    static constexpr qint64 kStuckAfterMs = 15'000;

    struct Figures {
        /// Wall clock; 0: the manager has not answered yet.
        qint64 madeAtMs{};
        /// It answered when it was last asked.
        bool answers{};
    };

    /// @param answer of `pg dump` with `sum`
    void heard(const Result<QJsonObject>& answer, qint64 nowMs);
    Figures figures() const;

private:
    mutable std::mutex m_lock{};
    std::optional<qint64> m_version{};
    qint64 m_countedAtMs{};
    Figures m_figures{};
};

}  // namespace sluice::ceph
