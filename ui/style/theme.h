#pragma once

#include <QtCore/QObject>
#include <QtCore/QStringView>
#include <QtGui/QColor>
#include <QtGui/QFont>
#include <QtGui/QPalette>
#include <memory>

#include "ui/style/tokens.h"

class QApplication;

namespace sluice::style {

class SystemScheme;
struct ThemeColours;

/// Where the colours come from: the desktop, or one of the two by choice.
enum class ThemeMode { System, Light, Dark };

/// One step of the use-in-percent scale.
struct HeatStep {
    double from{};
    QColor fill{};
    QColor text{};
};

/// Colours, fonts and palette of the window. Made once in main and handed to everything that draws.
/// @thread GUI thread
class Theme : public QObject {
    Q_OBJECT

public:
    explicit Theme(ThemeMode mode = ThemeMode::System, QObject* parent = nullptr);
    ~Theme() override;

    /// Gives the application this theme's style, palette and font, now and whenever the theme changes.
    void applyTo(QApplication& application);

    ThemeMode mode() const { return m_mode; }
    void setMode(ThemeMode mode);
    bool isDark() const;

    QColor surface(Surface surface) const;
    QColor ink(Ink ink) const;
    QColor line(Line line) const;
    QColor accent(Accent accent) const;
    /// The colour of a tone's shape: glyphs, bars, borders. At least 3:1 on every surface.
    QColor shape(Tone tone) const;
    /// The colour of a state's word: the tone for exceptions and for what moves, grey for what is quiet.
    QColor word(Tone tone) const;
    QColor wash(Tone tone) const;
    /// The step a use in percent falls into; below the first step it is the first.
    HeatStep heat(double percent) const;
    int heatSteps() const;
    HeatStep heatStep(int index) const;
    /// plum, slate, moss; slate for a name it does not know.
    QColor profile(QStringView name) const;

    /// The font of a role. The figures of the UI family all have one width.
    QFont font(Type type) const;
    QFont font(Type type, Weight weight) const;
    static int pixelSize(Type type);
    static int lineHeight(Type type);

    QPalette palette() const;

Q_SIGNALS:
    /// Every colour may be another one now.
    void changed();

private:
    void resolve();

    ThemeMode m_mode{ThemeMode::System};
    std::unique_ptr<ThemeColours> m_light;
    std::unique_ptr<ThemeColours> m_dark;
    const ThemeColours* m_colours{};
    SystemScheme* m_system{};
    QString m_uiFamily{};
    QString m_monoFamily{};
};

}  // namespace sluice::style
