#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QObject>
#include <functional>

#include "arguments.h"
#include "core/clock.h"
#include "exit_code.h"
#include "rpc/client.h"

namespace sluice::ctl {

/// What a command works with: its arguments, the engine, the two output streams, and the one way to end.
class Context : public QObject {
    Q_OBJECT

public:
    explicit Context(Arguments arguments, QObject* parent = nullptr);

    /// Runs the command, after connecting if it needs an engine.
    void start();
    /// Connects, then goes on with `then`; ends with Unreachable if there is no engine.
    void connectThen(std::function<void()> then);

    const Arguments& arguments() const { return m_arguments; }
    /// The n-th argument, which parsing made sure is there.
    QString argument(int n) const { return m_arguments.positional.value(n); }
    rpc::Client& client() { return m_client; }
    const Clock& clock() const { return m_clock; }
    qint64 nowMs() const { return m_clock.nowMs(); }
    bool json() const { return m_arguments.has(QStringLiteral("json")); }
    bool watch() const { return m_arguments.has(QStringLiteral("watch")); }
    QString stateDir() const;

    /// Calls; an error ends the command with it. Without --json the answer's texts are as they are shown.
    void call(const QString& method, const QJsonObject& params, std::function<void(const QJsonObject&)> then,
              int timeoutMs = 30'000);
    /// As call(), every text as it came: for what is written to a file.
    void callRaw(const QString& method, const QJsonObject& params,
                 std::function<void(const QJsonObject&)> then, int timeoutMs = 30'000);
    /// As call(), with requestId, and reason if one was given.
    void change(const QString& method, QJsonObject params, std::function<void(const QJsonObject&)> then);
    /// A positive number of an option; ends the command with Usage if it is none.
    bool number(const QString& option, int otherwise, int* value);

    /// Line breaks are ours; whatever else is not seen or steers a terminal is escaped.
    void print(const QString& text);
    void printJson(const QJsonObject& object);
    /// Exactly these to a file or another program; a terminal gets what is safe for it.
    void printBytes(const QByteArray& bytes);
    /// To standard error.
    void remark(const QString& text);
    /// Explains on standard error; with --json also as {"error": …} on standard output.
    void explain(const Error& error);

    /// An accepted change is under way: if the engine goes now, its outcome is unknown. Empty: it has ended.
    void setUnderWay(const QString& action) { m_underWay = action; }

    void finish(ExitCode code);
    void finish(const Error& error);
    bool isFinished() const { return m_finished; }

private:
    /// Looks for the engine and connects; what may pass is tried again a few times.
    void reach();

    Arguments m_arguments;
    SystemClock m_clock;
    rpc::Client m_client;
    QString m_underWay;
    bool m_finished{false};
    bool m_reached{false};
    int m_tries{0};
};

/// On standard error: what happened, why, what to do; with `json` also as {"error": …} on standard output.
void printError(const Error& error, bool json);

}  // namespace sluice::ctl
