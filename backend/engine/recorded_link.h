#pragma once

#include <QtCore/QHash>
#include <QtCore/QObject>
#include <QtCore/QSet>
#include <functional>
#include <memory>
#include <optional>

#include "connect/link.h"
#include "core/clock.h"

namespace sluice::audit {
class AuditLog;
}

namespace sluice::engine {

/// The link for all that changes a system: every change has an audit record before it is done, and another
/// with its outcome (done, already so, failed, outcome unknown). One that is tried again and again has one
/// record of each kind in an hour. The parameter `because`, made by Link::because(), goes into the record and
/// not to the worker; what somebody asked for (NamedLink) is recorded in their name, all else in the
/// engine's.
/// @error of a change, besides those of the link: ResourceExhausted, retryable: it could not be recorded, so
/// nothing
///        was done.
/// @thread main loop only
class RecordedLink final : public QObject, public connect::Link {
    Q_OBJECT

public:
    RecordedLink(connect::Link& link, audit::AuditLog& audit, const Clock& clock, QObject* parent = nullptr);

    /// Asked before each change; what it returns refuses it.
    void setGate(std::function<std::optional<Error>()> gate) { m_gate = std::move(gate); }

    void call(const QString& connection, const QString& method, const QJsonObject& params, int deadlineMs,
              bool mutating, Reply reply) override;
    Result<void> mayAct(const QString& connection) const override { return m_link.mayAct(connection); }
    Result<void> isLeader(const QString& connection) const override { return m_link.isLeader(connection); }

private:
    struct Act;
    struct Told {
        qint64 sinceMs{};
        QSet<QString> outcomes{};
    };
    using Recorded = std::function<void(const Result<void>&)>;
    void record(const Act& act, const QString& outcome, const QJsonObject& detail, Recorded done);
    void send(std::shared_ptr<Act> act);
    void ended(const Act& act, const Result<QJsonObject>& result);

    connect::Link& m_link;
    audit::AuditLog& m_audit;
    const Clock& m_clock;
    /// What was recorded of changes that did not succeed yet.
    QHash<QString, Told> m_told{};
    std::function<std::optional<Error>()> m_gate{};
};

}  // namespace sluice::engine
