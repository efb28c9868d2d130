#pragma once

#include <QtCore/QString>

namespace sluice::style {

struct FontFamilies {
    QString ui{};
    QString mono{};
};

/// Registers the fonts this program brings, once. Where it was built without them: Inter, Noto Sans, DejaVu
/// Sans, whichever is installed, and a monospaced companion.
/// @thread GUI thread, after the QGuiApplication was made
FontFamilies loadFonts();

}  // namespace sluice::style
