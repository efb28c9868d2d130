#pragma once

#include <QtCore/QHash>
#include <QtCore/QJsonObject>
#include <QtCore/QObject>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <functional>
#include <optional>

#include "core/error.h"

namespace sluice::store {
class Database;
}

namespace sluice::actions {

/// Durable memory of mutating requests: a request sent twice, even across a restart, is carried out once.
/// @thread main loop only
class RequestBook final : public QObject {
    Q_OBJECT

public:
    enum class Stage { Begun, Succeeded, Failed };
    struct Entry {
        Stage stage{Stage::Begun};
        QString method{};
        QString action{};
        QJsonObject answer{};  // the result, or the error
    };

    static QStringList schema();

    explicit RequestBook(store::Database& database, QObject* parent = nullptr);
    /// Blocking; at start only. A request begun before the restart and never answered is left Begun.
    Result<void> load(qint64 nowMs);

    std::optional<Entry> find(const QString& requestId) const;
    using Done = std::function<void(const Result<void>&)>;
    void put(const QString& requestId, const Entry& entry, qint64 nowMs, Done done);
    /// The next action number, durable with the request that uses it.
    QString nextActionId() { return QStringLiteral("A-%1").arg(++m_lastAction); }

private:
    store::Database& m_database;
    QHash<QString, Entry> m_entries{};
    qint64 m_lastAction{};
};

}  // namespace sluice::actions
