#pragma once

#include <QtCore/QElapsedTimer>
#include <QtCore/QObject>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <QtCore/QTimer>

namespace sluice::pages {
class Console;
}
namespace sluice::session {
class Session;
}
namespace sluice::style {
class Theme;
}

namespace sluice::app {

/// Opens every page once the engine's rows are there, in each theme, and writes it as a PNG:
/// <folder>/<theme>-<page>.png. Emits finished() at the end; without an engine within half a minute the pages
/// are written as they are then.
class Screenshots final : public QObject {
    Q_OBJECT

public:
    /// Console, session and look outlive this. `themes`: light, dark.
    Screenshots(pages::Console& console, session::Session& session, style::Theme& look, QString folder,
                QStringList themes, QObject* parent = nullptr);
    void start();

Q_SIGNALS:
    void finished(bool written);

private:
    void step();
    bool ready() const;
    void nextTheme();
    void show(const QString& page);
    bool save(const QString& page);

    pages::Console& m_console;
    session::Session& m_session;
    style::Theme& m_look;
    QString m_folder;
    QStringList m_themes;
    QString m_theme{};
    QStringList m_left{};
    QString m_shown{};
    QElapsedTimer m_since{};
    QTimer m_timer{};
    bool m_written{true};
};

}  // namespace sluice::app
