#pragma once

#include "connect/link.h"
#include "keys/key_authority.h"

namespace sluice::systems::ceph {

/// The keeper of cephx keys of one cluster, reached through its observe worker. `link` records what goes
/// through it: see RecordedLink.
class CephAuthority final : public keys::KeyAuthority {
public:
    CephAuthority(connect::Link& link, QString connection) : m_link(link), m_connection(std::move(connection))
    {
    }

    void createEntity(const QString& entity, const keys::Caps& caps,
                      keys::Callback<keys::CreatedKey> callback) override;
    void capsOf(const QString& entity, keys::Callback<std::optional<keys::Caps>> callback) override;
    void removeEntity(const QString& entity, keys::Callback<void> callback) override;
    void sessionsOf(const QString& entity, keys::Callback<keys::SessionCensus> callback) override;
    void blocklist(const QString& address, qint64 seconds, keys::Callback<void> callback) override;
    void probe(const QString& entity, const QByteArray& key,
               keys::Callback<keys::ProbeOutcome> callback) override;
    QString removeCommand(const QString& entity) const override;
    QString capsCommand(const QString& entity, const keys::Caps& caps) const override;

private:
    connect::Link& m_link;
    QString m_connection;
};

}  // namespace sluice::systems::ceph
