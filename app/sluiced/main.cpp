#include <sys/resource.h>
#include <unistd.h>

#include <QtCore/QCommandLineParser>
#include <QtCore/QCoreApplication>
#include <QtCore/QSocketNotifier>
#include <QtCore/QTextStream>
#include <QtCore/QThreadPool>

#include "core/descriptors.h"
#include "core/kept_threads.h"
#include "core/log.h"
#include "engine/engine.h"
#include "engine/systems.h"
#include "rpc/endpoint.h"

using namespace sluice;

namespace {

int refuse(const Error& error)
{
    QTextStream(stderr) << "sluiced: " << error.toLine() << Qt::endl;
    return 1;
}

}  // namespace

int main(int argc, char** argv)
{
    const int signals = endSignalDescriptor();
    raiseDescriptorLimit();
    // It holds keys: no core dumps, nor from what it starts.
    const rlimit none{};
    ::setrlimit(RLIMIT_CORE, &none);
    QCoreApplication app(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("sluiced"));
    QCoreApplication::setApplicationVersion(QStringLiteral(SLUICE_VERSION));
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral("Sluice's engine: watches, diagnoses, moves, records."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addOptions(
        {{"config", "Configuration file.", "file", config::defaultConfigFile()},
         {"state-dir", "Folder of everything this engine keeps.", "dir", config::defaultStateDir()},
         {"port", "Port on 127.0.0.1; 0 takes a free one.", "port", "0"},
         {"worker", "Path of sluice-worker.", "file",
          QCoreApplication::applicationDirPath() + QStringLiteral("/sluice-worker")},
         {"private", "End by itself when it has neither clients nor work."},
         {"debug", "Log more."},
         {"print-protocol", "Print the protocol document and end."}});
    parser.process(app);
    const auto systems = engine::systems();
    if (parser.isSet(QStringLiteral("print-protocol"))) {
        QTextStream(stdout) << engine::Engine::protocolMarkdown(systems);
        return 0;
    }
    const auto port = rpc::portFromText(parser.value(QStringLiteral("port")));
    auto config =
        config::load(parser.value(QStringLiteral("config")), sluice::connect::connectionTypesOf(systems));
    if (!port || !config) {
        return refuse(port ? config.error() : port.error());
    }
    keepThreads(*QThreadPool::globalInstance());
    const QString stateDir = parser.value(QStringLiteral("state-dir"));
    const SystemClock clock;
    auto engine = engine::Engine::create({.stateDir = stateDir,
                                          .config = *config,
                                          .systems = systems,
                                          .workerProgram = parser.value(QStringLiteral("worker")),
                                          .port = *port,
                                          .endsWhenIdle = parser.isSet(QStringLiteral("private"))},
                                         clock);
    if (!engine) {
        return refuse(engine.error());
    }
    const auto level = parser.isSet(QStringLiteral("debug")) ? log::Level::Debug : log::Level::Info;
    log::init(QStringLiteral("sluiced"), stateDir + QStringLiteral("/logs/sluiced.log"), level);
    if (auto started = (*engine)->start(); !started) {
        return refuse(started.error());
    }
    QObject::connect(engine->get(), &engine::Engine::finished, &app, &QCoreApplication::quit);
    QSocketNotifier onSignal(signals, QSocketNotifier::Read);
    QObject::connect(&onSignal, &QSocketNotifier::activated, engine->get(), [&engine, &onSignal] {
        onSignal.setEnabled(false);
        (*engine)->stop();
    });
    return QCoreApplication::exec();
}
