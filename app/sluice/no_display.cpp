#include "no_display.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace sluice::app {
namespace {

constexpr int kUsageError = 2;

}  // namespace

bool onlyTells(int argc, char** argv)
{
    return std::any_of(argv + 1, argv + argc, [](std::string_view word) {
        return word == "-h" || word == "--help" || word == "--help-all" || word == "-v" ||
               word == "--version";
    });
}

void tellMissingDisplay(QtMsgType type, const QMessageLogContext& context, const QString& text)
{
    if (type == QtFatalMsg) {
        std::fputs(
            "sluice: there is no display to open a window on. Set DISPLAY or WAYLAND_DISPLAY, "
            "or QT_QPA_PLATFORM=offscreen for --screenshots.\n",
            stderr);
        std::_Exit(kUsageError);
    }
    // What the platform plugins say on the way is told by that one line.
    if (!std::string_view(context.category != nullptr ? context.category : "").starts_with("qt.qpa")) {
        std::fprintf(stderr, "%s\n", qUtf8Printable(text));
    }
}

}  // namespace sluice::app
