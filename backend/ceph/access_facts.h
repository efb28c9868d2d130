#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>

#include "ceph/facts.h"

namespace sluice::ceph {

/// One `auth-entity` fact per entity of `auth ls`. Keys are left out.
QList<Fact> authEntities(const QJsonObject& authLs);

/// Caps of an entity as {mon, osd, mgr, mds}.
QJsonObject capsOf(const QJsonObject& entity);

/// A client that has a session with a monitor.
struct MonSession {
    QString mon{};
    /// "client.ingest"; empty before it authenticated.
    QString entity{};
    /// "client.4180": the instance, as lock holders are named.
    QString client{};
    /// "127.0.0.1:0/198975261", as blocklists and lock holders have it.
    QString address{};
};

/// Clients (no daemons' own links) of the answer of `sessions` of one monitor.
QList<MonSession> clientSessions(const QString& mon, const QByteArray& answer);

}  // namespace sluice::ceph
