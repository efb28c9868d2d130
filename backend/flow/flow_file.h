#pragma once

#include <QtCore/QList>
#include <QtCore/QString>
#include <optional>

#include "flow/task_kind.h"
#include "model/flow.h"
#include "yaml/reader.h"

namespace sluice::flow {

struct FlowFile {
    /// Present only if there are no problems.
    std::optional<model::Flow> flow{};
    QList<yaml::Problem> problems{};
};

/// Reads and checks a flow file: every mistake with its line and column, not only the first.
/// @thread any; pure
FlowFile parseFlow(const QString& text, const QString& file, const TaskKinds& kinds,
                   const FlowContext& context);

}  // namespace sluice::flow
