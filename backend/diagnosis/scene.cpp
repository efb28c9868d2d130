#include "diagnosis/scene.h"

#include <QtCore/QHash>

#include "core/clock.h"
#include "core/units.h"

namespace sluice::diagnosis {
namespace {

constexpr qint64 kClockSkewMs = 5'000;
/// Below this a number of milliseconds is a duration, above it a time of day (March 1973).
constexpr qint64 kFirstWallClockMs = 100'000'000'000;

}  // namespace

Blocked Blocked::fromJson(const QJsonObject& json, qint64 nowMs)
{
    Blocked blocked{.what = json["what"].toString(),
                    .connection = json["connection"].toString(),
                    .object = json["object"].toString(),
                    .op = json["op"].toString(),
                    .error = Error::fromJson(json["error"].toObject()),
                    .said = json};
    const qint64 since = json["sinceMs"].toInteger();
    if (since > 0) {
        blocked.sinceMs = since >= kFirstWallClockMs ? since : nowMs - since;
    } else {
        blocked.sinceMs = fromRfc3339(json["since"].toString());
    }
    blocked.observedAtMs = json["observedAtMs"].toInteger(nowMs);
    if (blocked.access() == Access::List) {
        // What a listing names is where it begins, or one of the many it asks for at once.
        blocked.object.clear();
    }
    return blocked;
}

Access Blocked::access() const
{
    static const QHash<QString, Access> kOps{
        {QStringLiteral("connect"), Access::Connect}, {QStringLiteral("list"), Access::List},
        {QStringLiteral("read"), Access::Read},       {QStringLiteral("look"), Access::Read},
        {QStringLiteral("verify"), Access::Read},     {QStringLiteral("write"), Access::Write}};
    return kOps.value(op, Access::Unknown);
}

namespace {

/// What was said, with the words of the system that said it: "… (vega answered 403 UserSuspended)".
QString wordsOf(const Error& error)
{
    QString words = error.message;
    if (error.upstream && !error.upstream->text.isEmpty() && !words.contains(error.upstream->text)) {
        words += QStringLiteral(" (%1 answered %2 %3)")
                     .arg(error.upstream->system, QString::number(error.upstream->code),
                          error.upstream->text.simplified());
    }
    return words;
}

QString wordsOf(const Blocked& blocked)
{
    return blocked.error.message.isEmpty() ? blocked.what + wordsOf(blocked.error) : wordsOf(blocked.error);
}

}  // namespace

qint64 FactSource::freshMs(const QString&) const
{
    return kFreshMs;
}

bool isFresh(qint64 observedAtMs, qint64 nowMs, qint64 freshMs)
{
    return observedAtMs > 0 && observedAtMs > nowMs - freshMs && observedAtMs <= nowMs + kClockSkewMs;
}

QString idOf(const QString& connection, const QString& kind, const QString& name)
{
    return connection + '/' + kind + '/' + name;
}

Evidence evidenceOf(const Fact& fact, const QString& text)
{
    return evidenceOf(fact, text, fact.source);
}

Evidence evidenceOf(const Fact& fact, const QString& text, const QString& source)
{
    return {.text = text, .source = source, .entity = fact.id, .observedAtMs = fact.observedAtMs};
}

QString joined(const QStringList& words)
{
    if (words.size() < 2) {
        return words.value(0);
    }
    return words.mid(0, words.size() - 1).join(QStringLiteral(", ")) + QStringLiteral(" and ") + words.last();
}

Scene::Scene(const TaskView& task, const FactSource& facts, qint64 nowMs)
    : m_task(task), m_facts(facts), m_nowMs(nowMs), m_blocked(Blocked::fromJson(task.blocked, nowMs))
{
    if (m_blocked.any() && !isFresh(m_blocked.observedAtMs, nowMs)) {
        m_blocked = {};
    }
}

std::optional<Fact> Scene::freshFact(const QString& id) const
{
    std::optional<Fact> fact = m_facts.fact(id);
    if (fact && !fresh(*fact)) {
        fact.reset();
    }
    return fact;
}

QString Scene::age(qint64 ms) const
{
    return formatDuration(m_nowMs - ms);
}

Evidence Scene::missing(const QString& id, const QString& what, const QString& connection,
                        const QString& probeMethod) const
{
    const std::optional<Fact> fact = m_facts.fact(id);
    Evidence evidence{.entity = id};
    if (fact) {
        evidence.source = fact->source;
        evidence.observedAtMs = fact->observedAtMs;
    }
    if (!probeMethod.isEmpty()) {
        if (const auto error = freshFact(idOf(connection, QStringLiteral("probe-error"), probeMethod))) {
            evidence.text = QStringLiteral("%1 could not be read: %2")
                                .arg(what, error->facts["error"].toObject()["message"].toString());
            evidence.source = probeMethod;
            return evidence;
        }
    }
    if (fact && fresh(*fact)) {
        // It was read, and does not hold what is asked for.
        const QJsonValue first = fact->facts["errors"][0];
        const Error why = first.isObject() ? Error::fromJson(first.toObject()) : Error();
        evidence.text = why.message.isEmpty()
                            ? QStringLiteral("%1: not told").arg(what)
                            : QStringLiteral("%1 could not be read: %2").arg(what, wordsOf(why));
        return evidence;
    }
    evidence.text =
        fact && fact->observedAtMs > 0 && fact->observedAtMs <= m_nowMs
            ? QStringLiteral("%1: last read %2 ago, too old to judge by").arg(what, age(fact->observedAtMs))
            : QStringLiteral("%1: not read yet").arg(what);
    return evidence;
}

Evidence Scene::report() const
{
    Evidence evidence{.source = m_task.reporter, .entity = m_task.id};
    if (!m_blocked.any()) {
        evidence.text = QStringLiteral("The worker does not say what it waits for");
        const Blocked before = Blocked::fromJson(m_task.blocked, m_nowMs);
        if (before.any()) {
            evidence.text = QStringLiteral("The worker said %1 ago, and nothing since: %2")
                                .arg(age(before.observedAtMs), wordsOf(before));
            evidence.observedAtMs = before.observedAtMs;
        }
        return evidence;
    }
    const QString message = wordsOf(m_blocked);
    evidence.text = m_blocked.error.message.isEmpty() ? QStringLiteral("The worker waits: %1").arg(message)
                                                      : QStringLiteral("The worker reports: %1").arg(message);
    if (m_blocked.sinceMs > 0) {
        evidence.text += QStringLiteral(", for %1").arg(age(m_blocked.sinceMs));
    }
    evidence.observedAtMs = m_blocked.observedAtMs;
    return evidence;
}

}  // namespace sluice::diagnosis
