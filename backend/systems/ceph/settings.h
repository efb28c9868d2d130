#pragma once

#include "config/config.h"

/// What the configuration says of Ceph clusters (type `ceph`) and of their gateways (type `s3`).
namespace sluice::systems::ceph {

class ClusterSettings final : public config::Settings {
public:
    QStringList files() const override { return {conf, keyring}; }
    QStringList privateFiles() const override { return {keyring}; }

    QString conf{};
    QString entity{};
    QString keyring{};
    /// Holds the cluster's lease.
    QString cephPool{};
    /// Names of the connections that are its gateways.
    QStringList gateways{};
    qint64 pollMs{1000};
};

class GatewaySettings final : public config::Settings {
public:
    QStringList files() const override { return {secretFile}; }
    Secret secret() const override { return {.name = secretName, .file = secretFile}; }

    QString endpoint{};
    QString region{"default"};
    /// The user whose keys are made for attempts.
    QString uid{};
    QString secretName{};
    QString secretFile{};
    bool perAttemptKeys{true};
};

/// Types `ceph` and `s3`.
config::ConnectionTypes connectionTypes();

/// Names of the clusters that list this gateway.
QStringList clustersListing(const config::Config& config, const QString& gateway);

/// The first cluster that lists this gateway, or null.
const config::Connection* clusterOfGateway(const config::Config& config, const QString& gateway);

}  // namespace sluice::systems::ceph
