#pragma once

#include <memory>

#include "fake_engine_rows.h"
#include "patience.h"
#include "ui/dialogs/window_dialogs.h"
#include "ui/pages/console.h"
#include "ui/session/session.h"
#include "ui/style/theme.h"
#include "ui/systems/systems.h"
#include "ui/widgets/item_widget.h"

namespace sluice::test {

/// The dialogs as they are, but a file is picked by the test.
class PickedFiles final : public dialogs::WindowDialogs {
public:
    using WindowDialogs::WindowDialogs;

    void pickFlowFile(QWidget*, std::function<void(const QString&)> done) override { done(flowFile); }
    void pickSaveFile(QWidget*, const QString&, const QStringList&,
                      std::function<void(const QString&)> done) override
    {
        done(saveFile);
    }

    QString flowFile{};
    QString saveFile{};
};

/// What each part of a drawn list says.
QStringList partNames(const widgets::ItemWidget* widget);

/// The real window on an engine in memory, 1440×900.
class PagesBench {
public:
    using Scene = void (*)(FakeEngine&, qint64);

    explicit PagesBench(Scene scene, bool connected = true, style::ThemeMode mode = style::ThemeMode::Light);

    shell::MainWindow& window() { return console.window(); }
    shell::Page* page() { return window().currentPage(); }
    /// The named child of the page that is shown; fails the test if there is none.
    template <typename T>
    T* child(const QString& name)
    {
        T* found = page()->findChild<T*>(name);
        if (found == nullptr) {
            qFatal("%s has no %s", qPrintable(page()->objectName()), qPrintable(name));
        }
        return found;
    }
    void key(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier);
    /// The dialog that is open, or null.
    QDialog* dialog();
    /// Saves the window, with the dialog that is open, as NAME.png into $SLUICE_SCREENSHOTS, or else a folder
    /// of its own that goes away; it has to look as the one that is kept.
    void shoot(const QString& name);

    FakeClock clock{kSceneMs};
    FakeEngine engine{clock};
    style::Theme& theme;
    session::Session session{engine, clock};
    PickedFiles dialogs{theme, engine, session.ticker()};
    const QList<pages::SystemView> systems = sluice::systems::views();
    pages::Console console;
};

}  // namespace sluice::test
