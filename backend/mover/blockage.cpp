#include "mover/blockage.h"

#include <algorithm>

#include "model/object_name.h"

namespace sluice::mover {

QString toString(Obstacle obstacle)
{
    switch (obstacle) {
        case Obstacle::Connect:
            return QStringLiteral("connect");
        case Obstacle::Lock:
            return QStringLiteral("lock");
        case Obstacle::Full:
            return QStringLiteral("full");
        case Obstacle::Quota:
            return QStringLiteral("quota");
        case Obstacle::MinSize:
            return QStringLiteral("min_size");
        case Obstacle::Permission:
            return QStringLiteral("permission");
        case Obstacle::Gateway:
            return QStringLiteral("gateway");
        case Obstacle::Timeout:
            return QStringLiteral("timeout");
        case Obstacle::Record:
            return QStringLiteral("record");
        case Obstacle::Changed:
            return QStringLiteral("changed");
        case Obstacle::Unreadable:
            return QStringLiteral("unreadable");
        case Obstacle::Limit:
            return QStringLiteral("limit");
    }
    return {};
}

QJsonObject Blockage::toJson() const
{
    QJsonObject json{
        {"what", toString(what)}, {"connection", connection}, {"op", op}, {"error", error.toJson()}};
    if (!cephPool.isEmpty()) {
        json["cephPool"] = cephPool;
    }
    if (!object.isEmpty()) {
        json["object"] = model::nameOnWire(object);
    }
    if (holder) {
        json["lock"] = QJsonObject{{"name", model::nameOnWire(holder->lock)},
                                   {"client", holder->client},
                                   {"cookie", model::nameOnWire(holder->cookie)},
                                   {"address", holder->address}};
    }
    return json;
}

int backOffMs(Obstacle what, int tries)
{
    if (what == Obstacle::Permission) {
        return 5000;
    }
    const int longest = what == Obstacle::Lock || what == Obstacle::Changed ? 5000 : 2000;
    return std::min(longest, 250 << std::clamp(tries - 1, 0, 8));
}

}  // namespace sluice::mover
