#pragma once

#include <optional>

#include "core/clock.h"
#include "flow/executor.h"

/// Working stand-ins for what surrounds the flow engine.
namespace sluice::test {

class FakeClock final : public Clock {
public:
    qint64 nowMs() const override { return 1'700'000'000'000 + ms; }
    qint64 monotonicMs() const override { return 1000 + ms; }
    qint64 ms{0};
};

/// Notes what it is told to start and lets the test speak for the attempt.
class FakeExecutor final : public flow::Executor {
public:
    Result<void> admit(const model::TaskSpec&, const model::TaskSpec&) override { return admission; }
    void start(const flow::StartOrder& order, flow::AttemptSink& s) override
    {
        orders.append(order);
        note(QStringLiteral("start %1").arg(order.key.attempt));
        sink = &s;
        if (finishesAtOnce) {
            s.finished(order.key, {});
        }
    }
    void kill(const flow::AttemptKey& key, QObject* context, Killed done) override
    {
        killed.append(key);
        note(QStringLiteral("kill %1").arg(key.attempt));
        if (heldKills) {
            heldKills->append(whileAlive(context, std::move(done)));
        } else {
            callLater(context, [done = std::move(done), how = ending] { done(how); });
        }
    }
    const flow::StartOrder* last(const QString& task) const
    {
        for (qsizetype i = orders.size() - 1; i >= 0; --i) {
            if (orders[i].spec.name == task) {
                return &orders[i];
            }
        }
        return nullptr;
    }

    void note(const QString& what)
    {
        if (journal) {
            journal->append(what);
        }
    }

    Result<void> admission{};
    bool finishesAtOnce{false};
    QStringList* journal{};
    /// Ends of processes that are awaited, once the test has made the list.
    std::optional<QList<Killed>> heldKills{};
    /// How a kill comes out.
    Result<flow::ProcessEnd> ending{flow::ProcessEnd::Reaped};
    QList<flow::StartOrder> orders{};
    QList<flow::AttemptKey> killed{};
    flow::AttemptSink* sink{};
};

class FakeFencer final : public flow::Fencer {
public:
    void fence(const flow::AttemptRecord& attempt, flow::Acknowledge done) override
    {
        fenced.append(attempt);
        if (journal) {
            journal->append(QStringLiteral("fence %1").arg(attempt.attempt));
        }
        if (held) {
            held->append(std::move(done));
        } else {
            done(onlyAttempt == 0 || attempt.attempt == onlyAttempt ? result : Result<void>());
        }
    }
    Result<void> mayClaim(const flow::Claim& claim) const override
    {
        return claim.kind == QLatin1String("nobody's")
                   ? fail(Error{.code = ErrorCode::FailedPrecondition, .message = claim.kind})
                   : Result<void>();
    }
    flow::FenceWords describe(const flow::AttemptRecord& attempt) const override
    {
        flow::FenceWords words;
        for (const flow::Claim& claim : attempt.claims) {
            words.holders.append(claim.body["address"].toString());
            words.connections.append(claim.connection);
            words.proof = QStringLiteral("its claims are gone");
        }
        return words;
    }
    flow::RunStore::Write noteRelease(const flow::AttemptRecord& attempt) const override
    {
        return [this, attempt](store::Tx&) {
            noted.append(attempt);
            return Result<void>();
        };
    }
    void release(const flow::AttemptRecord& attempt) override { released.append(attempt); }

    Result<void> result{};
    int onlyAttempt{0};  // 0: result is the answer for all
    QStringList* journal{};
    /// Fences that are awaited, once the test has made the list.
    std::optional<QList<flow::Acknowledge>> held{};
    QList<flow::AttemptRecord> fenced{};
    /// Filled on the store's thread, before the commit that is waited for.
    mutable QList<flow::AttemptRecord> noted{};
    QList<flow::AttemptRecord> released{};
};

}  // namespace sluice::test
