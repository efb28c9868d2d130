#pragma once

#include <QtCore/QHash>
#include <QtCore/QList>
#include <QtCore/QPointer>
#include <QtCore/QSet>
#include <functional>
#include <memory>

#include "core/clock.h"
#include "ui/session/engine_client.h"

namespace sluice::test {

/// A clock that stands still until it is moved.
class FakeClock final : public Clock {
public:
    explicit FakeClock(qint64 nowMs) : m_nowMs(nowMs) {}
    qint64 nowMs() const override { return m_nowMs; }
    qint64 monotonicMs() const override { return m_nowMs; }
    void advance(qint64 ms) { m_nowMs += ms; }

private:
    qint64 m_nowMs;
};

/// An engine that works in memory: topics with rows, methods with handlers, and a record of what was called.
/// Everything is delivered from the event loop, as the real one does.
class FakeEngine final : public session::EngineClient {
    Q_OBJECT

public:
    struct Call {
        QString method{};
        QJsonObject params{};
        int timeoutMs{};
    };
    using Handler = std::function<Result<QJsonObject>(const QJsonObject& params)>;

    explicit FakeEngine(const Clock& clock, QObject* parent = nullptr);

    session::Link link() const override { return m_link; }
    void call(const QString& method, const QJsonObject& params, QObject* context, Reply reply,
              int timeoutMs = kCallTimeoutMs) override;
    [[nodiscard]] session::Subscription* subscribe(const session::Wanted& wanted, QObject* parent) override;

    /// All rows of a topic anew; subscribers get the difference.
    void setRows(const QString& topic, const QList<QJsonObject>& rows);
    /// One row, new or changed.
    void put(const QString& topic, const QJsonObject& row);
    /// Members of `values` over the row that is there.
    void change(const QString& topic, const QString& id, const QJsonObject& values);
    void remove(const QString& topic, const QString& id);
    QJsonObject row(const QString& topic, const QString& id) const;
    QList<QJsonObject> rows(const QString& topic) const { return m_topics.value(topic); }

    void answer(const QString& method, Handler handler) { m_handlers[method] = std::move(handler); }
    /// The most rows of one window.
    int windowRows{10'000};
    /// Holds replies back until release().
    void hold(const QString& method) { m_held.insert(method, {}); }
    void release(const QString& method);

    const QList<Call>& calls() const { return m_calls; }
    /// Calls of one method.
    QList<QJsonObject> callsOf(const QString& method) const;

    void connectAs(const QString& name, const QString& role);
    void lose(const Error& error);

private:
    struct Feed {
        QPointer<session::Subscription> subscription{};
        QString topic{};
        QJsonObject filter{};
        std::shared_ptr<std::pair<int, int>> window{};  ///< offset and limit
        /// What the subscriber holds.
        std::shared_ptr<QSet<QString>> held{std::make_shared<QSet<QString>>()};
        std::shared_ptr<int> total{std::make_shared<int>(0)};
    };
    void snapshot(const Feed& feed);
    QList<QJsonObject> windowOf(const Feed& feed, int* total) const;
    void deliver(const Feed& feed, const QList<QJsonObject>& upserts, const QStringList& removed);
    bool matches(const QJsonObject& row, const QJsonObject& filter) const;

    const Clock& m_clock;
    session::Link m_link{};
    QHash<QString, QList<QJsonObject>> m_topics{};
    QHash<QString, Handler> m_handlers{};
    QHash<QString, QList<std::function<void()>>> m_held{};
    QList<Feed> m_feeds{};
    QList<Call> m_calls{};
};

}  // namespace sluice::test
