#include "mover/object_context.h"

#include <chrono>

namespace sluice::mover {
namespace {

constexpr int kLooksAtOnce = 3;

Error hasStopped()
{
    return Error{.code = ErrorCode::Cancelled,
                 .message = QStringLiteral("The move has stopped"),
                 .cause = QStringLiteral("another object failed"),
                 .correction = QStringLiteral("See the failure of the task"),
                 .source = QStringLiteral("mover")};
}

}  // namespace

ObjectContext::ObjectContext(MoveContext& move, QString name, std::function<void(bool)> parking)
    : m_move(move), m_name(std::move(name)), m_parking(std::move(parking)), m_id(move.progress.begin(m_name))
{
}

ObjectContext::~ObjectContext()
{
    m_move.progress.end(m_id);
}

Result<void> ObjectContext::pause(const Blockage& blockage)
{
    const qint64 now = m_move.clock.monotonicMs();
    if (!m_blockage || m_blockage->what != blockage.what || m_blockage->op != blockage.op) {
        m_tries = 0;
        m_blockedSinceMs = now;
    }
    if (blockage.what != Obstacle::Changed) {
        m_looks = 0;  // that it has changed afterwards is no surprise
    }
    m_blockage = blockage;
    ++m_tries;
    m_move.progress.block(m_id, blockage, m_tries);
    if (blockage.what == Obstacle::Lock && m_move.lockWaitMs > 0 &&
        now - m_blockedSinceMs >= m_move.lockWaitMs) {
        Error error = blockage.error;
        error.code = ErrorCode::FailedPrecondition;
        error.retryable = false;
        return fail(error);
    }
    if (m_parking) {
        m_parking(true);
    }
    const bool goOn = m_move.stop.sleep(std::chrono::milliseconds(backOffMs(blockage.what, m_tries)));
    const bool alone = blockage.what == Obstacle::Lock || blockage.what == Obstacle::Permission;
    if (goOn && alone && m_others && m_others()) {
        m_isSetAside = true;
        m_move.progress.setAside(m_id);
    }
    if (goOn && m_parking) {
        m_parking(false);
    }
    return goOn && !m_isSetAside ? Result<void>() : fail(hasStopped());
}

Result<void> ObjectContext::lookAgain(const Blockage& blockage)
{
    if (stopped()) {
        return fail(hasStopped());
    }
    return ++m_looks > kLooksAtOnce ? pause(blockage) : Result<void>();
}

void ObjectContext::cleared(const QString& op)
{
    if (m_blockage && m_blockage->op == op) {
        clearedAll();
    }
}

void ObjectContext::clearedAll()
{
    m_blockage.reset();
    m_tries = 0;
    m_move.progress.unblock(m_id);
}

ObjectContext::Step::Step(ObjectContext& context, const QString& op, const OpPlace& place)
    : m_context(context)
{
    context.m_move.progress.op(context.m_id, op, place);
}

ObjectContext::Step::~Step()
{
    m_context.m_move.progress.op(m_context.m_id, QString(), {});
}

qint64 ObjectContext::nowUs()
{
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

}  // namespace sluice::mover
