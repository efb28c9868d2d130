#include "ui/style/state_words.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QSet>
#include <array>

#include "ui/style/state_table.h"

namespace sluice::style {

namespace {

QString translated(const char* text)
{
    return text == nullptr ? QString() : QCoreApplication::translate("StateWords", text);
}

const StateEntry* entryOf(Domain domain, QStringView state)
{
    for (const StateEntry& entry : stateTable()) {
        if (entry.domain == domain && state == QLatin1String(entry.state)) {
            return &entry;
        }
    }
    return nullptr;
}

StateWord wordOf(const StateEntry& entry)
{
    return {.word = entry.word != nullptr ? translated(entry.word) : QString::fromLatin1(entry.state),
            .glyph = entry.glyph,
            .tone = entry.tone,
            .meaning = translated(entry.meaning),
            .known = true};
}

/// The foreign word with the shape of ours.
StateWord borrowed(Domain domain, QStringView state)
{
    for (const BorrowedState& entry : borrowedStates()) {
        if (entry.domain == domain && state == QLatin1String(entry.foreign)) {
            StateWord word = wordOf(*entryOf(Domain::Task, QString::fromLatin1(entry.ours)));
            word.word = state.toString();
            return word;
        }
    }
    return {.word = state.toString()};
}

struct PgLook {
    Glyph glyph{};
    Tone tone{};
    const char* meaning{};
};

PgLook pgLook(const QSet<QString>& flags)
{
    const auto any = [&flags](std::initializer_list<const char*> names) {
        for (const char* name : names) {
            if (flags.contains(QLatin1String(name))) {
                return true;
            }
        }
        return false;
    };
    if (any({"down", "incomplete", "stale", "unknown", "inconsistent", "failed_repair", "recovery_unfound",
             "backfill_unfound"})) {
        return {Glyph::SquareX, Tone::Crit,
                QT_TRANSLATE_NOOP("StateWords", "its data is missing, wrong or not served")};
    }
    if (any({"recovery_toofull", "backfill_toofull"})) {
        return {Glyph::SquareLid, Tone::Crit,
                QT_TRANSLATE_NOOP("StateWords", "there is no room to bring copies back")};
    }
    if (!flags.contains(QStringLiteral("active"))) {
        return {Glyph::RingArc, Tone::Warn,
                QT_TRANSLATE_NOOP("StateWords", "not active: reads and writes wait")};
    }
    if (any({"recovering", "backfilling", "repair"})) {
        return {Glyph::Half, Tone::Progress,
                QT_TRANSLATE_NOOP("StateWords", "copies are being brought back")};
    }
    if (any({"undersized", "degraded"})) {
        return {Glyph::Bars2, Tone::Warn, QT_TRANSLATE_NOOP("StateWords", "copies are missing")};
    }
    if (any({"remapped", "backfill_wait", "recovery_wait"})) {
        return {Glyph::RingDot, Tone::Progress, QT_TRANSLATE_NOOP("StateWords", "copies are about to move")};
    }
    if (any({"scrubbing"})) {
        return {Glyph::RingCheck, Tone::Ok, QT_TRANSLATE_NOOP("StateWords", "its copies are being compared")};
    }
    if (any({"clean"})) {
        return {Glyph::Disc, Tone::Ok, QT_TRANSLATE_NOOP("StateWords", "active, all copies are there")};
    }
    return {Glyph::Ring, Tone::Neutral, nullptr};
}

StateWord pgWord(QStringView state)
{
    const QStringList flags = state.toString().split(QLatin1Char('+'), Qt::SkipEmptyParts);
    const PgLook look = pgLook(QSet<QString>(flags.cbegin(), flags.cend()));
    return {.word = state.toString(),
            .glyph = look.glyph,
            .tone = look.tone,
            .meaning = translated(look.meaning),
            .known = true};
}

}  // namespace

StateWord stateWord(Domain domain, QStringView state)
{
    if (state.isEmpty()) {
        return {.word = translated(QT_TRANSLATE_NOOP("StateWords", "unknown"))};
    }
    if (domain == Domain::Pg) {
        return pgWord(state);
    }
    if (domain == Domain::AirflowTask || domain == Domain::LuigiTask) {
        return borrowed(domain, state);
    }
    const StateEntry* entry = entryOf(domain, state);
    return entry != nullptr ? wordOf(*entry) : StateWord{.word = state.toString()};
}

StateWord postureWord(QStringView state, int count)
{
    StateWord word = stateWord(Domain::Posture, state);
    if (count > 0 && word.isException()) {
        word.word = QStringLiteral("%1 %2").arg(count).arg(word.word);
    }
    return word;
}

StateWord osdWord(bool up, bool in)
{
    return stateWord(Domain::Osd, up ? (in ? u"up in" : u"up out") : (in ? u"down in" : u"down out"));
}

StateWord staleWord(const StateWord& was)
{
    StateWord word{.word = translated(QT_TRANSLATE_NOOP("StateWords", "unknown"))};
    word.meaning = translated(QT_TRANSLATE_NOOP("StateWords", "was %1")).arg(was.word);
    word.known = true;
    return word;
}

QStringList statesOf(Domain domain)
{
    QStringList states;
    for (const StateEntry& entry : stateTable()) {
        if (entry.domain == domain) {
            states.append(QString::fromLatin1(entry.state));
        }
    }
    for (const BorrowedState& entry : borrowedStates()) {
        if (entry.domain == domain) {
            states.append(QString::fromLatin1(entry.foreign));
        }
    }
    return states;
}

QList<Domain> allDomains()
{
    QList<Domain> domains;
    for (int i = 0; i <= static_cast<int>(Domain::LuigiTask); ++i) {
        domains.append(static_cast<Domain>(i));
    }
    return domains;
}

int stateRank(QStringView taskState)
{
    static constexpr std::array<const char*, 9> kOrder{
        "failed", "stalled", "running", "verifying", "ready", "waiting", "unknown", "cancelled", "done"};
    for (size_t i = 0; i < kOrder.size(); ++i) {
        if (taskState == QLatin1String(kOrder[i])) {
            return static_cast<int>(i);
        }
    }
    return static_cast<int>(kOrder.size());
}

}  // namespace sluice::style
