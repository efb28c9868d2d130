#include "core/redact.h"

#include <QtCore/QJsonArray>
#include <QtCore/QRegularExpression>

#include "core/command_scan.h"
#include "core/secret_names.h"
#include "core/secret_scan.h"

namespace sluice {
namespace {

constexpr int kLeastKnown = 4;
/// Lines between a name that is a value itself and what it names.
constexpr int kMostDescribed = 3;
/// A text in three quotes that does not end must not hide all that follows.
constexpr int kMostQuotedLines = 100;

qsizetype indentOf(const QString& line)
{
    qsizetype i = 0;
    while (i < line.size() && line.at(i) == ' ') {
        ++i;
    }
    return i;
}

QRegularExpression rule(const char* pattern)
{
    return QRegularExpression(QLatin1String(pattern), QRegularExpression::CaseInsensitiveOption |
                                                          QRegularExpression::DotMatchesEverythingOption);
}

/// "://user:password@", also where the password holds what should have been escaped; only a port ends at a
/// slash. By hand, for an expression begins anew at every "://" and looks to the end.
QString hideUrlPasswords(const QString& text)
{
    const auto isEnd = [](QChar c) {
        return c == ' ' || (c >= '\t' && c <= '\r') || c == '"' || c == '\'' || c == '<' || c == '>';
    };
    const QString begin = QStringLiteral("://");
    QString out;
    qsizetype from = 0;
    qsizetype stop = -1;  // the next sign that a password cannot hold
    for (qsizetype at = text.indexOf(begin); at >= 0; at = text.indexOf(begin, at)) {
        const qsizetype user = at + begin.size();
        qsizetype i = user;
        while (i < text.size() && !isEnd(text.at(i)) && text.at(i) != '@' && text.at(i) != '/' &&
               text.at(i) != ':') {
            ++i;
        }
        at = user;
        if (i == user || i == text.size() || text.at(i) != ':') {
            continue;
        }
        const qsizetype password = i + 1;
        qsizetype digits = password;
        while (digits < text.size() && digits - password < 6 && text.at(digits) >= '0' &&
               text.at(digits) <= '9') {
            ++digits;
        }
        if (digits > password && digits - password < 6 && digits < text.size() && text.at(digits) == '/') {
            continue;
        }
        if (stop < password) {
            stop = password;
            while (stop < text.size() && !isEnd(text.at(stop)) && text.at(stop) != '@') {
                ++stop;
            }
        }
        if (stop == password || stop == text.size() || text.at(stop) != '@') {
            continue;
        }
        out += QStringView(text).mid(from, user - from);
        out += QStringLiteral("(hidden)@");
        from = stop + 1;
        at = from;
    }
    return from == 0 ? text : out.append(QStringView(text).mid(from));
}

/// Forms that are secrets whatever stands before them.
void hideForms(QString& text)
{
    static const QRegularExpression privateKey =
        rule("-----BEGIN [A-Z0-9 ]{0,64}PRIVATE KEY[A-Z ]{0,64}-----.*?(?:-----END [A-Z0-9 ]{0,80}-----|$)");
    static const QRegularExpression user = rule("://[^/\\s@\"'<>]*@");
    static const QRegularExpression bareUser = rule(
        "(?<![\\w/.:@-])([a-z_][\\w.-]*):([^\\s:@/"
        "\"'<>()]{3,})@(?=[\\w.-]*[a-z]|(?:\\d{1,3}\\.){3}\\d{1,3})");
    static const QRegularExpression bareAuthority =
        rule("(?<![:\\w/])//[^/\\s:@\"'<>]{1,64}:[^/\\s@\"'<>]{1,200}@");
    static const QRegularExpression header = rule(
        "\\b((?:proxy-)?authorization|(?:set-)?cookie)(\\\\?[\"']?\\s*[:=]\\s*\\\\?[\"']?)"
        "((?:bearer|basic|digest|negotiate|token|aws4-hmac-sha256|aws)\\s+)?[^\\r\\n\"'\\\\]+");
    static const QRegularExpression bearer = rule("\\b(bearer|basic)\\s+[A-Za-z0-9._~+/=-]{8,}");
    static const QRegularExpression cephx(QStringLiteral("(?<![A-Za-z0-9+/])A[Qg][A-Za-z0-9+/]{34,}={0,2}"));
    // The look ahead is made once for each run of such signs, so that it is not searched from every "eyJ" in
    // it.
    static const QRegularExpression webToken(QStringLiteral(
        "(?<![A-Za-z0-9_-])(?=[A-Za-z0-9_-]++\\.[A-Za-z0-9_-]{4})([A-Za-z0-9_-]*?)\\beyJ[A-Za-z0-9_-]{8,}\\."
        "[A-Za-z0-9_-]{4,}(?:\\.[A-Za-z0-9_-]*)?"));
    static const QRegularExpression known(QStringLiteral(
        "\\b(?:gh[pousr]_|github_pat_|gl(?:pat|rt|ptt|dt)-|xox[abeprs]-|xapp-|[srp]k_(?:live|test)_|whsec_|"
        "sk-|hf_|npm_|"
        "pypi-|dckr_pat_|hvs\\.|hvb\\.|ya29\\.|AIza|AGE-SECRET-KEY-1|SG\\.)[A-Za-z0-9_.-]{16,}"));
    static const QRegularExpression hook = rule("(hooks\\.slack\\.com/services/)[\\w/-]+");
    static const QRegularExpression oracle =
        rule("\\b(thin:|sqlplus\\s+(?:-\\w+\\s+){0,4})([\\w$#]{1,64})/[^@\\s/]{1,200}(?=@)");
    static const QRegularExpression identifiedBy = rule(
        "\\b(identified\\s{1,8}by\\s{1,8}|password\\s{1,8}for\\s[^\\n=]{1,80}=\\s{0,8})(?!\\()(\"[^\"]*+\"|'["
        "^']*+'|(?=[^\\s;'\"\\d]*+\\d)[^\\s;'\"]++)");
    static const QRegularExpression userOption(
        QStringLiteral("(?<!\\S)((?:-u|--user|--proxy-user)[ \\t=]++[\"']?[^\\s:\"']+:)[^\\s\"']+"));
    text.replace(privateKey, hiddenText());
    text.replace(user, QStringLiteral("://(hidden)@"));
    text = hideUrlPasswords(text);
    text.replace(bareAuthority, QStringLiteral("//(hidden)@"));
    text.replace(bareUser, QStringLiteral("\\1:(hidden)@"));
    text.replace(header, QStringLiteral("\\1\\2\\3(hidden)"));
    text.replace(bearer, QStringLiteral("\\1 (hidden)"));
    text.replace(cephx, hiddenText());
    text.replace(webToken, QStringLiteral("\\1(hidden)"));
    text.replace(known, hiddenText());
    text.replace(hook, QStringLiteral("\\1(hidden)"));
    text.replace(oracle, QStringLiteral("\\1\\2/(hidden)"));
    text.replace(identifiedBy, QStringLiteral("\\1(hidden)"));
    text = hideOptionValues(text);
    text.replace(userOption, QStringLiteral("\\1(hidden)"));
}

QJsonValue redactValue(const QJsonValue& value)
{
    if (value.isString()) {
        return redactText(value.toString());
    }
    if (value.isObject()) {
        return redactTexts(value.toObject());
    }
    if (value.isArray()) {
        QJsonArray out;
        for (const QJsonValue& item : value.toArray()) {
            out.append(redactValue(item));
        }
        return out;
    }
    return value;
}

}  // namespace

QJsonObject redactParams(const QJsonObject& params)
{
    QJsonObject out;
    for (auto it = params.begin(); it != params.end(); ++it) {
        out[it.key()] = looksSecret(it.key()) ? QJsonValue(hiddenText()) : redactValue(it.value());
    }
    return out;
}

QJsonObject redactTexts(const QJsonObject& json)
{
    QJsonObject out;
    for (auto it = json.begin(); it != json.end(); ++it) {
        out[it.key()] = redactValue(it.value());
    }
    return out;
}

QString redactText(const QString& text, const QStringList& known)
{
    QString clean = text;
    for (const QString& secret : known) {
        if (secret.size() >= kLeastKnown) {
            clean.replace(secret, hiddenText());
        }
    }
    hideForms(clean);
    return hideNamedValues(clean);
}

QString LineRedactor::feed(const QString& line, const QStringList& known)
{
    static const QRegularExpression begins(QStringLiteral("-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----"));
    static const QRegularExpression ends(QStringLiteral("-----END [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----"));
    if (m_inPrivateKey) {
        m_inPrivateKey = !line.contains(ends);
        return hiddenText();
    }
    if (!m_closing.isEmpty()) {
        if (line.contains(m_closing) || ++m_quotedLines == kMostQuotedLines) {
            m_closing.clear();
        }
        return hiddenText();
    }
    if (m_blockIndent >= 0 && (line.trimmed().isEmpty() || indentOf(line) > m_blockIndent)) {
        return line.trimmed().isEmpty() ? line : hiddenText();
    }
    m_blockIndent = -1;
    if (m_describedLines > 0) {
        static const QRegularExpression holds(
            QStringLiteral("^(\\s*(?:- )?[\"']?([A-Za-z]{1,12})[\"']?\\s*[:=]>?\\s*)\\S"));
        const QRegularExpressionMatch match = holds.match(line);
        const bool holdsIt = match.hasMatch() && holdsAnother(match.captured(2));
        m_describedLines = match.hasMatch() && !holdsIt ? m_describedLines - 1 : 0;
        if (holdsIt) {
            return match.captured(1) + hiddenText();
        }
    }
    const QRegularExpressionMatch begin = begins.match(line);
    if (begin.hasMatch()) {
        m_inPrivateKey = !QStringView(line).mid(begin.capturedEnd()).contains(QLatin1String("-----END "));
    }
    const bool isItem = line.trimmed().startsWith(QLatin1String("- "));
    if (std::exchange(m_inList, m_inList && isItem)) {
        if (m_inList) {
            return hiddenText();
        }
    } else if (std::exchange(m_valueComes, false) && !line.trimmed().isEmpty()) {
        m_inList = isItem;
        return hiddenText();
    }
    lookForMore(line);
    return redactText(line, known);
}

/// Whether the value of a name at the line's end comes with the next lines.
void LineRedactor::lookForMore(const QString& line)
{
    static const QRegularExpression openName(QStringLiteral(
        "(?<![A-Za-z0-9_.-])([A-Za-z_][A-Za-z0-9_.-]*+)[\"']?\\s*+[=:]\\s*+([|>][0-9+-]*+)?\\s*$"));
    static const QRegularExpression openQuote(QStringLiteral(
        "(?<![A-Za-z0-9_.-])([A-Za-z_][A-Za-z0-9_.-]*+)[\"']?\\s*+[=:]\\s*+[A-Za-z]{0,2}(\"{3}|'{3})"));
    const QRegularExpressionMatch open = openName.match(line);
    if (open.hasMatch() && isStrongName(open.captured(1))) {
        m_valueComes = open.captured(2).isEmpty();
        m_blockIndent = m_valueComes ? -1 : indentOf(line);
    }
    static const QRegularExpression named(
        QStringLiteral("(?<![A-Za-z0-9_.-])([A-Za-z]{1,12})[\"']?\\s*+[:=]>?\\s*+[\"']?([A-Za-z_][A-Za-z0-9_."
                       "-]*+)[\"']?,?\\s*$"));
    const QRegularExpressionMatch name = named.match(line);
    if (name.hasMatch() && namesAnother(name.captured(1)) && isStrongName(name.captured(2))) {
        m_describedLines = kMostDescribed;
    }
    const QRegularExpressionMatch quote = openQuote.match(line);
    if (quote.hasMatch() && looksSecret(quote.captured(1)) &&
        !QStringView(line).mid(quote.capturedEnd()).contains(quote.captured(2))) {
        m_closing = quote.captured(2);
        m_quotedLines = 0;
    }
}

}  // namespace sluice
