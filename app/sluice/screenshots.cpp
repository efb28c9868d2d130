#include "screenshots.h"

#include <QtCore/QDir>
#include <QtCore/QTextStream>
#include <QtGui/QPixmap>

#include "ui/pages/console.h"
#include "ui/session/live_rows.h"
#include "ui/session/session.h"
#include "ui/shell/main_window.h"
#include "ui/style/theme.h"

namespace sluice::app {
namespace {

/// Rows of a page arrive by the engine's answer; a page is looked at when they had time to.
constexpr int kStepMs = 700;
constexpr qint64 kPatienceMs = 30'000;
constexpr int kWidth = 1440;
constexpr int kHeight = 900;

}  // namespace

Screenshots::Screenshots(pages::Console& console, session::Session& session, style::Theme& look,
                         QString folder, QStringList themes, QObject* parent)
    : QObject(parent),
      m_console(console),
      m_session(session),
      m_look(look),
      m_folder(std::move(folder)),
      m_themes(std::move(themes))
{
    m_timer.setInterval(kStepMs);
    connect(&m_timer, &QTimer::timeout, this, &Screenshots::step);
}

void Screenshots::start()
{
    m_console.window().resize(kWidth, kHeight);
    nextTheme();
    m_since.start();
    m_timer.start();
}

void Screenshots::nextTheme()
{
    m_theme = m_themes.takeFirst();
    m_look.setMode(m_theme == QLatin1String("dark") ? style::ThemeMode::Dark : style::ThemeMode::Light);
    m_left = QStringList{"now", "flows", "storage", "keys", "audit"};
    if (!m_session.openCases().isEmpty()) {
        m_left.append(QStringLiteral("case"));
    }
}

bool Screenshots::ready() const
{
    return m_session.estate().isLoaded() && m_session.runs().isLoaded() && m_session.cases().isLoaded() &&
           m_session.audit().isLoaded() && m_session.roles().isLoaded();
}

void Screenshots::step()
{
    if (m_shown.isEmpty()) {
        if (!ready() && m_since.elapsed() < kPatienceMs) {
            return;
        }
        m_themes.prepend(m_theme);
        nextTheme();
    } else {
        m_written = save(m_shown) && m_written;
    }
    if (m_left.isEmpty() && !m_themes.isEmpty()) {
        nextTheme();
    }
    if (m_left.isEmpty()) {
        m_timer.stop();
        Q_EMIT finished(m_written);
        return;
    }
    m_shown = m_left.takeFirst();
    show(m_shown);
}

void Screenshots::show(const QString& page)
{
    if (page != QLatin1String("case")) {
        m_console.open(QStringLiteral("page"), page);
        return;
    }
    m_console.open(QStringLiteral("case"), {});
}

bool Screenshots::save(const QString& page)
{
    const QString file = QDir(m_folder).filePath(m_theme + '-' + page + QStringLiteral(".png"));
    const bool saved = QDir().mkpath(m_folder) && m_console.window().grab().save(file);
    QTextStream(saved ? stdout : stderr) << (saved ? "wrote " : "could not write ") << file << Qt::endl;
    return saved;
}

}  // namespace sluice::app
