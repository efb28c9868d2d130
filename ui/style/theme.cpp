#include "ui/style/theme.h"

#include <QtCore/QFile>
#include <QtWidgets/QApplication>
#include <array>

#include "ui/style/english_forms.h"
#include "ui/style/fonts.h"
#include "ui/style/sluice_style.h"
#include "ui/style/system_scheme.h"
#include "ui/style/theme_colours.h"

namespace sluice::style {

namespace {

struct TypeRole {
    int pixelSize{};
    int lineHeight{};
    Weight weight{Weight::Regular};
    /// Larger letters stand closer.
    qreal spacing{};
};

constexpr std::array<TypeRole, 7> kRoles{{
    {11, 16, Weight::Regular, 0},
    {12, 16, Weight::Regular, 0},
    {13, 20, Weight::Regular, 0},
    {15, 20, Weight::SemiBold, -0.08},
    {18, 24, Weight::SemiBold, -0.2},
    {22, 28, Weight::SemiBold, -0.3},
    {12, 18, Weight::Regular, 0},
}};

template <typename E>
constexpr size_t at(E value)
{
    return static_cast<size_t>(value);
}

std::unique_ptr<ThemeColours> load(const QString& name)
{
    QFile file(QStringLiteral(":/sluice/themes/%1.json").arg(name));
    const QByteArray json = file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    Result<ThemeColours> colours = parseThemeColours(json);
    if (!colours) {
        qFatal("%s", qPrintable(colours.error().toLine()));
    }
    return std::make_unique<ThemeColours>(std::move(*colours));
}

}  // namespace

Theme::Theme(ThemeMode mode, QObject* parent)
    : QObject(parent),
      m_mode(mode),
      m_light(load(QStringLiteral("light"))),
      m_dark(load(QStringLiteral("dark"))),
      m_system(new SystemScheme(this))
{
    const FontFamilies families = loadFonts();
    m_uiFamily = families.ui;
    m_monoFamily = families.mono;
    m_colours = m_light.get();
    resolve();
    connect(m_system, &SystemScheme::changed, this, &Theme::resolve);
}

Theme::~Theme() = default;

void Theme::applyTo(QApplication& application)
{
    EnglishForms::installOn(application);
    application.setStyle(new SluiceStyle(*this));
    const auto give = [this, &application] {
        application.setPalette(palette());
        application.setFont(font(Type::Body));
    };
    give();
    connect(this, &Theme::changed, &application, give);
}

void Theme::setMode(ThemeMode mode)
{
    m_mode = mode;
    resolve();
}

bool Theme::isDark() const
{
    return m_colours == m_dark.get();
}

void Theme::resolve()
{
    const bool dark = m_mode == ThemeMode::Dark || (m_mode == ThemeMode::System && m_system->isDark());
    const ThemeColours* colours = dark ? m_dark.get() : m_light.get();
    if (colours == m_colours) {
        return;
    }
    m_colours = colours;
    Q_EMIT changed();
}

QColor Theme::surface(Surface surface) const
{
    return m_colours->surfaces[at(surface)];
}

QColor Theme::ink(Ink ink) const
{
    return m_colours->inks[at(ink)];
}

QColor Theme::line(Line line) const
{
    return m_colours->lines[at(line)];
}

QColor Theme::accent(Accent accent) const
{
    return m_colours->accents[at(accent)];
}

QColor Theme::shape(Tone tone) const
{
    return m_colours->shapes[at(tone)];
}

QColor Theme::word(Tone tone) const
{
    return tone == Tone::Ok || tone == Tone::Neutral ? ink(Ink::Secondary) : m_colours->words[at(tone)];
}

QColor Theme::wash(Tone tone) const
{
    return m_colours->washes[at(tone)];
}

HeatStep Theme::heat(double percent) const
{
    HeatStep step = m_colours->heat.first();
    for (const HeatStep& candidate : m_colours->heat) {
        if (percent >= candidate.from) {
            step = candidate;
        }
    }
    return step;
}

int Theme::heatSteps() const
{
    return static_cast<int>(m_colours->heat.size());
}

HeatStep Theme::heatStep(int index) const
{
    return m_colours->heat.value(index);
}

QColor Theme::profile(QStringView name) const
{
    const auto it = m_colours->profiles.constFind(name.toString());
    return it != m_colours->profiles.cend() ? *it : m_colours->profiles.value(QStringLiteral("slate"));
}

QFont Theme::font(Type type) const
{
    return font(type, kRoles[at(type)].weight);
}

QFont Theme::font(Type type, Weight weight) const
{
    QFont font(type == Type::Mono ? m_monoFamily : m_uiFamily);
    font.setPixelSize(pixelSize(type));
    font.setWeight(weight == Weight::Regular  ? QFont::Normal
                   : weight == Weight::Medium ? QFont::Medium
                                              : QFont::DemiBold);
    if (kRoles[at(type)].spacing != 0) {
        font.setLetterSpacing(QFont::AbsoluteSpacing, kRoles[at(type)].spacing);
    }
    font.setHintingPreference(QFont::PreferNoHinting);
    return font;
}

int Theme::pixelSize(Type type)
{
    return kRoles[at(type)].pixelSize;
}

int Theme::lineHeight(Type type)
{
    return kRoles[at(type)].lineHeight;
}

QPalette Theme::palette() const
{
    QPalette palette;
    palette.setColor(QPalette::Window, surface(Surface::Window));
    palette.setColor(QPalette::WindowText, ink(Ink::Primary));
    palette.setColor(QPalette::Base, surface(Surface::Pane));
    palette.setColor(QPalette::AlternateBase, surface(Surface::Inset));
    palette.setColor(QPalette::Text, ink(Ink::Primary));
    palette.setColor(QPalette::BrightText, ink(Ink::OnAccent));
    palette.setColor(QPalette::PlaceholderText, ink(Ink::Tertiary));
    palette.setColor(QPalette::Button, surface(Surface::Raised));
    palette.setColor(QPalette::ButtonText, ink(Ink::Primary));
    palette.setColor(QPalette::Highlight, surface(Surface::Selected));
    palette.setColor(QPalette::HighlightedText, ink(Ink::Primary));
    palette.setColor(QPalette::Link, accent(Accent::Base));
    palette.setColor(QPalette::LinkVisited, accent(Accent::Base));
    palette.setColor(QPalette::ToolTipBase, surface(Surface::Raised));
    palette.setColor(QPalette::ToolTipText, ink(Ink::Primary));
    palette.setColor(QPalette::Light, surface(Surface::Raised));
    palette.setColor(QPalette::Midlight, line(Line::Hairline));
    palette.setColor(QPalette::Mid, line(Line::Strong));
    palette.setColor(QPalette::Dark, line(Line::Control));
    palette.setColor(QPalette::Shadow, line(Line::Strong));
    for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
        palette.setColor(QPalette::Disabled, role, ink(Ink::Disabled));
    }
    palette.setColor(QPalette::Disabled, QPalette::Base, surface(Surface::Inset));
    return palette;
}

}  // namespace sluice::style
