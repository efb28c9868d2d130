#pragma once

#include <QtCore/QHash>
#include <QtCore/QList>
#include <QtCore/QString>
#include <functional>
#include <optional>

#include "model/flow.h"
#include "yaml/reader.h"

namespace sluice::flow {

/// What Luigi takes; without a rule anything goes. @thread any
struct LuigiRules {
    std::function<Result<void>(const QString& module)> module{};
    std::function<Result<void>(const QString& task)> task{};
    std::function<Result<void>(const QString& name, const QString& value)> param{};
};

/// What a flow file may refer to, and what it leaves out.
struct FlowContext {
    QStringList cephConnections{};
    QStringList s3Connections{};
    QStringList luigiConnections{};
    QStringList roles{};
    /// The Ceph connection each role has its key on.
    QHash<QString, QString> roleConnections{};
    LuigiRules luigi{};
    QString defaultRole{};
    qint64 stallAfterMs{30'000};
    int inFlight{16};
};

struct FlowFile {
    /// Present only if there are no problems.
    std::optional<model::Flow> flow{};
    QList<yaml::Problem> problems{};
};

/// Reads and checks a flow file: every mistake with its line and column, not only the first.
/// @thread any; pure
FlowFile parseFlow(const QString& text, const QString& file, const FlowContext& context);

}  // namespace sluice::flow
