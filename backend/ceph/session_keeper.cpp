#include "ceph/session_keeper.h"

#include <algorithm>

#include "core/clock.h"

namespace sluice::ceph {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{250};
constexpr milliseconds kLongestPause{5000};
constexpr milliseconds kIdle{60'000};
constexpr int kSilencesUntilLost = 2;

}  // namespace

SessionKeeper::SessionKeeper(ClusterAccess access, Report report)
    : m_access(std::move(access)), m_report(std::move(report))
{
}

void SessionKeeper::start(std::function<void()> connected)
{
    m_connected = std::move(connected);
    enter(QStringLiteral("connecting"), std::nullopt);
    m_thread = std::make_unique<LoopThread>([this] { return connectOnce(); });
}

void SessionKeeper::stop()
{
    if (m_thread) {
        m_thread->stop();
    }
}

std::shared_ptr<RadosSession> SessionKeeper::session() const
{
    const std::lock_guard lock(m_lock);
    return m_session;
}

QString SessionKeeper::state() const
{
    const std::lock_guard lock(m_lock);
    return m_state;
}

milliseconds SessionKeeper::connectOnce()
{
    if (session()) {
        return kIdle;
    }
    Result<std::shared_ptr<RadosSession>> made = RadosSession::connect(m_access);
    if (!made) {
        enter(QStringLiteral("connecting"), made.error());
        m_pause = std::clamp(m_pause * 2, kFirstPause, kLongestPause);
        return m_pause;
    }
    m_pause = milliseconds(0);
    {
        const std::lock_guard lock(m_lock);
        m_session = std::move(*made);
        m_silences = 0;
    }
    enter(QStringLiteral("connected"), std::nullopt);
    m_connected();
    return kIdle;
}

void SessionKeeper::answered()
{
    {
        const std::lock_guard lock(m_lock);
        m_silences = 0;
        if (!m_session || m_state == QLatin1String("connected")) {
            return;
        }
    }
    enter(QStringLiteral("connected"), std::nullopt);
}

void SessionKeeper::silent(const Error& why)
{
    {
        const std::lock_guard lock(m_lock);
        if (!m_session || ++m_silences < kSilencesUntilLost) {
            return;
        }
    }
    enter(QStringLiteral("lost"), why);
}

void SessionKeeper::replace(const std::shared_ptr<RadosSession>& broken)
{
    {
        const std::lock_guard lock(m_lock);
        if (m_session != broken) {
            return;
        }
        m_session.reset();
    }
    enter(QStringLiteral("connecting"), std::nullopt);
    m_thread->poke();
}

void SessionKeeper::enter(const QString& state, const std::optional<Error>& error)
{
    const std::lock_guard reporting(m_reportLock);
    QJsonObject told;
    {
        const std::lock_guard lock(m_lock);
        if (m_state != state) {
            m_state = state;
            m_sinceMs = SystemClock().nowMs();
        }
        told = QJsonObject{{"state", state}, {"sinceMs", m_sinceMs}};
        if (error) {
            told["error"] = error->toJson();
        }
        if (told == m_told) {
            return;
        }
        m_told = told;
    }
    m_report(told);
}

}  // namespace sluice::ceph
