#include "ui/session/record_feed.h"

#include "ui/session/engine_client.h"
#include "ui/session/row.h"

namespace sluice::session {
namespace {

constexpr int kPage = 200;
constexpr qsizetype kMostRows = 10'000;

}  // namespace

RecordFeed::RecordFeed(EngineClient& client, LiveRows& newest, QObject* parent)
    : QObject(parent), m_client(client), m_newest(newest)
{
    connect(&newest, &LiveRows::changed, this, &RecordFeed::takeNewest);
    connect(&client, &EngineClient::linkChanged, this, [this] {
        if (m_started && m_client.link().state == LinkState::Connected) {
            reload();
        }
    });
}

void RecordFeed::setFilter(const QJsonObject& filter)
{
    if (filter != m_filter) {
        m_filter = filter;
        reload();
    }
}

void RecordFeed::reload()
{
    ++m_generation;
    m_started = true;
    m_loaded = false;
    m_paging = false;
    m_newer = false;
    m_counting = true;
    m_matches = 0;
    m_next = num(m_filter, u"before");
    m_upTo = newest();
    m_asked = m_newest.isLoaded();
    if (m_asked) {
        page();
        // Newer ones are counted when they are looked at.
        count(m_next > 0 ? m_next : m_upTo + 1);
    }
    Q_EMIT changed();
}

bool RecordFeed::isFull() const
{
    return m_rows.size() >= kMostRows;
}

void RecordFeed::more()
{
    if (m_loaded && !m_paging && m_next > 0 && !isFull()) {
        page();
        Q_EMIT changed();
    }
}

void RecordFeed::ask(const QString& method, const QJsonObject& params,
                     std::function<void(const QJsonObject& answer)> then)
{
    m_client.call(
        method, params, this,
        [this, method, generation = m_generation, then = std::move(then)](const Result<QJsonObject>& reply) {
            if (generation != m_generation) {
                return;
            }
            if (!reply) {
                m_error = visibleError(reply.error());
                m_paging = false;
                m_counting = false;
                m_newer = false;
                if (!m_loaded) {
                    // What was found for another question is no answer to this one.
                    m_rows.replace(m_filter.isEmpty() ? m_newest.rows() : Records());
                }
            } else {
                if (method == QLatin1String("audit.list")) {
                    m_error.reset();
                }
                m_total = num(*reply, u"total");
                then(*reply);
            }
            Q_EMIT changed();
        });
}

RecordFeed::Records RecordFeed::recordsOf(const QJsonObject& answer)
{
    Records records;
    for (const QJsonValue& value : arr(answer, u"records")) {
        QJsonObject record = value.toObject();
        record[QStringLiteral("id")] = QString::number(num(record, u"seq"));
        records.append(record);
    }
    return records;
}

void RecordFeed::page()
{
    m_paging = true;
    QJsonObject params = m_filter;
    params[QStringLiteral("limit")] = kPage;
    if (m_next > 0) {
        params[QStringLiteral("before")] = m_next;
    }
    ask(QStringLiteral("audit.list"), params, [this](const QJsonObject& answer) {
        const bool first = !m_loaded;
        const Records records = recordsOf(answer);
        m_loaded = true;
        m_next = num(answer, u"next");
        m_rows.replace(first ? records : m_rows.rows() + records);
        if (first) {
            Q_EMIT replaced();
        }
        m_paging = false;
        // The engine looked through as much as one answer may cost, and found too little to fill a page.
        if (m_next > 0 && records.size() < kPage && m_rows.size() < kPage) {
            page();
        }
    });
}

void RecordFeed::count(qint64 before)
{
    QJsonObject params = m_filter;
    params[QStringLiteral("before")] = before;
    ask(QStringLiteral("audit.count"), params, [this](const QJsonObject& answer) {
        m_matches += num(answer, u"matches");
        const qint64 next = num(answer, u"next");
        m_counting = next > 0;
        if (m_counting) {
            count(next);
        }
    });
}

void RecordFeed::takeNewest(const QStringList& upserted)
{
    if (!m_started) {
        return;
    }
    if (!m_asked || newest() < m_upTo) {
        reload();
        return;
    }
    QHash<QString, QJsonObject> changed;
    for (const QString& id : upserted) {
        if (m_rows.contains(id) && m_rows.row(id) != m_newest.row(id)) {
            changed.insert(id, m_newest.row(id));
        }
    }
    if (!changed.isEmpty()) {
        Records rows = m_rows.rows();
        for (QJsonObject& row : rows) {
            row = changed.value(str(row, u"id"), row);
        }
        m_rows.replace(rows);
    }
    // Those that look at older records do not see new ones.
    if (newest() > m_upTo && m_loaded && !m_newer && !m_filter.contains(QStringLiteral("before"))) {
        newer(0, newest());
    }
}

qint64 RecordFeed::newest() const
{
    qint64 highest = 0;
    for (const QString& id : m_newest.ids()) {
        highest = std::max(highest, id.toLongLong());
    }
    return highest;
}

void RecordFeed::newer(qint64 before, qint64 top)
{
    m_newer = true;
    QJsonObject params = m_filter;
    params[QStringLiteral("after")] = std::max(m_upTo, num(m_filter, u"after"));
    if (before > 0) {
        params[QStringLiteral("before")] = before;
    }
    params[QStringLiteral("limit")] = kPage;
    ask(QStringLiteral("audit.list"), params, [this, top](const QJsonObject& answer) {
        const Records rows = recordsOf(answer);
        qint64 highest = top;
        for (const QJsonObject& row : rows) {
            highest = std::max(highest, num(row, u"seq"));
        }
        m_matches += rows.size();
        m_rows.replace(rows + m_rows.rows());
        if (const qint64 next = num(answer, u"next"); next > 0) {
            newer(next, highest);
            return;
        }
        m_upTo = highest;
        m_newer = false;
        if (newest() > m_upTo) {
            newer(0, newest());
        }
    });
}

}  // namespace sluice::session
