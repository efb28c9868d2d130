#pragma once

#include <QtCore/QHash>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtGui/QColor>
#include <array>

#include "core/error.h"
#include "ui/style/theme.h"

namespace sluice::style {

/// The colours of one theme as read from resources/themes.
struct ThemeColours {
    std::array<QColor, 7> surfaces{};
    std::array<QColor, 5> inks{};
    std::array<QColor, 3> lines{};
    std::array<QColor, 4> accents{};
    std::array<QColor, 5> words{};
    std::array<QColor, 5> shapes{};
    std::array<QColor, 5> washes{};
    QList<HeatStep> heat{};
    QHash<QString, QColor> profiles{};
};

/// @error InvalidArgument: not JSON, or a colour is missing or none; the message names it
[[nodiscard]] Result<ThemeColours> parseThemeColours(const QByteArray& json);

}  // namespace sluice::style
