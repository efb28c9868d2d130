#pragma once

#include <QtCore/QObject>
#include <QtCore/QTimer>

QT_FORWARD_DECLARE_CLASS(QWebSocket)

namespace sluice::rpc {

/// Notices that the other end of a connection has stopped without closing it: a process that is stopped or
/// hangs keeps its sockets. Pings it, and says so when nothing came back for a few of them; the caller's own
/// standing still counts for nothing.
/// @thread the socket's
class Pulse : public QObject {
    Q_OBJECT

public:
    static constexpr int kIntervalMs = 1800;
    /// Pings without a sign of life: nine seconds.
    static constexpr int kUnanswered = 4;

    explicit Pulse(QObject* parent = nullptr);

    /// Of the next start().
    void setInterval(int ms) { m_timer.setInterval(ms); }
    int patienceMs() const { return m_timer.interval() * (kUnanswered + 1); }
    /// `socket` outlives it, or stop() comes first.
    void start(QWebSocket* socket);
    void stop();

Q_SIGNALS:
    /// Once; then it has stopped.
    void silent();

private:
    void beat();

    QTimer m_timer{};
    QWebSocket* m_socket{};
    int m_unanswered{};
};

}  // namespace sluice::rpc
