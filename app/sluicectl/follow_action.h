#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QSet>
#include <QtCore/QTimer>
#include <functional>

#include "context.h"

namespace sluice::ctl {

/// Follows an action until it has ended and says what it does, one line per news. For a rotation also the
/// steps.
class FollowAction : public QObject {
    Q_OBJECT

public:
    /// `then` gets Ok, Failed or NotProven and the action's last row.
    using Then = std::function<void(ExitCode, const QJsonObject& row)>;

    FollowAction(Context& context, const QString& action, Then then);

    /// Also prints the steps of this role's rotation as they end.
    void showStepsOf(const QString& role);

private:
    void action(const QJsonObject& row);
    void say(const QJsonObject& row);
    void rotation(const QJsonObject& row);
    void lastSteps(ExitCode code, const QJsonObject& row);
    void end(ExitCode code, const QJsonObject& row);

    Context& m_context;
    QString m_id;
    QString m_role;  ///< of the rotation whose steps are shown; empty: none are
    Then m_then;
    QTimer m_unknown;
    QString m_lastLine;
    QSet<QString> m_steps;
    bool m_outcome{false};  ///< the action has ended, its last steps may be missing
    bool m_ended{false};
};

}  // namespace sluice::ctl
