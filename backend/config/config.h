#pragma once

#include <QtCore/QHash>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <functional>
#include <memory>

#include "core/error.h"

namespace sluice::yaml {
class Map;
}

namespace sluice::config {

struct Profile {
    QString name{"default"};
    QString colour{"slate"};
    bool production{false};
};

/// What one type of connection reads of its own; secrets appear by name only.
class Settings {
public:
    virtual ~Settings() = default;
    /// Files that others write for it: nothing of Sluice may be written there.
    virtual QStringList files() const { return {}; }
    /// Files among them that nobody else may read.
    virtual QStringList privateFiles() const { return {}; }
    /// Name of the secret it works with, and the file it is taken from once; both may be empty.
    struct Secret {
        QString name{};
        QString file{};
    };
    virtual Secret secret() const { return {}; }
};

/// One system Sluice watches. `settings` are those of its type, never null after parse().
struct Connection {
    QString name{};
    QString type{};
    std::shared_ptr<const Settings> settings{};

    /// The settings, if they are of that kind; else null.
    template <typename T>
    const T* as() const
    {
        return dynamic_cast<const T*>(settings.get());
    }
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
};

/// One type of connection, as the system that brings it reads it. A row of a table.
struct ConnectionType {
    QString type{};
    /// Reads what stands beside `type`, and refuses what does not belong there.
    std::function<std::shared_ptr<const Settings>(const QString& name, const yaml::Map& map)> read{};
    /// Reads what a role has of its own on such a connection (entity, caps); nothing: it keeps no keys of
    /// roles.
    std::function<void(const Connection& connection, const yaml::Map& map, RoleConfig& role)> readRole{};
    /// Whether it fits the connections and roles beside it; may be empty.
    std::function<void(const Config& config, const Connection& connection, const yaml::Map& root)> check{};
};
using ConnectionTypes = QList<ConnectionType>;

/// @error InvalidArgument naming file, line, column and what was expected
Result<Config> parse(const QString& text, const QString& file, const ConnectionTypes& types);
/// Never waits, whatever stands at that path.
/// @error NotFound: no such file. PermissionDenied: not readable. InvalidArgument: no regular file, too
/// large. As parse.
Result<Config> load(const QString& file, const ConnectionTypes& types);

/// $XDG_CONFIG_HOME/sluice/sluice.yaml and $XDG_STATE_HOME/sluice/default, with the usual fallbacks.
QString defaultConfigFile();
QString defaultStateDir();

}  // namespace sluice::config
