#include "engine/health_watch.h"

#include <QtCore/QSet>
#include <algorithm>

namespace sluice::engine {
namespace {

constexpr int kLookMs = 1000;

}  // namespace

HealthWatch::HealthWatch(const connect::Connectors& connectors, estate::Estate& estate, const Clock& clock,
                         QObject* parent)
    : QObject(parent), m_connectors(connectors.all()), m_estate(estate), m_facts(estate), m_clock(clock)
{
    m_timer.setInterval(kLookMs);
    connect(&m_timer, &QTimer::timeout, this, &HealthWatch::look);
    // A lost quorum must not stand beside yesterday's green for even a second.
    m_soon.setSingleShot(true);
    m_soon.setInterval(0);
    connect(&m_soon, &QTimer::timeout, this, &HealthWatch::look);
    QSet<QString> kinds;
    for (const connect::Connector* connector : m_connectors) {
        for (const QString& kind : connector->healthKinds()) {
            kinds.insert(kind);
        }
    }
    connect(
        &estate, &LiveTopic::changed, this, [this, kinds](const QStringList& upserted, const QStringList&) {
            if (!m_timer.isActive() || m_soon.isActive()) {
                return;
            }
            const bool matters = std::any_of(upserted.begin(), upserted.end(), [&kinds](const QString& id) {
                return kinds.contains(id.section('/', 1, 1));
            });
            if (matters) {
                m_soon.start();
            }
        });
}

void HealthWatch::start()
{
    look();
    m_timer.start();
}

void HealthWatch::look()
{
    for (const connect::Connector* connector : m_connectors) {
        const QString& name = connector->connection();
        m_estate.upsert(estate::Entity{.id = estate::entityId(name, QStringLiteral("health"), name),
                                       .connection = name,
                                       .kind = QStringLiteral("health"),
                                       .name = name,
                                       .source = QStringLiteral("sluiced"),
                                       .observedAtMs = m_clock.nowMs(),
                                       .facts = connector->healthWords(m_facts, m_clock.nowMs())});
    }
}

}  // namespace sluice::engine
