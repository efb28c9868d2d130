#pragma once

#include "config/config.h"

namespace sluice::systems::luigi {

/// What the configuration says of a luigid, and of the program that runs its tasks.
class LuigiSettings final : public config::Settings {
public:
    QString url{};
    QString program{};
    QString pythonPath{};
};

/// Type `luigi`.
config::ConnectionTypes connectionTypes();

}  // namespace sluice::systems::luigi
