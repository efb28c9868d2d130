#include "fake_engine.h"

#include <QtCore/QJsonArray>
#include <QtCore/QTimer>
#include <algorithm>

namespace sluice::test {
namespace {

QString idOf(const QJsonObject& row)
{
    return row.value(QLatin1String("id")).toString();
}

}  // namespace

FakeEngine::FakeEngine(const Clock& clock, QObject* parent) : EngineClient(parent), m_clock(clock)
{
    m_link.sinceMs = clock.nowMs();
}

void FakeEngine::call(const QString& method, const QJsonObject& params, QObject* context, Reply reply,
                      int timeoutMs)
{
    m_calls.append({method, params, timeoutMs});
    Result<QJsonObject> result = fail({.code = ErrorCode::NotFound,
                                       .message = QStringLiteral("There is no method %1").arg(method),
                                       .cause = QStringLiteral("the engine does not know it")});
    if (m_link.state != session::LinkState::Connected) {
        result = fail({.code = ErrorCode::Unavailable,
                       .message = QStringLiteral("The engine is not reachable"),
                       .retryable = true});
    } else if (const auto handler = m_handlers.value(method)) {
        result = handler(params);
    }
    const auto deliver = [context = QPointer<QObject>(context), reply = std::move(reply), result] {
        if (context != nullptr) {
            reply(result);
        }
    };
    if (m_held.contains(method)) {
        m_held[method].append(deliver);
        return;
    }
    QTimer::singleShot(0, this, deliver);
}

void FakeEngine::release(const QString& method)
{
    for (const auto& deliver : m_held.take(method)) {
        QTimer::singleShot(0, this, deliver);
    }
}

session::Subscription* FakeEngine::subscribe(const session::Wanted& wanted, QObject* parent)
{
    auto* subscription = new session::Subscription(parent);
    const Feed feed{.subscription = subscription,
                    .topic = wanted.topic,
                    .filter = wanted.filter,
                    .window = std::make_shared<std::pair<int, int>>(wanted.offset, wanted.limit)};
    m_feeds.append(feed);
    connect(subscription, &session::Subscription::windowWanted, this, [this, feed](int offset, int limit) {
        *feed.window = {offset, limit};
        snapshot(feed);
    });
    if (m_link.state == session::LinkState::Connected) {
        snapshot(m_feeds.constLast());
    }
    return subscription;
}

QList<QJsonObject> FakeEngine::windowOf(const Feed& feed, int* total) const
{
    QList<QJsonObject> rows;
    for (const QJsonObject& row : m_topics.value(feed.topic)) {
        if (matches(row, feed.filter)) {
            rows.append(row);
        }
    }
    *total = static_cast<int>(rows.size());
    const int limit = feed.window->second;
    return rows.mid(feed.window->first, limit == 0 ? windowRows : std::min(limit, windowRows));
}

void FakeEngine::snapshot(const Feed& feed)
{
    QTimer::singleShot(0, feed.subscription, [this, feed] {
        const QList<QJsonObject> rows = windowOf(feed, feed.total.get());
        feed.held->clear();
        for (const QJsonObject& row : rows) {
            feed.held->insert(idOf(row));
        }
        Q_EMIT feed.subscription->snapshot(rows, *feed.total);
    });
}

bool FakeEngine::matches(const QJsonObject& row, const QJsonObject& filter) const
{
    for (auto it = filter.begin(); it != filter.end(); ++it) {
        const QJsonValue value = row.value(it.key());
        if (it->isArray() ? !it->toArray().contains(value) : value != it.value()) {
            return false;
        }
    }
    return true;
}

void FakeEngine::deliver(const Feed& feed, const QList<QJsonObject>& upserts, const QStringList& removed)
{
    if (feed.subscription == nullptr || m_link.state != session::LinkState::Connected) {
        return;
    }
    QSet<QString> changed(removed.cbegin(), removed.cend());
    for (const QJsonObject& row : upserts) {
        changed.insert(idOf(row));
    }
    int total = 0;
    QList<QJsonObject> wanted;
    QStringList order;
    QSet<QString> held;
    for (const QJsonObject& row : windowOf(feed, &total)) {
        const QString id = idOf(row);
        order.append(id);
        held.insert(id);
        if (changed.contains(id) || !feed.held->contains(id)) {
            wanted.append(row);
        }
    }
    const QSet<QString> left = *feed.held - held;
    const QStringList gone(left.cbegin(), left.cend());
    const bool isWindow = feed.window->second > 0 || total > windowRows;
    const bool sameTotal = total == *feed.total;
    *feed.held = held;
    *feed.total = total;
    if (wanted.isEmpty() && gone.isEmpty() && sameTotal) {
        return;
    }
    QTimer::singleShot(
        0, feed.subscription,
        [subscription = feed.subscription, wanted, gone, total, order = isWindow ? order : QStringList()] {
            Q_EMIT subscription->delta(wanted, gone, order, total);
        });
}

void FakeEngine::setRows(const QString& topic, const QList<QJsonObject>& rows)
{
    QStringList removed;
    for (const QJsonObject& old : m_topics.value(topic)) {
        const bool stays = std::any_of(rows.begin(), rows.end(),
                                       [&](const QJsonObject& row) { return idOf(row) == idOf(old); });
        if (!stays) {
            removed.append(idOf(old));
        }
    }
    m_topics[topic] = rows;
    for (const Feed& feed : std::as_const(m_feeds)) {
        if (feed.topic == topic) {
            deliver(feed, rows, removed);
        }
    }
}

void FakeEngine::put(const QString& topic, const QJsonObject& row)
{
    QList<QJsonObject>& rows = m_topics[topic];
    const auto known = std::find_if(rows.begin(), rows.end(),
                                    [&](const QJsonObject& old) { return idOf(old) == idOf(row); });
    if (known == rows.end()) {
        rows.append(row);
    } else {
        *known = row;
    }
    for (const Feed& feed : std::as_const(m_feeds)) {
        if (feed.topic == topic) {
            deliver(feed, {row}, {});
        }
    }
}

void FakeEngine::change(const QString& topic, const QString& id, const QJsonObject& values)
{
    QJsonObject row = this->row(topic, id);
    for (auto it = values.begin(); it != values.end(); ++it) {
        row[it.key()] = it.value();
    }
    put(topic, row);
}

void FakeEngine::remove(const QString& topic, const QString& id)
{
    m_topics[topic].removeIf([&](const QJsonObject& row) { return idOf(row) == id; });
    for (const Feed& feed : std::as_const(m_feeds)) {
        if (feed.topic == topic) {
            deliver(feed, {}, {id});
        }
    }
}

QJsonObject FakeEngine::row(const QString& topic, const QString& id) const
{
    for (const QJsonObject& row : m_topics.value(topic)) {
        if (idOf(row) == id) {
            return row;
        }
    }
    return {};
}

QList<QJsonObject> FakeEngine::callsOf(const QString& method) const
{
    QList<QJsonObject> list;
    for (const Call& call : m_calls) {
        if (call.method == method) {
            list.append(call.params);
        }
    }
    return list;
}

void FakeEngine::connectAs(const QString& name, const QString& role)
{
    m_link = {.state = session::LinkState::Connected,
              .sinceMs = m_clock.nowMs(),
              .principal = {{"name", name}, {"role", role}},
              .profile = {{"name", "lab"}, {"colour", "plum"}, {"production", false}}};
    Q_EMIT linkChanged();
    for (const Feed& feed : std::as_const(m_feeds)) {
        if (feed.subscription == nullptr) {
            continue;
        }
        snapshot(feed);
    }
}

void FakeEngine::lose(const Error& error)
{
    m_link.state = session::LinkState::Lost;
    m_link.sinceMs = m_clock.nowMs();
    m_link.error = error;
    Q_EMIT linkChanged();
}

}  // namespace sluice::test
