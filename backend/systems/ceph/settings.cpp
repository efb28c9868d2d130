#include "systems/ceph/settings.h"

#include <QtCore/QRegularExpression>

#include "config/setting_values.h"
#include "yaml/reader.h"

namespace sluice::systems::ceph {
namespace {

std::shared_ptr<const config::Settings> readCluster(const QString&, const yaml::Map& map)
{
    map.refuseOthers({"type", "conf", "entity", "keyring", "cephPool", "gateways", "pollMs"});
    auto c = std::make_shared<ClusterSettings>();
    c->conf =
        config::readFilePath(map.required(QStringLiteral("conf"), QStringLiteral("the path of a ceph.conf")));
    c->entity =
        map.required(QStringLiteral("entity"), QStringLiteral("a cephx entity such as client.sluice")).text();
    if (!c->entity.isEmpty() && !c->entity.startsWith(QLatin1String("client."))) {
        map.optional(QStringLiteral("entity"))
            .problem(QStringLiteral("'%1' is no client entity").arg(c->entity),
                     QStringLiteral("client.NAME"));
    }
    c->keyring = config::readFilePath(
        map.required(QStringLiteral("keyring"), QStringLiteral("the path of its keyring")));
    c->cephPool = map.optional(QStringLiteral("cephPool")).text(QStringLiteral("sluice"));
    c->gateways = map.optional(QStringLiteral("gateways")).list();
    c->pollMs = map.optional(QStringLiteral("pollMs")).integer(200, 60'000, 1000);
    return c;
}

std::shared_ptr<const config::Settings> readGateway(const QString& name, const yaml::Map& map)
{
    map.refuseOthers(
        {"type", "endpoint", "region", "uid", "accessKey", "secret", "secretFile", "perAttemptKeys"});
    auto c = std::make_shared<GatewaySettings>();
    c->endpoint =
        config::readUrl(map.required(QStringLiteral("endpoint"), QStringLiteral("http://host:port")),
                        QStringLiteral("http://host:port"), false);
    c->region = map.optional(QStringLiteral("region")).text(QStringLiteral("default"));
    c->uid = map.optional(QStringLiteral("uid")).text();
    c->secretName = map.optional(QStringLiteral("secret")).text(QStringLiteral("s3/") + name);
    c->secretFile = config::readFilePath(map.optional(QStringLiteral("secretFile")));
    c->perAttemptKeys = map.optional(QStringLiteral("perAttemptKeys")).flag(!c->uid.isEmpty());
    return c;
}

/// The name that all keys of a role have in common.
QString withoutGeneration(const QString& entity)
{
    static const QRegularExpression generation(QStringLiteral("\\.g[0-9]+\\z"));
    return QString(entity).remove(generation);
}

void readRole(const config::Connection& connection, const yaml::Map& map, config::RoleConfig& role)
{
    map.refuseOthers({"connection", "entity", "caps", "overlap", "keyringFile"});
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
    const auto* cluster = connection.as<ClusterSettings>();
    if (!role.entity.isEmpty() && cluster && withoutGeneration(cluster->entity) == role.entity) {
        entity.problem(QStringLiteral("role '%1' has the entity that connection '%2' itself uses")
                           .arg(role.role, connection.name),
                       QStringLiteral("an entity of the role's own"));
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
}

void checkGateways(const config::Config& config, const config::Connection& connection, const yaml::Map& root)
{
    const auto* cluster = connection.as<ClusterSettings>();
    for (const QString& gateway : cluster ? cluster->gateways : QStringList()) {
        const config::Connection* other = config.connection(gateway);
        if (!other || !other->as<GatewaySettings>()) {
            root.problem(
                QStringLiteral("connection '%1' names the gateway '%2'").arg(connection.name, gateway),
                QStringLiteral("a connection of type s3"));
        }
    }
}

}  // namespace

config::ConnectionTypes connectionTypes()
{
    return {
        {.type = QStringLiteral("ceph"), .read = readCluster, .readRole = readRole, .check = checkGateways},
        {.type = QStringLiteral("s3"), .read = readGateway}};
}

QStringList clustersListing(const config::Config& config, const QString& gateway)
{
    QStringList names;
    for (const config::Connection& c : config.connections) {
        const auto* cluster = c.as<ClusterSettings>();
        if (cluster && cluster->gateways.contains(gateway)) {
            names.append(c.name);
        }
    }
    return names;
}

const config::Connection* clusterOfGateway(const config::Config& config, const QString& gateway)
{
    const QStringList listing = clustersListing(config, gateway);
    return listing.isEmpty() ? nullptr : config.connection(listing.first());
}

}  // namespace sluice::systems::ceph
