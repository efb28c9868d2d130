#pragma once

#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QProcess>

#include "support/wait.h"

namespace sluice::test {

/// One start of sluicectl; the loop goes on, so that the engine in this process can answer it.
class Ctl {
public:
    explicit Ctl(const QStringList& arguments, const QByteArray& input = {})
    {
        m_process.setProgram(QStringLiteral(SLUICE_BIN_DIR "/sluicectl"));
        m_process.setArguments(arguments);
        QObject::connect(&m_process, &QProcess::readyReadStandardOutput,
                         [this] { m_out += m_process.readAllStandardOutput(); });
        QObject::connect(&m_process, &QProcess::readyReadStandardError,
                         [this] { m_err += m_process.readAllStandardError(); });
        m_process.start();
        if (!input.isEmpty()) {
            m_process.write(input);
        }
        m_process.closeWriteChannel();
    }
    ~Ctl()
    {
        m_process.kill();
        m_process.waitForFinished();
    }

    /// The exit code; -1 if it does not end or crashes.
    int code()
    {
        const bool ended = waitFor([this] { return m_process.state() == QProcess::NotRunning; }, 15'000);
        m_out += m_process.readAllStandardOutput();
        m_err += m_process.readAllStandardError();
        return ended && m_process.exitStatus() == QProcess::NormalExit ? m_process.exitCode() : -1;
    }
    QString out() const { return QString::fromUtf8(m_out); }
    QString err() const { return QString::fromUtf8(m_err); }
    QJsonObject json() const { return QJsonDocument::fromJson(m_out).object(); }
    bool waitOut(const QString& text)
    {
        return waitFor([&] { return out().contains(text) || m_process.state() == QProcess::NotRunning; }) &&
               out().contains(text);
    }

private:
    QProcess m_process;
    QByteArray m_out;
    QByteArray m_err;
};

}  // namespace sluice::test
