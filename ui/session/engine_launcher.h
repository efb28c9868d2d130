#pragma once

#include <QtCore/QString>

#include "core/error.h"

namespace sluice::session {

/// Starts a private engine that outlives the window for as long as it has work: its own session, no terminal,
/// output into <stateDir>/logs/sluiced.out. Whether it answers is seen by its endpoint, not here; a second
/// engine on the same state folder ends by itself.
class EngineLauncher {
public:
    virtual ~EngineLauncher() = default;
    /// @error NotFound: no `sluiced` beside this program or in PATH. Unavailable: it could not be started.
    [[nodiscard]] virtual Result<qint64> launch(const QString& stateDir, const QString& configFile) = 0;
};

class ProcessEngineLauncher final : public EngineLauncher {
public:
    /// @param programDir looked at first
    explicit ProcessEngineLauncher(const QString& programDir) : m_programDir(programDir) {}
    [[nodiscard]] Result<qint64> launch(const QString& stateDir, const QString& configFile) override;

private:
    QString m_programDir{};
};

}  // namespace sluice::session
