#include "core/secret_scan.h"

#include <algorithm>
#include <optional>

#include "core/redact.h"
#include "core/secret_names.h"

namespace sluice {
namespace {

// By hand where a text is looked through: a regular expression that is matched from a place on looks at the whole text
// each time, and a flow file has some megabytes.
bool beginsName(QChar c)
{
    return (c >= 'a' && c <= 'z') || isCapital(c) || c == '_';
}

bool isNamePart(QChar c)
{
    return isSmallOrDigit(c) || isCapital(c) || c == '_' || c == '.' || c == '-';
}

bool isQuote(QChar c)
{
    return c == '"' || c == '\'';
}

/// Looks through one text from name to name.
class Scan {
public:
    explicit Scan(const QString& text) : m_text(text) {}

    QString run()
    {
        qsizetype look = 0;
        for (;;) {
            while (look < m_text.size() && !beginsName(signAt(look).sign)) {
                ++look;
            }
            if (look == m_text.size()) {
                break;
            }
            qsizetype begin = look;
            look = endOfName(begin);
            QString word = decoded(begin, look);
            qsizetype end = look;
            while (word.endsWith('.') || word.endsWith('-')) {
                end -= at(end - 1) == word.back() ? 1 : kEncoded;
                word.chop(1);
            }
            // "\tpassword" in a text that is written with escapes
            if (at(begin - 1) == '\\' && QLatin1String("ntr").contains(word.front()) && !looksSecret(word)) {
                word.remove(0, 1);
                ++begin;
            }
            if (looksSecret(word) && !namesTrouble(word)) {
                look = std::max(look, consider(word, begin, end));
            }
        }
        return m_out.append(QStringView(m_text).mid(m_from));
    }

private:
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
    /// Signs of "for ada at host:" between a name and its value.
    static constexpr qsizetype kLongestPrompt = 120;

    Sign signAt(qsizetype i) const
    {
        if (at(i) != '%' || i + kEncoded > m_text.size()) {
            return {at(i)};
        }
        bool isHex = isHexDigit(at(i + 1)) && isHexDigit(at(i + 2));
        const int code = isHex ? QStringView(m_text).mid(i + 1, 2).toInt(&isHex, 16) : 0;
        return code > ' ' && code < 0x7F ? Sign{QChar(code), kEncoded} : Sign{at(i)};
    }

    static bool isHexDigit(QChar c) { return isSmallOrDigit(c) || isCapital(c); }

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
            const QChar c = !escaped           ? at(i)
                            : at(i + 1) == 't' ? QChar('\t')
                            : at(i + 1) == 'n' || at(i + 1) == 'r' ? QChar('\n')
                                                                   : QChar();
            if (c != ' ' && c != '\t' && (!lines || (c != '\n' && c != '\r'))) {
                return i;
            }
            i += escaped ? 2 : 1;
        }
    }

    /// @return where to look on
    qsizetype consider(const QString& name, qsizetype begin, qsizetype end)
    {
        qsizetype i = end;
        bool quoted = false;
        for (Sign next = signAt(i); isQuote(next.sign) || next.sign == ']' || isEscaped(i); next = signAt(i)) {
            quoted = quoted || isQuote(next.sign);
            i += next.length;
        }
        const bool strong = isStrongName(name);
        if (!strong && at(begin - 1) == '/') {
            return end;  // a folder like key=5
        }
        const qsizetype gap = skip(i, quoted || strong);
        const QChar sign = signAt(gap).sign;
        if (sign == '>' && at(begin - 1) == '<' && strong) {
            return hide(element(gap + 1));
        }
        const bool listed = sign == ',' && quoted && (strong || at(begin - 1) == '-');
        if (sign == '=' || sign == ':' || listed) {
            qsizetype from = gap + signAt(gap).length;
            while (signAt(from).sign == '=' || signAt(from).sign == '>') {
                from += signAt(from).length;
            }
            if (const auto block = blockAt(skip(from, false), begin)) {
                return hide(*block);
            }
            from = skip(from, strong);
            if (listed && !quoteAt(from)) {
                return end;
            }
            const Value value = valueAt(from);
            const bool sentence = sign == ':' && !strong && !value.quoted && !quoted && isPlainWord(textOf(value));
            return sentence ? end : hide(value);
        }
        if (gap == i || quoted) {
            return end;
        }
        const auto answer = answerAfter(name, gap);
        return answer ? hide(*answer) : afterSpace(name, begin, end, gap, strong);
    }

    /// Of "Password for ada:", if it is there.
    std::optional<Value> answerAfter(const QString& name, qsizetype from) const
    {
        const QStringView next = QStringView(m_text).mid(from, kLongestPrompt);
        const bool asks = next.startsWith(QLatin1String("for ")) || next.startsWith(QLatin1String("of "));
        if (!asks || !isAskedFor(name)) {
            return std::nullopt;
        }
        const qsizetype colon = next.indexOf(QLatin1String(": "));
        if (colon < 0 || next.left(colon).contains('\n') || next.left(colon).count(' ') > 4) {
            return std::nullopt;
        }
        const Value value = valueAt(skip(from + colon + 1, false));
        const QString text = textOf(value);
        const qsizetype behind = skip(value.end, false);
        const bool isLast = behind == m_text.size() || at(behind) == '\n' || at(behind) == '\r';
        const bool secret = value.quoted || !isPlainWord(text) || (isLast && !saysHowItIs(text));
        return secret ? std::optional(value) : std::nullopt;
    }

    /// The lines of a block in YAML whose sign stands here: those that are indented deeper than the line of its name.
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

    qsizetype afterSpace(const QString& name, qsizetype begin, qsizetype end, qsizetype from, bool strong)
    {
        const bool option = at(begin - 1) == '-';
        const QStringView gap = QStringView(m_text).mid(end, from - end);
        if ((!option && !strong) || gap.contains('\n') || gap.contains(QLatin1String("\\n"))) {
            return end;
        }
        const Value value = valueAt(from);
        const QString text = textOf(value);
        bool isSecret = false;
        if (option) {
            isSecret = !text.startsWith('-');
        } else if (strong && value.quoted) {
            isSecret = true;
        } else if (strong && isNoWord(name)) {
            isSecret = !goesOnTalking(text) && at(from) != '(' && text.at(0).isLetterOrNumber();
        } else if (strong) {
            isSecret = !isPlainWord(text) && !text.contains('/') && at(from).isLetterOrNumber();
        }
        return isSecret ? hide(value) : end;
    }

    QString textOf(const Value& value) const { return m_text.mid(value.begin, value.end - value.begin); }

    Value element(qsizetype begin) const
    {
        const qsizetype end = m_text.indexOf('<', begin);
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
        const auto quote = quoteAt(begin);
        if (!quote) {
            return {begin, endOfBare(begin), false};
        }
        if (at(*quote) == '"' || at(*quote) == '\'') {
            return {begin, endOfQuote(*quote), true};
        }
        const QString close = at(begin) == '[' ? QStringLiteral("]") : m_text.mid(begin, 2);
        const qsizetype end = m_text.indexOf(close, begin + close.size());
        return {begin, end < 0 ? m_text.size() : end + close.size(), true};
    }

    /// Also of a text in three quotes, and of one that goes on behind a quote, as YAML, SQL and shells write it.
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

    qsizetype hide(const Value& value)
    {
        const QString text = textOf(value);
        if (text.isEmpty() || text.startsWith(QLatin1String("(hidden"))) {
            return value.end;
        }
        m_out += QStringView(m_text).mid(m_from, value.begin - m_from);
        m_out += hiddenText();
        m_from = value.end;
        return value.end;
    }

    QString m_text;
    QString m_out{};
    qsizetype m_from{0};
};

}  // namespace

QString hiddenText()
{
    return QStringLiteral("(hidden)");
}

QString hideNamedValues(const QString& text)
{
    return Scan(text).run();
}

}  // namespace sluice
