#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QObject>
#include <QtCore/QSet>
#include <QtCore/QString>
#include <functional>
#include <optional>

#include "core/error.h"
#include "store/commit_mark.h"
#include "store/migration.h"

namespace sluice::store {
class Database;
}

namespace sluice::engine {

/// One file of the state folder that is not what the others say it should be.
struct StateFinding {
    QString file{};
    QString what{};
    bool stops{};     ///< nothing is acted on until a person has accepted it
    QString place{};  ///< where in the file; what was accepted there is not said again. Empty: as `what`
    /// What a person can do about it, where accepting it is not possible.
    QString correction{};

    QJsonObject toJson() const;
    QString key() const { return file + '\n' + (place.isEmpty() ? what : place); }
};

/// What each file of a state folder says about itself and about the others when an engine starts.
struct StateFiles {
    store::Mark state{};                        ///< in state.db
    std::optional<store::Mark> stateOutside{};  ///< in the file beside it
    std::optional<store::Mark> stateByAudit{};  ///< what audit.db last knew of it
    QString auditCut{};                         ///< which records are missing; empty if none
    qint64 auditCutFrom{};                      ///< the first of them
    qint64 lastRun{};                           ///< in state.db
    qint64 lastManifest{};                      ///< the highest number in the folder of manifests
    QStringList lostManifests{};                ///< of runs at work that have begun to copy
    bool production{};
};

/// A chain that does not hold from record `seq` on.
StateFinding brokenChain(qint64 seq, const QString& why, bool production);

/// What was done to a file while the engine has it open: nothing is written there any more, not even that it
/// is accepted.
StateFinding damagedWhileOpen(const QString& file, const Error& damage);

/// Pure. @return what does not fit together; empty if all does
QList<StateFinding> compareStateFiles(const StateFiles& files);

/// Keeps what was found wrong with the state folder, over restarts, until a person accepts it.
/// @thread main loop only
class StateGuard final : public QObject {
    Q_OBJECT

public:
    explicit StateGuard(store::Database& database, QObject* parent = nullptr);
    static store::PartSchema schema();
    /// Blocking, at start.
    Result<void> load();

    /// Adds what is new; keeps it durably, or says it until the engine ends.
    enum class Keep { Durably, UntilTheEnd };
    void add(const QList<StateFinding>& findings, Keep keep = Keep::Durably);
    /// Durable: what was found is taken as it is, and the engine may act.
    void accept(std::function<void(const Result<void>&)> done);

    bool stops() const;
    /// For the person; empty if all is well.
    QString why() const;
    const QList<StateFinding>& findings() const { return m_findings; }
    /// For whoever wants to change something while stops().
    Error refusal() const;

Q_SIGNALS:
    void changed();

private:
    store::Database& m_database;
    QList<StateFinding> m_findings{};
    QSet<QString> m_accepted{};  // keys
};

}  // namespace sluice::engine
