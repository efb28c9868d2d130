#pragma once

#include <QtCore/QByteArrayView>
#include <QtCore/QString>
#include <array>
#include <functional>
#include <optional>

/// What of SQLite's write-ahead log (FILE-wal) is whole. Pure: bytes in, facts out.
/// @source https://sqlite.org/fileformat2.html#walformat, https://sqlite.org/walformat.html
namespace sluice::store::wal {

/// Two running sums, as they stand behind each frame; each goes on from the one before.
using Sums = std::array<quint32, 2>;
/// As they stand in the file. A log that is begun anew gets others; frames with the old ones are left over.
using Salts = std::array<char, 8>;

/// What the shared index (FILE-shm) says of the log.
struct IndexHead {
    quint32 frames{};  ///< up to the end of the last commit; 0: nothing of the log is used
    Salts salts{};
    Sums sums{};  ///< of the last of them
};
/// Both copies of the head lie in the first of these bytes of an index.
inline constexpr qint64 kIndexHeadBytes = 96;
/// @return nothing while it is being written, or if it is no index
std::optional<IndexHead> indexHead(QByteArrayView bytes);

/// How far a log is whole: its header and the frames from the first on, each with the salts of the header and
/// with the sums that follow from all before.
struct Extent {
    bool header{};
    qint64 pageBytes{};
    Salts salts{};
    qint64 frames{};
    qint64 committed{};  ///< the last of them that ends a transaction
    Sums sums{};         ///< of the last of `frames`
};
/// @return how many bytes could be read, fewer only at the end of the file or where it cannot be read
using ReadAt = std::function<qint64(qint64 offset, char* to, qint64 bytes)>;
/// Reads `mostFrames` at most, 256 KiB or one frame at a time.
Extent extentOf(const ReadAt& readAt, qint64 mostFrames);

/// Compares a log with what its index says was committed. `size`: of the log.
/// @return what was done to it, with frame and offset; empty if all that was committed is there
QString damageOf(const IndexHead& index, const Extent& extent, qint64 size);

}  // namespace sluice::store::wal
