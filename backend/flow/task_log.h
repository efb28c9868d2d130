#pragma once

#include <QtCore/QHash>
#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QObject>
#include <QtCore/QString>
#include <QtCore/QThreadPool>
#include <functional>

namespace sluice::flow {

/// Log lines of attempts: appended to a file per task off the main loop, read back on demand. Of a long log
/// the newest 4 to 8 MiB are kept.
/// @thread main loop only
class TaskLog final : public QObject {
    Q_OBJECT

public:
    explicit TaskLog(QString folder, QObject* parent = nullptr);
    ~TaskLog() override;

    /// @param at RFC 3339
    void append(const QString& taskId, const QString& at, const QString& level, const QString& text);
    /// The last `lines` lines, oldest first: {at, level, text}. `done` is called on the main loop.
    void tail(const QString& taskId, int lines, std::function<void(const QList<QJsonObject>&)> done);

private:
    void flush();
    QString file(const QString& taskId) const;

    QString m_folder;
    QHash<QString, QByteArray> m_pending{};
    bool m_flushPlanned{false};
    QThreadPool m_writer{};
};

}  // namespace sluice::flow
