#pragma once

#include <QtCore/QHash>
#include <QtCore/QStringList>
#include <functional>

namespace sluice::session {

/// How a list of keys becomes another one, announced piece by piece to an item model.
struct ListChange {
    std::function<void(int first, int last)> beginRemove{};
    std::function<void()> endRemove{};
    std::function<void(int first, int last)> beginInsert{};
    std::function<void()> endInsert{};
    /// Qt's convention: `to` counts in the list before the move.
    std::function<void(int from, int to)> beginMove{};
    std::function<void()> endMove{};
};

/// Turns `current` into `wanted` (both without duplicates): removals in ranges, then moves and inserts from
/// the front.
void changeList(QStringList& current, const QStringList& wanted, const ListChange& change);

}  // namespace sluice::session
