#include "engine/luigi_watch.h"

#include "luigi/connector.h"

namespace sluice::engine {

LuigiWatch::LuigiWatch(const config::Config& config, estate::Estate& estate, const Clock& clock, QObject* parent)
    : QObject(parent)
{
    for (const config::Connection& connection : config.connections) {
        if (connection.type != QLatin1String("luigi")) {
            continue;
        }
        auto* connector = new luigi::LuigiConnector({.connection = connection.name, .url = QUrl(connection.url)}, clock);
        connector->moveToThread(&m_thread);
        connect(&m_thread, &QThread::finished, connector, &QObject::deleteLater);
        connect(connector, &luigi::LuigiConnector::facts, this,
                [&estate, name = connection.name](const QList<QJsonObject>& rows, const QStringList& complete) {
                    QList<estate::Entity> entities;
                    for (const QJsonObject& row : rows) {
                        entities.append(estate::Entity::fromJson(row));
                    }
                    estate.apply(name, entities, complete);
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
