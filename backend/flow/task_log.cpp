#include "flow/task_log.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QJsonDocument>
#include <QtCore/QPointer>
#include <QtCore/QTimer>

#include "core/kept_threads.h"
#include "core/redact.h"
#include "core/units.h"

namespace sluice::flow {
namespace {

constexpr int kFlushMs = 200;
constexpr qint64 kMaxFileBytes = 4 * 1024 * 1024;  // of two: the one written and the one before it
constexpr qint64 kTailBytes = 512 * 1024;
constexpr int kMaxLineChars = 4000;

QString before(const QString& name)
{
    return name + QStringLiteral(".1");
}

QList<QJsonObject> lastLines(const QString& name, int lines)
{
    QFile in(name);
    if (!in.open(QIODevice::ReadOnly)) {
        return {};
    }
    if (in.size() > kTailBytes) {
        in.seek(in.size() - kTailBytes);
        in.readLine();
    }
    QList<QJsonObject> result;
    for (const QByteArray& line : in.readAll().split('\n')) {
        const QJsonObject json = QJsonDocument::fromJson(line).object();
        if (!json.isEmpty()) {
            result.append(json);
        }
    }
    return result.size() > lines ? result.mid(result.size() - lines) : result;
}

}  // namespace

TaskLog::TaskLog(QString folder, QObject* parent) : QObject(parent), m_folder(std::move(folder))
{
    m_writer.setMaxThreadCount(1);
    keepThreads(m_writer);
}

TaskLog::~TaskLog()
{
    flush();
    m_writer.waitForDone();
}

QString TaskLog::file(const QString& taskId) const
{
    return m_folder + '/' + taskId + QStringLiteral(".log");
}

void TaskLog::append(const QString& taskId, const QString& at, const QString& level, const QString& text)
{
    const QJsonObject line{
        {"at", at}, {"level", level}, {"text", redactText(shortened(text, kMaxLineChars))}};
    m_pending[taskId] += QJsonDocument(line).toJson(QJsonDocument::Compact) + '\n';
    if (!m_flushPlanned) {
        m_flushPlanned = true;
        QTimer::singleShot(kFlushMs, this, &TaskLog::flush);
    }
}

void TaskLog::flush()
{
    m_flushPlanned = false;
    const auto pending = std::exchange(m_pending, {});
    for (auto it = pending.begin(); it != pending.end(); ++it) {
        m_writer.start([name = file(it.key()), bytes = it.value()] {
            QDir().mkpath(QFileInfo(name).path());
            if (QFileInfo(name).size() + bytes.size() > kMaxFileBytes) {
                QFile::remove(before(name));
                QFile::rename(name, before(name));
            }
            QFile out(name);
            if (out.open(QIODevice::Append)) {
                out.write(bytes);
            }
        });
    }
}

void TaskLog::tail(const QString& taskId, int lines, std::function<void(const QList<QJsonObject>&)> done)
{
    flush();
    QPointer<TaskLog> self(this);
    m_writer.start([self, name = file(taskId), lines, done = std::move(done)] {
        QList<QJsonObject> result = lastLines(name, lines);
        if (result.size() < lines && QFileInfo(name).size() <= kTailBytes) {
            result = lastLines(before(name), lines - static_cast<int>(result.size())) + result;
        }
        // `self` outlives this job: its destructor waits for the writer.
        QMetaObject::invokeMethod(
            self.data(), [done, result] { done(result); }, Qt::QueuedConnection);
    });
}

}  // namespace sluice::flow
