#pragma once

#include "diagnosis/rule.h"

namespace sluice::example {

/// W1: the valve was told to open and stays shut.
diagnosis::RulePart rules();

}  // namespace sluice::example
