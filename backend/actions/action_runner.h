#pragma once

#include <QtCore/QHash>
#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QObject>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <functional>

#include "actions/asker.h"
#include "actions/request_book.h"
#include "audit/audit_log.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/live_topic.h"

namespace sluice::actions {

/// One change, as it is authorised, recorded, carried out and verified.
struct Action {
    QString method{};
    QString title{};
    int actionClass{1};
    QStringList objects{};
    QString planHash{};
    QString stateHash{};
    QJsonObject detail{};
    Asker asker{};

    using Started = std::function<void()>;
    using Done = std::function<void(const Result<QJsonObject>&)>;
    /// Carries it out; the result is the answer to the caller. An error with code OutcomeUnknown says it may
    /// have happened.
    std::function<void(Done)> execute{};
    /// Instead of `execute`, for what takes long: at `started` the caller is answered with the action's id
    /// and the rest happens in the background. Called when the action would be carried on even if the engine
    /// ended now.
    std::function<void(Started, Done)> executeAsync{};
    /// Observes that it worked, and says what it saw. Without it the action ends as done, not as verified.
    using Verified = std::function<void(const Result<QString>& by)>;
    std::function<void(const QJsonObject& answer, Verified)> verify{};
};

/// Carries out actions: audit first (no record, no act), then execute, then verify, then close the record.
/// A request id seen before gets the first answer again, if it asks for the same; else it is refused.
/// @thread main loop only
class ActionRunner final : public LiveTopic {
    Q_OBJECT

public:
    using Reply = std::function<void(const Result<QJsonObject>&)>;

    ActionRunner(audit::AuditLog& audit, RequestBook& requests, const Clock& clock,
                 QObject* parent = nullptr);

    /// Reads the last actions of earlier lives of the engine from the record, for the topic.
    void start();
    void run(Action action, Reply reply);
    /// A step of an action, or something the engine does by itself: recorded, not asked for. A record that
    /// cannot be written is logged; `then` is for who must not act without it.
    void appendRecord(const Asker& asker, const QString& method, int actionClass, const QStringList& objects,
                      const QString& outcome, const QJsonObject& detail,
                      std::function<void(const Result<void>&)> then = {});

    // LiveTopic `actions`: newest first, the last 200
    QString name() const override { return QStringLiteral("actions"); }
    QStringList ids() const override;
    QJsonObject row(const QString& id) const override;

private:
    struct Open;
    void record(const Open& open, const QString& outcome, const QJsonObject& detail,
                std::function<void(Result<audit::Record>)> done);
    void execute(std::shared_ptr<Open> open);
    void executed(std::shared_ptr<Open> open, const Result<QJsonObject>& result);
    void close(std::shared_ptr<Open> open, const QString& outcome, const Result<QJsonObject>& result);
    void restore(const QList<audit::Record>& records);
    void showNoted(const audit::Record& record);
    void show(const Open& open, const QString& state, const QString& detail, qint64 auditSeq);

    audit::AuditLog& m_audit;
    RequestBook& m_requests;
    const Clock& m_clock;
    QList<QJsonObject> m_rows{};
    QHash<QString, QString> m_noted{};  ///< request id and method of an earlier life's action → its id
};

}  // namespace sluice::actions
