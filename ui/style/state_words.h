#pragma once

#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <QtCore/QStringView>

#include "ui/style/glyphs.h"
#include "ui/style/tokens.h"

namespace sluice::style {

/// Whose states they are. The engine sends meanings; words, shapes and tones are picked here.
enum class Domain {
    Task,            ///< waiting ready running verifying done stalled failed cancelled unknown
    Run,             ///< as Task, and: submitted
    Availability,    ///< available partly unavailable unknown
    Redundancy,      ///< full reduced "none left" lost single unknown
    Posture,         ///< "in order" "to fix" urgent unknown
    Osd,             ///< "up in" "down in" "up out" "down out" nearfull full unknown
    Mon,             ///< leader peon electing probing synchronizing out down "no answer" unknown
    MonQuorum,       ///< quorate lost unknown
    Pg,              ///< Ceph's own words joined by +; the worst flag decides the shape
    Lock,            ///< free held "holder gone" unknown
    Gateway,         ///< answers "no answer" unknown
    Connection,      ///< up degraded down starting unknown
    Session,         ///< connected connecting lost
    Lease,           ///< held other none lost unknown
    HealthCheck,     ///< HEALTH_OK HEALTH_WARN HEALTH_ERR
    DrbdDisk,        ///< DRBD's own words
    DrbdConnection,  ///< DRBD's own words
    KeyGeneration,   ///< next current previous retiring revoked "over age"
    Rotation,        ///< running done failed stopped
    Step,            ///< todo now running checking failed unknown, waiting, and as an action ends
    Cause,           ///< confirmed likely refuted unknown
    CasePhase,       ///< found "cause named" decide "carry out" verify closed
    Action,          ///< planned executing done "already so" "not needed" verified "not verified" failed
                     ///< "outcome unknown" "not done"
    Audit,        ///< outcomes of records: requested done verified refused void failed "outcome unknown" …
    AuditChain,   ///< intact broken unknown
    AirflowTask,  ///< Airflow's own words, our shapes
    LuigiTask,    ///< Luigi's own words, our shapes
};

/// How one state is shown: always a shape and a word.
struct StateWord {
    QString word{};
    Glyph glyph{Glyph::RingQ};
    Tone tone{Tone::Neutral};
    /// One short sentence for a tool tip; may be empty.
    QString meaning{};
    /// False for a state this version has no entry for: its own text is the word then.
    bool known{false};

    /// Warn and Crit.
    bool isException() const { return tone == Tone::Warn || tone == Tone::Crit; }
    bool operator==(const StateWord&) const = default;
};

/// @return for a state without an entry: its own text, the dashed ring, Neutral. For an empty one: "unknown".
StateWord stateWord(Domain domain, QStringView state);
/// Posture with its number: "2 to fix".
StateWord postureWord(QStringView state, int count);
/// The state of an OSD out of its two flags.
StateWord osdWord(bool up, bool in);
/// The same state while its evidence is old: the dashed ring, "unknown", and as meaning what it was.
StateWord staleWord(const StateWord& was);

/// The states a domain has entries for, in the order a legend shows them.
QStringList statesOf(Domain domain);
QList<Domain> allDomains();

/// Exceptions first, then what moves, then what waits, then what is done; for sorting task and run states.
int stateRank(QStringView taskState);

}  // namespace sluice::style
