#pragma once

#include "engine/reset_service.h"

namespace sluice::engine {

/// One reset under way. `task` and `at` walk through the plan; after a restart they begin anew.
struct ResetService::Reset {
    QString run{};
    QJsonObject plan{};
    QString planHash{};
    actions::Asker asker{};
    Done done{};
    bool carriedOn{false};
    qsizetype task{};
    QStringList todo{};  // steps left of the present task
    QList<QJsonObject> locks{};
    QList<QJsonObject> drops{};
    qsizetype locksPlanned{};
    qsizetype dropsPlanned{};
    qint64 troubleSinceMs{};
    bool begun{false};  // the present step has its record
    bool acted{false};  // the present step has changed something, which is to be seen
};

}  // namespace sluice::engine
