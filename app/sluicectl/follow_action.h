#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QSet>
#include <QtCore/QTimer>
#include <functional>

#include "context.h"

namespace sluice::ctl {

/// Follows an action with its steps until it has ended and says what it does, one line per news.
class FollowAction : public QObject {
    Q_OBJECT

public:
    /// `then` gets Ok, Failed or NotProven and the action's last row.
    using Then = std::function<void(ExitCode, const QJsonObject& row)>;

    FollowAction(Context& context, const QString& action, Then then);

private:
    void action(const QJsonObject& row);
    void say(const QJsonObject& row);
    void sayStepsOf(const QJsonObject& row);
    void end(ExitCode code, const QJsonObject& row);

    Context& m_context;
    QString m_id;
    Then m_then;
    QTimer m_unknown;
    QString m_lastLine;
    QSet<QString> m_steps;
    bool m_outcome{false};
    bool m_ended{false};
};

}  // namespace sluice::ctl
