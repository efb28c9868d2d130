#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QObject>
#include <functional>
#include <optional>

#include "ui/session/live_rows.h"

namespace sluice::session {

class EngineClient;

/// Audit records that match a filter, out of the whole log: the newest page at first, older ones when they
/// are asked for, new ones as they are written. The engine searches; what was found stays until what is asked
/// for next is there.
/// @thread main loop
class RecordFeed : public QObject {
    Q_OBJECT

public:
    /// `newest`: rows of the topic `audit`, which tell that there are new records. Both outlive the feed.
    RecordFeed(EngineClient& client, LiveRows& newest, QObject* parent = nullptr);

    /// Members as the parameters of audit.list.
    void setFilter(const QJsonObject& filter);
    const QJsonObject& filter() const { return m_filter; }
    /// Asks again from the beginning.
    void reload();
    /// Asks for the next page, if there is one and it is not on its way.
    void more();

    LiveRows& rows() { return m_rows; }
    /// The first page of this filter is there.
    bool isLoaded() const { return m_loaded; }
    /// Nothing was asked for yet.
    bool isIdle() const { return !m_started; }
    /// Everything that matches is in rows().
    bool isWhole() const { return m_loaded && m_next == 0; }
    /// So many are kept at most; the rest is for an export.
    bool isFull() const;
    /// How many match in the whole log; while isCounting(), at least so many.
    qint64 matches() const { return m_matches; }
    bool isCounting() const { return m_counting; }
    /// Records of the whole log.
    qint64 total() const { return m_total; }
    /// How many were looked through for what is in rows().
    qint64 lookedThrough() const { return m_next == 0 ? m_total : std::max<qint64>(m_total - m_next + 1, 0); }
    /// Why the last question has no answer.
    const std::optional<Error>& error() const { return m_error; }

Q_SIGNALS:
    void changed();
    /// Other records than before: the first page of another filter.
    void replaced();

private:
    using Records = QList<QJsonObject>;
    void ask(const QString& method, const QJsonObject& params,
             std::function<void(const QJsonObject& answer)> then);
    void page();
    void count(qint64 before);
    void newer(qint64 before, qint64 top);
    qint64 newest() const;
    void takeNewest(const QStringList& upserted);
    static Records recordsOf(const QJsonObject& answer);

    EngineClient& m_client;
    LiveRows& m_newest;
    LiveRows m_rows{};
    QJsonObject m_filter{};
    int m_generation{0};
    bool m_started{false};
    bool m_asked{false};
    bool m_loaded{false};
    bool m_paging{false};
    bool m_counting{false};
    bool m_newer{false};
    qint64 m_next{0};
    qint64 m_upTo{0};  // newer ones were not looked at
    qint64 m_matches{0};
    qint64 m_total{0};
    std::optional<Error> m_error{};
};

}  // namespace sluice::session
