#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <optional>

#include "core/error.h"
#include "keys/role_book.h"

namespace sluice::engine {

/// What the state database holds of a role.
struct KeyState {
    keys::RoleKeys keys{};
    /// The last rotation: its request, what it saved (Rotation::toJson), and its row of topic `roles`.
    QString requestId{};
    QJsonObject work{};
    QJsonObject rotation{};

    QJsonObject toJson() const;
};

/// A rotation under way as an earlier release left it, which kept its steps and who asked itself.
struct LeftRotation {
    QJsonObject asker{};  ///< empty: a first key, which nobody asked for
    QString method{};     ///< of an action, if no request says it
    QJsonObject plan{};
    QStringList outcomes{};
    QJsonObject times{};
};

struct StoredKeys {
    KeyState state{};
    std::optional<LeftRotation> left{};
};

/// @param spec as configured @error InvalidArgument: not written by this program
Result<StoredKeys> storedKeys(const QJsonObject& body, const keys::RoleSpec& spec);

}  // namespace sluice::engine
