#include "engine/state_guard.h"

#include <algorithm>
#include <utility>

#include "core/log.h"
#include "store/database.h"
#include "store/row_reader.h"

namespace sluice::engine {
namespace {

const QString kState = QStringLiteral("state.db");
const QString kAudit = QStringLiteral("audit.db");
const QString kRuns = QStringLiteral("runs");

QString stateFault(const store::Mark& state, const std::optional<store::Mark>& known, const QString& by)
{
    if (!known) {
        return {};
    }
    if (known->id != state.id) {
        return state.commits <= 1
                   ? QStringLiteral("it is missing, and a new one was made: %1 knows another with %2 commits")
                         .arg(by)
                         .arg(known->commits)
                   : QStringLiteral("it was replaced: %1 knows another").arg(by);
    }
    if (known->commits > state.commits) {
        return QStringLiteral("it is older than it was: it holds %1 commits, %2 knows of %3")
            .arg(state.commits)
            .arg(by)
            .arg(known->commits);
    }
    return {};
}

}  // namespace

QJsonObject StateFinding::toJson() const
{
    QJsonObject json{{"file", file}, {"what", what}, {"stops", stops}};
    if (!correction.isEmpty()) {
        json["correction"] = correction;
    }
    return json;
}

StateFinding brokenChain(qint64 seq, const QString& why, bool production)
{
    return {.file = kAudit, .what = why, .stops = production, .place = QStringLiteral("record %1").arg(seq)};
}

StateFinding damagedWhileOpen(const QString& file, const Error& damage)
{
    return {.file = file, .what = damage.cause, .stops = true, .correction = damage.correction};
}

QList<StateFinding> compareStateFiles(const StateFiles& files)
{
    QList<StateFinding> found;
    QString fault = stateFault(files.state, files.stateByAudit, kAudit);
    if (fault.isEmpty()) {
        fault = stateFault(files.state, files.stateOutside, kState + QStringLiteral(".mark"));
    }
    if (!fault.isEmpty()) {
        found.append({.file = kState, .what = fault, .stops = true});
    }
    if (files.lastManifest > files.lastRun) {
        found.append(
            {.file = kRuns,
             .what = QStringLiteral(
                         "it holds the manifest of R-%1, and %2 knows runs up to R-%3 only; new runs are "
                         "numbered from R-%4")
                         .arg(files.lastManifest)
                         .arg(kState)
                         .arg(files.lastRun)
                         .arg(files.lastManifest + 1),
             .stops = true});
    }
    if (!files.lostManifests.isEmpty()) {
        found.append(
            {.file = kRuns,
             .what = QStringLiteral("the manifest of %1 is missing: what was copied there is no longer known")
                         .arg(files.lostManifests.join(QStringLiteral(", "))),
             .stops = true});
    }
    if (!files.auditCut.isEmpty()) {
        found.append(brokenChain(files.auditCutFrom, files.auditCut, files.production));
    }
    return found;
}

StateGuard::StateGuard(store::Database& database, QObject* parent) : QObject(parent), m_database(database) {}

store::PartSchema StateGuard::schema()
{
    return {
        .part = QStringLiteral("state-findings"),
        .steps = {
            {.version = 1,
             .statements = {QStringLiteral(
                 "CREATE TABLE state_finding (id TEXT PRIMARY KEY, file TEXT NOT NULL, what TEXT NOT NULL, "
                 "place TEXT NOT NULL, stops INTEGER NOT NULL, accepted INTEGER NOT NULL) WITHOUT ROWID")},
             .inFileSince = 4}}};
}

Result<void> StateGuard::load()
{
    return m_database.readNow([this](store::Tx& tx) {
        return store::readRows(
            tx, m_database.file(), QStringLiteral("state_finding"),
            QStringLiteral("SELECT id, file, what, place, stops, accepted FROM state_finding ORDER BY id"),
            {}, [this](store::RowReader& row) {
                const StateFinding finding{
                    .file = row.name(1), .what = row.name(2), .stops = row.flag(4), .place = row.text(3)};
                if (row.flag(5)) {
                    m_accepted.insert(finding.key());
                } else {
                    m_findings.append(finding);
                }
            });
    });
}

void StateGuard::add(const QList<StateFinding>& findings, Keep keep)
{
    bool isNew = false;
    for (const StateFinding& finding : findings) {
        const auto known =
            std::find_if(m_findings.begin(), m_findings.end(),
                         [&finding](const StateFinding& other) { return other.key() == finding.key(); });
        // The profile may have become one of production since: then the same stops.
        const bool same = known != m_findings.end() && (known->stops || !finding.stops);
        if (same || m_accepted.contains(finding.key())) {
            continue;
        }
        isNew = true;
        if (known != m_findings.end()) {
            *known = finding;
        } else {
            m_findings.append(finding);
        }
        log::error("state", QStringLiteral("%1: %2").arg(finding.file, finding.what));
        if (keep == Keep::UntilTheEnd) {
            continue;
        }
        m_database.write(
            [finding](store::Tx& tx) {
                return tx.exec(
                    QStringLiteral(
                        "INSERT OR REPLACE INTO state_finding (id, file, what, place, stops, accepted) "
                        "VALUES (?, ?, ?, ?, ?, 0)"),
                    {finding.key(), finding.file, finding.what, finding.place, finding.stops ? 1 : 0});
            },
            this,
            [](const Result<void>& kept) {
                if (!kept) {
                    log::error("state",
                               QStringLiteral("what was found is not kept: %1").arg(kept.error().toLine()));
                }
            });
    }
    if (isNew) {
        Q_EMIT changed();
    }
}

void StateGuard::accept(std::function<void(const Result<void>&)> done)
{
    m_database.write(
        [](store::Tx& tx) { return tx.exec(QStringLiteral("UPDATE state_finding SET accepted = 1")); }, this,
        [this, done = std::move(done)](const Result<void>& written) {
            if (written) {
                for (const StateFinding& finding : std::exchange(m_findings, {})) {
                    m_accepted.insert(finding.key());
                }
                Q_EMIT changed();
            }
            done(written);
        });
}

bool StateGuard::stops() const
{
    return std::any_of(m_findings.begin(), m_findings.end(),
                       [](const StateFinding& finding) { return finding.stops; });
}

QString StateGuard::why() const
{
    QStringList parts;
    for (const StateFinding& finding : m_findings) {
        parts.append(QStringLiteral("%1: %2").arg(finding.file, finding.what));
    }
    return parts.join(QStringLiteral("; "));
}

Error StateGuard::refusal() const
{
    const auto damaged = std::find_if(m_findings.begin(), m_findings.end(), [](const StateFinding& finding) {
        return !finding.correction.isEmpty();
    });
    if (damaged != m_findings.end()) {
        return Error{.code = ErrorCode::FailedPrecondition,
                     .message = QStringLiteral(
                         "Nothing is changed: the engine's own files were damaged while it had them open"),
                     .cause = why(),
                     .correction = damaged->correction,
                     .source = QStringLiteral("sluiced")};
    }
    return Error{.code = ErrorCode::FailedPrecondition,
                 .message = QStringLiteral("Nothing is changed: the engine's own files do not fit together"),
                 .cause = why(),
                 .correction = QStringLiteral(
                     "Stop the engine and put the files back from a backup; or, if what is missing is to be "
                     "given up: sluicectl engine accept-state --reason WHY --yes"),
                 .source = QStringLiteral("sluiced")};
}

}  // namespace sluice::engine
