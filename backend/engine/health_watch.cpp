#include "engine/health_watch.h"

#include <algorithm>

#include "diagnosis/health_words.h"

namespace sluice::engine {
namespace {

constexpr int kLookMs = 1000;

QJsonObject word(const QString& word, const QString& why)
{
    return {{"word", word}, {"why", why}};
}

}  // namespace

HealthWatch::HealthWatch(const config::Config& config, estate::Estate& estate, const Clock& clock,
                         QObject* parent)
    : QObject(parent), m_config(config), m_estate(estate), m_facts(estate), m_clock(clock)
{
    m_timer.setInterval(kLookMs);
    connect(&m_timer, &QTimer::timeout, this, &HealthWatch::look);
    // A lost quorum must not stand beside yesterday's green for even a second.
    m_soon.setSingleShot(true);
    m_soon.setInterval(0);
    connect(&m_soon, &QTimer::timeout, this, &HealthWatch::look);
    connect(&estate, &LiveTopic::changed, this, [this](const QStringList& upserted, const QStringList&) {
        const bool matters = std::any_of(upserted.begin(), upserted.end(), [](const QString& id) {
            return id.contains(QLatin1String("/mon-quorum/")) || id.contains(QLatin1String("/pg-summary/"));
        });
        if (matters && m_timer.isActive()) {
            m_soon.start();
        }
    });
}

void HealthWatch::start()
{
    look();
    m_timer.start();
}

QJsonObject HealthWatch::wordsOf(const config::Connection& connection) const
{
    if (connection.type == QLatin1String("ceph")) {
        return diagnosis::healthWords(m_facts, connection.name, m_clock.nowMs()).toJson();
    }
    const auto row =
        m_facts.fact(estate::entityId(connection.name, QStringLiteral("connection"), connection.name));
    const bool fresh = row && diagnosis::isFresh(row->observedAtMs, m_clock.nowMs());
    const QString state = row ? row->facts["state"].toString() : QString();
    const QString why =
        row ? row->facts["error"].toObject()["message"].toString() : QStringLiteral("never asked");
    const QJsonObject single = word(QStringLiteral("single"), QStringLiteral("one instance by design"));
    const QJsonObject unknown = word(QStringLiteral("unknown"), QStringLiteral("no fresh answer"));
    if (!fresh || state == QLatin1String("starting")) {
        QJsonObject posture = unknown;
        posture["count"] = 0;
        return {{"availability", unknown}, {"redundancy", single}, {"posture", posture}};
    }
    const bool well = state == QLatin1String("up");
    const bool partly = state == QLatin1String("degraded");
    QJsonObject posture = well     ? word(QStringLiteral("in order"), {})
                          : partly ? word(QStringLiteral("to fix"), why)
                                   : word(QStringLiteral("urgent"), why);
    posture["count"] = well ? 0 : 1;
    return {{"availability", well     ? word(QStringLiteral("available"), QStringLiteral("it answers"))
                             : partly ? word(QStringLiteral("partly"), why)
                                      : word(QStringLiteral("unavailable"), why)},
            {"redundancy", single},
            {"posture", posture}};
}

void HealthWatch::look()
{
    for (const config::Connection& connection : m_config.connections) {
        m_estate.upsert(
            estate::Entity{.id = estate::entityId(connection.name, QStringLiteral("health"), connection.name),
                           .connection = connection.name,
                           .kind = QStringLiteral("health"),
                           .name = connection.name,
                           .source = QStringLiteral("sluiced"),
                           .observedAtMs = m_clock.nowMs(),
                           .facts = wordsOf(connection)});
    }
}

}  // namespace sluice::engine
