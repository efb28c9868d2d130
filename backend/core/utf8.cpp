#include "core/utf8.h"

namespace sluice {
namespace {

/// Bytes of the character that begins there; 0 if none does.
/// @source RFC 3629: no longer forms than needed, no surrogates, nothing above U+10FFFF
qsizetype lengthAt(QByteArrayView text, qsizetype at)
{
    const auto byte = [&](qsizetype i) -> unsigned {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const unsigned first = byte(at);
    const qsizetype length = first < 0x80                     ? 1
                             : first >= 0xC2 && first <= 0xDF ? 2
                             : first >= 0xE0 && first <= 0xEF ? 3
                             : first >= 0xF0 && first <= 0xF4 ? 4
                                                              : 0;
    for (qsizetype i = 1; i < length; ++i) {
        if ((byte(at + i) & 0xC0U) != 0x80U) {
            return 0;
        }
    }
    const unsigned second = byte(at + 1);
    const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
    const bool outside = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
    return overlong || outside ? 0 : length;
}

}  // namespace

QString BadByte::toText() const
{
    return QStringLiteral("not UTF-8: byte 0x%1 in line %2")
        .arg(QString::number(byte, 16).rightJustified(2, '0').toUpper())
        .arg(line);
}

std::optional<BadByte> firstBadByte(QByteArrayView text)
{
    qsizetype lineStart = 0;
    int line = 1;
    for (qsizetype at = 0; at < text.size();) {
        const qsizetype length = lengthAt(text, at);
        if (length == 0) {
            return BadByte{.line = line,
                           .column = static_cast<int>(at - lineStart) + 1,
                           .byte = static_cast<unsigned char>(text[at])};
        }
        if (text[at] == '\n') {
            ++line;
            lineStart = at + 1;
        }
        at += length;
    }
    return std::nullopt;
}

std::optional<QString> nameFromBytes(QByteArrayView bytes)
{
    if (!QUtf8StringView(bytes.data(), bytes.size()).isValidUtf8()) {
        return std::nullopt;
    }
    // with something before it a byte order mark is a character like any other
    return QString::fromUtf8('x' + bytes.toByteArray()).mid(1);
}

QString shownBytes(QByteArrayView bytes)
{
    return QString::fromLatin1(bytes.toByteArray().toPercentEncoding(QByteArrayLiteral("/ ")));
}

}  // namespace sluice
