#pragma once

#include <QtCore/QObject>

#include "ui/session/session.h"
#include "ui/shell/shell_state.h"

namespace sluice::pages {

/// Keeps the frame of the window up to date with the session: profile, who, open cases, the oldest fact,
/// whether changes are possible, one mark per connection.
class ShellFeed final : public QObject {
    Q_OBJECT

public:
    /// Both outlive the feed.
    ShellFeed(session::Session& session, shell::ShellState& state, QObject* parent = nullptr);

private:
    void refresh();
    shell::ChangeLock changeLock() const;
    QList<shell::ConnectorMark> connectors() const;

    session::Session& m_session;
    shell::ShellState& m_state;
};

}  // namespace sluice::pages
