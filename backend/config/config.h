#pragma once

#include <QtCore/QHash>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>

#include "core/error.h"

namespace sluice::config {

struct Profile {
    QString name{"default"};
    QString colour{"slate"};
    bool production{false};
};

/// One system Sluice watches. Only the members of its type are filled; secrets appear by name only.
struct Connection {
    QString name{};
    QString type{};  // ceph | s3 | luigi
    // ceph
    QString conf{};
    QString entity{};
    QString keyring{};
    QString cephPool{};
    QStringList gateways{};
    qint64 pollMs{1000};
    // s3
    QString endpoint{};
    QString region{"default"};
    QString uid{};
    QString secret{};
    QString secretFile{};
    bool perAttemptKeys{true};
    // luigi
    QString url{};
    QString program{};
    QString pythonPath{};
};

struct RoleConfig {
    QString role{};
    QString connection{};
    QString entity{};
    QHash<QString, QString> caps{};
    qint64 overlapMs{60'000};
    QString keyringFile{};
};

struct Config {
    Profile profile{};
    QList<Connection> connections{};
    QList<RoleConfig> roles{};
    QString defaultRole{};
    qint64 stallAfterMs{30'000};
    int inFlight{16};
    int maxAttempts{8};

    const Connection* connection(const QString& name) const;
    const RoleConfig* role(const QString& name) const;
    /// The Ceph connection that lists this gateway, or null.
    const Connection* clusterOfGateway(const QString& gateway) const;
};

/// @error InvalidArgument naming file, line, column and what was expected
Result<Config> parse(const QString& text, const QString& file);
/// Never waits, whatever stands at that path.
/// @error NotFound: no such file. PermissionDenied: not readable. InvalidArgument: no regular file, too
/// large. As parse.
Result<Config> load(const QString& file);

/// $XDG_CONFIG_HOME/sluice/sluice.yaml and $XDG_STATE_HOME/sluice/default, with the usual fallbacks.
QString defaultConfigFile();
QString defaultStateDir();

}  // namespace sluice::config
