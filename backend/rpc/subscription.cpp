#include "rpc/subscription.h"

#include <QtCore/QJsonArray>
#include <algorithm>

#include "core/live_topic.h"

namespace sluice::rpc {
namespace {

constexpr qsizetype kMostNews = 100'000;
/// Of so many changes, looking at what there is costs less than looking at each of them.
constexpr qsizetype kManyChanges = 1000;
constexpr qsizetype kManyOfAll = 8;

}  // namespace

Subscription::Subscription(LiveTopic& topic, Spec spec, QObject* parent)
    : QObject(parent), m_topic(topic), m_spec(std::move(spec))
{
    connect(&topic, &LiveTopic::changed, this, &Subscription::remember);
}

/// While something is announced, every subscription of the topic is told in turn: each only keeps the lists,
/// and looks at them when its delta is due.
void Subscription::remember(const QStringList& upserted, const QStringList& removed)
{
    if (upserted.isEmpty() && removed.isEmpty()) {
        return;
    }
    m_news.append({upserted, removed});
    m_newsIds += upserted.size() + removed.size();
    // For a client that takes nothing, an id is kept once.
    if (m_newsIds > kMostNews + m_dirty.size()) {
        sortNews();
    }
}

void Subscription::sortNews()
{
    for (const News& news : std::as_const(m_news)) {
        for (const QString& id : news.removed) {
            m_dirty.insert(id, false);
        }
        for (const QString& id : news.upserted) {
            m_dirty.insert(id, true);
        }
    }
    m_news.clear();
    m_newsIds = 0;
}

QJsonObject Subscription::open()
{
    m_news.clear();
    m_newsIds = 0;
    m_dirty.clear();
    m_filtered = m_topic.idsOf(m_spec.filter);
    if (!m_topic.isOrderedById()) {
        m_topicIds = m_topic.ids();
        m_members =
            m_spec.filter.isEmpty() ? QSet<QString>() : QSet<QString>(m_filtered.cbegin(), m_filtered.cend());
    }
    m_revision = m_topic.revision();
    m_total = static_cast<int>(m_filtered.size());
    m_window.clear();
    QJsonArray rows;
    const QStringList ids = windowIds();
    for (const QString& id : ids) {
        const QJsonObject row = m_topic.row(id);
        if (!row.isEmpty()) {
            rows.append(project(row));
            m_window.append(id);
        }
    }
    QJsonObject out = head();
    out["rows"] = rows;
    return out;
}

QJsonObject Subscription::move(int offset, int limit)
{
    m_spec.offset = offset;
    m_spec.limit = limit;
    return open();
}

/// The same where rows never move: what is new is merged in, what is gone taken out, and nothing else is
/// looked at.
void Subscription::refilterById()
{
    if (m_dirty.size() > kManyChanges && m_dirty.size() > m_topic.ids().size() / kManyOfAll) {
        m_filtered = m_topic.idsOf(m_spec.filter);
        return;
    }
    QStringList added;
    QSet<QString> gone;
    for (auto it = m_dirty.constBegin(); it != m_dirty.constEnd(); ++it) {
        const bool isMember = std::binary_search(m_filtered.cbegin(), m_filtered.cend(), it.key());
        const bool matches = it.value() && m_topic.matches(it.key(), m_spec.filter);
        if (matches && !isMember) {
            added.append(it.key());
        } else if (!matches && isMember) {
            gone.insert(it.key());
        }
    }
    if (!gone.isEmpty()) {
        m_filtered.removeIf([&gone](const QString& id) { return gone.contains(id); });
    }
    if (!added.isEmpty()) {
        std::sort(added.begin(), added.end());
        const auto middle = m_filtered.size();
        m_filtered.append(added);
        std::inplace_merge(m_filtered.begin(), m_filtered.begin() + middle, m_filtered.end());
    }
}

/// Brings m_filtered up to date with the topic.
void Subscription::refilter()
{
    if (m_topic.isOrderedById()) {
        refilterById();
        return;
    }
    bool changed = false;
    if (!m_spec.filter.isEmpty()) {
        for (auto it = m_dirty.constBegin(); it != m_dirty.constEnd(); ++it) {
            const bool matches = it.value() && m_topic.matches(it.key(), m_spec.filter);
            if (matches && !m_members.contains(it.key())) {
                m_members.insert(it.key());
                changed = true;
            } else if (!matches && m_members.remove(it.key())) {
                changed = true;
            }
        }
    }
    const QStringList now = m_topic.ids();
    // A topic that keeps its list hands out the same one again; that makes the usual case cost nothing.
    const bool reordered = now.constData() != m_topicIds.constData() && now != m_topicIds;
    m_topicIds = now;
    if (!changed && !reordered) {
        return;
    }
    if (m_spec.filter.isEmpty()) {
        m_filtered = m_topicIds;
        return;
    }
    m_filtered.clear();
    for (const QString& id : std::as_const(m_topicIds)) {
        if (m_members.contains(id)) {
            m_filtered.append(id);
        }
    }
}

std::optional<QJsonObject> Subscription::takeDelta()
{
    sortNews();
    if (m_dirty.isEmpty()) {
        return std::nullopt;
    }
    refilter();
    const QStringList ids = windowIds();
    const bool moved = ids != m_window;
    const QSet<QString> held = moved ? QSet<QString>(m_window.cbegin(), m_window.cend()) : QSet<QString>();

    QJsonArray upserts;
    QStringList window;
    const auto offer = [&](const QString& id, bool isNew) {
        if (!isNew && !m_dirty.contains(id)) {
            window.append(id);
            return;
        }
        const QJsonObject row = m_topic.row(id);
        if (!row.isEmpty()) {
            upserts.append(project(row));
            window.append(id);
        }
    };
    for (const QString& id : ids) {
        offer(id, moved && !held.contains(id));
    }
    m_dirty.clear();

    const bool sameWindow = window == m_window;
    QJsonArray removed;
    if (!sameWindow) {
        const QSet<QString> kept(window.cbegin(), window.cend());
        for (const QString& id : std::as_const(m_window)) {
            if (!kept.contains(id)) {
                removed.append(id);
            }
        }
    }
    const int total = static_cast<int>(m_filtered.size());
    if (sameWindow && upserts.isEmpty() && total == m_total) {
        return std::nullopt;
    }
    const quint64 base = m_revision;
    m_revision = m_topic.revision();
    m_total = total;
    QJsonObject out = head();
    out["baseRevision"] = static_cast<qint64>(base);
    out["upserts"] = upserts;
    out["removed"] = removed;
    if (!sameWindow) {
        out["order"] = QJsonArray::fromStringList(window);
        m_window = window;
    }
    return out;
}

QStringList Subscription::windowIds() const
{
    return m_filtered.mid(m_spec.offset, m_spec.limit);
}

QJsonObject Subscription::project(const QJsonObject& row) const
{
    if (m_spec.fields.isEmpty()) {
        return row;
    }
    QJsonObject out{{"id", row.value(QLatin1String("id"))}};
    for (const QString& field : m_spec.fields) {
        const auto it = row.constFind(field);
        if (it != row.constEnd()) {
            out.insert(field, it.value());
        }
    }
    return out;
}

QJsonObject Subscription::head() const
{
    return {{"subscription", m_spec.id},
            {"epoch", m_spec.epoch},
            {"revision", static_cast<qint64>(m_revision)},
            {"total", m_total}};
}

}  // namespace sluice::rpc
