#include "core/visible_text.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <algorithm>

namespace sluice {
namespace {

constexpr char16_t kHangulFiller = 0x3164;
constexpr char16_t kChoseongFiller = 0x115F;
constexpr char16_t kJungseongFiller = 0x1160;
constexpr char16_t kHalfwidthFiller = 0xFFA0;
constexpr char16_t kGraphemeJoiner = 0x034F;
constexpr char16_t kBrailleBlank = 0x2800;

bool isInvisible(char32_t c)
{
    switch (QChar::category(c)) {
        case QChar::Other_Control:
        case QChar::Other_Format:
        case QChar::Other_Surrogate:
        case QChar::Other_PrivateUse:
        case QChar::Other_NotAssigned:
        case QChar::Separator_Line:
        case QChar::Separator_Paragraph:
            return true;
        case QChar::Separator_Space:
            return c != U' ';
        default:
            break;
    }
    // Letters and marks by their category, and yet nothing is seen of them.
    return c == kHangulFiller || c == kChoseongFiller || c == kJungseongFiller || c == kHalfwidthFiller ||
           c == kGraphemeJoiner || c == kBrailleBlank || (c >= 0xFE00 && c <= 0xFE0F) ||
           (c >= 0xE0100 && c <= 0xE01EF) || (c >= 0x180B && c <= 0x180F) || c == 0x17B4 || c == 0x17B5;
}

QString escapeOf(char16_t unit)
{
    return unit == u'\n'   ? QStringLiteral("\\n")
           : unit == u'\r' ? QStringLiteral("\\r")
           : unit == u'\t' ? QStringLiteral("\\t")
                           : QStringLiteral("\\u%1").arg(static_cast<uint>(unit), 4, 16, QLatin1Char('0'));
}

/// Calls `plain` or `invisible` with each character as its one or two units.
template <typename Plain, typename Invisible>
void walk(const QString& text, Plain plain, Invisible invisible)
{
    for (qsizetype i = 0; i < text.size(); ++i) {
        const bool pair = text[i].isHighSurrogate() && i + 1 < text.size() && text[i + 1].isLowSurrogate();
        const char32_t c = pair ? QChar::surrogateToUcs4(text[i], text[i + 1]) : char32_t(text[i].unicode());
        const QStringView units = QStringView(text).mid(i, pair ? 2 : 1);
        if (isInvisible(c)) {
            invisible(units, i);
        } else {
            plain(units, i);
        }
        i += pair ? 1 : 0;
    }
}

/// Nearly all text is this, and is read for every cell that is painted.
bool isPlainAscii(const QString& text)
{
    return std::all_of(text.begin(), text.end(), [](QChar c) {
        return c.unicode() >= u' ' && c.unicode() <= u'~' && c.unicode() != u'\\';
    });
}

void appendEscapes(QString& out, QStringView units)
{
    for (const QChar unit : units) {
        out += escapeOf(unit.unicode());
    }
}

/// A backslash followed by this would be read as an escape.
bool readsAsEscape(const QString& text, qsizetype at)
{
    if (at >= text.size()) {
        return false;
    }
    const bool pair = text[at].isHighSurrogate() && at + 1 < text.size() && text[at + 1].isLowSurrogate();
    const char32_t c = pair ? QChar::surrogateToUcs4(text[at], text[at + 1]) : char32_t(text[at].unicode());
    return c == U'\\' || c == U'n' || c == U'r' || c == U't' || c == U'u' || isInvisible(c);
}

}  // namespace

QString visibleText(const QString& text)
{
    if (isPlainAscii(text)) {
        return text;
    }
    QString out;
    out.reserve(text.size() + 16);
    walk(
        text,
        [&](QStringView units, qsizetype at) {
            out += units;
            if (units == QLatin1String("\\") && readsAsEscape(text, at + 1)) {
                out += QLatin1Char('\\');
            }
        },
        [&out](QStringView units, qsizetype) { appendEscapes(out, units); });
    return out;
}

namespace {

QJsonValue visibleValue(const QJsonValue& value)
{
    if (value.isString()) {
        return visibleText(value.toString());
    }
    if (value.isArray()) {
        QJsonArray out;
        const QJsonArray items = value.toArray();
        for (const QJsonValue& item : items) {
            out.append(visibleValue(item));
        }
        return out;
    }
    if (value.isObject()) {
        return visibleRow(value.toObject());
    }
    return value;
}

}  // namespace

QJsonObject visibleRow(const QJsonObject& row)
{
    QJsonObject out;
    for (auto it = row.begin(); it != row.end(); ++it) {
        out.insert(visibleText(it.key()), visibleValue(it.value()));
    }
    return out;
}

QString visiblePage(const QString& text)
{
    QString out;
    out.reserve(text.size());
    walk(
        text, [&out](QStringView units, qsizetype) { out += units; },
        [&out](QStringView units, qsizetype) {
            if (units == QLatin1String("\n")) {
                out += units;
            } else {
                appendEscapes(out, units);
            }
        });
    return out;
}

QByteArray visibleJson(const QByteArray& json)
{
    QString out;
    const QString text = QString::fromUtf8(json);
    out.reserve(text.size());
    walk(
        text, [&out](QStringView units, qsizetype) { out += units; },
        [&out](QStringView units, qsizetype) {
            for (const QChar unit : units) {
                // Between values JSON has line breaks and tabs of its own; inside strings it has them
                // escaped.
                const bool layout =
                    unit == QLatin1Char('\n') || unit == QLatin1Char('\r') || unit == QLatin1Char('\t');
                out += layout ? QString(unit)
                              : QStringLiteral("\\u%1").arg(static_cast<uint>(unit.unicode()), 4, 16,
                                                            QLatin1Char('0'));
            }
        });
    return out.toUtf8();
}

}  // namespace sluice
