#include "context.h"

#include <unistd.h>
#include <QtCore/QCoreApplication>
#include <QtCore/QDir>
#include <QtCore/QTimer>

#include <cstdio>

#include "core/visible_text.h"
#include "rpc/endpoint.h"
#include "words.h"

namespace sluice::ctl {
namespace {

void write(FILE* stream, const QString& text)
{
    const QByteArray bytes = text.toUtf8();
    std::fwrite(bytes.constData(), 1, static_cast<size_t>(bytes.size()), stream);
    std::fflush(stream);
}

QString indented(const QString& label, const QString& text)
{
    return text.isEmpty() ? QString() : QStringLiteral("  %1: %2\n").arg(label, visibleText(text));
}

/// Nothing was asked for yet, so that trying again does nothing twice.
constexpr int kMostTries = 4;
constexpr int kAgainMs = 100;

/// An engine that is just being started again, or a flood in which this connection was not the newest.
bool mayPass(const Error& error)
{
    return error.retryable &&
           (error.code == ErrorCode::Unavailable || error.code == ErrorCode::ResourceExhausted);
}

}  // namespace

void printError(const Error& error, bool json)
{
    if (json) {
        write(stdout, compactJson({{"error", error.toJson()}}) + '\n');
    }
    QString text = QStringLiteral("sluicectl: ") + visibleText(error.message) + '\n';
    text += indented(QStringLiteral("why"), error.cause);
    text += indented(QStringLiteral(" do"), error.correction);
    if (error.upstream) {
        text += QStringLiteral("  %1: %2 %3\n")
                    .arg(error.upstream->system, QString::number(error.upstream->code),
                         visibleText(error.upstream->text));
    }
    write(stderr, visiblePage(text));
}

Context::Context(Arguments arguments, QObject* parent) : QObject(parent), m_arguments(std::move(arguments))
{
    connect(&m_client, &rpc::Client::identified, this, [this] { m_reached = true; });
    connect(&m_client, &rpc::Client::disconnected, this, [this](const Error& error) {
        if (!m_finished && !m_underWay.isEmpty()) {
            finish(Error{.code = ErrorCode::OutcomeUnknown,
                         .message = QStringLiteral("What became of %1 is not known").arg(m_underWay),
                         .cause = error.message,
                         .correction = QStringLiteral(
                             "Look before doing it again: sluicectl audit list, once an engine runs."),
                         .source = QStringLiteral("sluicectl")});
        } else if (!m_finished && !m_reached && mayPass(error) && ++m_tries < kMostTries) {
            QTimer::singleShot(kAgainMs, this, &Context::reach);
        } else if (!m_finished) {
            explain(error);
            const bool unreachable =
                error.code == ErrorCode::Unavailable || error.code == ErrorCode::DeadlineExceeded;
            finish(unreachable ? ExitCode::Unreachable : exitCodeOf(error));
        }
    });
}

QString Context::stateDir() const
{
    return QDir(m_arguments.value(QStringLiteral("state-dir"), rpc::defaultStateDir())).absolutePath();
}

void Context::start()
{
    if (!m_arguments.command->online) {
        m_arguments.command->run(*this);
        return;
    }
    connectThen([this] { m_arguments.command->run(*this); });
}

void Context::connectThen(std::function<void()> then)
{
    connect(&m_client, &rpc::Client::identified, this, [then = std::move(then)] { then(); });
    reach();
}

void Context::reach()
{
    const auto endpoint = rpc::findEngine(stateDir());
    if (!endpoint) {
        explain(endpoint.error());
        finish(endpoint.error().code == ErrorCode::Unavailable ? ExitCode::Unreachable : ExitCode::Refused);
        return;
    }
    m_client.connectTo(*endpoint, QStringLiteral("sluicectl/" SLUICE_VERSION));
}

void Context::call(const QString& method, const QJsonObject& params,
                   std::function<void(const QJsonObject&)> then, int timeoutMs)
{
    callRaw(
        method, params,
        [this, then = std::move(then)](const QJsonObject& answer) {
            then(json() ? answer : visibleRow(answer));
        },
        timeoutMs);
}

void Context::callRaw(const QString& method, const QJsonObject& params,
                      std::function<void(const QJsonObject&)> then, int timeoutMs)
{
    m_client.call(
        method, params, this,
        [this, then = std::move(then)](const Result<QJsonObject>& answer) {
            if (m_finished) {
                return;
            }
            if (answer) {
                then(*answer);
            } else if (m_client.isIdentified() || answer.error().code == ErrorCode::OutcomeUnknown) {
                finish(answer.error());
            }
            // Otherwise the connection has ended, and disconnected() says why.
        },
        timeoutMs);
}

void Context::change(const QString& method, QJsonObject params, std::function<void(const QJsonObject&)> then)
{
    params["requestId"] = m_arguments.value(QStringLiteral("request-id"), rpc::Client::newRequestId());
    if (m_arguments.has(QStringLiteral("reason"))) {
        params["reason"] = m_arguments.value(QStringLiteral("reason"));
    }
    call(method, params, std::move(then));
}

bool Context::number(const QString& option, int otherwise, int* value)
{
    *value = otherwise;
    if (!m_arguments.has(option)) {
        return true;
    }
    bool ok = false;
    *value = m_arguments.value(option).toInt(&ok);
    if (!ok || *value <= 0) {
        explain(
            Error{.code = ErrorCode::InvalidArgument,
                  .message =
                      QStringLiteral("--%1 is no positive number: %2").arg(option, m_arguments.value(option)),
                  .source = QStringLiteral("sluicectl")});
        finish(ExitCode::Usage);
        return false;
    }
    return true;
}

void Context::print(const QString& text)
{
    write(stdout, visiblePage(text));
}

void Context::printJson(const QJsonObject& object)
{
    write(stdout, compactJson(object) + '\n');
}

void Context::printBytes(const QByteArray& bytes)
{
    if (::isatty(STDOUT_FILENO) == 1) {
        print(QString::fromUtf8(bytes));
        return;
    }
    std::fwrite(bytes.constData(), 1, static_cast<size_t>(bytes.size()), stdout);
    std::fflush(stdout);
}

void Context::remark(const QString& text)
{
    write(stderr, visiblePage(text));
}

void Context::explain(const Error& error)
{
    printError(error, json());
}

void Context::finish(ExitCode code)
{
    if (!m_finished) {
        m_finished = true;
        QCoreApplication::exit(static_cast<int>(code));
    }
}

void Context::finish(const Error& error)
{
    if (!m_finished) {
        explain(error);
        finish(exitCodeOf(error));
    }
}

}  // namespace sluice::ctl
