#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QStringList>
#include <mutex>
#include <optional>

#include "core/error.h"

namespace sluice::ceph {

/// The flags of the OSD map, for as long as they are known: those of a map that cannot be read any more are
/// not those of now.
/// @thread any
class FlagsWatch {
public:
    /// @param dump answer of `osd dump`
    void heard(const Result<QJsonObject>& dump, qint64 nowMs);
    /// Nothing if the last answer was none, or came more than `goodForMs` ago.
    std::optional<QStringList> flags(qint64 nowMs, qint64 goodForMs) const;

private:
    mutable std::mutex m_lock{};
    std::optional<QStringList> m_flags{};
    qint64 m_heardAtMs{};
};

}  // namespace sluice::ceph
