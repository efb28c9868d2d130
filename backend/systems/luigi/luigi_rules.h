#pragma once

#include "diagnosis/rule.h"

namespace sluice::systems::luigi {

/// What is seen of luigid without any task: R57, it does not answer.
diagnosis::RulePart rules();

}  // namespace sluice::systems::luigi
