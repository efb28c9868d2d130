#include "systems/ceph/system.h"

#include <QtCore/QHash>

#include "core/log.h"
#include "keys/secret_store.h"
#include "systems/ceph/ceph_authority.h"
#include "systems/ceph/claims/claims.h"
#include "systems/ceph/cluster_connector.h"
#include "systems/ceph/entity_kinds.h"
#include "systems/ceph/gateway_connector.h"
#include "systems/ceph/remains.h"
#include "systems/ceph/rules/rules.h"
#include "systems/ceph/settings.h"

namespace sluice::systems::ceph {
namespace {

/// What the observe worker needs to ask the cluster's gateways.
QJsonArray gatewaysFor(const config::Config& config, const ClusterSettings& cluster,
                       keys::SecretStore& secrets)
{
    QJsonArray gateways;
    for (const QString& name : cluster.gateways) {
        const config::Connection* connection = config.connection(name);
        const auto* gateway = connection ? connection->as<GatewaySettings>() : nullptr;
        if (!gateway) {
            continue;
        }
        QJsonObject item{{"connection", name},
                         {"endpoint", gateway->endpoint},
                         {"region", gateway->region},
                         {"uid", gateway->uid}};
        if (auto secret = secrets.get(gateway->secretName)) {
            const QList<QByteArray> lines = secret->trimmed().split('\n');
            item["accessKey"] = QString::fromLatin1(lines.value(0).trimmed());
            item["secretKey"] = QString::fromLatin1(lines.value(1).trimmed());
        } else {
            log::warn("observe", QStringLiteral("%1: %2").arg(name, secret.error().toLine()));
        }
        gateways.append(item);
    }
    return gateways;
}

std::vector<std::unique_ptr<connect::Connector>> makeConnectors(const connect::SystemContext& context)
{
    const config::Config& config = context.config;
    std::vector<std::unique_ptr<connect::Connector>> made;
    QHash<QString, ClusterConnector*> clusters;
    for (const config::Connection& connection : config.connections) {
        const auto cluster = std::dynamic_pointer_cast<const ClusterSettings>(connection.settings);
        if (!cluster) {
            continue;
        }
        auto connector = std::make_unique<ClusterConnector>(
            ClusterConnector::Options{
                .workerProgram = context.workerProgram,
                .engineId = context.engineId,
                .connection = connection.name,
                .settings = cluster,
                .gateways = [&config, cluster,
                             &secrets = context.secrets] { return gatewaysFor(config, *cluster, secrets); }},
            context.database, context.clock);
        clusters.insert(connection.name, connector.get());
        made.push_back(std::move(connector));
    }
    for (const config::Connection& connection : config.connections) {
        if (connection.as<GatewaySettings>()) {
            const config::Connection* owner = clusterOfGateway(config, connection.name);
            made.push_back(std::make_unique<GatewayConnector>(
                connection.name, owner ? clusters.value(owner->name) : nullptr,
                owner ? owner->as<ClusterSettings>()->pollMs : 0, clustersListing(config, connection.name)));
        }
    }
    return made;
}

}  // namespace

connect::System system()
{
    return {.name = QStringLiteral("ceph"),
            .connectionTypes = connectionTypes(),
            .makeConnectors = makeConnectors,
            .makeKeyAuthority =
                [](connect::Link& link, const QString& connection) {
                    return std::make_unique<CephAuthority>(link, connection);
                },
            .makeClaimKeepers = claimKeepers,
            .makeRemainsFinder = remainsFinder,
            .rules = rules(),
            .entityKinds = entityKinds(),
            .stateParts = {ClusterConnector::schema()}};
}

}  // namespace sluice::systems::ceph
