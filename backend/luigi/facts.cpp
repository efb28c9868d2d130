#include "luigi/facts.h"

#include <QtCore/QJsonArray>
#include <QtCore/QRegularExpression>

#include "core/canonical_json.h"
#include "core/clock.h"
#include "core/redact.h"
#include "core/units.h"

namespace sluice::luigi {
namespace {

constexpr int kMostText = 500;
constexpr int kMostWorkers = 50;

/// Times of luigid are float seconds; a missing dependency has the text "UNKNOWN" instead.
QString timeOf(const QJsonValue& value)
{
    const double seconds = value.toDouble();
    return seconds > 0 && seconds < 1e11 ? toRfc3339(qint64(seconds * 1000)) : QString();
}

QStringList secretValues(const QJsonObject& params)
{
    QStringList values;
    for (auto it = params.begin(); it != params.end(); ++it) {
        if (looksSecret(it.key())) {
            values.append(it.value().toVariant().toString());
        }
    }
    return values;
}

/// An id carries the values of the first three parameters, HIDDEN ones too, which luigid does not list.
/// @source luigi 3.8 task.py, task_id_str
bool showsOnly(const QString& taskId, const QString& family, const QJsonObject& params)
{
    static const QRegularExpression invalid(QStringLiteral("[^A-Za-z0-9_]"));
    QStringList parts{family};
    for (auto it = params.begin(); it != params.end() && parts.size() <= 3; ++it) {
        parts.append(it.value().toVariant().toString().left(16));
    }
    const QString front = parts.join('_').replace(invalid, QStringLiteral("_")) + '_';
    constexpr qsizetype kHashLength = 10;
    return taskId.startsWith(front) && taskId.size() == front.size() + kHashLength;
}

QString cut(const QString& text)
{
    return text.size() <= kMostText ? text : shortened(text, kMostText) + QStringLiteral("…");
}

/// As Luigi writes it, made anew from the redacted parameters.
QString displayName(const QString& family, const QJsonObject& params)
{
    QStringList parts;
    for (auto it = params.begin(); it != params.end(); ++it) {
        parts.append(it.key() + '=' + it.value().toVariant().toString());
    }
    return cut(QStringLiteral("%1(%2)").arg(family, parts.join(QStringLiteral(", "))));
}

QString familyOf(const QString& taskId, const QJsonObject& task)
{
    const QString name = task["name"].toString();
    return name.isEmpty() ? taskId.section('_', 0, 0) : name;
}

QJsonObject entity(const QString& connection, const QString& kind, const QString& name, const QString& source,
                   qint64 nowMs, const QJsonObject& facts)
{
    return {{"id", connection + '/' + kind + '/' + name},
            {"connection", connection},
            {"kind", kind},
            {"name", name},
            {"source", source},
            {"observedAt", toRfc3339(nowMs)},
            {"facts", facts}};
}

}  // namespace

QString shortTaskId(const QString& taskId, const QString& family)
{
    static const QRegularExpression tail(QStringLiteral("_([0-9a-f]{10})$"));
    const QRegularExpressionMatch match = tail.match(taskId);
    // A task may have made its own id; a hash of it names it as well and tells nothing.
    const QString hash = match.hasMatch() ? match.captured(1) : sha256Of(taskId.toUtf8()).left(10);
    return family + '_' + hash;
}

QJsonObject taskEntity(const QString& connection, const QString& taskId, const QJsonObject& task,
                       qint64 nowMs)
{
    const QString family = familyOf(taskId, task);
    const QJsonObject raw = task["params"].toObject();
    const QJsonObject params = redactParams(raw);
    const QStringList secrets = secretValues(raw);
    const QString shortId = shortTaskId(taskId, family);
    QJsonArray workers;
    for (const QJsonValue& worker : task["workers"].toArray()) {
        if (workers.size() < kMostWorkers) {
            workers.append(redactText(worker.toString(), secrets));
        }
    }
    QJsonObject needs;
    const QJsonObject asked = task["resources"].toObject();
    for (auto it = asked.begin(); it != asked.end(); ++it) {
        needs[it.key()] = it.value().toInt(1);
    }
    const QJsonObject facts{
        {"taskId", showsOnly(taskId, family, params) ? taskId : shortId},
        {"family", family},
        {"displayName", displayName(family, params)},
        {"status", task["status"].toString(QStringLiteral("UNKNOWN"))},
        {"workers", workers},
        {"workerRunning", redactText(task["worker_running"].toString(), secrets)},
        {"startedAt", timeOf(task["time_running"])},
        {"scheduledAt", timeOf(task["start_time"])},
        {"lastUpdatedAt", timeOf(task["last_updated"])},
        {"params", params},
        {"statusMessage", cut(redactText(task["status_message"].toString(), secrets))},
        {"progressPercent",
         task["progress_percentage"].isDouble() ? task["progress_percentage"] : QJsonValue()},
        {"priority", task["priority"].toInt()},
        {"needs", needs},
        {"reEnableable", task["re_enable_able"].toBool()}};
    return entity(connection, QStringLiteral("luigi-task"), shortId, QStringLiteral("luigid task_list"),
                  nowMs, facts);
}

QJsonObject workerEntity(const QString& connection, const QJsonObject& worker, qint64 nowMs)
{
    const QString name = redactText(worker["name"].toString());
    const QJsonObject facts{{"name", name},
                            {"state", worker["state"].toString()},
                            {"lastActiveAt", timeOf(worker["last_active"])},
                            {"startedAt", timeOf(worker["started"])},
                            {"host", worker["host"].toString()},
                            {"pid", worker["pid"].toInteger()},
                            {"user", worker["username"].toString()},
                            {"running", worker["num_running"].toInt()},
                            {"pending", worker["num_pending"].toInt()},
                            {"processes", worker["workers"].toInt()}};
    return entity(connection, QStringLiteral("luigi-worker"), name, QStringLiteral("luigid worker_list"),
                  nowMs, facts);
}

QList<QJsonObject> graphEntities(const QString& connection, const QJsonObject& answer, qint64 nowMs)
{
    QList<QJsonObject> rows;
    for (auto it = answer.begin(); it != answer.end(); ++it) {
        const QJsonObject task = it.value().toObject();
        QJsonArray dependsOn;
        for (const QJsonValue& dependency : task["deps"].toArray()) {
            const QString id = dependency.toString();
            dependsOn.append(shortTaskId(id, familyOf(id, answer[id].toObject())));
        }
        QJsonObject row = taskEntity(connection, it.key(), task, nowMs);
        QJsonObject facts = row["facts"].toObject();
        facts["dependsOn"] = dependsOn;
        row["facts"] = facts;
        row["source"] = QStringLiteral("luigid graph");
        rows.append(row);
    }
    return rows;
}

QString publicUrl(const QUrl& url)
{
    QString text = url.toString(QUrl::RemoveUserInfo | QUrl::RemoveQuery | QUrl::RemoveFragment);
    while (text.endsWith('/')) {
        text.chop(1);
    }
    return text;
}

}  // namespace sluice::luigi
