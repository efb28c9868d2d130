#include "model/task_state.h"

namespace sluice::model {

const QStringList& taskStateWords()
{
    static const QStringList kWords{QStringLiteral("waiting"), QStringLiteral("ready"),
                                    QStringLiteral("running"), QStringLiteral("verifying"),
                                    QStringLiteral("done"),    QStringLiteral("failed"),
                                    QStringLiteral("stalled"), QStringLiteral("cancelled")};
    return kWords;
}

QString toString(TaskState state)
{
    return taskStateWords().at(static_cast<int>(state));
}

}  // namespace sluice::model
