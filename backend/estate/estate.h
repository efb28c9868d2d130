#pragma once

#include <QtCore/QHash>
#include <QtCore/QJsonObject>
#include <QtCore/QSet>
#include <QtCore/QString>
#include <map>
#include <optional>

#include "core/live_topic.h"

namespace sluice {
class Clock;
}

namespace sluice::estate {

/// One thing of one system as it was last seen.
struct Entity {
    QString id{};
    QString connection{};
    QString kind{};
    QString name{};
    QString source{};
    qint64 observedAtMs{};
    /// The age from which it counts as old, made from how often it is read; 0: it was asked for once.
    qint64 staleAfterMs{};
    quint64 revision{};
    QJsonObject facts{};

    /// Shape: {id, connection, kind, name, source, observedAt, staleAfterMs?, revision, facts}
    QJsonObject toJson() const;
    static Entity fromJson(const QJsonObject& json);
};

/// Of all that is read of a connection again and again, what an age has to be told by: the oldest that is
/// older than it may be, or the oldest of all while none is. Without any: zeros.
struct OldestFact {
    qint64 observedAtMs{};
    qint64 staleAfterMs{};
};

QString entityId(const QString& connection, const QString& kind, const QString& name);

/// The one model of everything observed. Facts are never dropped because they are old, only because a newer,
/// complete list of their kind no longer has them, or because their connection is not configured any more.
/// @thread main loop only
class Estate final : public LiveTopic {
    Q_OBJECT

public:
    explicit Estate(QObject* parent = nullptr);
    /// `clock` must outlive the estate.
    explicit Estate(const Clock& clock, QObject* parent = nullptr);

    QString name() const override { return QStringLiteral("estate"); }
    QStringList ids() const override;
    /// What the filter says of connection and kind is looked up, only the rest is compared.
    QStringList idsOf(const QJsonObject& filter) const override;
    bool isOrderedById() const override { return true; }
    QJsonObject row(const QString& id) const override;
    bool matches(const QString& id, const QJsonObject& filter) const override;

    /// Takes a batch of one connection. Entities whose facts are equal keep their revision but get the new
    /// time. `complete` names kinds whose list is complete: others of that kind and connection are removed.
    /// A batch that names another connection's entity is refused for that entity. An older fact never
    /// replaces a newer one, unless the newer one is of the future: then the clock was set back.
    void apply(const QString& connection, const QList<Entity>& entities, const QStringList& complete);
    void upsert(Entity entity);
    void removeKind(const QString& connection, const QString& kind);
    /// These are gone.
    void drop(const QStringList& ids);
    /// What was known of any other connection is gone: nobody reads it any more.
    void keepOnly(const QSet<QString>& connections);
    /// Puts back what was known before a restart, with its original time.
    void restore(const QList<Entity>& entities);

    std::optional<Entity> entity(const QString& id) const;
    QList<Entity> ofKind(const QString& connection, const QString& kind) const;
    /// Entities of a connection (all if empty) and kind (all if empty), in id order.
    QList<Entity> list(const QString& connection, const QString& kind) const;
    /// Ids of a connection and kind that come after `id` in their order, `most` at most.
    QStringList idsAfter(const QString& connection, const QString& kind, const QString& id,
                         qsizetype most) const;
    /// How many list() would return.
    qsizetype count(const QString& connection, const QString& kind) const;

    OldestFact oldestFact(const QString& connection, qint64 nowMs) const;

    /// Ids changed or removed and not taken yet, for persistence; `most` at most, 0: all.
    QSet<QString> takeDirty(qsizetype most = 0);

private:
    using Entities = std::map<QString, Entity>;
    /// How many there are by time of observation, of each limit of age.
    using Ages = std::map<qint64, std::map<qint64, qsizetype>>;

    bool put(Entity entity);
    void remove(Entities::iterator it);
    void tally(const Entity& entity, qsizetype by);
    /// Calls `visit` with every entity of a connection and kind (all if empty), in id order.
    template <typename Visit>
    void each(const QString& connection, const QString& kind, Visit visit) const;

    const Clock& m_clock;
    Entities m_entities{};
    /// Entities by connection, then by kind.
    std::map<QString, std::map<QString, qsizetype>> m_counts{};
    std::map<QString, Ages> m_ages{};
    /// What ids() gives out; empty after an entity came or went.
    mutable QStringList m_ids{};
    QSet<QString> m_dirty{};
};

}  // namespace sluice::estate
