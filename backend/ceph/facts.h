#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <optional>

namespace sluice::ceph {

/// What a cluster says of one thing, before the observer adds connection and time.
struct Fact {
    QString kind{};
    QString name{};
    /// The command or probe it came from.
    QString source{};
    QJsonObject facts{};
    /// Wall clock, of what was made at another time than it was read; unset: now.
    std::optional<qint64> observedAtMs{};
};

}  // namespace sluice::ceph
