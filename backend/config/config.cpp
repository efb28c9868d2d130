#include "config/config.h"

#include <QtCore/QDir>
#include <QtCore/QMap>
#include <QtCore/QRegularExpression>
#include <algorithm>

#include "config/setting_values.h"
#include "core/read_file.h"
#include "core/utf8.h"
#include "yaml/reader.h"

namespace sluice::config {
namespace {

constexpr qint64 kMaxFile = 1024 * 1024;

const QRegularExpression& connectionName()
{
    static const QRegularExpression kName(QStringLiteral("\\A[a-z0-9][a-z0-9._-]{0,62}\\z"));
    return kName;
}

const ConnectionType* typeOf(const ConnectionTypes& types, const QString& type)
{
    const auto it = std::find_if(types.begin(), types.end(),
                                 [&type](const ConnectionType& row) { return row.type == type; });
    return it == types.end() ? nullptr : &*it;
}

Connection readConnection(const QString& name, const yaml::Value& value, const ConnectionTypes& types)
{
    Connection c{.name = name};
    if (!connectionName().match(name).hasMatch()) {
        value.problem(QStringLiteral("'%1' is no connection name").arg(name),
                      QStringLiteral("small letters, digits, dot, dash, at most 63"));
    }
    QStringList words;
    for (const ConnectionType& type : types) {
        words.append(type.type);
    }
    const QString last = words.size() > 1 ? words.last() : QString();
    const QString either =
        last.isEmpty()
            ? words.join(QString())
            : QStringLiteral("%1 or %2").arg(words.mid(0, words.size() - 1).join(QStringLiteral(", ")), last);
    const yaml::Map map = value.map(QStringLiteral("a map with type and the settings of that type"));
    c.type = map.required(QStringLiteral("type"), either).oneOf(words, {});
    if (const ConnectionType* type = typeOf(types, c.type)) {
        c.settings = type->read(name, map);
    }
    return c;
}

RoleConfig readRole(const QString& name, const yaml::Value& value, const Config& config,
                    const ConnectionTypes& types)
{
    RoleConfig role{.role = name};
    const yaml::Map map = value.map(QStringLiteral("a map with connection, entity and caps"));
    QStringList keep;
    for (const ConnectionType& type : types) {
        if (type.readRole) {
            keep.append(type.type);
        }
    }
    const QString expected = QStringLiteral("a connection of type %1").arg(keep.join(QStringLiteral(" or ")));
    const yaml::Value connection = map.required(QStringLiteral("connection"), expected);
    role.connection = connection.text();
    role.overlapMs = map.optional(QStringLiteral("overlap")).duration(60'000);
    role.keyringFile = readFilePath(map.optional(QStringLiteral("keyringFile")));
    const Connection* c = config.connection(role.connection);
    const ConnectionType* type = c ? typeOf(types, c->type) : nullptr;
    if (type && type->readRole) {
        type->readRole(*c, map, role);
    } else if (!role.connection.isEmpty() && (!c || type)) {
        connection.problem(
            QStringLiteral("role '%1' names the connection '%2'").arg(role.role, role.connection), expected);
    }
    return role;
}

/// What one role's rotation writes or removes must be nobody else's.
void checkApart(const Config& config, const yaml::Map& root)
{
    QMap<QString, QString> files;
    for (const Connection& c : config.connections) {
        for (const QString& path : c.settings ? c.settings->files() : QStringList()) {
            files.insert(QDir::cleanPath(path), QStringLiteral("connection '%1'").arg(c.name));
        }
    }
    QMap<QString, QString> entities;
    for (const RoleConfig& role : config.roles) {
        const QString entity = role.connection + ' ' + role.entity;
        if (entities.contains(entity)) {
            root.problem(
                QStringLiteral("role '%1' has the entity of role '%2': each would take away the other's keys")
                    .arg(role.role, entities.value(entity)),
                QStringLiteral("an entity of its own"));
        }
        entities.insert(entity, role.role);
        const QString file = QDir::cleanPath(role.keyringFile);
        if (!role.keyringFile.isEmpty() && files.contains(file)) {
            root.problem(
                QStringLiteral("the keyringFile of role '%1' is a file of %2, and would be overwritten")
                    .arg(role.role, files.value(file)),
                QStringLiteral("a file of its own"));
        }
        files.insert(file, QStringLiteral("role '%1'").arg(role.role));
    }
}

void checkReferences(const Config& config, const yaml::Map& root, const ConnectionTypes& types)
{
    for (const Connection& c : config.connections) {
        const ConnectionType* type = typeOf(types, c.type);
        if (type && type->check) {
            type->check(config, c, root);
        }
    }
    checkApart(config, root);
    if (!config.defaultRole.isEmpty() && !config.role(config.defaultRole)) {
        root.problem(QStringLiteral("the default role '%1' is not defined").arg(config.defaultRole),
                     QStringLiteral("one of the roles"));
    }
}

}  // namespace

const Connection* Config::connection(const QString& name) const
{
    for (const Connection& c : connections) {
        if (c.name == name) {
            return &c;
        }
    }
    return nullptr;
}

const RoleConfig* Config::role(const QString& name) const
{
    for (const RoleConfig& r : roles) {
        if (r.role == name) {
            return &r;
        }
    }
    return nullptr;
}

Result<Config> parse(const QString& text, const QString& file, const ConnectionTypes& types)
{
    const yaml::Document document(text, file);
    const yaml::Map root = document.root();
    Config config;
    root.refuseOthers({"profile", "connections", "roles", "defaults"});

    const yaml::Map profile =
        root.optional(QStringLiteral("profile")).map(QStringLiteral("a map with name, colour, production"));
    profile.refuseOthers({"name", "colour", "production"});
    config.profile.name = profile.optional(QStringLiteral("name")).text(QStringLiteral("default"));
    config.profile.colour =
        profile.optional(QStringLiteral("colour")).oneOf({"plum", "slate", "moss"}, QStringLiteral("slate"));
    config.profile.production = profile.optional(QStringLiteral("production")).flag(false);

    root.optional(QStringLiteral("connections"))
        .map(QStringLiteral("a map of connections"))
        .each([&](const QString& name, const yaml::Value& value) {
            config.connections.append(readConnection(name, value, types));
        });
    root.optional(QStringLiteral("roles"))
        .map(QStringLiteral("a map of roles"))
        .each([&](const QString& name, const yaml::Value& value) {
            config.roles.append(readRole(name, value, config, types));
        });

    const yaml::Map defaults = root.optional(QStringLiteral("defaults"))
                                   .map(QStringLiteral("a map with role, stallAfter, inFlight"));
    defaults.refuseOthers({"role", "stallAfter", "inFlight", "maxAttempts"});
    config.defaultRole = defaults.optional(QStringLiteral("role")).text();
    config.stallAfterMs = defaults.optional(QStringLiteral("stallAfter")).duration(30'000);
    config.inFlight = static_cast<int>(defaults.optional(QStringLiteral("inFlight")).integer(1, 256, 16));
    config.maxAttempts = static_cast<int>(defaults.optional(QStringLiteral("maxAttempts")).integer(1, 64, 8));

    checkReferences(config, root, types);
    if (auto verdict = document.verdict(QStringLiteral("The configuration")); !verdict) {
        return fail(verdict.error());
    }
    return config;
}

Result<Config> load(const QString& file, const ConnectionTypes& types)
{
    const auto text = readRegularFile(file, kMaxFile);
    if (!text) {
        Error error = text.error();
        const bool missing = error.code == ErrorCode::NotFound;
        error.message = missing ? QStringLiteral("There is no configuration at %1").arg(file)
                                : QStringLiteral("The configuration %1 cannot be read").arg(file);
        error.correction = missing ? QStringLiteral("Write one, or name another with --config.")
                           : error.code == ErrorCode::PermissionDenied
                               ? QStringLiteral("Give this user the right to read it.")
                               : QStringLiteral("Name a YAML file of at most 1 MiB with --config.");
        error.source = QStringLiteral("config");
        return fail(error);
    }
    if (const auto bad = firstBadByte(*text)) {
        return fail(
            Error{.code = ErrorCode::InvalidArgument,
                  .message =
                      QStringLiteral("%1:%2:%3: %4")
                          .arg(file, QString::number(bad->line), QString::number(bad->column), bad->toText()),
                  .cause = QStringLiteral("a name written in another encoding would become another name"),
                  .correction = QStringLiteral("Save the file as UTF-8."),
                  .source = QStringLiteral("config")});
    }
    return parse(QString::fromUtf8(*text), file, types);
}

QString defaultConfigFile()
{
    const QString base =
        qEnvironmentVariable("XDG_CONFIG_HOME", QDir::homePath() + QStringLiteral("/.config"));
    return base + QStringLiteral("/sluice/sluice.yaml");
}

QString defaultStateDir()
{
    const QString base =
        qEnvironmentVariable("XDG_STATE_HOME", QDir::homePath() + QStringLiteral("/.local/state"));
    return base + QStringLiteral("/sluice/default");
}

}  // namespace sluice::config
