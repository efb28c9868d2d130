#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QObject>
#include <QtCore/QPointer>
#include <QtCore/QString>
#include <functional>
#include <map>
#include <optional>

#include "core/error.h"

namespace sluice::worker {

/// Does a call change something outside? Then, without an answer, its outcome is unknown.
enum class Effect { Reads, Mutates };

using CallResult = std::function<void(Result<QJsonObject> result)>;

/// The calls that are out at one worker, and their deadlines. A callback is called once; not at all if its
/// context was destroyed before.
/// @thread main loop only; times are monotonic milliseconds
class PendingCalls {
public:
    struct Call {
        QString method{};
        qint64 dueMs{};
        Effect effect{Effect::Reads};
        QPointer<QObject> context{};
        CallResult callback{};
        bool expired{};
    };

    explicit PendingCalls(qint64 graceMs) : m_graceMs(graceMs) {}

    /// @return the id of the call on the wire.
    quint64 add(Call call);
    /// Forgets a call that could not be sent; its callback is not called.
    void drop(quint64 id) { m_calls.erase(id); }
    void settle(quint64 id, const Result<QJsonObject>& result);
    /// Gives DeadlineExceeded, or OutcomeUnknown, to calls that are due.
    /// @return the method of a call that is `graceMs` over its deadline and still unanswered, else empty.
    QString expire(qint64 nowMs);
    /// The worker is gone: `gone` for calls that read, OutcomeUnknown for those that change something.
    void failAll(const Error& gone);
    /// When expire() has something to do next.
    std::optional<qint64> nextDueMs() const;
    qsizetype size() const { return qsizetype(m_calls.size()); }

private:
    static void deliver(const Call& call, const Result<QJsonObject>& result);

    qint64 m_graceMs;
    quint64 m_nextId{1};
    std::map<quint64, Call> m_calls{};
};

}  // namespace sluice::worker
