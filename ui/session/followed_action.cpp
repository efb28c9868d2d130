#include "ui/session/followed_action.h"

#include "ui/session/engine_client.h"
#include "ui/session/live_rows.h"
#include "ui/session/row.h"

namespace sluice::session {
namespace {

bool showsAllSteps(const QJsonObject& row)
{
    return arr(row, u"steps").size() >= num(row, u"stepsTotal");
}

}  // namespace

FollowedAction::FollowedAction(EngineClient& client, const LiveRows& actions, QObject* parent)
    : QObject(parent), m_client(client), m_actions(actions)
{
    connect(&actions, &LiveRows::changed, this, &FollowedAction::readIfNeeded);
    connect(&client, &EngineClient::linkChanged, this, &FollowedAction::readIfNeeded);
}

void FollowedAction::follow(const QString& id)
{
    if (id != m_id) {
        m_id = id;
        m_full = {};
        m_rowRead = {};
        readIfNeeded();
    }
}

QJsonObject FollowedAction::row() const
{
    QJsonObject row = m_id.isEmpty() ? QJsonObject() : m_actions.row(m_id);
    if (row.isEmpty()) {
        return row;
    }
    row.insert(QStringLiteral("plan"), m_full.value(QLatin1String("plan")));
    if (!showsAllSteps(row) && !m_full.isEmpty()) {
        row.insert(QStringLiteral("steps"), m_full.value(QLatin1String("steps")));
    }
    return row;
}

void FollowedAction::readIfNeeded()
{
    const QJsonObject row = m_id.isEmpty() ? QJsonObject() : m_actions.row(m_id);
    const bool known = !m_full.isEmpty() && (showsAllSteps(row) || row == m_rowRead);
    if (!row.isEmpty() && !known && !m_reading && m_client.link().state == LinkState::Connected) {
        read();
    }
}

void FollowedAction::read()
{
    m_reading = true;
    m_rowRead = m_actions.row(m_id);
    m_client.call(QStringLiteral("actions.show"), {{QStringLiteral("action"), m_id}}, this,
                  [this, id = m_id](const Result<QJsonObject>& reply) {
                      m_reading = false;
                      if (id == m_id && reply) {
                          m_full = obj(*reply, u"action");
                          Q_EMIT changed();
                      }
                      // What changed meanwhile is read too; an answer that failed waits for the next news.
                      if (id != m_id || reply) {
                          readIfNeeded();
                      }
                  });
}

}  // namespace sluice::session
