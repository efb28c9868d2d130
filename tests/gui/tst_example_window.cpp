#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtWidgets/QApplication>
#include <QtWidgets/QTableView>

#include "engine/engine.h"
#include "engine/systems.h"
#include "patience.h"
#include "tests/support/example_system/example_system.h"
#include "tests/support/example_system/waterworks.h"
#include "ui/dialogs/window_dialogs.h"
#include "ui/pages/console.h"
#include "ui/pages/find_index.h"
#include "ui/session/rpc_engine_client.h"
#include "ui/session/session.h"
#include "ui/shell/page.h"
#include "ui/style/theme.h"
#include "ui/systems/systems.h"

using namespace sluice;

/// A system that nobody else knows, in a real engine, in the real window: no line of it is in the window.
class TestExampleWindow : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void itsEntitiesAreShownAndFound()
    {
        style::Theme theme(style::ThemeMode::Light);
        theme.applyTo(*qApp);
        QTemporaryDir dir;
        QVERIFY(QFile::setPermissions(dir.path(), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
        example::Waterworks works;
        works.valves = {{"north", {.open = true}}, {"south", {.open = false, .holder = "somebody"}}};
        connect::Systems systems = engine::systems();
        systems.push_back(example::system());
        const QString text = QStringLiteral(
                                 "profile: { name: example, colour: plum }\n"
                                 "connections:\n  works: { type: waterworks, url: \"%1\" }\n")
                                 .arg(works.url().toString());
        const auto config = config::parse(text, "example.yaml", connect::connectionTypesOf(systems));
        QVERIFY(config.has_value());
        const SystemClock clock;
        const QString state = dir.filePath("state");
        auto engine = engine::Engine::create({.stateDir = state,
                                              .config = *config,
                                              .systems = systems,
                                              .workerProgram = SLUICE_BIN_DIR "/sluice-worker"},
                                             clock);
        QVERIFY(engine.has_value());
        QVERIFY((*engine)->start().has_value());

        {
            session::RpcEngineClient client({.stateDir = state, .clientName = "sluice/test"}, clock, nullptr);
            session::Session session(client, clock);
            dialogs::WindowDialogs dialogs(theme, client, session.ticker());
            const QList<pages::SystemView> views = systems::views();
            pages::Console console({theme, session, dialogs, views}, clock);
            client.start();
            console.window().resize(1440, 900);
            console.window().show();
            QVERIFY(QTest::qWaitForWindowActive(&console.window()));
            pages::FindIndex find(session, views);
            QTRY_COMPARE(find.find("south", 5).size(), 1);
            const shell::FindHit hit = find.find("south", 5).first();
            QCOMPARE(hit.detail, QStringLiteral("Valve on works"));
            console.open(hit.kind, hit.id);
            QCOMPARE(console.window().currentPage()->objectName(), QStringLiteral("storage"));
            QTRY_COMPARE(console.window().currentPage()->currentTab(), QStringLiteral("works"));
            const auto rows = [&console] {
                QStringList rows;
                for (const QTableView* view :
                     console.window().currentPage()->findChildren<QTableView*>("rows.valve")) {
                    for (int row = 0; view->isVisible() && row < view->model()->rowCount(); ++row) {
                        QStringList cells;
                        for (int column = 0; column < 3; ++column) {
                            cells << view->model()->index(row, column).data().toString();
                        }
                        rows << cells.join('|');
                    }
                }
                return rows;
            };
            QTRY_COMPARE(rows(), (QStringList{"north|yes|", "south|no|somebody"}));
            works.valves["north"].open = false;
            QTRY_COMPARE(rows().value(0), QStringLiteral("north|no|"));
        }
        bool ended = false;
        QObject::connect(engine->get(), &engine::Engine::finished, this, [&ended] { ended = true; });
        (*engine)->stop();
        QTRY_VERIFY(ended);
    }
};

QTEST_MAIN(TestExampleWindow)
#include "tst_example_window.moc"
