#include "ceph/flags_watch.h"

#include "ceph/storage_facts.h"

namespace sluice::ceph {

void FlagsWatch::heard(const Result<QJsonObject>& dump, qint64 nowMs)
{
    const std::lock_guard lock(m_lock);
    m_flags = dump ? std::optional(clusterFlags(*dump)) : std::nullopt;
    m_heardAtMs = nowMs;
}

std::optional<QStringList> FlagsWatch::flags(qint64 nowMs, qint64 goodForMs) const
{
    const std::lock_guard lock(m_lock);
    return nowMs - m_heardAtMs <= goodForMs ? m_flags : std::nullopt;
}

}  // namespace sluice::ceph
