#include "ui/style/theme_colours.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

namespace sluice::style {

namespace {

/// Reads colours and remembers the first that is missing.
class Reader {
public:
    explicit Reader(const QJsonObject& root) : m_root(root) {}

    template <size_t N>
    void read(const QString& group, const std::array<const char*, N>& names, std::array<QColor, N>& into)
    {
        const QJsonObject object = m_root.value(group).toObject();
        for (size_t i = 0; i < N; ++i) {
            into[i] = colour(object, QLatin1String(names[i]), group);
        }
    }

    QColor colour(const QJsonObject& object, const QString& name, const QString& where)
    {
        const QColor colour(object.value(name).toString());
        if (!colour.isValid() && m_missing.isEmpty()) {
            m_missing = where + QLatin1Char('.') + name;
        }
        return colour;
    }

    const QString& missing() const { return m_missing; }

private:
    QJsonObject m_root{};
    QString m_missing{};
};

Error themeError(const QString& message)
{
    return Error{.code = ErrorCode::InvalidArgument,
                 .message = message,
                 .cause = QStringLiteral("The theme file of this build is damaged."),
                 .correction = QStringLiteral("Install Sluice again."),
                 .source = QStringLiteral("theme")};
}

}  // namespace

Result<ThemeColours> parseThemeColours(const QByteArray& json)
{
    QJsonParseError parseError{};
    const QJsonObject root = QJsonDocument::fromJson(json, &parseError).object();
    if (parseError.error != QJsonParseError::NoError) {
        return tl::unexpected(themeError(QStringLiteral("A theme is no JSON: ") + parseError.errorString()));
    }
    ThemeColours colours;
    Reader reader(root);
    reader.read<7>(QStringLiteral("surface"),
                   {"window", "pane", "inset", "raised", "hover", "selected", "scrim"}, colours.surfaces);
    reader.read<5>(QStringLiteral("text"), {"primary", "secondary", "tertiary", "disabled", "onAccent"},
                   colours.inks);
    reader.read<3>(QStringLiteral("line"), {"hairline", "strong", "control"}, colours.lines);
    reader.read<4>(QStringLiteral("accent"), {"base", "hover", "wash", "focus"}, colours.accents);
    const QJsonObject tones = root.value(QStringLiteral("tone")).toObject();
    static constexpr std::array<const char*, 5> kTones{"ok", "progress", "warn", "crit", "neutral"};
    for (size_t i = 0; i < kTones.size(); ++i) {
        const QString name = QLatin1String(kTones[i]);
        const QJsonObject tone = tones.value(name).toObject();
        colours.words[i] = reader.colour(tone, QStringLiteral("word"), name);
        colours.shapes[i] = reader.colour(tone, QStringLiteral("shape"), name);
        colours.washes[i] = reader.colour(tone, QStringLiteral("wash"), name);
    }
    const QJsonArray heat = root.value(QStringLiteral("heat")).toArray();
    for (const QJsonValue& value : heat) {
        const QJsonObject step = value.toObject();
        colours.heat.append({step.value(QStringLiteral("from")).toDouble(),
                             reader.colour(step, QStringLiteral("fill"), QStringLiteral("heat")),
                             reader.colour(step, QStringLiteral("text"), QStringLiteral("heat"))});
    }
    const QJsonObject profiles = root.value(QStringLiteral("profile")).toObject();
    for (auto it = profiles.begin(); it != profiles.end(); ++it) {
        colours.profiles.insert(it.key(), reader.colour(profiles, it.key(), QStringLiteral("profile")));
    }
    if (!reader.missing().isEmpty()) {
        return tl::unexpected(themeError(QStringLiteral("A theme has no colour ") + reader.missing()));
    }
    if (colours.heat.isEmpty() || colours.profiles.isEmpty()) {
        return tl::unexpected(themeError(QStringLiteral("A theme has no use scale or no profile colours")));
    }
    return colours;
}

}  // namespace sluice::style
