#pragma once

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

/// What every page is made with. All outlive the pages.
struct PageContext {
    const style::Theme& theme;
    session::Session& session;
    dialogs::Dialogs& dialogs;
};

}  // namespace sluice::pages
