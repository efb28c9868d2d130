#include <QtCore/QJsonArray>

#include "rpc/client_parts.h"

namespace sluice::rpc {
namespace {

QList<QJsonObject> objects(const QJsonValue& value)
{
    QList<QJsonObject> out;
    const QJsonArray array = value.toArray();
    out.reserve(array.size());
    for (const QJsonValue& item : array) {
        out.append(item.toObject());
    }
    return out;
}

QStringList strings(const QJsonValue& value)
{
    QStringList out;
    const QJsonArray array = value.toArray();
    for (const QJsonValue& item : array) {
        out.append(item.toString());
    }
    return out;
}

}  // namespace

int Client::subscribe(const Subscribe& what, QObject* context, OnChange onChange, OnError onError)
{
    const int feed = m_nextFeed++;
    m_feeds.insert(feed, Feed{.what = what,
                              .context = context,
                              .onChange = std::move(onChange),
                              .onError = std::move(onError)});
    m_feeds[feed].end = connect(context, &QObject::destroyed, this, [this, feed] { unsubscribe(feed); });
    openFeed(feed);
    return feed;
}

void Client::setWindow(int subscription, int offset, int limit)
{
    const auto it = m_feeds.find(subscription);
    if (it == m_feeds.end()) {
        return;
    }
    it->what.offset = offset;
    it->what.limit = limit;
    openFeed(subscription);
}

void Client::unsubscribe(int subscription)
{
    const Feed feed = m_feeds.take(subscription);
    disconnect(feed.end);
    if (!feed.subscription.isEmpty()) {
        m_feedOfSubscription.remove(feed.subscription);
        if (m_phase == Phase::Identified) {
            call(QStringLiteral("topic.unsubscribe"), {{"subscription", feed.subscription}}, this, {});
        }
    }
}

/// Asks for the feed's window: the first one of a connection by subscribing, later ones by moving it.
void Client::openFeed(int feed)
{
    const auto it = m_feeds.find(feed);
    if (it == m_feeds.end() || m_phase != Phase::Identified) {
        return;
    }
    const bool first = it->subscription.isEmpty();
    if (first && it->waiting) {
        return;  // acceptWindow() sees that the window has moved since
    }
    it->waiting = true;
    const quint64 generation = ++it->generation;
    QJsonObject params{{"offset", it->what.offset}, {"limit", it->what.limit}};
    if (first) {
        params["topic"] = it->what.topic;
        if (!it->what.filter.isEmpty()) {
            params["filter"] = it->what.filter;
        }
        if (!it->what.fields.isEmpty()) {
            params["fields"] = QJsonArray::fromStringList(it->what.fields);
        }
    } else {
        params["subscription"] = it->subscription;
    }
    const int offset = it->what.offset;
    const int limit = it->what.limit;
    call(first ? QStringLiteral("topic.subscribe") : QStringLiteral("topic.window"), params, this,
         [this, feed, generation, offset, limit](const Result<QJsonObject>& answer) {
             acceptWindow(feed, generation, answer);
             const auto now = m_feeds.constFind(feed);
             if (now != m_feeds.constEnd() && now->generation == generation && answer &&
                 (now->what.offset != offset || now->what.limit != limit)) {
                 openFeed(feed);
             }
         });
}

void Client::acceptWindow(int feed, quint64 generation, const Result<QJsonObject>& answer)
{
    const auto it = m_feeds.find(feed);
    if (it == m_feeds.end()) {
        // Ended while the engine was opening it.
        if (answer && m_phase == Phase::Identified) {
            call(QStringLiteral("topic.unsubscribe"), {{"subscription", (*answer)["subscription"]}}, this,
                 {});
        }
        return;
    }
    if (it->generation != generation) {
        return;
    }
    it->waiting = false;
    if (!answer) {
        const OnError onError = it->onError;
        const bool connectionLost = m_phase != Phase::Identified;
        if (!connectionLost && it->context && onError) {
            onError(answer.error());
        }
        return;
    }
    const QJsonObject& window = *answer;
    if (it->subscription.isEmpty()) {
        it->subscription = window["subscription"].toString();
        m_feedOfSubscription.insert(it->subscription, feed);
    }
    it->epoch = window["epoch"].toString();
    it->revision = static_cast<quint64>(window["revision"].toInteger());
    const OnChange onChange = it->onChange;
    if (it->context && onChange) {
        onChange(TopicChange{.reset = true,
                             .epoch = it->epoch,
                             .revision = it->revision,
                             .total = window["total"].toInt(),
                             .upserts = objects(window["rows"])});
    }
}

void Client::receiveDelta(const QJsonObject& params)
{
    const int feed = m_feedOfSubscription.value(params["subscription"].toString(), 0);
    const auto it = m_feeds.find(feed);
    if (it == m_feeds.end() || it->waiting) {
        return;
    }
    const auto base = static_cast<quint64>(params["baseRevision"].toInteger());
    if (params["epoch"].toString() != it->epoch || base != it->revision) {
        openFeed(feed);
        return;
    }
    it->revision = static_cast<quint64>(params["revision"].toInteger());
    TopicChange change{.epoch = it->epoch,
                       .revision = it->revision,
                       .total = params["total"].toInt(),
                       .upserts = objects(params["upserts"]),
                       .removed = strings(params["removed"])};
    if (params.contains(QLatin1String("order"))) {
        change.order = strings(params["order"]);
    }
    const OnChange onChange = it->onChange;
    if (it->context && onChange) {
        onChange(change);
    }
}

}  // namespace sluice::rpc
