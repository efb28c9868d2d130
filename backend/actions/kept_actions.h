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

/// Actions under way that the next life of the engine carries on, with the outcomes of their steps by the ids
/// of the steps, and with the failure of one that has failed.
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

    /// The outcomes of the steps in a body, by the step's id. A body of an earlier release has them in the
    /// order of its plan's steps.
    static QHash<QString, QString> outcomesOf(const QJsonObject& body);
    /// Whether it had failed already, and only its end was not stored.
    static bool hadFailed(const QJsonObject& body) { return body.contains(QLatin1String("failed")); }
    /// What is kept of an action: the body with the outcomes of its steps.
    static QJsonObject withOutcomes(QJsonObject body, const QHash<QString, QString>& outcomes);

    void keep(const QString& id, const QJsonObject& body, Done done);
    void forget(const QString& id);

private:
    store::Database& m_database;
    QHash<QString, QJsonObject> m_left{};
};

}  // namespace sluice::actions
