#include <cstddef>
#include <cstdint>

#include "fuzz_targets.h"

/// Entry of a libFuzzer program; the target is chosen by the build.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    sluice::fuzz::SLUICE_FUZZ_TARGET(QByteArray(reinterpret_cast<const char*>(data), static_cast<qsizetype>(size)));
    return 0;
}
