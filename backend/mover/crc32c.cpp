#include "mover/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace sluice::mover {
namespace {

using Tables = std::array<std::array<quint32, 256>, 8>;

constexpr Tables makeTables()
{
    constexpr quint32 kReflected = 0x82f63b78U;
    Tables tables{};
    for (quint32 i = 0; i < 256; ++i) {
        quint32 value = i;
        for (int bit = 0; bit < 8; ++bit) {
            value = (value >> 1) ^ ((value & 1) ? kReflected : 0);
        }
        tables[0][i] = value;
    }
    for (size_t level = 1; level < 8; ++level) {
        for (size_t i = 0; i < 256; ++i) {
            tables[level][i] = (tables[level - 1][i] >> 8) ^ tables[0][tables[level - 1][i] & 255];
        }
    }
    return tables;
}

constexpr Tables kTables = makeTables();

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) quint32 crc32cByInstruction(quint32 start, QByteArrayView bytes)
{
    const char* at = bytes.data();
    qsizetype left = bytes.size();
    quint64 crc = start;
    for (; left >= 8; left -= 8, at += 8) {
        quint64 word = 0;
        std::memcpy(&word, at, 8);
        crc = _mm_crc32_u64(crc, word);
    }
    auto tail = static_cast<quint32>(crc);
    for (; left > 0; --left, ++at) {
        tail = _mm_crc32_u8(tail, static_cast<unsigned char>(*at));
    }
    return tail;
}
#endif

}  // namespace

quint32 crc32cByTable(quint32 start, QByteArrayView bytes)
{
    const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
    qsizetype left = bytes.size();
    quint32 crc = start;
    for (; left >= 8; left -= 8, at += 8) {
        const quint32 low =
            crc ^ (quint32(at[0]) | quint32(at[1]) << 8 | quint32(at[2]) << 16 | quint32(at[3]) << 24);
        crc = kTables[7][low & 255] ^ kTables[6][(low >> 8) & 255] ^ kTables[5][(low >> 16) & 255] ^
              kTables[4][low >> 24] ^ kTables[3][at[4]] ^ kTables[2][at[5]] ^ kTables[1][at[6]] ^
              kTables[0][at[7]];
    }
    for (; left > 0; --left, ++at) {
        crc = (crc >> 8) ^ kTables[0][(crc ^ *at) & 255];
    }
    return crc;
}

quint32 crc32c(quint32 start, QByteArrayView bytes)
{
#if defined(__x86_64__)
    static const bool hasInstruction = __builtin_cpu_supports("sse4.2");
    if (hasInstruction) {
        return crc32cByInstruction(start, bytes);
    }
#endif
    return crc32cByTable(start, bytes);
}

}  // namespace sluice::mover
