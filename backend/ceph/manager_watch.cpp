#include "ceph/manager_watch.h"

namespace sluice::ceph {

void ManagerWatch::heard(const Result<QJsonObject>& answer, qint64 nowMs)
{
    const QJsonValue version = answer ? (*answer)["pg_map"]["version"] : QJsonValue();
    const std::lock_guard lock(m_lock);
    m_figures.answers = version.isDouble();
    if (!m_figures.answers) {
        return;
    }
    // Any other version is a newer one: a manager that takes over counts from the beginning.
    if (m_version != version.toInteger()) {
        m_version = version.toInteger();
        m_countedAtMs = nowMs;
    }
    m_figures.madeAtMs = nowMs - m_countedAtMs < kStuckAfterMs ? nowMs : m_countedAtMs;
}

ManagerWatch::Figures ManagerWatch::figures() const
{
    const std::lock_guard lock(m_lock);
    return m_figures;
}

}  // namespace sluice::ceph
