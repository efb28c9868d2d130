#pragma once

#include <QtCore/QHash>
#include <QtCore/QJsonObject>
#include <QtCore/QObject>
#include <QtCore/QString>
#include <functional>

#include "core/error.h"
#include "store/migration.h"

namespace sluice::store {
class Database;
class Tx;
}  // namespace sluice::store

namespace sluice::actions {

/// Actions under way that the next life of the engine carries on, with the outcomes of their steps.
/// @thread main loop only
class KeptActions final : public QObject {
    Q_OBJECT

public:
    using Done = std::function<void(const Result<void>&)>;

    static store::PartSchema schema();

    explicit KeptActions(store::Database& database, QObject* parent = nullptr);
    /// Blocking; at start only.
    Result<void> load();
    /// What an earlier life left, by the action's id; once.
    QHash<QString, QJsonObject> takeLeft();
    /// Ids of what takeLeft() has not handed out yet.
    QStringList leftIds() const { return m_left.keys(); }

    /// Takes over what another part kept, as left by an earlier life; `alongside` goes into the same commit.
    void adopt(const QString& id, const QJsonObject& body, std::function<Result<void>(store::Tx&)> alongside);
    /// As takeLeft() hands it out.
    const QHash<QString, QJsonObject>& left() const { return m_left; }

    void keep(const QString& id, const QJsonObject& body, Done done);
    void forget(const QString& id);

private:
    store::Database& m_database;
    QHash<QString, QJsonObject> m_left{};
};

}  // namespace sluice::actions
