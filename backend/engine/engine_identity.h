#pragma once

#include <QtCore/QList>
#include <QtCore/QString>

#include "core/error.h"
#include "engine/state_guard.h"
#include "store/migration.h"

namespace sluice::engine {

/// The id of an engine over all its lives: its lease, its roles and its Luigi marks carry it, and one with
/// another id is a stranger to them. Kept in a file of the state folder and in state.db; either one is
/// enough.
/// @thread main loop only; blocking, at start
class EngineIdentity {
public:
    /// Reads the file.
    explicit EngineIdentity(const QString& folder);

    static store::PartSchema schema();
    /// Compares both; the one that has no id takes over the other's. @error as store
    Result<void> load(store::Database& database);
    /// The file's, if it holds one.
    const QString& id() const { return m_id; }
    /// What does not fit together.
    QList<StateFinding> findings() const;
    /// A person has accepted the file's: state.db takes it over.
    void settle(store::Database& database);

private:
    void writeFile();

    QString m_path;
    QString m_id{};
    QString m_kept{};  // by state.db
    bool m_inFile{false};
};

}  // namespace sluice::engine
