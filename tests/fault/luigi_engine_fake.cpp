#include <QtCore/QCoreApplication>
#include <QtCore/QJsonDocument>
#include <cstdio>

#include "core/clock.h"
#include "luigi/luigi_run.h"

/// An engine that only starts one Luigi task: luigi_engine_fake PROGRAM WORKDIR MARKER. Prints the process
/// mark, then every log line, and waits to be killed.
int main(int argc, char** argv)
{
    QCoreApplication app(argc, argv);
    const QStringList arguments = app.arguments();
    sluice::SystemClock clock;
    sluice::luigi::LuigiRun run({.program = arguments.value(1),
                                 .module = QStringLiteral("lab"),
                                 .family = QStringLiteral("Features"),
                                 .schedulerUrl = QUrl(QStringLiteral("http://127.0.0.1:1")),
                                 .workDir = arguments.value(2),
                                 .marker = arguments.value(3)},
                                clock);
    const auto print = [](const QByteArray& line) {
        std::fwrite(line.constData(), 1, size_t(line.size()), stdout);
        std::fputc('\n', stdout);
        std::fflush(stdout);
    };
    QObject::connect(&run, &sluice::luigi::LuigiRun::started, &app,
                     [&](const sluice::luigi::ProcessMark& mark) {
                         print(QJsonDocument(mark.toJson()).toJson(QJsonDocument::Compact));
                     });
    QObject::connect(&run, &sluice::luigi::LuigiRun::logLine, &app,
                     [&](const QString&, const QString& text) { print(text.toUtf8()); });
    run.start();
    return QCoreApplication::exec();
}
