#include "worker/pending_calls.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace sluice::worker {
namespace {

Error unknownOutcome(const QString& method, const QString& cause)
{
    return Error{.code = ErrorCode::OutcomeUnknown,
                 .message = QStringLiteral("It is not known whether \"%1\" was carried out").arg(method),
                 .cause = cause,
                 .correction = QStringLiteral("Read the state back before doing it again"),
                 .source = QStringLiteral("worker")};
}

Error tooLate(const QString& method)
{
    return Error{.code = ErrorCode::DeadlineExceeded,
                 .message = QStringLiteral("\"%1\" was not answered in time").arg(method),
                 .cause = QStringLiteral("the system behind it is slow or does not answer"),
                 .correction = QStringLiteral("Try again, or look at the state of that system"),
                 .retryable = true,
                 .source = QStringLiteral("worker")};
}

}  // namespace

quint64 PendingCalls::add(Call call)
{
    const quint64 id = m_nextId++;
    m_calls.emplace(id, std::move(call));
    return id;
}

void PendingCalls::settle(quint64 id, const Result<QJsonObject>& result)
{
    const auto found = m_calls.find(id);
    if (found == m_calls.end()) {
        return;
    }
    const Call call = std::move(found->second);
    m_calls.erase(found);
    if (!call.expired) {
        deliver(call, result);
    }
}

QString PendingCalls::expire(qint64 nowMs)
{
    QString overdue;
    std::vector<Call> late;
    for (auto& [id, call] : m_calls) {
        if (!call.expired && call.dueMs <= nowMs) {
            late.push_back(call);
            call.expired = true;
            call.callback = nullptr;
        }
        if (call.dueMs + m_graceMs <= nowMs) {
            overdue = call.method;
        }
    }
    for (const Call& call : late) {
        deliver(call,
                fail(call.effect == Effect::Mutates
                         ? unknownOutcome(call.method, QStringLiteral("the worker did not answer in time"))
                         : tooLate(call.method)));
    }
    return overdue;
}

void PendingCalls::failAll(const Error& gone)
{
    const std::map<quint64, Call> calls = std::exchange(m_calls, {});
    for (const auto& [id, call] : calls) {
        if (!call.expired) {
            deliver(call,
                    fail(call.effect == Effect::Mutates ? unknownOutcome(call.method, gone.message) : gone));
        }
    }
}

std::optional<qint64> PendingCalls::nextDueMs() const
{
    std::optional<qint64> next;
    for (const auto& [id, call] : m_calls) {
        const qint64 due = call.expired ? call.dueMs + m_graceMs : call.dueMs;
        next = next ? std::min(*next, due) : due;
    }
    return next;
}

void PendingCalls::deliver(const Call& call, const Result<QJsonObject>& result)
{
    if (call.context && call.callback) {
        call.callback(result);
    }
}

}  // namespace sluice::worker
