#pragma once

#include "systems/ceph/settings.h"
#include "systems/luigi/settings.h"

/// Connections as a configuration would give them.
namespace sluice::test {

inline config::Connection cluster(const QString& name, const QStringList& gateways = {})
{
    auto settings = std::make_shared<systems::ceph::ClusterSettings>();
    settings->conf = "none";
    settings->entity = "client.sluice";
    settings->gateways = gateways;
    return {.name = name, .type = "ceph", .settings = settings};
}

inline config::Connection gateway(const QString& name)
{
    return {.name = name, .type = "s3", .settings = std::make_shared<systems::ceph::GatewaySettings>()};
}

inline config::Connection luigid(const QString& name, const QString& url, const QString& program = {},
                                 const QString& pythonPath = {})
{
    auto settings = std::make_shared<systems::luigi::LuigiSettings>();
    settings->url = url;
    settings->program = program;
    settings->pythonPath = pythonPath;
    return {.name = name, .type = "luigi", .settings = settings};
}

}  // namespace sluice::test
