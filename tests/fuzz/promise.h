#pragma once

#include <cstdio>
#include <cstdlib>

namespace sluice::fuzz {

/// Ends the program if a target did not do what it promises; found by libFuzzer and by the corpus test alike.
inline void promise(bool kept, const char* what)
{
    if (!kept) {
        std::fprintf(stderr, "broken promise: %s\n", what);
        std::abort();
    }
}

}  // namespace sluice::fuzz
