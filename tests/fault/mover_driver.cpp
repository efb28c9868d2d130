#include "mover_driver.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

#include "patience.h"

using namespace sluice;

MoverDriver::MoverDriver(QJsonObject order) : m_order(std::move(order))
{
    m_process = std::make_unique<worker::WorkerProcess>(
        worker::WorkerOptions{.program = QStringLiteral(SLUICE_BIN_DIR "/sluice-worker"),
                              .arguments = {QStringLiteral("move")},
                              .label = QStringLiteral("move")},
        m_clock);
    connect(m_process.get(), &worker::WorkerProcess::event, this,
            [this](const QString& name, const QJsonObject& params) {
                m_events.append({name, params});
                if (name == QLatin1String("blocked")) {
                    blocked.append(params);
                } else if (name == QLatin1String("done")) {
                    done = params;
                } else if (name == QLatin1String("failed")) {
                    failed = params;
                } else if (name == QLatin1String("progress")) {
                    progress = params;
                }
            });
    connect(m_process.get(), &worker::WorkerProcess::asked, this, &MoverDriver::answer);
    connect(m_process.get(), &worker::WorkerProcess::logLine, this,
            [this](const QString& line) { logLines.append(line); });
    connect(m_process.get(), &worker::WorkerProcess::exited, this, [this](int code, bool) {
        m_ended = true;
        m_exitCode = code;
    });
}

MoverDriver::~MoverDriver() = default;

void MoverDriver::start()
{
    m_process->start();
    m_process->call(QStringLiteral("start"), m_order, 5000, this, [this](const Result<QJsonObject>& reply) {
        if (!reply && failed.isEmpty()) {
            failed = QJsonObject{{"error", reply.error().toJson()}};
        }
    });
}

void MoverDriver::answer(quint64 id, const QString& method, const QJsonObject& params)
{
    if (method == QLatin1String("client")) {
        clients.append(params);
        m_process->answer(id, QJsonObject());
    } else if (method == QLatin1String("uploads")) {
        uploads = params["open"].toArray();
        m_process->answer(id, QJsonObject());
    } else if (method == QLatin1String("commit")) {
        if (refuseCommits) {
            m_process->answer(id, fail(*refuseCommits));
            return;
        }
        for (const QJsonValue& entry : params["entries"].toArray()) {
            manifest.insert(entry["name"].toString(), entry.toObject());
        }
        m_process->answer(id, QJsonObject());
    } else if (method == QLatin1String("manifest.lookup")) {
        QJsonObject entries;
        for (const QJsonValue& name : params["names"].toArray()) {
            if (manifest.contains(name.toString())) {
                entries[name.toString()] = manifest[name.toString()];
            }
        }
        m_process->answer(id, QJsonObject{{"entries", entries}});
    } else if (method == QLatin1String("manifest.strangers")) {
        QJsonArray names;
        for (const QJsonValue& name : params["names"].toArray()) {
            if (!manifest.contains(name.toString())) {
                names.append(name);
            }
        }
        m_process->answer(id, QJsonObject{{"names", names}});
    } else if (method == QLatin1String("manifest.page")) {
        QJsonArray entries;
        for (auto at = manifest.upperBound(params["after"].toString());
             at != manifest.end() && entries.size() < params["limit"].toInt(); ++at) {
            entries.append(*at);
        }
        const bool last = entries.isEmpty() || entries.last().toObject()["name"] == manifest.lastKey();
        m_process->answer(id, QJsonObject{{"entries", entries}, {"last", last}});
    } else {
        m_process->answer(
            id, fail(Error{.code = ErrorCode::InvalidArgument, .message = QStringLiteral("unknown ask")}));
    }
}

template <typename Condition>
bool MoverDriver::waitFor(Condition condition, int timeoutMs)
{
    return QTest::qWaitFor([&] { return condition() || m_ended; }, timeoutMs) && condition();
}

bool MoverDriver::finish(int timeoutMs)
{
    return waitFor([this] { return m_ended; }, timeoutMs);
}

bool MoverDriver::waitBlocked(const QString& what, int timeoutMs)
{
    return waitFor(
        [&] {
            return std::any_of(blocked.begin(), blocked.end(),
                               [&](const QJsonObject& event) { return event["what"].toString() == what; });
        },
        timeoutMs);
}

bool MoverDriver::waitEvent(const QString& name, int times, int timeoutMs)
{
    return waitFor([&] { return count(name) >= times; }, timeoutMs);
}

bool MoverDriver::waitBytes(qint64 bytes, int timeoutMs)
{
    return waitFor([&] { return progress["bytesDone"].toInteger() >= bytes; }, timeoutMs);
}

int MoverDriver::count(const QString& event) const
{
    return static_cast<int>(
        std::count_if(m_events.begin(), m_events.end(), [&](const auto& e) { return e.first == event; }));
}

QJsonObject MoverDriver::last(const QString& event) const
{
    for (auto at = m_events.crbegin(); at != m_events.crend(); ++at) {
        if (at->first == event) {
            return at->second;
        }
    }
    return {};
}

QByteArray MoverDriver::story() const
{
    QByteArray text;
    for (const auto& [name, params] : m_events.mid(std::max<qsizetype>(0, m_events.size() - 12))) {
        text += name.toUtf8() + ' ' + QJsonDocument(params).toJson(QJsonDocument::Compact) + '\n';
    }
    return text + logLines.join('\n').toUtf8() + "\nexit " + QByteArray::number(m_exitCode) + ' ' +
           QJsonDocument(failed).toJson(QJsonDocument::Compact);
}
