#include "core/secret_names.h"

#include <QtCore/QRegularExpression>
#include <QtCore/QSet>
#include <utility>

#include "core/redact.h"

namespace sluice {
namespace {

bool namesSecret(const QStringList& words)
{
    const QString whole = words.join(QString());
    for (const char* part : {"password", "passwd", "passphrase", "secret", "token", "credential", "signature",
                             "passwort", "kennwort", "motdepasse", "contrasena"}) {
        if (whole.contains(QLatin1String(part))) {
            return true;
        }
    }
    static const QSet<QString> kWords{
        QStringLiteral("pwd"),        QStringLiteral("apikey"),    QStringLiteral("accesskey"),
        QStringLiteral("sig"),        QStringLiteral("secretkey"), QStringLiteral("privatekey"),
        QStringLiteral("pgpass"),     QStringLiteral("passcode"),  QStringLiteral("jwt"),
        QStringLiteral("jsessionid"), QStringLiteral("phpsessid")};
    for (const QString& word : words) {
        if (kWords.contains(word) || word.endsWith(QLatin1String("pw"))) {  // as in "bindpw"
            return true;
        }
    }
    return false;
}

/// "pin" and "otp" name a number that is typed: only as the last word, for "pin_memory" is none.
bool endsWithCode(const QStringList& words)
{
    static const QSet<QString> kCodes{QStringLiteral("pin"), QStringLiteral("puk"), QStringLiteral("otp"),
                                      QStringLiteral("totp"), QStringLiteral("cvv")};
    const bool said =
        words.size() > 1 && (words.last() == QLatin1String("code") || words.last() == QLatin1String("value"));
    return !words.isEmpty() && kCodes.contains(words.at(words.size() - (said ? 2 : 1)));
}

bool hasWeakWord(const QStringList& words)
{
    static const QSet<QString> kWords{QStringLiteral("key"),       QStringLiteral("keys"),
                                      QStringLiteral("pass"),      QStringLiteral("auth"),
                                      QStringLiteral("passin"),    QStringLiteral("passout"),
                                      QStringLiteral("storepass"), QStringLiteral("keypass")};
    for (const QString& word : words) {
        if (kWords.contains(word)) {
            return true;
        }
    }
    return endsWithCode(words);
}

/// Whatever stands behind the word in a sentence.
bool isOneOf(const QSet<QString>& words, const QString& value)
{
    static const QRegularExpression end(QStringLiteral("[.,;:!?]+$"));
    return words.contains(QString(value).remove(end).toLower());
}

}  // namespace

bool isSmallOrDigit(QChar c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool isCapital(QChar c)
{
    return c >= 'A' && c <= 'Z';
}

QStringList wordsOf(const QString& name)
{
    QString apart;
    apart.reserve(name.size() + 8);
    for (qsizetype i = 0; i < name.size(); ++i) {
        if (i > 0 && isCapital(name.at(i)) && isSmallOrDigit(name.at(i - 1))) {
            apart += '_';
        }
        apart += name.at(i);
    }
    QStringList words;
    QString word;
    for (const QChar c : apart.toLower()) {
        if (isSmallOrDigit(c)) {
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

bool isPlainWord(const QString& value)
{
    constexpr int kLongest = 64;
    static const QRegularExpression kWord(
        QRegularExpression::anchoredPattern(QStringLiteral("[A-Z]?[a-z]*['’]?[a-z]*(?:-[a-z]+)*[.,;:!?…]*")));
    return value.size() <= kLongest && kWord.match(value).hasMatch();
}

bool goesOnTalking(const QString& value)
{
    static const QSet<QString> kWords{
        QStringLiteral("is"),      QStringLiteral("are"),      QStringLiteral("was"),
        QStringLiteral("were"),    QStringLiteral("has"),      QStringLiteral("not"),
        QStringLiteral("must"),    QStringLiteral("may"),      QStringLiteral("cannot"),
        QStringLiteral("can"),     QStringLiteral("of"),       QStringLiteral("in"),
        QStringLiteral("for"),     QStringLiteral("and"),      QStringLiteral("or"),
        QStringLiteral("to"),      QStringLiteral("from"),     QStringLiteral("at"),
        QStringLiteral("missing"), QStringLiteral("required"), QStringLiteral("should"),
        QStringLiteral("will"),    QStringLiteral("does"),     QStringLiteral("looks"),
        QStringLiteral("expired"), QStringLiteral("with"),     QStringLiteral("on"),
        QStringLiteral("by")};
    return isOneOf(kWords, value);
}

bool namesTrouble(const QString& name)
{
    static const QRegularExpression kTrouble(QStringLiteral(
        "^(?:Invalid|Missing|Expired|No)[A-Z]|(?:Error|Exception|Warning|Match|Missing|Expired)$"));
    return name.contains(kTrouble);
}

bool saysHowItIs(const QString& value)
{
    static const QSet<QString> kWords{
        QStringLiteral("none"),     QStringLiteral("ok"),       QStringLiteral("set"),
        QStringLiteral("unset"),    QStringLiteral("changed"),  QStringLiteral("wrong"),
        QStringLiteral("invalid"),  QStringLiteral("rejected"), QStringLiteral("unknown"),
        QStringLiteral("accepted"), QStringLiteral("required"), QStringLiteral("empty"),
        QStringLiteral("refused"),  QStringLiteral("missing"),  QStringLiteral("expired"),
        QStringLiteral("failed")};
    return isOneOf(kWords, value);
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
    return namesSecret(words) || (words.size() > 1 && !name.contains('.') &&
                                  words.last() != QLatin1String("keys") && hasWeakWord({words.last()}));
}

bool isAskedFor(const QString& name)
{
    static const QSet<QString> kWords{QStringLiteral("password"),   QStringLiteral("passwd"),
                                      QStringLiteral("passphrase"), QStringLiteral("passcode"),
                                      QStringLiteral("pin"),        QStringLiteral("otp")};
    const QStringList words = wordsOf(name);
    return !words.isEmpty() && kWords.contains(words.last());
}

bool namesAnother(const QString& name)
{
    static const QSet<QString> kNames{QStringLiteral("name"),     QStringLiteral("key"),
                                      QStringLiteral("param"),    QStringLiteral("parameter"),
                                      QStringLiteral("field"),    QStringLiteral("property"),
                                      QStringLiteral("variable"), QStringLiteral("var"),
                                      QStringLiteral("option"),   QStringLiteral("k")};
    return kNames.contains(name.toLower());
}

bool holdsAnother(const QString& name)
{
    static const QSet<QString> kNames{QStringLiteral("value"), QStringLiteral("val"),
                                      QStringLiteral("v"),     QStringLiteral("content"),
                                      QStringLiteral("data"),  QStringLiteral("default")};
    return kNames.contains(name.toLower());
}

bool isNoWord(const QString& name)
{
    const QStringList words = wordsOf(name);
    return name.toUpper() == name || words.size() > 1 || words.last().endsWith(QLatin1String("pw"));
}

}  // namespace sluice
