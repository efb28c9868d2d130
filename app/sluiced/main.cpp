#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
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
#include "rpc/endpoint.h"

namespace {

/// SIGTERM and SIGINT as an event of the loop. Blocked before any thread exists, so that all inherit it.
int signalDescriptor()
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int refuse(const sluice::Error& error)
{
    QTextStream(stderr) << "sluiced: " << error.toLine() << Qt::endl;
    return 1;
}

}  // namespace

int main(int argc, char** argv)
{
    const int signals = signalDescriptor();
    sluice::raiseDescriptorLimit();
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
        {{"config", "Configuration file.", "file", sluice::config::defaultConfigFile()},
         {"state-dir", "Folder of everything this engine keeps.", "dir", sluice::config::defaultStateDir()},
         {"port", "Port on 127.0.0.1; 0 takes a free one.", "port", "0"},
         {"worker", "Path of sluice-worker.", "file",
          QCoreApplication::applicationDirPath() + QStringLiteral("/sluice-worker")},
         {"private", "End by itself when it has neither clients nor work."},
         {"debug", "Log more."},
         {"print-protocol", "Print the protocol document and end."}});
    parser.process(app);
    if (parser.isSet(QStringLiteral("print-protocol"))) {
        QTextStream(stdout) << sluice::engine::Engine::protocolMarkdown();
        return 0;
    }
    const auto port = sluice::rpc::portFromText(parser.value(QStringLiteral("port")));
    auto config = sluice::config::load(parser.value(QStringLiteral("config")));
    if (!port || !config) {
        return refuse(port ? config.error() : port.error());
    }
    sluice::keepThreads(*QThreadPool::globalInstance());
    const QString stateDir = parser.value(QStringLiteral("state-dir"));
    const sluice::SystemClock clock;
    auto engine = sluice::engine::Engine::create({.stateDir = stateDir,
                                                  .config = *config,
                                                  .workerProgram = parser.value(QStringLiteral("worker")),
                                                  .port = *port,
                                                  .endsWhenIdle = parser.isSet(QStringLiteral("private"))},
                                                 clock);
    if (!engine) {
        return refuse(engine.error());
    }
    using sluice::log::Level;
    sluice::log::init(QStringLiteral("sluiced"), stateDir + QStringLiteral("/logs/sluiced.log"),
                      parser.isSet(QStringLiteral("debug")) ? Level::Debug : Level::Info);
    if (auto started = (*engine)->start(); !started) {
        return refuse(started.error());
    }
    QObject::connect(engine->get(), &sluice::engine::Engine::finished, &app, &QCoreApplication::quit);
    QSocketNotifier onSignal(signals, QSocketNotifier::Read);
    QObject::connect(&onSignal, &QSocketNotifier::activated, engine->get(), [&engine, &onSignal] {
        onSignal.setEnabled(false);
        (*engine)->stop();
    });
    return QCoreApplication::exec();
}
