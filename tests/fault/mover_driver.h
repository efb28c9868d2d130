#pragma once

#include <QtCore/QElapsedTimer>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtCore/QMap>
#include <QtCore/QObject>
#include <memory>

#include "core/clock.h"
#include "worker/worker_process.h"

/// The engine's side of one attempt: starts `sluice-worker move`, keeps what it says, answers what it asks
/// from a manifest in memory.
class MoverDriver : public QObject {
    Q_OBJECT

public:
    explicit MoverDriver(QJsonObject order);
    ~MoverDriver() override;

    void start();
    void kill() { m_process->kill(); }
    qint64 pid() const { return m_process->pid(); }
    bool ended() const { return m_ended; }
    int exitCode() const { return m_exitCode; }

    /// Waits for the end of the process. @return false if it lasts longer
    bool finish(int timeoutMs = 60'000);
    /// Waits until an event `blocked` of that kind came.
    bool waitBlocked(const QString& what, int timeoutMs = 20'000);
    bool waitEvent(const QString& name, int times = 1, int timeoutMs = 20'000);
    /// Waits until so many bytes or objects are reported as done.
    bool waitBytes(qint64 bytes, int timeoutMs = 20'000);

    /// A member of the error the worker failed with.
    QString error(const QString& member) const
    {
        return failed.value("error").toObject().value(member).toString();
    }
    QJsonObject hop(const QString& name) const
    {
        return progress.value("hops").toObject().value(name).toObject();
    }
    int count(const QString& event) const;
    QJsonObject last(const QString& event) const;
    /// What the worker said, for a failing test.
    QByteArray story() const;

    /// By object name; shared by the attempts of one task.
    QMap<QString, QJsonObject> manifest{};
    QList<QJsonObject> blocked{};
    QList<QJsonObject> clients{};
    /// Multipart uploads that are open, as last told.
    QJsonArray uploads{};
    QJsonObject done{};
    QJsonObject failed{};
    QJsonObject progress{};
    QStringList logLines{};
    /// Commits are answered with this error.
    std::optional<sluice::Error> refuseCommits{};

private:
    void answer(quint64 id, const QString& method, const QJsonObject& params);
    template <typename Condition>
    bool waitFor(Condition condition, int timeoutMs);

    sluice::SystemClock m_clock{};
    QJsonObject m_order;
    std::unique_ptr<sluice::worker::WorkerProcess> m_process;
    QList<std::pair<QString, QJsonObject>> m_events{};
    bool m_ended{false};
    int m_exitCode{-1};
};
