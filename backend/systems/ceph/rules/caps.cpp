#include "systems/ceph/rules/caps.h"

#include <QtCore/QRegularExpression>
#include <algorithm>
#include <iterator>

namespace sluice::systems::ceph {
namespace {

/// One grant of an osd cap.
struct Grant {
    bool all{};
    QString letters{};
    bool classRead{};
    QString cephPool{};
    QString prefix{};
    QString network{};
    QString radosNamespace{};
    bool namespaceGiven{};
    bool conditional{};
};

QString unquoted(QString text)
{
    if (text.size() >= 2 && (text.startsWith('"') || text.startsWith('\'')) && text.endsWith(text.front())) {
        text = text.mid(1, text.size() - 2);
    }
    return text;
}

/// As the grammar of caps wants a word: quoted if it holds anything but letters, digits and these signs.
QString quoted(const QString& word)
{
    static const QRegularExpression plain(QStringLiteral("\\A[A-Za-z0-9_./-]+\\z"));
    return plain.match(word).hasMatch() ? word : QStringLiteral("\"%1\"").arg(word);
}

/// Splits at any of `separators` that stand outside of quotes; the quotes stay. Empty parts are left out.
QStringList splitUnquoted(const QString& text, const QString& separators)
{
    QStringList parts{QString()};
    QChar quote;
    for (const QChar c : text) {
        if (quote.isNull() && separators.contains(c)) {
            parts.append(QString());
            continue;
        }
        if (c == quote) {
            quote = QChar();
        } else if (quote.isNull() && (c == '"' || c == '\'')) {
            quote = c;
        }
        parts.last().append(c);
    }
    parts.removeAll(QString());
    return parts;
}

QStringList wordsOf(const QString& grant)
{
    return splitUnquoted(grant, QStringLiteral(" \t\r\n"));
}

QStringList grantsOf(const QString& caps)
{
    QStringList grants;
    for (const QString& part : splitUnquoted(caps, QStringLiteral(",;"))) {
        if (const QStringList words = wordsOf(part); !words.isEmpty()) {
            grants.append(words.join(' '));
        }
    }
    return grants;
}

/// "pool=x" and "pool x" are the same; takes the value and moves on.
QString valueOf(const QStringList& words, int& at, const QString& inlineValue, bool hasInline)
{
    if (hasInline) {
        return unquoted(inlineValue);
    }
    return at + 1 < words.size() ? unquoted(words.at(++at)) : QString();
}

bool isLetters(const QString& word)
{
    static const QRegularExpression pattern(QStringLiteral("^[rwx]+$"));
    return pattern.match(word).hasMatch();
}

Grant parseGrant(const QString& text)
{
    const QStringList words = wordsOf(text);
    Grant grant;
    if (words.value(0) != QLatin1String("allow")) {
        // A profile grants a set of rights that differs between releases: it cannot be judged from here.
        grant.conditional = true;
        return grant;
    }
    for (int i = 1; i < words.size(); ++i) {
        const QString& word = words.at(i);
        const int equals = word.indexOf('=');
        const QString key = equals < 0 ? word : word.left(equals);
        const QString value = equals < 0 ? QString() : word.mid(equals + 1);
        if (key == QLatin1String("*") || key == QLatin1String("all")) {
            grant.all = true;
        } else if (equals < 0 && isLetters(key)) {
            grant.letters += key;
        } else if (key == QLatin1String("pool")) {
            grant.cephPool = valueOf(words, i, value, equals >= 0);
        } else if (key == QLatin1String("namespace")) {
            grant.radosNamespace = valueOf(words, i, value, equals >= 0);
            grant.namespaceGiven = true;
        } else if (key == QLatin1String("object_prefix")) {
            grant.prefix = valueOf(words, i, value, equals >= 0);
        } else if (key == QLatin1String("class-read")) {
            grant.classRead = true;
        } else if (key == QLatin1String("class-write")) {
            continue;
        } else if (key == QLatin1String("network")) {
            grant.network = valueOf(words, i, value, equals >= 0);
            grant.conditional = true;
        } else {
            grant.conditional = true;
        }
    }
    return grant;
}

bool onCephPool(const Grant& grant, const QString& cephPool)
{
    return grant.cephPool.isEmpty() || grant.cephPool == cephPool;
}

/// Sluice works in the default namespace, whose name is empty.
bool inNamespace(const Grant& grant)
{
    return !grant.namespaceGiven || grant.radosNamespace.isEmpty() ||
           grant.radosNamespace == QLatin1String("*");
}

bool applies(const Grant& grant, const NeededRight& needed)
{
    if (!onCephPool(grant, needed.cephPool) || !inNamespace(grant)) {
        return false;
    }
    if (needed.lists) {
        return grant.prefix.isEmpty();
    }
    return grant.prefix.isEmpty() || needed.object.isEmpty() || needed.object.startsWith(grant.prefix);
}

}  // namespace

CapsAnswer judgeOsdCaps(const QString& caps, const NeededRight& needed)
{
    CapsAnswer answer{.missing = needed.letters};
    for (const QString& text : grantsOf(caps)) {
        const Grant grant = parseGrant(text);
        if (!applies(grant, needed)) {
            continue;
        }
        if (grant.conditional || (!grant.prefix.isEmpty() && needed.object.isEmpty())) {
            answer.conditional = true;
            continue;
        }
        if (grant.all) {
            answer.missing.clear();
        }
        for (const QChar letter : grant.letters) {
            answer.missing.remove(letter);
        }
        if (grant.classRead) {
            answer.missing.remove('x');
        }
    }
    if (answer.missing.isEmpty()) {
        answer.conditional = false;
    }
    return answer;
}

CapsAnswer judgeMonCaps(const QString& caps)
{
    CapsAnswer answer{.missing = QStringLiteral("r")};
    for (const QString& text : grantsOf(caps)) {
        const Grant grant = parseGrant(text);
        if (text.startsWith(QLatin1String("profile "))) {
            answer.conditional = true;
        } else if (grant.all || (grant.letters.contains('r') && !grant.conditional)) {
            answer.missing.clear();
        } else if (grant.conditional) {
            answer.conditional = true;
        }
    }
    if (answer.missing.isEmpty()) {
        answer.conditional = false;
    }
    return answer;
}

QStringList grantedPrefixes(const QString& caps, const QString& cephPool)
{
    QStringList prefixes;
    for (const QString& text : grantsOf(caps)) {
        const Grant grant = parseGrant(text);
        if (onCephPool(grant, cephPool) && inNamespace(grant) && !grant.prefix.isEmpty() &&
            !prefixes.contains(grant.prefix)) {
            prefixes.append(grant.prefix);
        }
    }
    return prefixes;
}

std::optional<QString> extendedOsdCaps(const QString& caps, const QList<NeededRight>& missing)
{
    QStringList grants = grantsOf(caps);
    QList<Grant> all;
    for (const QString& text : grants) {
        all.append(parseGrant(text));
    }
    for (const NeededRight& right : missing) {
        QList<Grant> there;
        std::copy_if(all.begin(), all.end(), std::back_inserter(there),
                     [&](const Grant& grant) { return onCephPool(grant, right.cephPool); });
        // Nothing there yet: what the key is limited to everywhere else is what it is for.
        const QList<Grant>& model = there.isEmpty() ? all : there;
        const auto everyOne = [&model](auto limited) {
            return !model.isEmpty() && std::all_of(model.begin(), model.end(), limited);
        };
        QString grant = QStringLiteral("allow %1 pool=%2").arg(right.letters, quoted(right.cephPool));
        if (everyOne([](const Grant& one) {
                return one.namespaceGiven && one.radosNamespace != QLatin1String("*");
            })) {
            grant += QStringLiteral(" namespace=\"\"");
        }
        if (!there.isEmpty() && everyOne([](const Grant& one) { return !one.prefix.isEmpty(); })) {
            if (right.lists || right.prefix.isEmpty()) {
                return std::nullopt;
            }
            grant += QStringLiteral(" object_prefix %1").arg(quoted(right.prefix));
        }
        if (everyOne([&model](const Grant& one) {
                return !one.network.isEmpty() && one.network == model.first().network;
            })) {
            grant += QStringLiteral(" network %1").arg(model.first().network);
        }
        if (!grants.contains(grant)) {
            grants.append(grant);
        }
    }
    return grants.join(QStringLiteral(", "));
}

}  // namespace sluice::systems::ceph
