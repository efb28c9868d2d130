#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QJsonValue>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QUrl>

/// From luigid's words to the estate's: pure functions. Every text they return is redacted.
namespace sluice::luigi {

/// "Features_9806e499bd": the family and the hash of the parameters. Luigi's own id carries the values of the
/// first parameters, which may be secret; this one does not and is as unique.
QString shortTaskId(const QString& taskId, const QString& family);

/// One task of `task_list` as estate row, kind luigi-task, id "<connection>/luigi-task/<shortTaskId>".
/// facts: {taskId, family, displayName, status, workers: [name], workerRunning, startedAt, scheduledAt,
/// lastUpdatedAt, params, statusMessage, progressPercent|null, priority, needs: {what: n}, reEnableable}.
QJsonObject taskEntity(const QString& connection, const QString& taskId, const QJsonObject& task,
                       qint64 nowMs);

/// One worker of `worker_list`, kind luigi-worker. facts: {name, state, lastActiveAt, startedAt, host, pid,
/// user, running, pending, processes}.
QJsonObject workerEntity(const QString& connection, const QJsonObject& worker, qint64 nowMs);

/// A row as of taskEntity for every task of the answer of `graph`, with one more fact: dependsOn, the names
/// of the rows it needs.
QList<QJsonObject> graphEntities(const QString& connection, const QJsonObject& answer, qint64 nowMs);

/// The URL without user and password.
QString publicUrl(const QUrl& url);

}  // namespace sluice::luigi
