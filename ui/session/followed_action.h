#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QObject>
#include <QtCore/QString>

namespace sluice::session {

class EngineClient;
class LiveRows;

/// One action as the engine tells of it: its row of topic `actions`, and what only actions.show has: the
/// plan, and every step of an action of so many that the row shows some of them.
/// @thread main loop
class FollowedAction final : public QObject {
    Q_OBJECT

public:
    FollowedAction(EngineClient& client, const LiveRows& actions, QObject* parent = nullptr);

    /// Empty: none.
    void follow(const QString& id);
    const QString& id() const { return m_id; }
    /// Without a plan until it is read; empty if the engine shows no such action.
    QJsonObject row() const;

Q_SIGNALS:
    void changed();

private:
    void readIfNeeded();
    void read();

    EngineClient& m_client;
    const LiveRows& m_actions;
    QString m_id{};
    QJsonObject m_full{};
    QJsonObject m_rowRead{};  ///< the row that m_full, or the answer under way, belongs to
    bool m_reading{false};
};

}  // namespace sluice::session
