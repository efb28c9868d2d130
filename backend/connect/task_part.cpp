#include "connect/task_part.h"

#include "flow/flow_engine.h"

namespace sluice::connect {

void TaskRunners::addTo(flow::FlowEngine& flow) const
{
    for (const TaskRunner& runner : m_runners) {
        for (const QString& kind : runner.kinds) {
            flow.addExecutor(kind, *runner.executor);
        }
    }
}

int TaskRunners::holders(const QString& role, int generation) const
{
    int holders = 0;
    for (const TaskRunner& runner : m_runners) {
        holders += runner.executor->holders(role, generation);
    }
    return holders;
}

void TaskRunners::stop(QObject* context, std::function<void()> done) const
{
    const auto left = std::make_shared<size_t>(m_runners.size() + 1);
    const auto ended = [left, done = std::move(done)] {
        if (--*left == 0) {
            done();
        }
    };
    for (const TaskRunner& runner : m_runners) {
        runner.executor->stop(context, ended);
    }
    callLater(context, ended);
}

}  // namespace sluice::connect
