#pragma once

#include <QtCore/QHash>
#include <QtCore/QJsonObject>
#include <QtCore/QObject>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <functional>
#include <optional>

#include "core/error.h"
#include "store/migration.h"

namespace sluice::store {
class Database;
}

namespace sluice::actions {

/// Durable memory of mutating requests: a request sent twice, even across a restart, is carried out once.
/// Requests older than 30 days, and all but about the newest 10,000, are forgotten.
/// @thread main loop only
class RequestBook final : public QObject {
    Q_OBJECT

public:
    enum class Stage { Begun, Succeeded, Failed };
    struct Entry {
        Stage stage{Stage::Begun};
        QString method{};
        QString params{};  // hash of what was asked for; empty in entries of a release that did not keep it
        QString action{};
        QJsonObject answer{};  // the result, or the error
        qint64 atMs{};         // set by put
    };

    static store::PartSchema schema();

    explicit RequestBook(store::Database& database, QObject* parent = nullptr);
    /// Blocking; at start only. A request begun before the restart and never answered is left Begun.
    Result<void> load(qint64 nowMs);

    std::optional<Entry> find(const QString& requestId) const;
    using Done = std::function<void(const Result<void>&)>;
    /// If a first put fails, the request was never seen: it may be sent again.
    void put(const QString& requestId, const Entry& entry, qint64 nowMs, Done done);
    /// The next action number, durable with the request that uses it.
    QString nextActionId() { return QStringLiteral("A-%1").arg(++m_lastAction); }

private:
    void prune(qint64 nowMs);

    store::Database& m_database;
    QHash<QString, Entry> m_entries{};
    qint64 m_lastAction{};
    qint64 m_prunedAtMs{};
};

}  // namespace sluice::actions
