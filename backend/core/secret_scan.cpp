#include "core/secret_scan.h"

#include <algorithm>
#include <optional>

#include "core/redact.h"
#include "core/secret_text.h"

namespace sluice {
namespace {

/// Looks through one text from name to name. By hand: a regular expression that is matched from a place on
/// looks at the whole text each time, and a flow file has some megabytes.
class Scan : private SecretText {
public:
    using SecretText::SecretText;

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
                end -= lengthBefore(end, word.back());
                word.chop(1);
            }
            // "\tpassword" in a text that is written with escapes
            if (at(begin - 1) == '\\' && QLatin1String("ntr").contains(word.front()) && !looksSecret(word)) {
                word.remove(0, 1);
                ++begin;
            }
            if (const auto told = namesAnother(word) ? describedValue(end) : std::nullopt) {
                look = std::max(look, hide(*told));
            } else if (looksSecret(word) && !namesTrouble(word)) {
                look = std::max(look, consider(word, begin, end));
            }
        }
        return m_out.append(QStringView(m_text).mid(m_from));
    }

private:
    /// Signs of "for ada at host:" between a name and its value.
    static constexpr qsizetype kLongestPrompt = 120;

    /// @return where to look on
    qsizetype consider(const QString& name, qsizetype begin, qsizetype end)
    {
        qsizetype i = afterIndex(end);
        bool quoted = false;
        for (Sign next = signAt(i); isQuote(next.sign) || next.sign == ']' || isEscaped(i);
             next = signAt(i)) {
            quoted = quoted || isQuote(next.sign);
            i += next.length;
        }
        const bool strong = isStrongName(name);
        if (!strong && at(begin - 1) == '/') {
            return end;  // a folder like key=5
        }
        const qsizetype gap = skip(i, quoted || strong);
        const QChar sign = signAt(gap).sign;
        if (at(begin - 1) == '<' && strong) {
            const qsizetype open = QStringView(m_text).mid(gap, kMostBetween).indexOf('>');
            if (open >= 0 && at(gap + open - 1) != '/') {
                return hide(element(gap + open + 1));
            }
        }
        const bool listed = sign == ',' && quoted && (strong || at(begin - 1) == '-');
        const bool arrow = strong && sign == '-' && signAt(gap + 1).sign == '>';
        if (sign == '=' || sign == ':' || listed || arrow) {
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
            if (const auto items = strong ? itemsAt(from) : std::nullopt) {
                return hide(*items);
            }
            const Value value = strong && at(from) == '{' ? nested(from) : valueAt(from);
            const bool sentence =
                sign == ':' && !strong && !value.quoted && !quoted && isPlainWord(textOf(value));
            return sentence ? end : hide(value);
        }
        if (gap == i || quoted) {
            return end;
        }
        const auto answer = answerAfter(name, gap);
        return answer ? hide(*answer) : afterSpace(name, begin, end, gap, strong);
    }

    /// The value of a pair whose name is a value itself: {"name": "password", "value": "x"}, <param
    /// name="password" value="x"/>, <property name="password">x</property>. `i`: behind the word that says
    /// that a name comes.
    std::optional<Value> describedValue(qsizetype i) const
    {
        i = signOfPair(i);
        if (i < 0) {
            return std::nullopt;
        }
        const bool quoted = isQuote(signAt(i).sign) || isEscaped(i);
        i = afterQuotes(i);
        const qsizetype nameEnd = endOfName(i);
        if (nameEnd == i || !isStrongName(decoded(i, nameEnd))) {
            return std::nullopt;
        }
        const qsizetype last = nameEnd + kMostBetween;
        i = quoted ? afterQuotes(nameEnd) : nameEnd;
        if (quoted && at(i) == '>') {
            return element(i + 1);
        }
        for (int pairs = 0; pairs <= kMostPairs && i < last; ++pairs) {
            while (i < last && (at(i).isSpace() || QLatin1String(",;'\"\\").contains(at(i)) ||
                                (at(i) == 'n' && at(i - 1) == '\\'))) {
                ++i;
            }
            const qsizetype end = endOfName(i);
            const qsizetype from = end == i ? -1 : signOfPair(end);
            if (from < 0) {
                return std::nullopt;
            }
            if (holdsAnother(decoded(i, end))) {
                return valueAt(from);
            }
            i = pairEnd(from, last);
        }
        return std::nullopt;
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

    qsizetype afterSpace(const QString& name, qsizetype begin, qsizetype end, qsizetype from, bool strong)
    {
        const bool option = at(begin - 1) == '-';
        const QStringView gap = QStringView(m_text).mid(end, from - end);
        if ((!option && !strong) || gap.contains('\n') || gap.contains(QLatin1String("\\n"))) {
            return end;
        }
        const qsizetype told =
            strong && QStringView(m_text).mid(from, 3) == QLatin1String("is ") ? skip(from + 3, false) : from;
        if (told != from && quoteAt(told)) {
            return hide(valueAt(told));
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
