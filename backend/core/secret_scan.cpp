#include "core/secret_scan.h"

#include <QtCore/QRegularExpression>
#include <QtCore/QSet>

#include "core/redact.h"

namespace sluice {
namespace {

/// "dbPassword" and "db_password" give "db", "password".
QStringList wordsOf(const QString& name)
{
    static const QRegularExpression hump(QStringLiteral("([a-z0-9])([A-Z])"));
    static const QRegularExpression gap(QStringLiteral("[^a-z0-9]+"));
    return QString(name).replace(hump, QStringLiteral("\\1_\\2")).toLower().split(gap, Qt::SkipEmptyParts);
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
    static const QRegularExpression kWord(
        QRegularExpression::anchoredPattern(QStringLiteral("[A-Z]?[a-z]*['’]?[a-z]*(?:-[a-z]+)*[.,;:!?…]*")));
    return kWord.match(value).hasMatch();
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
        static const QRegularExpression name(QStringLiteral("[A-Za-z_][A-Za-z0-9_.-]*"));
        qsizetype look = 0;
        for (;;) {
            const QRegularExpressionMatch match = name.match(m_text, look);
            if (!match.hasMatch()) {
                break;
            }
            look = match.capturedEnd();
            QString word = match.captured();
            while (word.endsWith('.') || word.endsWith('-')) {
                word.chop(1);
            }
            if (looksSecret(word) && !namesTrouble(word)) {
                look = std::max(look, consider(word, match.capturedStart(), match.capturedStart() + word.size()));
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
            const Value value = valueAt(skip(from, strong));
            const bool sentence = sign == ':' && !strong && !value.quoted && !quoted && isPlainWord(textOf(value));
            const bool keep = sentence || (listed && !value.quoted);
            return keep ? end : hide(value);
        }
        return gap > i && !quoted ? afterSpace(name, begin, end, gap, strong) : end;
    }

    qsizetype afterSpace(const QString& name, qsizetype begin, qsizetype end, qsizetype from, bool strong)
    {
        if (m_text.mid(end, from - end).contains('\n')) {
            return end;
        }
        const Value value = valueAt(from);
        const QString text = textOf(value);
        const bool option = at(begin - 1) == '-';
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

    Value valueAt(qsizetype begin) const
    {
        static const QRegularExpression prefix(QStringLiteral("\\G[ubrfUBRF]{0,2}(?=[\"'])"));
        qsizetype i = begin;
        if (const auto match = prefix.match(m_text, i); match.hasMatch()) {
            i = match.capturedEnd();
        }
        if (at(i) == '\\' && (at(i + 1) == '"' || at(i + 1) == '\'')) {
            const qsizetype end = m_text.indexOf(m_text.mid(i, 2), i + 2);
            return {begin, end < 0 ? m_text.size() : end + 2, true};
        }
        if (at(i) == '"' || at(i) == '\'') {
            return {begin, endOfQuote(i), true};
        }
        const QChar close = at(i) == '[' ? ']' : QChar();
        if (!close.isNull()) {
            const qsizetype end = m_text.indexOf(close, i);
            return {begin, end < 0 ? m_text.size() : end + 1, true};
        }
        return {begin, endOfBare(begin), false};
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
        static const QRegularExpression nextName(QStringLiteral("\\G.[A-Za-z_][\\w.-]*\\s*[=:]"));
        static const QString kEnd = QStringLiteral("&\"'<>");
        static const QString kMaybe = QStringLiteral(",;)}]");
        while (i < m_text.size() && !at(i).isSpace() && !kEnd.contains(at(i))) {
            if (kMaybe.contains(at(i))) {
                const QChar next = at(i + 1);
                if (next.isNull() || next.isSpace() || kEnd.contains(next) || kMaybe.contains(next) ||
                    next == '.' || nextName.match(m_text, i).hasMatch()) {
                    break;
                }
            }
            ++i;
        }
        return i;
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
