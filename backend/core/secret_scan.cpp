#include "core/secret_scan.h"

#include <QtCore/QRegularExpression>
#include <QtCore/QSet>
#include <optional>
#include <utility>

#include "core/redact.h"

namespace sluice {
namespace {

// By hand where a text is looked through: a regular expression that is matched from a place on looks at the whole text
// each time, and a flow file has some megabytes.
bool isSmall(QChar c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool isCapital(QChar c)
{
    return c >= 'A' && c <= 'Z';
}

bool beginsName(QChar c)
{
    return (c >= 'a' && c <= 'z') || isCapital(c) || c == '_';
}

bool isNamePart(QChar c)
{
    return isSmall(c) || isCapital(c) || c == '_' || c == '.' || c == '-';
}

/// "dbPassword" and "db_password" give "db", "password".
QStringList wordsOf(const QString& name)
{
    QString apart;
    apart.reserve(name.size() + 8);
    for (qsizetype i = 0; i < name.size(); ++i) {
        if (i > 0 && isCapital(name.at(i)) && isSmall(name.at(i - 1))) {
            apart += '_';
        }
        apart += name.at(i);
    }
    QStringList words;
    QString word;
    for (const QChar c : apart.toLower()) {
        if (isSmall(c)) {
            word += c;
        } else if (!word.isEmpty()) {
            words.append(std::exchange(word, {}));
        }
    }
    if (!word.isEmpty()) {
        words.append(word);
    }
    return words;
}

bool namesSecret(const QStringList& words)
{
    const QString whole = words.join(QString());
    for (const char* part : {"password", "passwd", "passphrase", "secret", "token", "credential", "signature"}) {
        if (whole.contains(QLatin1String(part))) {
            return true;
        }
    }
    static const QSet<QString> kWords{
        QStringLiteral("pwd"),       QStringLiteral("apikey"),     QStringLiteral("accesskey"), QStringLiteral("sig"),
        QStringLiteral("secretkey"), QStringLiteral("privatekey"), QStringLiteral("pgpass"),    QStringLiteral("passcode")};
    for (const QString& word : words) {
        if (kWords.contains(word)) {
            return true;
        }
    }
    return false;
}

bool hasWeakWord(const QStringList& words)
{
    static const QSet<QString> kWords{QStringLiteral("key"), QStringLiteral("keys"), QStringLiteral("pass"),
                                      QStringLiteral("auth")};
    for (const QString& word : words) {
        if (kWords.contains(word)) {
            return true;
        }
    }
    return false;
}

/// A word as it stands in a sentence: letters, a capital only at its beginning.
bool isPlainWord(const QString& value)
{
    constexpr int kLongest = 64;
    static const QRegularExpression kWord(
        QRegularExpression::anchoredPattern(QStringLiteral("[A-Z]?[a-z]*['’]?[a-z]*(?:-[a-z]+)*[.,;:!?…]*")));
    return value.size() <= kLongest && kWord.match(value).hasMatch();
}

/// Words that follow a name in a sentence about it.
bool goesOnTalking(const QString& value)
{
    static const QSet<QString> kWords{
        QStringLiteral("is"),     QStringLiteral("are"),  QStringLiteral("was"),     QStringLiteral("were"),
        QStringLiteral("has"),    QStringLiteral("not"),  QStringLiteral("must"),    QStringLiteral("may"),
        QStringLiteral("cannot"), QStringLiteral("can"),  QStringLiteral("of"),      QStringLiteral("in"),
        QStringLiteral("for"),    QStringLiteral("and"),  QStringLiteral("or"),      QStringLiteral("to"),
        QStringLiteral("from"),   QStringLiteral("at"),   QStringLiteral("missing"), QStringLiteral("required"),
        QStringLiteral("should"), QStringLiteral("will"), QStringLiteral("does"),    QStringLiteral("looks"),
        QStringLiteral("expired"), QStringLiteral("with"), QStringLiteral("on"),     QStringLiteral("by")};
    static const QRegularExpression end(QStringLiteral("[.,;:!?]+$"));
    return kWords.contains(QString(value).remove(end).toLower());
}

/// "KeyError" and "SignatureDoesNotMatch" name what went wrong; what follows is a sentence.
bool namesTrouble(const QString& name)
{
    static const QRegularExpression kTrouble(
        QStringLiteral("^(?:Invalid|Missing|Expired|No)[A-Z]|(?:Error|Exception|Warning|Match|Missing|Expired)$"));
    return name.contains(kTrouble);
}

/// Looks through one text from name to name.
class Scan {
public:
    explicit Scan(const QString& text) : m_text(text) {}

    QString run()
    {
        qsizetype look = 0;
        for (;;) {
            while (look < m_text.size() && !beginsName(m_text.at(look))) {
                ++look;
            }
            if (look == m_text.size()) {
                break;
            }
            const qsizetype begin = look;
            look = endOfName(begin);
            QString word = m_text.mid(begin, look - begin);
            while (word.endsWith('.') || word.endsWith('-')) {
                word.chop(1);
            }
            if (looksSecret(word) && !namesTrouble(word)) {
                look = std::max(look, consider(word, begin, begin + word.size()));
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

    QChar at(qsizetype i) const { return i >= 0 && i < m_text.size() ? m_text.at(i) : QChar(); }

    qsizetype endOfName(qsizetype i) const
    {
        while (i < m_text.size() && isNamePart(m_text.at(i))) {
            ++i;
        }
        return i;
    }

    qsizetype skip(qsizetype i, bool lines) const
    {
        while (at(i) == ' ' || at(i) == '\t' || (lines && (at(i) == '\n' || at(i) == '\r'))) {
            ++i;
        }
        return i;
    }

    /// @return where to look on
    qsizetype consider(const QString& name, qsizetype begin, qsizetype end)
    {
        qsizetype i = end;
        bool quoted = false;
        while (at(i) == '\\' || at(i) == '"' || at(i) == '\'' || at(i) == ']') {
            quoted = quoted || at(i) != ']';
            ++i;
        }
        const bool strong = isStrongName(name);
        if (!strong && at(begin - 1) == '/') {
            return end;  // a folder like key=5
        }
        const qsizetype gap = skip(i, quoted || strong);
        const QChar sign = at(gap);
        if (sign == '>' && at(begin - 1) == '<' && strong) {
            return hide(element(gap + 1));
        }
        const bool listed = sign == ',' && quoted && (strong || at(begin - 1) == '-');
        if (sign == '=' || sign == ':' || listed) {
            qsizetype from = gap + 1;
            while (at(from) == '=' || at(from) == '>') {
                ++from;
            }
            from = skip(from, strong);
            if (listed && !quoteAt(from)) {
                return end;
            }
            const Value value = valueAt(from);
            const bool sentence = sign == ':' && !strong && !value.quoted && !quoted && isPlainWord(textOf(value));
            return sentence ? end : hide(value);
        }
        return gap > i && !quoted ? afterSpace(name, begin, end, gap, strong) : end;
    }

    qsizetype afterSpace(const QString& name, qsizetype begin, qsizetype end, qsizetype from, bool strong)
    {
        const bool option = at(begin - 1) == '-';
        if ((!option && !strong) || QStringView(m_text).mid(end, from - end).contains('\n')) {
            return end;
        }
        const Value value = valueAt(from);
        const QString text = textOf(value);
        bool isSecret = false;
        if (option) {
            isSecret = !text.startsWith('-');
        } else if (strong && value.quoted) {
            isSecret = true;
        } else if (strong && (name.toUpper() == name || wordsOf(name).size() > 1)) {
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

    qsizetype endOfQuote(qsizetype i) const
    {
        const QChar quote = at(i);
        for (++i; i < m_text.size(); ++i) {
            if (at(i) == '\\') {
                ++i;
            } else if (at(i) == quote) {
                return i + 1;
            }
        }
        return m_text.size();
    }

    /// Signs that end a list belong to the value if it goes on behind them with anything but the next name.
    qsizetype endOfBare(qsizetype i) const
    {
        static const QString kEnd = QStringLiteral("&\"'<>");
        static const QString kMaybe = QStringLiteral(",;)}]");
        while (i < m_text.size() && !at(i).isSpace() && !kEnd.contains(at(i))) {
            if (kMaybe.contains(at(i))) {
                const QChar next = at(i + 1);
                if (next.isNull() || next.isSpace() || kEnd.contains(next) || kMaybe.contains(next) ||
                    next == '.' || namesNext(i + 1)) {
                    break;
                }
            }
            ++i;
        }
        return i;
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

bool looksSecret(const QString& name)
{
    const QStringList words = wordsOf(name);
    return namesSecret(words) || hasWeakWord(words);
}

bool isStrongName(const QString& name)
{
    const QStringList words = wordsOf(name);
    // Of "api_key" and "db_pass" the last word counts; "keys.rotate" is the name of a method.
    return namesSecret(words) || (words.size() > 1 && !name.contains('.') && words.last() != QLatin1String("keys") &&
                                  hasWeakWord({words.last()}));
}

QString hideNamedValues(const QString& text)
{
    return Scan(text).run();
}

}  // namespace sluice
