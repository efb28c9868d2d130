#pragma once

#include <QtCore/QList>

#include "audit/audit_log.h"
#include "core/live_topic.h"

namespace sluice::engine {

/// Topic `audit`: the newest records, newest first; older ones by audit.list.
class AuditTopic final : public LiveTopic {
    Q_OBJECT

public:
    explicit AuditTopic(audit::AuditLog& audit, QObject* parent = nullptr);
    /// Asks the log for what was there before the start.
    void start();

    QString name() const override { return QStringLiteral("audit"); }
    QStringList ids() const override;
    QJsonObject row(const QString& id) const override;

private:
    void add(const audit::Record& record);

    audit::AuditLog& m_audit;
    QList<QJsonObject> m_rows{};  // newest first
};

}  // namespace sluice::engine
