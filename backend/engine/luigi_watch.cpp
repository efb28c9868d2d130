#include "engine/luigi_watch.h"

#include <optional>

#include "luigi/connector.h"

namespace sluice::engine {

LuigiWatch::LuigiWatch(const config::Config& config, estate::Estate& estate, const Clock& clock,
                       QObject* parent)
    : QObject(parent)
{
    for (const config::Connection& connection : config.connections) {
        if (connection.type != QLatin1String("luigi")) {
            continue;
        }
        auto* connector =
            new luigi::LuigiConnector({.connection = connection.name, .url = QUrl(connection.url)}, clock);
        connector->moveToThread(&m_thread);
        connect(&m_thread, &QThread::finished, connector, &QObject::deleteLater);
        connect(connector, &luigi::LuigiConnector::facts, this,
                [&estate, &clock, name = connection.name](const QList<QJsonObject>& rows,
                                                          const QStringList& complete) {
                    QList<estate::Entity> entities;
                    std::optional<estate::Entity> known;
                    for (const QJsonObject& row : rows) {
                        const estate::Entity entity = estate::Entity::fromJson(row);
                        if (entity.kind == QLatin1String("connection")) {
                            known = entity;
                        } else {
                            entities.append(entity);
                        }
                    }
                    for (estate::Entity& entity : entities) {
                        entity.staleAfterMs = known ? known->facts["staleAfterMs"].toInteger() : 0;
                    }
                    estate.apply(name, entities, complete);
                    if (known) {
                        const estate::OldestFact oldest = estate.oldestFact(name, clock.nowMs());
                        known->facts["oldestFactAt"] = oldest.observedAtMs > 0
                                                           ? QJsonValue(toRfc3339(oldest.observedAtMs))
                                                           : known->facts["lastContactAt"];
                        known->facts["oldestFactStaleAfterMs"] = oldest.staleAfterMs > 0
                                                                     ? QJsonValue(oldest.staleAfterMs)
                                                                     : known->facts["staleAfterMs"];
                        estate.upsert(*known);
                    }
                });
        m_connectors.push_back(connector);
    }
    m_thread.setObjectName(QStringLiteral("luigi"));
}

LuigiWatch::~LuigiWatch()
{
    m_thread.quit();
    m_thread.wait();
}

void LuigiWatch::start()
{
    m_thread.start();
    for (luigi::LuigiConnector* connector : m_connectors) {
        QMetaObject::invokeMethod(connector, &luigi::LuigiConnector::start);
    }
}

}  // namespace sluice::engine
