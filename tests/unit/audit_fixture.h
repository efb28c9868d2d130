#pragma once

#include <QtCore/QTemporaryDir>

#include "audit/audit_log.h"
#include "patience.h"
#include "store_wait.h"

namespace sluice::test {

/// A clock that stands still until it is told to move on.
class FakeClock final : public Clock {
public:
    qint64 nowMs() const override { return m_now; }
    qint64 monotonicMs() const override { return m_now; }
    void advance(qint64 ms) { m_now += ms; }

private:
    qint64 m_now{1767237248123};  // 2026-01-01T03:14:08.123Z
};

inline audit::Record recordNumber(int i)
{
    return audit::Record{.principal = "anna",
                         .role = "operator",
                         .via = "sluicectl",
                         .action = "flow.reset",
                         .requestId = QStringLiteral("request-%1").arg(i),
                         .outcome = "started",
                         .actionClass = 2,
                         .objects = {QStringLiteral("R-%1").arg(i), "vega/ceph-pool/train"},
                         .detail = {{"attempt", i}}};
}

inline Result<audit::Record> appendNow(audit::AuditLog& log, const audit::Record& record)
{
    return await<Result<audit::Record>>(
        [&](QObject* context, auto done) { log.append(record, context, done); });
}

inline audit::AuditLog::Verification verifyNow(audit::AuditLog& log)
{
    using Verification = audit::AuditLog::Verification;
    const auto found =
        await<Result<Verification>>([&](QObject* context, auto done) { log.verify(context, done); });
    return found ? *found : Verification{.why = found.error().toLine()};
}

}  // namespace sluice::test
