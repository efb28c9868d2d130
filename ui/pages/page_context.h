#pragma once

#include <QtCore/QList>

namespace sluice::style {
class Theme;
}
namespace sluice::session {
class Session;
}
namespace sluice::dialogs {
class Dialogs;
}

namespace sluice::pages {

struct SystemView;

/// What every page is made with. All outlive the pages.
struct PageContext {
    const style::Theme& theme;
    session::Session& session;
    dialogs::Dialogs& dialogs;
    /// The systems that are drawn; the others are shown by their tables.
    const QList<SystemView>& systems;
};

}  // namespace sluice::pages
