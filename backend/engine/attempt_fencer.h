#pragma once

#include <QtCore/QHash>
#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "config/config.h"
#include "connect/link.h"
#include "core/clock.h"
#include "flow/executor.h"
#include "store/migration.h"

namespace sluice::store {
class Database;
}

namespace sluice::engine {

/// Fences attempts: ends a process that outlived its engine, blocklists client instances, takes back S3 keys,
/// uploads and staged copies. What
/// is to be taken back after an attempt is noted and asked for until it is gone, over restarts too.
/// @thread main loop only
class AttemptFencer final : public QObject, public flow::Fencer {
    Q_OBJECT

public:
    static store::PartSchema schema();

    /// `link` records what goes through it: see RecordedLink.
    AttemptFencer(connect::Link& link, const config::Config& config, store::Database& database,
                  const Clock& clock, QObject* parent = nullptr);
    /// Blocking; at start only: what an earlier life did not take back.
    Result<void> load();
    void start();

    void fence(const flow::AttemptRecord& attempt, flow::Acknowledge done) override;
    flow::RunStore::Write noteRelease(const flow::AttemptRecord& attempt) const override;
    void release(const flow::AttemptRecord& attempt) override;

private:
    struct Work;
    struct Question {
        QString cluster{};
        QJsonObject made{};
        connect::Link::Reply reply{};
    };
    /// One gateway or cluster: what is to be taken back on it, and whether it is being asked.
    struct Backlog {
        QList<QJsonObject> left{};
        bool asked{false};
        QList<Question> waiting{};
        int waitMs{};
        qint64 notBeforeMs{};
    };
    void nextStep(std::shared_ptr<Work> work);
    void endProcess(std::shared_ptr<Work> work);
    void revokeNow(std::shared_ptr<Work> work, const QJsonObject& made);
    void leave(std::shared_ptr<Work> work, const QJsonObject& made);
    const config::Connection* clusterOf(const QJsonObject& made) const;
    void blocklist(std::shared_ptr<Work> work, const QString& connection, const QString& address);
    void addToBacklog(const QJsonObject& made);
    void askPlace(const Question& question);
    void revoke();
    void revoke(const QString& place);

    connect::Link& m_link;
    const config::Config& m_config;
    store::Database& m_database;
    const Clock& m_clock;
    QHash<QString, Backlog> m_backlogs{};
    QTimer m_again{};
};

}  // namespace sluice::engine
