#include "config/config.h"

#include <QtCore/QDir>
#include <QtCore/QMap>
#include <QtCore/QRegularExpression>
#include <QtCore/QUrl>

#include "core/read_file.h"
#include "core/utf8.h"
#include "yaml/reader.h"

namespace sluice::config {
namespace {

constexpr qint64 kMaxFile = 1024 * 1024;  // of a configuration, a ceph.conf, a keyring

const QRegularExpression& connectionName()
{
    static const QRegularExpression kName(QStringLiteral("\\A[a-z0-9][a-z0-9._-]{0,62}\\z"));
    return kName;
}

QString readPath(const yaml::Value& value)
{
    const QString path = value.text();
    if (!path.isEmpty() && !path.startsWith('/')) {
        value.problem(QStringLiteral("'%1' is a relative path").arg(path),
                      QStringLiteral("an absolute path"));
    }
    return path;
}

/// A path of a file that others will open: one that would make them wait for ever is refused here, by its
/// place.
QString readFilePath(const yaml::Value& value)
{
    const QString path = readPath(value);
    const QString what = path.isEmpty() ? QString() : notRegular(path, kMaxFile);
    if (!what.isEmpty()) {
        value.problem(QStringLiteral("'%1' cannot be used: %2").arg(path, what),
                      QStringLiteral("the path of a small file"));
    }
    return path;
}

/// An address on the web without what is none of it: a password there would be one of the configuration.
QString readUrl(const yaml::Value& value, const QString& expected, bool mayNameUser)
{
    const QString text = value.text();
    const QUrl url(text, QUrl::StrictMode);
    const bool web = url.scheme() == QLatin1String("http") || url.scheme() == QLatin1String("https");
    if (!text.isEmpty() &&
        (!url.isValid() || !web || url.host().isEmpty() || url.hasQuery() || url.hasFragment())) {
        value.problem(QStringLiteral("this is no address of a service"), expected);
    } else if (!mayNameUser && !url.userInfo().isEmpty()) {
        value.problem(QStringLiteral("the address holds a user or a password"), expected);
    }
    return text;
}

Connection readConnection(const QString& name, const yaml::Value& value)
{
    Connection c{.name = name};
    if (!connectionName().match(name).hasMatch()) {
        value.problem(QStringLiteral("'%1' is no connection name").arg(name),
                      QStringLiteral("small letters, digits, dot, dash, at most 63"));
    }
    const yaml::Map map = value.map(QStringLiteral("a map with type and the settings of that type"));
    c.type = map.required(QStringLiteral("type"), QStringLiteral("ceph, s3 or luigi"))
                 .oneOf({QStringLiteral("ceph"), QStringLiteral("s3"), QStringLiteral("luigi")}, {});
    if (c.type == QLatin1String("ceph")) {
        map.refuseOthers({"type", "conf", "entity", "keyring", "cephPool", "gateways", "pollMs"});
        c.conf =
            readFilePath(map.required(QStringLiteral("conf"), QStringLiteral("the path of a ceph.conf")));
        c.entity =
            map.required(QStringLiteral("entity"), QStringLiteral("a cephx entity such as client.sluice"))
                .text();
        if (!c.entity.isEmpty() && !c.entity.startsWith(QLatin1String("client."))) {
            map.optional(QStringLiteral("entity"))
                .problem(QStringLiteral("'%1' is no client entity").arg(c.entity),
                         QStringLiteral("client.NAME"));
        }
        c.keyring =
            readFilePath(map.required(QStringLiteral("keyring"), QStringLiteral("the path of its keyring")));
        c.cephPool = map.optional(QStringLiteral("cephPool")).text(QStringLiteral("sluice"));
        c.gateways = map.optional(QStringLiteral("gateways")).list();
        c.pollMs = map.optional(QStringLiteral("pollMs")).integer(200, 60'000, 1000);
    } else if (c.type == QLatin1String("s3")) {
        map.refuseOthers(
            {"type", "endpoint", "region", "uid", "accessKey", "secret", "secretFile", "perAttemptKeys"});
        c.endpoint = readUrl(map.required(QStringLiteral("endpoint"), QStringLiteral("http://host:port")),
                             QStringLiteral("http://host:port"), false);
        c.region = map.optional(QStringLiteral("region")).text(QStringLiteral("default"));
        c.uid = map.optional(QStringLiteral("uid")).text();
        c.secret = map.optional(QStringLiteral("secret")).text(QStringLiteral("s3/") + name);
        c.secretFile = readFilePath(map.optional(QStringLiteral("secretFile")));
        c.perAttemptKeys = map.optional(QStringLiteral("perAttemptKeys")).flag(!c.uid.isEmpty());
    } else if (c.type == QLatin1String("luigi")) {
        map.refuseOthers({"type", "url", "program", "pythonPath"});
        c.url = readUrl(map.required(QStringLiteral("url"), QStringLiteral("http://host:port of luigid")),
                        QStringLiteral("http://host:port of luigid"), true);
        c.program = map.optional(QStringLiteral("program")).text(QStringLiteral("luigi"));
        c.pythonPath = readPath(map.optional(QStringLiteral("pythonPath")));
    }
    return c;
}

/// The name that all keys of a role have in common.
QString withoutGeneration(const QString& entity)
{
    static const QRegularExpression generation(QStringLiteral("\\.g[0-9]+\\z"));
    return QString(entity).remove(generation);
}

RoleConfig readRole(const QString& name, const yaml::Value& value)
{
    RoleConfig role{.role = name};
    const yaml::Map map = value.map(QStringLiteral("a map with connection, entity and caps"));
    map.refuseOthers({"connection", "entity", "caps", "overlap", "keyringFile"});
    role.connection =
        map.required(QStringLiteral("connection"), QStringLiteral("a connection of type ceph")).text();
    const yaml::Value entity =
        map.required(QStringLiteral("entity"), QStringLiteral("a cephx entity such as client.ingest"));
    role.entity = entity.text();
    // Keys of a role are made, replaced and removed: never those of a daemon or of the cluster's
    // administrator.
    static const QRegularExpression client(QStringLiteral("\\Aclient\\.[A-Za-z0-9][A-Za-z0-9._-]*\\z"));
    if (!role.entity.isEmpty() &&
        (!client.match(role.entity).hasMatch() || role.entity == QLatin1String("client.admin") ||
         withoutGeneration(role.entity) != role.entity)) {
        entity.problem(
            QStringLiteral("'%1' cannot be the entity of a role").arg(role.entity),
            QStringLiteral(
                "client.NAME of letters, digits, dot, dash, underscore; not client.admin; no .gN at its end, "
                "which numbers its keys"));
    }
    map.required(QStringLiteral("caps"), QStringLiteral("a map of mon, osd, mgr to caps"))
        .map(QStringLiteral("a map of mon, osd, mgr to caps"))
        .each([&role](const QString& daemon, const yaml::Value& caps) {
            if (!QStringList{"mon", "osd", "mgr", "mds"}.contains(daemon)) {
                caps.problem(QStringLiteral("'%1' takes no caps").arg(daemon),
                             QStringLiteral("mon, osd, mgr or mds"));
            }
            role.caps.insert(daemon, caps.text());
        });
    role.overlapMs = map.optional(QStringLiteral("overlap")).duration(60'000);
    role.keyringFile = readFilePath(map.optional(QStringLiteral("keyringFile")));
    return role;
}

/// What one role's rotation writes or removes must be nobody else's.
void checkApart(const Config& config, const yaml::Map& root)
{
    QMap<QString, QString> files;
    for (const Connection& c : config.connections) {
        for (const QString& path : {c.conf, c.keyring, c.secretFile}) {
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

void checkReferences(const Config& config, const yaml::Map& root)
{
    for (const Connection& c : config.connections) {
        for (const QString& gateway : c.gateways) {
            const Connection* other = config.connection(gateway);
            if (!other || other->type != QLatin1String("s3")) {
                root.problem(QStringLiteral("connection '%1' names the gateway '%2'").arg(c.name, gateway),
                             QStringLiteral("a connection of type s3"));
            }
        }
    }
    for (const RoleConfig& role : config.roles) {
        const Connection* c = config.connection(role.connection);
        if (c && withoutGeneration(c->entity) == role.entity) {
            root.problem(QStringLiteral("role '%1' has the entity that connection '%2' itself uses")
                             .arg(role.role, c->name),
                         QStringLiteral("an entity of the role's own"));
        }
        if (!role.connection.isEmpty() && (!c || c->type != QLatin1String("ceph"))) {
            root.problem(
                QStringLiteral("role '%1' names the connection '%2'").arg(role.role, role.connection),
                QStringLiteral("a connection of type ceph"));
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

const Connection* Config::clusterOfGateway(const QString& gateway) const
{
    for (const Connection& c : connections) {
        if (c.gateways.contains(gateway)) {
            return &c;
        }
    }
    return nullptr;
}

Result<Config> parse(const QString& text, const QString& file)
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
            config.connections.append(readConnection(name, value));
        });
    root.optional(QStringLiteral("roles"))
        .map(QStringLiteral("a map of roles"))
        .each([&](const QString& name, const yaml::Value& value) {
            config.roles.append(readRole(name, value));
        });

    const yaml::Map defaults = root.optional(QStringLiteral("defaults"))
                                   .map(QStringLiteral("a map with role, stallAfter, inFlight"));
    defaults.refuseOthers({"role", "stallAfter", "inFlight", "maxAttempts"});
    config.defaultRole = defaults.optional(QStringLiteral("role")).text();
    config.stallAfterMs = defaults.optional(QStringLiteral("stallAfter")).duration(30'000);
    config.inFlight = static_cast<int>(defaults.optional(QStringLiteral("inFlight")).integer(1, 256, 16));
    config.maxAttempts = static_cast<int>(defaults.optional(QStringLiteral("maxAttempts")).integer(1, 64, 8));

    checkReferences(config, root);
    if (auto verdict = document.verdict(QStringLiteral("The configuration")); !verdict) {
        return fail(verdict.error());
    }
    return config;
}

Result<Config> load(const QString& file)
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
    return parse(QString::fromUtf8(*text), file);
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
