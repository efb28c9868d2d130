#pragma once

#include <QtCore/QHash>
#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QObject>
#include <QtCore/QStringList>
#include <memory>
#include <optional>
#include <vector>

#include "core/error.h"

namespace sluice::session {

class EngineClient;
class Subscription;
struct Wanted;

/// The rows of one or several subscriptions, kept: old rows stay when the engine is gone, and a fresh
/// snapshot is turned into the smallest change, so that nothing that shows these rows ever starts anew. Rows
/// are kept as they came; their ids are those that are shown (session::str).
/// @thread main loop
class LiveRows : public QObject {
    Q_OBJECT

public:
    LiveRows(EngineClient& client, const QString& topic, const QJsonObject& filter,
             QObject* parent = nullptr);
    /// Windows of one topic side by side, each row in one of them at most: what stands in one is not cut off
    /// because there is much of another.
    LiveRows(EngineClient& client, const QList<Wanted>& windows, QObject* parent = nullptr);
    /// Without a subscription: rows that were worked out here, given to replace().
    explicit LiveRows(QObject* parent = nullptr);

    /// All rows anew, each with its "id"; what is equal is not announced.
    void replace(const QList<QJsonObject>& rows);

    const QString& topic() const { return m_topic; }
    /// False until the first snapshot of every window is there.
    bool isLoaded() const;
    /// How many rows there are in the engine, inside the windows or not.
    qint64 total() const;
    /// Of a single window: shows another one.
    void moveTo(int offset, int limit);
    /// Set while the engine refuses this subscription.
    const std::optional<Error>& error() const { return m_error; }
    /// In the order of the topic.
    const QStringList& ids() const { return m_ids; }
    bool contains(const QString& id) const { return m_rows.contains(id); }
    /// Empty if there is none of that id.
    QJsonObject row(const QString& id) const { return m_rows.value(id); }
    QList<QJsonObject> rows() const;
    qsizetype size() const { return m_ids.size(); }

Q_SIGNALS:
    /// `upserted` and `removed` name ids; both may be empty on the first snapshot of an empty topic.
    void changed(const QStringList& upserted, const QStringList& removed);
    void failed(const sluice::Error& error);

private:
    struct Part {
        Subscription* subscription{};
        QStringList ids{};
        int total{};
        bool loaded{false};
    };

    void replacePart(Part& part, const QList<QJsonObject>& rows, int total);
    void takeDelta(Part& part, const QList<QJsonObject>& upserts, const QStringList& removed,
                   const QStringList& order, int total);
    void joinIds();

    QString m_topic{};
    QHash<QString, QJsonObject> m_rows{};
    QStringList m_ids{};
    std::vector<std::unique_ptr<Part>> m_parts{};
    std::optional<Error> m_error{};
};

}  // namespace sluice::session
