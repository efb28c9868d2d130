#pragma once

#include <QtCore/QHash>
#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "connect/claim_keeper.h"
#include "connect/link.h"
#include "core/clock.h"
#include "flow/executor.h"
#include "store/migration.h"

namespace sluice::store {
class Database;
}

namespace sluice::engine {

/// Fences attempts: lets the keeper of each claim take it back, then ends a process that outlived its engine.
/// What a claim leaves is noted and asked for until it is gone, over restarts too.
/// @thread main loop only
class AttemptFencer final : public QObject, public flow::Fencer {
    Q_OBJECT

public:
    static store::PartSchema schema();

    /// @param link is only asked where this engine leads
    AttemptFencer(connect::ClaimKeepers keepers, connect::Link& link, store::Database& database,
                  const Clock& clock, QObject* parent = nullptr);
    /// Blocking; at start only: what an earlier life did not take back.
    Result<void> load();
    void start();

    void fence(const flow::AttemptRecord& attempt, flow::Acknowledge done) override;
    Result<void> mayClaim(const flow::Claim& claim) const override;
    flow::FenceWords describe(const flow::AttemptRecord& attempt) const override;
    flow::RunStore::Write noteRelease(const flow::AttemptRecord& attempt) const override;
    void release(const flow::AttemptRecord& attempt) override;

private:
    struct Work;
    /// A claim to release, with its name in the table.
    struct Left {
        QString name{};
        flow::Claim claim{};
        QJsonObject because{};
    };
    struct Question {
        Left left{};
        flow::Acknowledge reply{};
    };
    /// One connection: what is to be released there, and whether it is being asked.
    struct Backlog {
        QList<Left> left{};
        bool asked{false};
        QList<Question> waiting{};
        int waitMs{};
        qint64 notBeforeMs{};
    };
    static Left leftOf(const flow::AttemptRecord& attempt, const flow::Claim& claim, const QString& what);
    static Result<void> note(store::Tx& tx, const Left& left);
    QList<Left> releasesOf(const flow::AttemptRecord& attempt) const;
    void nextStep(std::shared_ptr<Work> work);
    void endProcess(std::shared_ptr<Work> work);
    void releaseNow(std::shared_ptr<Work> work);
    void releaseLater(std::shared_ptr<Work> work, const Left& left);
    void addToBacklog(const Left& left);
    void askPlace(const Question& question);
    void releaseAll();
    void releaseNext(const QString& place);
    /// Drops the answer if this object is gone by then.
    flow::Acknowledge whileHere(flow::Acknowledge done);

    connect::ClaimKeepers m_keepers;
    connect::Link& m_link;
    store::Database& m_database;
    const Clock& m_clock;
    QHash<QString, Backlog> m_backlogs{};
    QTimer m_again{};
};

}  // namespace sluice::engine
