#pragma once

#include <QtCore/QString>
#include <algorithm>
#include <optional>

#include "core/secret_names.h"

namespace sluice {

/// A text that is looked through for names and their values: what stands where, as it is written in JSON,
/// YAML, XML, Python, shells and URLs.
class SecretText {
public:
    explicit SecretText(const QString& text) : m_text(text) {}

protected:
    struct Value {
        qsizetype begin{};
        qsizetype end{};
        bool quoted{};
    };

    /// A sign as it stands in an URL, "%5F" for "_", or by itself.
    struct Sign {
        QChar sign{};
        qsizetype length{1};
    };
    static constexpr qsizetype kEncoded = 3;
    /// How far the value may lie behind a name that is a value itself, and how many other pairs between them.
    static constexpr qsizetype kMostBetween = 200;
    static constexpr int kMostPairs = 3;
    static constexpr qsizetype kMostNested = 4096;

    Sign signAt(qsizetype i) const
    {
        const QChar first = at(i);
        if (first == '%') {
            const qsizetype twice = at(i + 1) == '2' && at(i + 2) == '5' ? 2 : 0;
            const auto sign = twice > 0 ? encoded(i + 3, 2, 5) : std::nullopt;
            return sign ? *sign : encoded(i + 1, 2, kEncoded).value_or(Sign{first});
        }
        if (first == '\\' && at(i + 1) == 'u') {
            return encoded(i + 2, 4, 6).value_or(Sign{first});
        }
        if (first == '&') {
            for (const auto& [text, sign] :
                 {std::pair("&quot;", '"'), std::pair("&apos;", '\''), std::pair("&#34;", '"'),
                  std::pair("&#39;", '\''), std::pair("&#61;", '='), std::pair("&#58;", ':')}) {
                const QLatin1String written(text);
                if (QStringView(m_text).mid(i, written.size()) == written) {
                    return {QChar(sign), written.size()};
                }
            }
        }
        return {first};
    }

    /// A visible sign whose number stands at `i` in so many hexadecimal digits.
    std::optional<Sign> encoded(qsizetype i, qsizetype digits, qsizetype length) const
    {
        bool isHex = i + digits <= m_text.size();
        for (qsizetype k = 0; k < digits; ++k) {
            isHex = isHex && (isSmallOrDigit(at(i + k)) || isCapital(at(i + k)));
        }
        const int code = isHex ? QStringView(m_text).mid(i, digits).toInt(&isHex, 16) : 0;
        return isHex && code > ' ' && code < 0x7F ? std::optional(Sign{QChar(code), length}) : std::nullopt;
    }

    /// Of the sign that ends before `end`.
    qsizetype lengthBefore(qsizetype end, QChar sign) const
    {
        for (const qsizetype length : {qsizetype(1), kEncoded, qsizetype(5), qsizetype(6)}) {
            const Sign found = signAt(end - length);
            if (found.sign == sign && found.length == length) {
                return length;
            }
        }
        return 1;
    }

    QString decoded(qsizetype begin, qsizetype end) const
    {
        QString text;
        for (qsizetype i = begin; i < end; i += signAt(i).length) {
            text += signAt(i).sign;
        }
        return text;
    }

    QChar at(qsizetype i) const { return i >= 0 && i < m_text.size() ? m_text.at(i) : QChar(); }

    qsizetype endOfName(qsizetype i) const
    {
        for (Sign next = signAt(i); i < m_text.size() && isNamePart(next.sign); next = signAt(i)) {
            i += next.length;
        }
        return i;
    }

    qsizetype skip(qsizetype i, bool lines) const
    {
        for (;;) {
            const bool escaped = at(i) == '\\';
            const QChar c = !escaped                               ? at(i)
                            : at(i + 1) == 't'                     ? QChar('\t')
                            : at(i + 1) == 'n' || at(i + 1) == 'r' ? QChar('\n')
                                                                   : QChar();
            if (c != ' ' && c != '\t' && (!lines || (c != '\n' && c != '\r'))) {
                return i;
            }
            i += escaped ? 2 : 1;
        }
    }

    /// Behind "[0]" or "[prod]" of a name.
    qsizetype afterIndex(qsizetype i) const
    {
        constexpr qsizetype kLongestIndex = 64;
        if (at(i) != '[' || isQuote(at(i + 1))) {
            return i;
        }
        qsizetype close = i + 1;
        while (isNamePart(at(close)) && close - i < kLongestIndex) {
            ++close;
        }
        return at(close) == ']' && close > i + 1 ? close + 1 : i;
    }

    /// Behind the sign of a pair whose name ends at `i`; -1: it is none.
    qsizetype signOfPair(qsizetype i) const
    {
        i = skip(afterQuotes(i), false);
        const Sign sign = signAt(i);
        if (sign.sign != '=' && sign.sign != ':') {
            return -1;
        }
        i += sign.length;
        return skip(at(i) == '>' ? i + 1 : i, true);
    }

    qsizetype afterQuotes(qsizetype i) const
    {
        while (isQuote(signAt(i).sign) || isEscaped(i)) {
            i += signAt(i).length;
        }
        return i;
    }

    /// An object in braces, or the rest of its line.
    Value nested(qsizetype begin) const
    {
        int depth = 0;
        for (qsizetype i = begin; i < m_text.size() && i - begin < kMostNested; ++i) {
            if (isQuote(at(i)) && !isEscaped(i - 1)) {
                i = endOfQuote(i) - 1;
            } else if (at(i) == '{') {
                ++depth;
            } else if (at(i) == '}' && --depth == 0) {
                return {begin, i + 1, true};
            }
        }
        const qsizetype line = m_text.indexOf('\n', begin);
        return {begin, line < 0 ? m_text.size() : line, true};
    }

    /// The items of a list in YAML, each in a line of its own.
    std::optional<Value> itemsAt(qsizetype begin) const
    {
        const auto isItem = [this](qsizetype i) { return at(i) == '-' && at(i + 1) == ' '; };
        qsizetype line = begin;
        while (at(line - 1) == ' ') {
            --line;
        }
        if (at(line - 1) != '\n' || !isItem(begin)) {
            return std::nullopt;
        }
        Value items{begin, begin, true};
        for (qsizetype next = begin, start = line; isItem(next) && next - start >= begin - line;
             next = indentEnd(start)) {
            const qsizetype end = m_text.indexOf('\n', next);
            items.end = end < 0 ? m_text.size() : end;
            start = items.end + 1;
        }
        return items;
    }

    /// Of a value that is of no interest; looked for up to `last`.
    qsizetype pairEnd(qsizetype i, qsizetype last) const
    {
        const QChar quote = isQuote(at(i)) ? at(i++) : QChar();
        while (i < last &&
               (quote.isNull() ? !at(i).isSpace() && at(i) != ',' && at(i) != ';' : at(i) != quote)) {
            ++i;
        }
        return i + (quote.isNull() ? 0 : 1);
    }

    /// The lines of a block in YAML whose sign stands here: those that are indented deeper than the line of
    /// its name.
    std::optional<Value> blockAt(qsizetype i, qsizetype name) const
    {
        if (at(i) != '|' && at(i) != '>') {
            return std::nullopt;
        }
        ++i;
        while (at(i) == '-' || at(i) == '+' || at(i).isDigit()) {
            ++i;
        }
        i = skip(i, false);
        i += at(i) == '\r' ? 1 : 0;
        if (i == m_text.size()) {
            return Value{i, i, true};
        }
        if (at(i) != '\n') {
            return std::nullopt;
        }
        const qsizetype line = m_text.lastIndexOf('\n', name) + 1;
        const qsizetype indent = indentEnd(line) - line;
        Value block{.begin = indentEnd(i + 1), .end = i + 1, .quoted = true};
        while (i < m_text.size()) {
            const qsizetype text = indentEnd(i + 1);
            const qsizetype next = m_text.indexOf('\n', text);
            const qsizetype end = next < 0 ? m_text.size() : next;
            if (text < end && text - i - 1 <= indent) {
                break;
            }
            block.end = text < end ? end : block.end;
            i = end;
        }
        block.begin = std::min(block.begin, block.end);
        return block;
    }

    qsizetype indentEnd(qsizetype i) const
    {
        while (at(i) == ' ') {
            ++i;
        }
        return i;
    }

    /// Of a quote or a sign that is written in another text.
    bool isEscaped(qsizetype i) const
    {
        return at(i) == '\\' && (isQuote(at(i + 1)) || QLatin1String("\\=:").contains(at(i + 1)));
    }

    QString textOf(const Value& value) const { return m_text.mid(value.begin, value.end - value.begin); }

    Value element(qsizetype begin) const
    {
        const bool data = QStringView(m_text).mid(begin, 9) == QLatin1String("<![CDATA[");
        const qsizetype end = data ? m_text.indexOf(QLatin1String("]]>"), begin) : m_text.indexOf('<', begin);
        return {begin, end < 0 ? m_text.size() : end, false};
    }

    /// Where the quote or the bracket of a value begins that stands here; none: a bare value.
    std::optional<qsizetype> quoteAt(qsizetype begin) const
    {
        qsizetype i = begin;
        while (i < begin + 2 && QLatin1String("ubrfUBRF").contains(at(i)) && !at(i).isNull()) {
            ++i;  // of a text in Python
        }
        if (at(i) == '"' || at(i) == '\'') {
            return i;
        }
        const bool escaped = at(begin) == '\\' && (at(begin + 1) == '"' || at(begin + 1) == '\'');
        return escaped || at(begin) == '[' ? std::optional(begin) : std::nullopt;
    }

    Value valueAt(qsizetype begin) const
    {
        if (const Sign sign = signAt(begin); isQuote(sign.sign) && sign.length > 1) {
            const qsizetype end = m_text.indexOf(m_text.mid(begin, sign.length), begin + sign.length);
            return {begin, end < 0 ? m_text.size() : end + sign.length, true};
        }
        const auto quote = quoteAt(begin);
        if (!quote) {
            const qsizetype end = endOfBare(begin);
            const bool call = end > begin && at(end - 1) == '(' && isQuote(at(end));
            return {begin, call ? endOfCall(end) : end, call};
        }
        if (at(*quote) == '"' || at(*quote) == '\'') {
            return {begin, endOfQuote(*quote), true};
        }
        const QString close = at(begin) == '[' ? QStringLiteral("]") : m_text.mid(begin, 2);
        const qsizetype end = m_text.indexOf(close, begin + close.size());
        return {begin, end < 0 ? m_text.size() : end + close.size(), true};
    }

    /// Of what is handed to a function, from its first quote on.
    qsizetype endOfCall(qsizetype i) const
    {
        const qsizetype last = i + kMostNested;
        while (i < m_text.size() && i < last && at(i) != ')' && at(i) != '\n') {
            i = isQuote(at(i)) ? endOfQuote(i) : i + 1;
        }
        return std::min(i + (at(i) == ')' ? 1 : 0), m_text.size());
    }

    /// Also of a text in three quotes, and of one that goes on behind a quote, as YAML, SQL and shells write
    /// it.
    qsizetype endOfQuote(qsizetype i) const
    {
        const QChar quote = at(i);
        if (at(i + 1) == quote && at(i + 2) == quote) {
            const qsizetype end = m_text.indexOf(QString(3, quote), i + 3);
            return end < 0 ? m_text.size() : end + 3;
        }
        for (++i; i < m_text.size(); ++i) {
            if (at(i) == '\\') {
                ++i;
            } else if (at(i) == quote) {
                const qsizetype on = goesOnAt(i, quote);
                if (on == 0) {
                    return i + 1;
                }
                i += on - 1;
            }
        }
        return m_text.size();
    }

    /// How many signs stand for a quote in the text that would end here; 0: it ends.
    qsizetype goesOnAt(qsizetype i, QChar quote) const
    {
        const QString inShell = QStringLiteral("'\"'\"'");
        if (at(i + 1) == quote) {
            return 2;
        }
        if (at(i + 1) == '\\' && at(i + 2) == quote && at(i + 3) == quote) {
            return 4;
        }
        return quote == '\'' && QStringView(m_text).mid(i, inShell.size()) == inShell ? inShell.size() : 0;
    }

    /// Signs that end a list belong to the value if it goes on behind them with anything but the next name.
    qsizetype endOfBare(qsizetype i) const
    {
        static const QString kEnd = QStringLiteral("&\"'<>");
        static const QString kMaybe = QStringLiteral(",;)}]");
        while (i < m_text.size() && !at(i).isSpace() && !kEnd.contains(at(i))) {
            if (isEscapedInBare(i)) {
                ++i;
            } else if (kMaybe.contains(at(i))) {
                const QChar next = at(i + 1);
                if (next.isNull() || next.isSpace() || kEnd.contains(next) || kMaybe.contains(next) ||
                    next == '.' || namesNext(i + 1) || isEscaped(i + 1)) {
                    break;
                }
            }
            ++i;
        }
        return i;
    }

    /// A blank or a quote that a shell takes for a part of the word, for a backslash stands before it.
    bool isEscapedInBare(qsizetype i) const
    {
        return at(i) == '\\' && (at(i + 1) == ' ' || at(i + 1) == '\t' ||
                                 (isQuote(at(i + 1)) && at(i + 2).isLetterOrNumber()));
    }

    /// Whether a name and its sign stand here.
    bool namesNext(qsizetype i) const
    {
        if (!beginsName(at(i))) {
            return false;
        }
        const qsizetype sign = skip(endOfName(i), true);
        return at(sign) == '=' || at(sign) == ':';
    }

    static bool beginsName(QChar c) { return (c >= 'a' && c <= 'z') || isCapital(c) || c == '_'; }

    static bool isNamePart(QChar c)
    {
        return isSmallOrDigit(c) || isCapital(c) || c == '_' || c == '.' || c == '-';
    }

    static bool isQuote(QChar c) { return c == '"' || c == '\''; }

    const QString m_text;
};

}  // namespace sluice
