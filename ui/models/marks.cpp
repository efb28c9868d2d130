#include "ui/models/marks.h"

#include "ui/session/row.h"

namespace sluice::models {

using session::facts;
using session::obj;
using session::str;
using style::Domain;
using style::stateWord;

StateWord taskMark(const QJsonObject& row)
{
    return stateWord(Domain::Task, str(row, u"state"));
}

StateWord healthMark(const QJsonObject& healthRow, const QString& key, bool stale)
{
    const QJsonObject said = obj(facts(healthRow), key);
    const QString state = str(said, u"word");
    const Domain domain = key == QLatin1String("availability") ? Domain::Availability
                          : key == QLatin1String("redundancy") ? Domain::Redundancy
                                                               : Domain::Posture;
    StateWord word = domain == Domain::Posture
                         ? style::postureWord(state, static_cast<int>(session::num(said, u"count")))
                         : stateWord(domain, state);
    const QString why = str(said, u"why");
    if (!why.isEmpty()) {
        word.meaning = why;
    }
    return stale && !state.isEmpty() ? style::staleWord(word) : word;
}

StateWord connectionHealth(const QJsonObject& connectionRow, const QString& key)
{
    const QString state = str(facts(connectionRow), u"state");
    if (key != QLatin1String("availability")) {
        return stateWord(key == QLatin1String("redundancy") ? Domain::Redundancy : Domain::Posture,
                         u"unknown");
    }
    const QString word = state == QLatin1String("up")         ? QStringLiteral("available")
                         : state == QLatin1String("degraded") ? QStringLiteral("partly")
                         : state == QLatin1String("down")     ? QStringLiteral("unavailable")
                                                              : QStringLiteral("unknown");
    return stateWord(Domain::Availability, word);
}

StateWord connectionMark(const QJsonObject& connectionRow)
{
    return stateWord(Domain::Connection, str(facts(connectionRow), u"state"));
}

StateWord osdMark(const QJsonObject& row, bool stale)
{
    const QJsonObject f = facts(row);
    const StateWord word =
        style::osdWord(f.value(QLatin1String("up")).toBool(), f.value(QLatin1String("in")).toBool());
    return stale ? style::staleWord(word) : word;
}

StateWord monMark(const QJsonObject& row)
{
    const QJsonObject f = facts(row);
    const QString state = str(f, u"state");
    if ((state.isEmpty() || state == QLatin1String("peon")) && f.contains(QLatin1String("inQuorum")) &&
        !f.value(QLatin1String("inQuorum")).toBool()) {
        return stateWord(Domain::Mon, f.value(QLatin1String("answers")).toBool() ? u"out" : u"no answer");
    }
    return stateWord(Domain::Mon, state);
}

StateWord actionMark(const QString& state)
{
    return stateWord(Domain::Action, state);
}

StateWord auditMark(const QString& outcome)
{
    return stateWord(Domain::Audit,
                     outcome == QLatin1String("intent") ? QStringLiteral("requested") : outcome);
}

StateWord findingMark(const QJsonObject& finding)
{
    const QString was = str(finding, u"was");
    return was.isEmpty() ? stateWord(Domain::Cause, str(finding, u"verdict"))
                         : style::staleWord(stateWord(Domain::Cause, was));
}

StateWord generationMark(const QString& state)
{
    return stateWord(Domain::KeyGeneration, state);
}

StateWord stepMark(const QString& state)
{
    return stateWord(Domain::Step, state);
}

StateWord checkMark(const QJsonObject& row)
{
    return stateWord(Domain::HealthCheck, str(facts(row), u"severity"));
}

style::Tone toneFrom(const QString& name)
{
    return name == QLatin1String("ok")         ? style::Tone::Ok
           : name == QLatin1String("progress") ? style::Tone::Progress
           : name == QLatin1String("warn")     ? style::Tone::Warn
           : name == QLatin1String("crit")     ? style::Tone::Crit
                                               : style::Tone::Neutral;
}

}  // namespace sluice::models
