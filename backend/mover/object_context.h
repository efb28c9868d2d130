#pragma once

#include <QtCore/QString>
#include <chrono>
#include <functional>

#include "core/clock.h"
#include "core/error.h"
#include "mover/blockage.h"
#include "mover/budget.h"
#include "mover/progress.h"
#include "mover/stop_flag.h"

namespace sluice::mover {

/// What the objects of one move share.
struct MoveContext {
    Progress& progress;
    StopFlag& stop;
    const Clock& clock;
    qint64 lockWaitMs{0};
};

/// One object at work: reports what it does, and waits for what blocks it.
/// @thread one at a time
class ObjectContext {
public:
    /// @param parking called with true before and false after a wait, so that the place of a waiting object
    /// can be
    ///        given to another
    ObjectContext(MoveContext& move, QString name, std::function<void(bool parked)> parking = {});
    ~ObjectContext();
    ObjectContext(const ObjectContext&) = delete;
    ObjectContext& operator=(const ObjectContext&) = delete;

    /// Lets the object be set aside when it alone is held up (locked, or not permitted) and `others` says
    /// that its place is wanted: pause() fails then, nothing counts, and the object is to be begun anew
    /// later.
    void yieldsTo(std::function<bool()> others) { m_others = std::move(others); }
    bool isSetAside() const { return m_isSetAside; }

    const QString& name() const { return m_name; }
    /// Waits the back-off of this blockage.
    /// @error Cancelled: the move has stopped. FailedPrecondition: the lock was waited for long enough.
    [[nodiscard]] Result<void> pause(const Blockage& blockage);
    /// Before a destination is looked at again that was not as it was looked at: goes on at once a few times,
    /// then waits as pause() does, so that a loop is seen. @error as for pause
    [[nodiscard]] Result<void> lookAgain(const Blockage& blockage);
    /// What blocked that operation does so no more.
    void cleared(const QString& op);
    void clearedAll();
    bool stopped() const { return m_move.stop.raised(); }
    /// Waits a moment before something is tried again that holds nothing up. @return false if the move has
    /// stopped
    bool rest(std::chrono::milliseconds time) const { return m_move.stop.sleep(time); }
    /// As Progress::idleMs.
    qint64 idleMs() const { return m_move.progress.idleMs(); }
    void movedBytes(quint64 bytesOfObject) { m_move.progress.moved(m_id, bytesOfObject); }
    /// As Progress::withdrawn.
    void withdrawBytes() { m_move.progress.withdrawn(m_id); }
    void refused() { m_move.progress.refused(); }
    /// As Progress::leftOut.
    void leftOut(const QString& what, qint64 count, const QString& example)
    {
        m_move.progress.leftOut(what, count, example);
    }

    /// As Progress::mayLeaveOutMore.
    void mayLeaveOutMore(const QString& what, const QString& why)
    {
        m_move.progress.mayLeaveOutMore(what, why);
    }

    /// An operation under way, for as long as it lives; its time counts for the hop when it ends well.
    class Step {
    public:
        Step(ObjectContext& context, const QString& op, const OpPlace& place);
        ~Step();
        Step(const Step&) = delete;
        Step& operator=(const Step&) = delete;

    private:
        ObjectContext& m_context;
    };
    /// Microseconds on a clock that never goes back.
    static qint64 nowUs();
    void passed(Hop hop, qint64 sinceUs) { m_move.progress.passed(m_id, hop, nowUs() - sinceUs); }

private:
    MoveContext& m_move;
    QString m_name;
    std::function<void(bool)> m_parking;
    Progress::Id m_id;
    std::optional<Blockage> m_blockage{};
    int m_tries{0};
    int m_looks{0};
    qint64 m_blockedSinceMs{0};
    std::function<bool()> m_others{};
    bool m_isSetAside{false};
};

/// Calls `attempt` until it succeeds or fails for good, and waits in between.
template <typename Attempt>
auto persist(ObjectContext& context, const QString& op, Attempt&& attempt)
    -> Result<typename std::invoke_result_t<Attempt>::value_type>
{
    for (;;) {
        auto outcome = attempt();
        if (outcome) {
            context.cleared(op);
            if constexpr (std::is_void_v<typename decltype(outcome)::value_type>) {
                return {};
            } else {
                return std::move(*outcome);
            }
        }
        if (const Error* error = std::get_if<Error>(&outcome.error())) {
            context.cleared(op);
            return fail(*error);
        }
        if (const auto waited = context.pause(std::get<Blockage>(outcome.error())); !waited) {
            return fail(waited.error());
        }
    }
}

}  // namespace sluice::mover
