#include "systems/luigi/luigid_connector.h"

#include "luigi/connector.h"
#include "systems/luigi/settings.h"

namespace sluice::systems::luigi {

LuigidConnector::LuigidConnector(QString connection, const LuigiSettings& settings, const Clock& clock,
                                 QObject* parent)
    : Connector(std::move(connection), parent),
      m_reader(new sluice::luigi::LuigiConnector(
          {.connection = this->connection(), .url = QUrl(settings.url)}, clock))
{
    m_reader->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_reader, &QObject::deleteLater);
    connect(m_reader, &sluice::luigi::LuigiConnector::facts, this, &LuigidConnector::take);
    m_thread.setObjectName(QStringLiteral("luigi"));
}

LuigidConnector::~LuigidConnector()
{
    m_thread.quit();
    m_thread.wait();
}

void LuigidConnector::start()
{
    m_thread.start();
    QMetaObject::invokeMethod(m_reader, &sluice::luigi::LuigiConnector::start);
}

void LuigidConnector::take(const QList<QJsonObject>& rows, const QStringList& complete)
{
    connect::Observation seen{.complete = complete};
    bool told = false;
    for (const QJsonObject& row : rows) {
        estate::Entity entity = estate::Entity::fromJson(row);
        if (entity.kind == QLatin1String("connection")) {
            m_row = std::move(entity);
            told = true;
        } else {
            seen.entities.append(std::move(entity));
        }
    }
    for (estate::Entity& entity : seen.entities) {
        entity.staleAfterMs = told ? m_row.facts["staleAfterMs"].toInteger() : 0;
    }
    Q_EMIT observed(seen);
    if (told) {
        Q_EMIT statusChanged();
    }
}

connect::Status LuigidConnector::status() const
{
    return {.facts = m_row.facts, .observedAtMs = m_row.observedAtMs, .source = m_row.source};
}

}  // namespace sluice::systems::luigi
