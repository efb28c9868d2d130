#pragma once

#include <QtCore/QString>
#include <QtCore/QUrl>

#include "core/error.h"

namespace sluice::rpc {

/// Where an engine answers. `token` is a secret that never leaves this process: it is proved (rpc/proof.h).
struct Endpoint {
    QUrl url{};
    qint64 pid{};
    QString engineId{};
    QString version{};
    QString token{};
};

/// $SLUICE_STATE_DIR, else $XDG_STATE_HOME/sluice/default, else ~/.local/state/sluice/default.
QString defaultStateDir();
QString endpointPath(const QString& stateDir);
QString tokenPath(const QString& stateDir);

/// A port that a person named.
/// @error InvalidArgument: not a number from 0 to 65535.
[[nodiscard]] Result<quint16> portFromText(const QString& text);

/// Engine, at its start: a new <stateDir>/token (0600, 32 random bytes in hex) in place of any older one.
/// @return it.
[[nodiscard]] Result<QByteArray> renewToken(const QString& stateDir);
/// Engine: writes <stateDir>/endpoint.json (0600, atomic), with what tells process `pid` from a later one of
/// that number. The token is not written.
[[nodiscard]] Result<void> writeEndpoint(const QString& stateDir, const Endpoint& endpoint);
/// Why clients cannot find the engine by a file any more; empty: they can.
struct Lost {
    QString endpoint{};
    QString token{};
};
/// Engine, while it runs: compares both files with what it has written. @thread any
[[nodiscard]] Lost whatIsLost(const QString& stateDir, const Endpoint& endpoint);
/// Engine, at its end: removes endpoint.json if it is still the one of `engineId`.
void removeEndpoint(const QString& stateDir, const QString& engineId);

/// Client: endpoint.json and token of the engine of that state folder, if the process that wrote them lives
/// and is this user's. A process of another PID namespace (a container beside ours) cannot be looked at; it
/// has to prove itself all the same.
/// @error Unavailable: no engine has been started there, or it has ended. FailedPrecondition: a file is not
/// ours, or
///        others may read it, or it is damaged, or it points somewhere else than this machine.
[[nodiscard]] Result<Endpoint> findEngine(const QString& stateDir);

/// Text of a small private file: a regular file of this user, mode 0600 or stricter, no symbolic link.
/// @error NotFound; FailedPrecondition: owner, mode, kind or size (over 64 KiB).
[[nodiscard]] Result<QByteArray> readPrivateFile(const QString& path);

}  // namespace sluice::rpc
