#pragma once

#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>

#include "core/error.h"
#include "engine/state_guard.h"

namespace sluice::engine {

/// The id of an engine over all its lives: its lease, its roles and its Luigi marks carry it, and one with another id
/// is a stranger to them. Kept in a file of the state folder and in state.db; either one is enough.
/// @thread main loop only; blocking, at start
class EngineIdentity {
public:
    /// Reads the file.
    explicit EngineIdentity(const QString& folder);

    /// Keeps the file's id in state.db, or a new one.
    QStringList schema() const;
    /// Compares both, and writes the file anew if it is lost. @error as store
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
