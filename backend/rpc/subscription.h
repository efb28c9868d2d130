#pragma once

#include <QtCore/QHash>
#include <QtCore/QJsonObject>
#include <QtCore/QObject>
#include <QtCore/QSet>
#include <QtCore/QStringList>
#include <optional>

namespace sluice {
class LiveTopic;
}

namespace sluice::rpc {

/// One client's view of a topic: the filtered rows of a window, and which of them the client has not seen as
/// they are now. However often a row changes between two deltas, it is remembered once and encoded once.
/// @thread main loop only; the topic must outlive it
class Subscription : public QObject {
    Q_OBJECT

public:
    struct Spec {
        QString id{};
        QString epoch{};
        QJsonObject filter{};
        QStringList fields{};
        int offset{};
        int limit{};
    };

    Subscription(LiveTopic& topic, Spec spec, QObject* parent = nullptr);

    /// Everything afresh: {subscription, epoch, revision, total, rows}. Deltas go on from there.
    QJsonObject open();
    /// As open(), of another window.
    QJsonObject move(int offset, int limit);

    bool isDirty() const { return !m_news.isEmpty() || !m_dirty.isEmpty(); }
    /// params of topic.delta with all that changed since the last one; nothing if none of it is for this
    /// client.
    std::optional<QJsonObject> takeDelta();

private:
    struct News {
        QStringList upserted{};
        QStringList removed{};
    };

    void remember(const QStringList& upserted, const QStringList& removed);
    /// Moves m_news into m_dirty.
    void sortNews();
    void refilter();
    void refilterById();
    QStringList windowIds() const;
    QJsonObject project(const QJsonObject& row) const;
    QJsonObject head() const;

    LiveTopic& m_topic;
    Spec m_spec;
    QList<News> m_news;            ///< as announced; the lists are shared with all who were told
    qsizetype m_newsIds{};         ///< how many ids stand in it
    QHash<QString, bool> m_dirty;  ///< id → is there (the last that was said of it)
    QStringList m_topicIds;        ///< the topic's order when it was last looked at
    QSet<QString> m_members;       ///< what matches the filter
    QStringList m_filtered;  ///< the same in order; with an order by id the only one of the three in use
    QStringList m_window;    ///< ids the client holds
    int m_total{};           ///< total the client holds
    quint64 m_revision{};    ///< revision the client holds
};

}  // namespace sluice::rpc
