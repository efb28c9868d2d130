#pragma once

#include <QtCore/QByteArrayView>
#include <QtCore/QString>
#include <optional>

namespace sluice {

/// The first byte of a text that is not UTF-8. Line and column count from 1, columns are bytes.
struct BadByte {
    int line{1};
    int column{1};
    unsigned char byte{};

    /// "not UTF-8: byte 0xFC in line 3"
    QString toText() const;
};
std::optional<BadByte> firstBadByte(QByteArrayView text);

/// The text of a name that is stored as bytes, byte for byte: a byte order mark at its beginning is part of
/// it.
/// @return nothing if the bytes are not UTF-8
std::optional<QString> nameFromBytes(QByteArrayView bytes);

/// Bytes that are no text, for people: all but plain characters, '/' and spaces as %XX.
QString shownBytes(QByteArrayView bytes);

}  // namespace sluice
