#pragma once

#include <QtCore/QTimer>
#include <functional>
#include <optional>

#include "audit/audit_log.h"
#include "connect/link.h"
#include "patience.h"
#include "store/database.h"

/// Working stand-ins for what surrounds the engine's parts.
namespace sluice::test {

class SetClock final : public Clock {
public:
    qint64 nowMs() const override { return now; }
    qint64 monotonicMs() const override { return now; }
    qint64 now{1'700'000'000'000};
};

/// Notes what it is asked and answers later, as the test says.
class FakeLink final : public QObject, public connect::Link {
public:
    struct Call {
        QString connection{};
        QString method{};
        QJsonObject params{};
        bool mutating{};
    };

    void call(const QString& connection, const QString& method, const QJsonObject& params, int, bool mutating,
              Reply reply) override
    {
        if (auto may = mayAct(connection); mutating && !may) {
            reply(fail(may.error()));
            return;
        }
        calls.append({connection, method, params, mutating});
        mostOpen = qMax(mostOpen, ++open);
        QTimer::singleShot(0, this, [this, one = calls.last(), reply, asked = life] {
            if (asked == life) {
                --open;
                reply(answer(one));
            }
        });
    }
    Result<void> mayAct(const QString&) const override
    {
        return leads && takesChanges
                   ? Result<void>()
                   : fail(Error{
                         .code = ErrorCode::FailedPrecondition, .message = "no lease", .retryable = true});
    }
    qsizetype count(const QString& method) const
    {
        return std::count_if(calls.begin(), calls.end(),
                             [&](const Call& call) { return call.method == method; });
    }

    Result<void> isLeader(const QString& connection) const override
    {
        return leads ? Result<void>() : mayAct(connection);
    }

    /// Who asked is gone: what is not answered yet never is.
    void forget()
    {
        ++life;
        open = 0;
    }

    int life{};
    bool leads{true};
    bool takesChanges{true};
    QList<Call> calls{};
    int open{};
    int mostOpen{};
    std::function<Result<QJsonObject>(const Call&)> answer{[](const Call&) { return QJsonObject(); }};
};

inline Error unavailable()
{
    return {.code = ErrorCode::Unavailable, .message = "no answer", .retryable = true};
}

/// "action outcome" of all records, oldest first.
inline QStringList told(audit::AuditLog& log, QList<audit::Record>* records = nullptr)
{
    std::optional<QList<audit::Record>> found;
    log.list(0, 1000, &log,
             [&found](const Result<QList<audit::Record>>& r) { found = r.value_or(QList<audit::Record>()); });
    QStringList list;
    if (sluice::test::waitUntil([&found] { return found.has_value(); })) {
        for (const audit::Record& record : *found) {
            list.prepend(record.action + ' ' + record.outcome);
        }
    }
    if (records) {
        *records = found.value_or(QList<audit::Record>());
    }
    return list;
}

}  // namespace sluice::test
