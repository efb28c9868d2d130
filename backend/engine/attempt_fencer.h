#pragma once

#include <QtCore/QObject>

#include "config/config.h"
#include "core/clock.h"
#include "engine/cluster_link.h"
#include "flow/executor.h"

namespace sluice::engine {

/// Fences attempts: ends a process that outlived its engine, blocklists client instances, takes back S3 keys.
/// @thread main loop only
class AttemptFencer final : public QObject, public flow::Fencer {
    Q_OBJECT

public:
    AttemptFencer(ClusterLink& link, const config::Config& config, const Clock& clock, QObject* parent = nullptr);

    void fence(const flow::AttemptRecord& attempt, flow::Acknowledge done) override;
    void release(const flow::AttemptRecord& attempt) override;

private:
    struct Work;
    void nextStep(std::shared_ptr<Work> work);
    void endProcess(std::shared_ptr<Work> work);
    void abortUploads(std::shared_ptr<Work> work, const QJsonObject& key);
    void blocklist(std::shared_ptr<Work> work, const QString& connection, const QString& address);

    ClusterLink& m_link;
    const config::Config& m_config;
    const Clock& m_clock;
};

/// Field 22 of /proc/PID/stat, or 0 if there is no such process: with the pid it names a process beyond doubt.
qint64 processStartTicks(qint64 pid);

}  // namespace sluice::engine
