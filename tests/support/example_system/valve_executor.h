#pragma once

#include <QtCore/QTimer>
#include <map>

#include "connect/link.h"
#include "flow/executor.h"

namespace sluice::example {

/// Claims the valve, holds it in the name of the attempt, tells it to open, and waits until it is open.
/// @thread main loop only
class ValveExecutor final : public QObject, public flow::Executor {
    Q_OBJECT

public:
    explicit ValveExecutor(connect::Link& link, QObject* parent = nullptr);

    Result<void> admit(const model::TaskSpec& spec, const model::TaskSpec& subject) override;
    void start(const flow::StartOrder& order, flow::AttemptSink& sink) override;
    void kill(const flow::AttemptKey& key, QObject* context, Killed done) override;

private:
    struct Attempt {
        flow::StartOrder order{};
        flow::AttemptSink* sink{};
        bool holds{};
        bool told{};
        bool asked{};
    };
    using Id = std::pair<qint64, int>;
    void refuse(const flow::AttemptKey& key, const Error& error);
    void hold(const flow::AttemptKey& key);
    void look();
    void look(const Id& id);
    Attempt* find(const flow::AttemptKey& key);

    connect::Link& m_link;
    std::map<Id, Attempt> m_attempts{};
    QTimer m_timer{};
};

}  // namespace sluice::example
