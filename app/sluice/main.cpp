#include <QtCore/QCommandLineParser>
#include <QtWidgets/QApplication>
#include <memory>

#include "core/clock.h"
#include "no_display.h"
#include "rpc/endpoint.h"
#include "screenshots.h"
#include "ui/dialogs/window_dialogs.h"
#include "ui/pages/console.h"
#include "ui/pages/page_context.h"
#include "ui/session/engine_launcher.h"
#include "ui/session/rpc_engine_client.h"
#include "ui/session/session.h"
#include "ui/shell/main_window.h"
#include "ui/style/theme.h"
#include "ui/systems/systems.h"

namespace {

sluice::style::ThemeMode modeOf(const QString& name)
{
    return name == QLatin1String("light")  ? sluice::style::ThemeMode::Light
           : name == QLatin1String("dark") ? sluice::style::ThemeMode::Dark
                                           : sluice::style::ThemeMode::System;
}

void describe(QCommandLineParser& parser)
{
    QCoreApplication::setApplicationName(QStringLiteral("sluice"));
    QCoreApplication::setApplicationVersion(QStringLiteral(SLUICE_VERSION));
    parser.setApplicationDescription(
        QStringLiteral("Sluice, the operations console for data pipelines on replicated storage."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addOptions(
        {{"state-dir", "State folder of the engine.", "dir", sluice::rpc::defaultStateDir()},
         {"config", "Configuration for a private engine, if none is running.", "file"},
         {"theme", "light, dark or system.", "name", "system"},
         {"screenshots", "Write every page as a PNG into this folder, light and dark, and end.", "dir"}});
}

}  // namespace

int main(int argc, char** argv)
{
    QCommandLineParser parser;
    if (sluice::app::onlyTells(argc, argv)) {
        const QCoreApplication app(argc, argv);
        describe(parser);
        parser.process(app);
    }
    const QtMessageHandler usual = qInstallMessageHandler(sluice::app::tellMissingDisplay);
    QApplication app(argc, argv);
    qInstallMessageHandler(usual);
    describe(parser);
    parser.process(app);
    const QString shots = parser.value(QStringLiteral("screenshots"));

    const sluice::SystemClock clock;
    sluice::style::Theme look(modeOf(parser.value(QStringLiteral("theme"))));
    look.applyTo(app);
    sluice::session::ProcessEngineLauncher launcher(QApplication::applicationDirPath());
    sluice::session::RpcEngineClient client({.stateDir = parser.value(QStringLiteral("state-dir")),
                                             .configFile = parser.value(QStringLiteral("config")),
                                             .clientName = QStringLiteral("sluice/" SLUICE_VERSION)},
                                            clock, &launcher);
    sluice::session::Session session(client, clock);
    sluice::dialogs::WindowDialogs dialogs(look, client, session.ticker());
    const QList<sluice::pages::SystemView> systems = sluice::systems::views();
    sluice::pages::Console console({look, session, dialogs, systems}, clock);
    client.start();
    console.window().show();

    std::unique_ptr<sluice::app::Screenshots> screenshots;
    if (!shots.isEmpty()) {
        QStringList themes{QStringLiteral("light"), QStringLiteral("dark")};
        if (parser.isSet(QStringLiteral("theme"))) {
            themes = QStringList{look.isDark() ? QStringLiteral("dark") : QStringLiteral("light")};
        }
        screenshots = std::make_unique<sluice::app::Screenshots>(console, session, look, shots, themes);
        QObject::connect(screenshots.get(), &sluice::app::Screenshots::finished, &app,
                         [](bool written) { QApplication::exit(written ? 0 : 1); });
        screenshots->start();
    }
    return QApplication::exec();
}
