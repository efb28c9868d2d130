#include <QtCore/QJsonArray>
#include <QtCore/QStringList>
#include <algorithm>

#include "core/live_topic.h"
#include "rpc/session.h"
#include "rpc/subscription.h"

namespace sluice::rpc {
namespace {

constexpr int kMaxName = 64;
/// Every row of a topic is held against its filter, so a filter is small.
constexpr qsizetype kMaxFilterMembers = 16;
constexpr qsizetype kMaxFilterValues = 100;
constexpr qsizetype kMaxFilterText = 1024;

bool isSmallValue(const QJsonValue& value)
{
    return !value.isObject() && !value.isArray() && value.toString().size() <= kMaxFilterText;
}

/// Nothing for a filter that may be used; else why it may not.
QString whyNotFilter(const QJsonObject& filter)
{
    if (filter.size() > kMaxFilterMembers) {
        return QStringLiteral("it has more than %1 members").arg(kMaxFilterMembers);
    }
    qsizetype values = 0;
    for (auto it = filter.begin(); it != filter.end(); ++it) {
        const QJsonArray any = it.value().isArray() ? it.value().toArray() : QJsonArray{it.value()};
        values += any.size();
        if (values > kMaxFilterValues) {
            return QStringLiteral("it has more than %1 values").arg(kMaxFilterValues);
        }
        if (it.key().size() > kMaxFilterText || !std::all_of(any.begin(), any.end(), isSmallValue)) {
            return QStringLiteral(
                       "%1 is to equal what is neither a number, nor a truth value, nor a text of at most "
                       "%2 characters")
                .arg(printableName(it.key()), QString::number(kMaxFilterText));
        }
    }
    return {};
}

}  // namespace

QString printableName(QString text)
{
    text.truncate(kMaxName);
    for (QChar& c : text) {
        if (!c.isPrint()) {
            c = QLatin1Char('?');
        }
    }
    return text;
}

void Session::subscribe(const QJsonValue& id, const QJsonObject& params)
{
    LiveTopic* topic = m_context.topics.value(params["topic"].toString());
    if (!topic) {
        QStringList known = m_context.topics.keys();
        known.sort();
        answer(id,
               fail(Error{
                   .code = ErrorCode::NotFound,
                   .message =
                       QStringLiteral("There is no topic %1").arg(printableName(params["topic"].toString())),
                   .cause = QStringLiteral("this engine has: %1").arg(known.join(QStringLiteral(", "))),
                   .correction = QStringLiteral("Subscribe to one of these."),
                   .source = QStringLiteral("rpc")}));
        return;
    }
    if (m_feeds.size() >= m_context.options.limits.subscriptionsPerSession) {
        answer(id, fail(Error{.code = ErrorCode::ResourceExhausted,
                              .message = QStringLiteral("Too many subscriptions"),
                              .cause = QStringLiteral("this client holds %1").arg(m_feeds.size()),
                              .correction = QStringLiteral("End one with topic.unsubscribe."),
                              .source = QStringLiteral("rpc")}));
        return;
    }
    if (const QString why = whyNotFilter(params["filter"].toObject()); !why.isEmpty()) {
        answer(id,
               fail(Error{.code = ErrorCode::InvalidArgument,
                          .message = QStringLiteral("The filter cannot be used"),
                          .cause = why,
                          .correction = QStringLiteral("Subscribe with a smaller filter, or without one."),
                          .source = QStringLiteral("rpc")}));
        return;
    }
    QStringList fields;
    for (const QJsonValue& field : params["fields"].toArray()) {
        fields.append(field.toString());
    }
    const QString name = QStringLiteral("s%1").arg(m_nextSubscription++);
    auto* subscription = new Subscription(*topic,
                                          {.id = name,
                                           .epoch = m_context.epoch,
                                           .filter = params["filter"].toObject(),
                                           .fields = fields,
                                           .offset = std::max(0, params["offset"].toInt()),
                                           .limit = clampLimit(params["limit"])},
                                          this);
    m_feeds.insert(name, Feed{subscription});
    answer(id, subscription->open());
}

void Session::moveWindow(const QJsonValue& id, const QJsonObject& params)
{
    const auto it = m_feeds.constFind(params["subscription"].toString());
    if (it == m_feeds.constEnd()) {
        answer(id, fail(Error{.code = ErrorCode::NotFound,
                              .message = QStringLiteral("There is no such subscription"),
                              .cause = QStringLiteral("it was ended, or belongs to another connection"),
                              .correction = QStringLiteral("Subscribe again."),
                              .source = QStringLiteral("rpc")}));
        return;
    }
    answer(id, it->subscription->move(std::max(0, params["offset"].toInt()), clampLimit(params["limit"])));
}

void Session::unsubscribe(const QJsonValue& id, const QJsonObject& params)
{
    const Feed feed = m_feeds.take(params["subscription"].toString());
    delete feed.subscription;
    answer(id, QJsonObject{});
}

int Session::clampLimit(const QJsonValue& limit) const
{
    const int rows = m_context.options.limits.windowRows;
    const double wanted = limit.toDouble();
    return wanted >= 1 && wanted < rows ? static_cast<int>(wanted) : rows;
}

}  // namespace sluice::rpc
