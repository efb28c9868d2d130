#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "fuzz_targets.h"

namespace {

const sluice::fuzz::NamedTarget* chosen = nullptr;

}  // namespace

/// One libFuzzer program holds all targets, so that the code under test is compiled once; SLUICE_FUZZ_TARGET
/// names one.
extern "C" int LLVMFuzzerInitialize(int*, char***)
{
    const char* name = std::getenv("SLUICE_FUZZ_TARGET");
    for (const sluice::fuzz::NamedTarget& target : sluice::fuzz::kTargets) {
        if (name && target.name == std::string_view(name)) {
            chosen = &target;
        }
    }
    if (!chosen) {
        std::fputs("SLUICE_FUZZ_TARGET has to name one of:", stderr);
        for (const sluice::fuzz::NamedTarget& target : sluice::fuzz::kTargets) {
            std::fprintf(stderr, " %s", target.name);
        }
        std::fputs("\n", stderr);
        std::exit(2);
    }
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    chosen->run(QByteArray(reinterpret_cast<const char*>(data), static_cast<qsizetype>(size)));
    return 0;
}
