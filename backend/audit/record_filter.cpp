#include "audit/record_filter.h"

#include <QtCore/QJsonArray>
#include <QtCore/QRegularExpression>
#include <QtCore/QSet>
#include <algorithm>

#include "core/clock.h"

namespace sluice::audit {
namespace {

/// Digits of a hash are in every second record; only what is long enough to mean one is looked for in them.
constexpr qsizetype kHashWord = 8;

QString term(const char* kind, const QString& value)
{
    return QLatin1String(kind) + ':' + value.toCaseFolded();
}

/// The whole name, and each beginning of it that ends before `separator`.
QStringList beginnings(const char* kind, const QString& name, QChar separator)
{
    QStringList result{term(kind, name)};
    for (qsizetype at = name.indexOf(separator); at >= 0; at = name.indexOf(separator, at + 1)) {
        if (at > 0) {
            result.append(term(kind, name.left(at)));
        }
    }
    return result;
}

/// Members named "run", as deep as they lie: in a plan, in an answer.
void addRuns(const QJsonObject& detail, QStringList* terms)
{
    for (auto it = detail.begin(); it != detail.end(); ++it) {
        if (it.key() == QLatin1String("run") && it.value().isString()) {
            terms->append(term("run", it.value().toString()));
        } else if (it.value().isObject()) {
            addRuns(it.value().toObject(), terms);
        }
    }
}

void addTexts(const QJsonValue& value, QStringList* texts)
{
    if (value.isString()) {
        texts->append(value.toString());
    } else if (value.isDouble()) {
        texts->append(QString::number(value.toInteger()));
    } else if (value.isArray()) {
        for (const QJsonValue& item : value.toArray()) {
            addTexts(item, texts);
        }
    } else if (value.isObject()) {
        const QJsonObject object = value.toObject();
        for (const QJsonValue& item : object) {
            addTexts(item, texts);
        }
    }
}

QStringList splitWords(const QString& text)
{
    static const QRegularExpression kWord(QStringLiteral("\"([^\"]+)\"|([^\\s\"]+)"));
    QStringList words;
    for (auto it = kWord.globalMatch(text); it.hasNext();) {
        const auto match = it.next();
        words.append(match.captured(match.capturedLength(1) > 0 ? 1 : 2));
    }
    return words;
}

bool isPlain(const QString& word)
{
    return std::all_of(word.begin(), word.end(), [](QChar c) {
        return c >= QLatin1Char(' ') && c < QLatin1Char('\x7f') && c != QLatin1Char('"') &&
               c != QLatin1Char('\\');
    });
}

/// The canonical form has `time` as the last but two of its members, and no member after it holds another.
qint64 timeIn(const QByteArray& body)
{
    static const QByteArray kKey("\"time\":\"");
    const qsizetype at = body.lastIndexOf(kKey);
    const qsizetype begin = at + kKey.size();
    const qsizetype end = at < 0 ? -1 : body.indexOf('"', begin);
    return end < 0 ? 0 : fromRfc3339(QString::fromLatin1(body.mid(begin, end - begin)));
}

Result<qint64> momentOf(const QJsonObject& json, const QString& member)
{
    const QString text = json[member].toString();
    const qint64 ms = text.isEmpty() ? 0 : fromRfc3339(text);
    if (!text.isEmpty() && ms == 0) {
        return fail(Error{.code = ErrorCode::InvalidArgument,
                          .message = QStringLiteral("The audit records cannot be searched like that"),
                          .cause = QStringLiteral("'%1' is no time: %2").arg(member, text),
                          .correction = QStringLiteral("Give RFC 3339, such as 2026-11-19T03:14:08Z."),
                          .source = QStringLiteral("audit")});
    }
    return ms;
}

}  // namespace

Result<RecordFilter> RecordFilter::fromJson(const QJsonObject& json)
{
    const auto since = momentOf(json, QStringLiteral("since"));
    const auto until = momentOf(json, QStringLiteral("until"));
    if (!since || !until) {
        return fail(!since ? since.error() : until.error());
    }
    RecordFilter filter{.by = json["by"].toString(),
                        .run = json["run"].toString(),
                        .object = json["object"].toString(),
                        .action = json["action"].toString(),
                        .sinceMs = *since,
                        .untilMs = *until,
                        .text = json["text"].toString()};
    for (const QJsonValue& outcome : json["outcomes"].toArray()) {
        filter.outcomes.append(outcome.toString());
    }
    return filter;
}

QStringList termsOf(const Record& record, qsizetype longest)
{
    static const QRegularExpression kRun(QStringLiteral("^R-[0-9]+(?=/|$)"));
    QStringList terms{term("by", record.principal), term("outcome", record.outcome)};
    terms += beginnings("action", record.action, '.');
    for (const QString& object : record.objects) {
        terms += beginnings("object", object, '/');
        if (const auto run = kRun.match(object); run.hasMatch()) {
            terms.append(term("run", run.captured()));
        }
    }
    addRuns(record.detail, &terms);
    QSet<QString> seen;
    QStringList result;
    for (const QString& full : std::as_const(terms)) {
        const QString kept = full.left(longest);
        if (!seen.contains(kept)) {
            seen.insert(kept);
            result.append(kept);
        }
    }
    return result;
}

RecordMatcher::RecordMatcher(const RecordFilter& filter)
    : m_sinceMs(filter.sinceMs), m_untilMs(filter.untilMs)
{
    const auto want = [this](const char* kind, const QStringList& values) {
        QStringList wanted;
        for (const QString& value : values) {
            if (!value.isEmpty()) {
                wanted.append(term(kind, value));
            }
        }
        wanted.removeDuplicates();
        if (wanted.isEmpty()) {
            return;
        }
        QStringList stored;
        for (const QString& full : std::as_const(wanted)) {
            stored.append(full.left(kTermLength));
            m_exact = m_exact && full.size() < kTermLength;
        }
        stored.removeDuplicates();
        m_wanted.append(wanted);
        m_stored.append(stored);
    };
    QString object = filter.object;
    while (object.endsWith('/')) {
        object.chop(1);
    }
    want("by", {filter.by});
    want("run", {filter.run});
    want("object", {object});
    want("action", {filter.action});
    want("outcome", filter.outcomes);
    const QStringList words = splitWords(filter.text);
    for (const QString& word : words) {
        m_words.push_back(
            {.text = word, .plain = isPlain(word), .matcher = QByteArrayMatcher(word.toLatin1().toLower())});
    }
}

bool RecordMatcher::matches(const Record& record) const
{
    if ((m_sinceMs > 0 || m_untilMs > 0) && !inTime(fromRfc3339(record.time))) {
        return false;
    }
    if (!m_wanted.isEmpty()) {
        const QStringList terms = termsOf(record, std::numeric_limits<qsizetype>::max());
        const bool all = std::all_of(m_wanted.begin(), m_wanted.end(), [&terms](const QStringList& anyOf) {
            return std::any_of(anyOf.begin(), anyOf.end(),
                               [&terms](const QString& one) { return terms.contains(one); });
        });
        if (!all) {
            return false;
        }
    }
    if (m_words.empty()) {
        return true;
    }
    QStringList texts{QString::number(record.seq),
                      record.time,
                      record.principal,
                      record.role,
                      record.via,
                      record.action,
                      record.outcome,
                      record.reason};
    texts += record.objects;
    addTexts(record.detail, &texts);
    const QStringList hashes{record.requestId, record.planHash, record.stateHash, record.hash};
    return std::all_of(m_words.begin(), m_words.end(), [&](const Word& word) {
        const auto has = [&word](const QString& text) {
            return text.contains(word.text, Qt::CaseInsensitive);
        };
        return std::any_of(texts.begin(), texts.end(), has) ||
               (word.text.size() >= kHashWord && std::any_of(hashes.begin(), hashes.end(), has));
    });
}

RecordMatcher::Guess RecordMatcher::guess(const QByteArray& body, const QString& hash, bool termsFound) const
{
    bool sure = m_words.empty() && (m_wanted.isEmpty() || (termsFound && m_exact));
    if (m_sinceMs > 0 || m_untilMs > 0) {
        const qint64 atMs = timeIn(body);
        if (atMs != 0 && !inTime(atMs)) {
            return Guess::No;
        }
        sure = sure && atMs != 0;
    }
    if (m_words.empty()) {
        return sure ? Guess::Yes : Guess::Unsure;
    }
    // Some letters beyond ASCII fold to ASCII ones, so only bytes that are all ASCII can rule a word out.
    const bool ascii =
        std::all_of(body.begin(), body.end(), [](char c) { return static_cast<signed char>(c) >= 0; });
    const QByteArray lower = ascii ? body.toLower() : QByteArray();
    for (const Word& word : m_words) {
        if (ascii && word.plain && word.matcher.indexIn(lower) < 0 &&
            !hash.contains(word.text, Qt::CaseInsensitive)) {
            return Guess::No;
        }
    }
    return Guess::Unsure;
}

}  // namespace sluice::audit
