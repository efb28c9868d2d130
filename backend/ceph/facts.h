#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>

namespace sluice::ceph {

/// What a cluster says of one thing, before the observer adds connection and time.
struct Fact {
    QString kind{};
    QString name{};
    /// The command or probe it came from.
    QString source{};
    QJsonObject facts{};
};

}  // namespace sluice::ceph
