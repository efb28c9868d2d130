#include "diagnosis/caps.h"

#include <QtCore/QRegularExpression>

namespace sluice::diagnosis {
namespace {

/// One grant of an osd cap.
struct Grant {
    bool all{};
    QString letters{};
    QString cephPool{};
    QString prefix{};
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

QStringList grantsOf(const QString& caps)
{
    static const QRegularExpression separator(QStringLiteral("[,;]"));
    QStringList grants;
    for (const QString& part : caps.split(separator, Qt::SkipEmptyParts)) {
        const QString grant = part.simplified();
        if (!grant.isEmpty()) {
            grants.append(grant);
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
    const QStringList words = text.split(' ', Qt::SkipEmptyParts);
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
        } else if (key == QLatin1String("class-read") || key == QLatin1String("class-write")) {
            continue;
        } else {
            grant.conditional = true;
        }
    }
    return grant;
}

bool applies(const Grant& grant, const NeededRight& needed)
{
    if (!grant.cephPool.isEmpty() && grant.cephPool != needed.cephPool) {
        return false;
    }
    // Sluice writes to the default namespace, whose name is empty.
    if (grant.namespaceGiven && !grant.radosNamespace.isEmpty() &&
        grant.radosNamespace != QLatin1String("*")) {
        return false;
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

QString extendedOsdCaps(const QString& caps, const QList<NeededRight>& missing)
{
    QStringList grants = grantsOf(caps);
    for (const NeededRight& right : missing) {
        const QString grant = QStringLiteral("allow %1 pool=%2").arg(right.letters, right.cephPool);
        if (!grants.contains(grant)) {
            grants.append(grant);
        }
    }
    return grants.join(QStringLiteral(", "));
}

}  // namespace sluice::diagnosis
