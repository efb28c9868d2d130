#include "model/task_state.h"

#include <array>

namespace sluice::model {
namespace {

constexpr std::array<const char*, 8> kWords{"waiting", "ready",  "running", "verifying",
                                            "done",    "failed", "stalled", "cancelled"};

}  // namespace

QString toString(TaskState state)
{
    return QString::fromLatin1(kWords[static_cast<size_t>(state)]);
}

TaskState taskStateFromString(const QString& word)
{
    for (size_t i = 0; i < kWords.size(); ++i) {
        if (word == QLatin1String(kWords[i])) {
            return static_cast<TaskState>(i);
        }
    }
    return TaskState::Waiting;
}

}  // namespace sluice::model
