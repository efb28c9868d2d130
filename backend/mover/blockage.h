#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <optional>
#include <variant>

#include "core/error.h"

namespace sluice::mover {

/// Why an object cannot go on although nothing is broken for good.
enum class Obstacle {
    Connect,
    Lock,
    Full,
    Quota,
    MinSize,
    Permission,
    Gateway,
    Timeout,
    Record,
    Changed,
    Unreadable,  ///< a place gives an error instead of what it holds
    Limit,       ///< this process has no descriptor or memory left
};

QString toString(Obstacle obstacle);

/// Somebody who holds an advisory lock, as `list_lockers` names it.
struct LockHolder {
    QString lock{};
    QString client{};
    QString cookie{};
    QString address{};
};

/// Something that may go away by itself or by a person's hand: the mover waits and tries again.
struct Blockage {
    Obstacle what{};
    QString connection{};
    QString cephPool{};
    /// The whole name, with the location's prefix.
    QString object{};
    /// list, read, look, write, verify, connect, record, replace, reserve
    QString op{};
    Error error{};
    std::optional<LockHolder> holder{};

    /// Shape: the `blocked` event without tries and sinceMs.
    QJsonObject toJson() const;
};

/// How a try failed: for good, or for now.
using Hindrance = std::variant<Error, Blockage>;

/// Whether a right is missing.
inline bool isPermission(const Hindrance& hindrance)
{
    const auto* const blockage = std::get_if<Blockage>(&hindrance);
    return blockage && blockage->what == Obstacle::Permission;
}

template <typename T>
using Try = tl::expected<T, Hindrance>;

inline tl::unexpected<Hindrance> hinder(Hindrance hindrance)
{
    return tl::unexpected<Hindrance>(std::move(hindrance));
}

/// Milliseconds to wait before the next try; `tries` counts from 1. Doubles from 250 ms; a lock is asked for
/// at least every 5 s, as is a destination that keeps changing, other things every 2 s; a missing right only
/// every 5 s.
int backOffMs(Obstacle what, int tries);

}  // namespace sluice::mover
