#include "store/wal.h"

#include <QtCore/QByteArray>
#include <QtCore/QtEndian>
#include <algorithm>
#include <cstring>

namespace sluice::store::wal {
namespace {

constexpr qint64 kHeaderBytes = 32;
constexpr qint64 kFrameHeaderBytes = 24;
constexpr qint64 kChunkBytes = 256 * 1024;
constexpr quint32 kMagic = 0x377f0682;  // the lowest bit: sums are over big-endian words
constexpr quint32 kVersion = 3007000;
constexpr qint64 kLeastPageBytes = 512;
constexpr qint64 kMostPageBytes = 65536;
constexpr qint64 kIndexCopyBytes = kIndexHeadBytes / 2;

quint32 word(const char* at)
{
    return qFromBigEndian<quint32>(at);
}

/// The index is written in the machine's own order.
quint32 ownWord(const char* at)
{
    quint32 value = 0;
    std::memcpy(&value, at, sizeof(value));
    return value;
}

/// `bytes`: a multiple of 8.
template <quint32 (*Word)(const char*)>
Sums addedWith(Sums sums, const char* at, qint64 bytes)
{
    for (const char* end = at + bytes; at < end; at += 8) {
        sums[0] += Word(at) + sums[1];
        sums[1] += Word(at + 4) + sums[0];
    }
    return sums;
}

quint32 littleWord(const char* at)
{
    return qFromLittleEndian<quint32>(at);
}

Sums added(bool bigEndian, Sums sums, const char* at, qint64 bytes)
{
    return bigEndian ? addedWith<word>(sums, at, bytes) : addedWith<littleWord>(sums, at, bytes);
}

Salts saltsAt(const char* at)
{
    Salts salts{};
    std::copy_n(at, salts.size(), salts.begin());
    return salts;
}

bool isPageSize(qint64 bytes)
{
    return bytes >= kLeastPageBytes && bytes <= kMostPageBytes && (bytes & (bytes - 1)) == 0;
}

/// Takes one frame if it follows from what is whole so far.
bool takeFrame(Extent& extent, bool bigEndian, const char* frame)
{
    if (word(frame) == 0 || saltsAt(frame + 8) != extent.salts) {
        return false;
    }
    Sums sums = added(bigEndian, extent.sums, frame, 8);
    sums = added(bigEndian, sums, frame + kFrameHeaderBytes, extent.pageBytes);
    if (sums != Sums{word(frame + 16), word(frame + 20)}) {
        return false;
    }
    ++extent.frames;
    extent.sums = sums;
    if (word(frame + 4) != 0) {
        extent.committed = extent.frames;
    }
    return true;
}

}  // namespace

std::optional<IndexHead> indexHead(QByteArrayView bytes)
{
    if (bytes.size() < kIndexHeadBytes ||
        bytes.first(kIndexCopyBytes) != bytes.sliced(kIndexCopyBytes, kIndexCopyBytes)) {
        return {};
    }
    const char* at = bytes.data();
    constexpr qint64 kSummed = kIndexCopyBytes - 8;
    if (ownWord(at) != kVersion || at[12] == 0 ||
        addedWith<ownWord>({}, at, kSummed) != Sums{ownWord(at + kSummed), ownWord(at + kSummed + 4)}) {
        return {};
    }
    return IndexHead{
        .frames = ownWord(at + 16), .salts = saltsAt(at + 32), .sums = {ownWord(at + 24), ownWord(at + 28)}};
}

Extent extentOf(const ReadAt& readAt, qint64 mostFrames)
{
    Extent extent;
    char header[kHeaderBytes];
    if (readAt(0, header, kHeaderBytes) < kHeaderBytes || (word(header) & ~1U) != kMagic ||
        word(header + 4) != kVersion || !isPageSize(word(header + 8))) {
        return extent;
    }
    const bool bigEndian = (word(header) & 1U) != 0;
    extent.sums = added(bigEndian, {}, header, kHeaderBytes - 8);
    extent.header = extent.sums == Sums{word(header + 24), word(header + 28)};
    extent.salts = saltsAt(header + 16);
    extent.pageBytes = word(header + 8);
    const qint64 frameBytes = kFrameHeaderBytes + extent.pageBytes;
    QByteArray chunk(std::max(kChunkBytes / frameBytes, qint64(1)) * frameBytes, Qt::Uninitialized);
    for (bool whole = extent.header; whole && extent.frames < mostFrames;) {
        const qint64 wanted = std::min<qint64>(chunk.size(), (mostFrames - extent.frames) * frameBytes);
        const qint64 got = readAt(kHeaderBytes + extent.frames * frameBytes, chunk.data(), wanted);
        whole = got == wanted;
        for (qint64 at = 0; at + frameBytes <= got; at += frameBytes) {
            if (!takeFrame(extent, bigEndian, chunk.constData() + at)) {
                return extent;
            }
        }
    }
    return extent;
}

QString damageOf(const IndexHead& index, const Extent& extent, qint64 size)
{
    if (index.frames == 0) {
        return {};
    }
    if (!extent.header || extent.salts != index.salts) {
        return QStringLiteral("its header (byte 0 to %1) is not what was written").arg(kHeaderBytes - 1);
    }
    const qint64 frameBytes = kFrameHeaderBytes + extent.pageBytes;
    const auto nameOf = [&](qint64 frame) {
        return QStringLiteral("frame %1 of %2, from byte %3 on,")
            .arg(frame)
            .arg(index.frames)
            .arg(kHeaderBytes + (frame - 1) * frameBytes);
    };
    if (extent.frames < index.frames) {
        const qint64 frame = extent.frames + 1;
        if (size < kHeaderBytes + frame * frameBytes) {
            return QStringLiteral("%1 is cut off: the file ends at byte %2").arg(nameOf(frame)).arg(size);
        }
        return QStringLiteral("%1 is not what was written").arg(nameOf(frame));
    }
    if (extent.sums != index.sums) {
        return QStringLiteral("%1 or one before is not what was written").arg(nameOf(index.frames));
    }
    return {};
}

}  // namespace sluice::store::wal
