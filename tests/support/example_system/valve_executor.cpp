#include "tests/support/example_system/valve_executor.h"

#include "tests/support/example_system/valve_claim.h"
#include "tests/support/example_system/valve_kind.h"

namespace sluice::example {
namespace {

constexpr int kLookMs = 100;
constexpr int kCallMs = 1000;

QString nameOf(const flow::StartOrder& order)
{
    return QStringLiteral("%1.%2").arg(order.run).arg(order.key.attempt);
}

}  // namespace

ValveExecutor::ValveExecutor(connect::Link& link, QObject* parent) : QObject(parent), m_link(link)
{
    m_timer.setInterval(kLookMs);
    connect(&m_timer, &QTimer::timeout, this, qOverload<>(&ValveExecutor::look));
    m_timer.start();
}

Result<void> ValveExecutor::admit(const model::TaskSpec& spec, const model::TaskSpec&)
{
    return m_link.isLeader(model::bodyOf<ValveBody>(spec).connection);
}

ValveExecutor::Attempt* ValveExecutor::find(const flow::AttemptKey& key)
{
    const auto it = m_attempts.find({key.run, key.task});
    return it != m_attempts.end() && it->second.order.key.attempt == key.attempt ? &it->second : nullptr;
}

void ValveExecutor::start(const flow::StartOrder& order, flow::AttemptSink& sink)
{
    m_attempts[{order.key.run, order.key.task}] = {.order = order, .sink = &sink};
    sink.phase(order.key, QStringLiteral("holding"));
    const auto& body = model::bodyOf<ValveBody>(order.spec);
    sink.claim(order.key, valveClaim(body.connection, body.name, nameOf(order)),
               [this, key = order.key](const Result<void>& kept) {
                   if (!kept) {
                       refuse(key, kept.error());
                   } else {
                       hold(key);
                   }
               });
}

void ValveExecutor::refuse(const flow::AttemptKey& key, const Error& error)
{
    if (const Attempt* attempt = find(key)) {
        flow::AttemptSink* sink = attempt->sink;
        m_attempts.erase({key.run, key.task});
        sink->failed(key, error);
    }
}

void ValveExecutor::hold(const flow::AttemptKey& key)
{
    const Attempt* attempt = find(key);
    if (!attempt) {
        return;
    }
    const auto& body = model::bodyOf<ValveBody>(attempt->order.spec);
    m_link.call(body.connection, QStringLiteral("valve.hold"),
                {{"valve", body.name}, {"by", nameOf(attempt->order)}}, kCallMs, true,
                [this, key](const Result<QJsonObject>& held) {
                    if (!held) {
                        refuse(key, held.error());
                    } else if (Attempt* attempt = find(key)) {
                        attempt->holds = true;
                        attempt->sink->phase(key, QStringLiteral("opening"));
                    }
                });
}

void ValveExecutor::look()
{
    std::vector<Id> ids;
    for (const auto& [id, attempt] : m_attempts) {
        if (attempt.holds && !attempt.asked) {
            ids.push_back(id);
        }
    }
    for (const Id& id : ids) {
        look(id);
    }
}

void ValveExecutor::look(const Id& id)
{
    // Told once: one that was stuck then stays shut until it is told again.
    Attempt& attempt = m_attempts.at(id);
    attempt.asked = true;
    const bool first = !attempt.told;
    attempt.told = true;
    const auto& body = model::bodyOf<ValveBody>(attempt.order.spec);
    m_link.call(body.connection, first ? QStringLiteral("valve.open") : QStringLiteral("valve.read"),
                {{"valve", body.name}, {"by", nameOf(attempt.order)}}, kCallMs, first,
                [this, key = attempt.order.key](const Result<QJsonObject>& told) {
                    Attempt* attempt = find(key);
                    if (!attempt) {
                        return;
                    }
                    attempt->asked = false;
                    if (told && (*told)["open"].toBool()) {
                        flow::AttemptSink* sink = attempt->sink;
                        m_attempts.erase({key.run, key.task});
                        sink->finished(key, {});
                        sink->gone(key, QStringLiteral("the valve is open"));
                    }
                });
}

void ValveExecutor::kill(const flow::AttemptKey& key, QObject* context, Killed done)
{
    const bool held = m_attempts.erase({key.run, key.task}) > 0;
    callLater(context, [done = std::move(done), held] {
        done(held ? flow::ProcessEnd::Reaped : flow::ProcessEnd::NotThere);
    });
}

}  // namespace sluice::example
