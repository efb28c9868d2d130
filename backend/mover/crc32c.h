#pragma once

#include <QtCore/QByteArrayView>
#include <QtCore/QtGlobal>

namespace sluice::mover {

/// The checksum of no bytes; every checksum starts from it.
inline constexpr quint32 kCrc32cStart = 0xffffffffU;

/// CRC-32C (Castagnoli) as Ceph's checksum operation reports it: without the final inversion, so that
/// crc32c(crc32c(start, a), b) is the checksum of a followed by b.
/// Uses the processor's instruction where there is one.
quint32 crc32c(quint32 start, QByteArrayView bytes);
/// The same by table, on any processor.
quint32 crc32cByTable(quint32 start, QByteArrayView bytes);

}  // namespace sluice::mover
