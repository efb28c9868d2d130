#pragma once

#include <QtCore/QObject>
#include <QtCore/QStringList>
#include <QtCore/QTimer>

#include "core/error.h"
#include "estate/estate.h"
#include "store/migration.h"

namespace sluice::store {
class Database;
}

namespace sluice::estate {

/// Keeps the estate's facts in the state database, so that an engine started in the middle of an outage shows
/// what was known, with the time it was known. Written behind, twice a second; facts are observations, so the
/// last moment may be lost.
class EstateStore final : public QObject {
    Q_OBJECT

public:
    /// Statements that make its table; part of the state database's migrations.
    static store::PartSchema schema();

    EstateStore(Estate& estate, store::Database& database, QObject* parent = nullptr);
    /// Blocking; at start only.
    Result<void> load();
    /// Everything that has changed, for the end.
    void flush();

private:
    /// A part of what has changed, so that a large poll does not stop the main loop; then the next.
    void writeSome();
    void write(const QSet<QString>& dirty);

    Estate& m_estate;
    store::Database& m_database;
    QTimer m_timer{};
    bool m_writing{false};
};

}  // namespace sluice::estate
