#pragma once

#include "ui/dialogs/dialogs.h"
#include "ui/style/theme.h"

namespace sluice::session {
class EngineClient;
class Ticker;
}  // namespace sluice::session

namespace sluice::dialogs {

/// The dialogs as windows. All arguments outlive it.
class WindowDialogs : public Dialogs {
public:
    WindowDialogs(const style::Theme& theme, session::EngineClient& client, session::Ticker& ticker)
        : m_theme(theme), m_client(client), m_ticker(ticker)
    {
    }

    void confirmChange(QWidget* parent, const ChangeRequest& request, Done done) override;
    void submitFlow(QWidget* parent, Done done) override;
    void pickFlowFile(QWidget* parent, std::function<void(const QString& path)> done) override;
    void pickSaveFile(QWidget* parent, const QString& name, const QStringList& kinds,
                      std::function<void(const QString& path)> done) override;

private:
    const style::Theme& m_theme;
    session::EngineClient& m_client;
    session::Ticker& m_ticker;
};

}  // namespace sluice::dialogs
