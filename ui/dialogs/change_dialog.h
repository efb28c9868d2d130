#pragma once

#include <QtCore/QJsonObject>

#include "core/error.h"
#include "ui/dialogs/dialog_frame.h"
#include "ui/dialogs/dialogs.h"

class QLineEdit;

namespace sluice::session {
class EngineClient;
class LiveRows;
class LiveTable;
class Ticker;
}  // namespace sluice::session

namespace sluice::widgets {
class Button;
class FigureRow;
class NoteBar;
class SectionHead;
class TableView;
class TextLabel;
}  // namespace sluice::widgets

namespace sluice::dialogs {

/// Asks for one change: what will be done and how each step is checked, what it touches, what cannot be
/// undone, and why it is wanted. Class 2 and 3 have the first focus on Cancel. A plan that is void when it is
/// sent is read again and the differences are shown; an outcome that is not known offers nothing but to look.
class ChangeDialog final : public DialogFrame {
    Q_OBJECT

public:
    /// Client and ticker outlive the dialog.
    ChangeDialog(const style::Theme& theme, session::EngineClient& client, session::Ticker& ticker,
                 const ChangeRequest& request, QWidget* parent);

Q_SIGNALS:
    /// The engine took it.
    void changed(const QJsonObject& reply);

private:
    void build();
    void buildPlan();
    void buildFoot();
    void readPlan();
    void showPlan(const QJsonObject& plan);
    void showError(const Error& error);
    void send();
    void sent(const Result<QJsonObject>& reply);
    void replan(const Error& why);
    void tick();
    void refreshButtons();

    session::EngineClient& m_client;
    session::Ticker& m_ticker;
    ChangeRequest m_request{};
    QJsonObject m_plan{};
    QString m_planHash{};
    qint64 m_readAtMs{};
    bool m_busy{false};
    bool m_outcomeUnknown{false};
    bool m_refused{false};

    session::LiveRows* m_stepRows{};
    session::LiveTable* m_stepTable{};
    widgets::TableView* m_steps{};
    widgets::SectionHead* m_stepsHead{};
    widgets::FigureRow* m_figures{};
    widgets::TextLabel* m_touches{};
    QWidget* m_undo{};
    widgets::NoteBar* m_void{};
    widgets::NoteBar* m_error{};
    QLineEdit* m_reason{};
    widgets::TextLabel* m_wait{};
    widgets::Button* m_copy{};
    widgets::Button* m_cancel{};
    widgets::Button* m_go{};
};

}  // namespace sluice::dialogs
