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
class CodeBlock;
class NoteBar;
class SectionHead;
class StateLabel;
class TableView;
class TextLabel;
}  // namespace sluice::widgets

namespace sluice::dialogs {

/// Choose a flow file, see each mistake with line, column and what was expected, submit it once there is
/// none.
class SubmitDialog final : public DialogFrame {
    Q_OBJECT

public:
    /// All outlive the dialog.
    SubmitDialog(const style::Theme& theme, session::EngineClient& client, session::Ticker& ticker,
                 Dialogs& dialogs, QWidget* parent);

    /// Reads the file and has it checked.
    void setFile(const QString& path);

Q_SIGNALS:
    void submitted(const QJsonObject& reply);

private:
    void build();
    /// What was read and checked is not what the field names any more.
    void forget();
    void check();
    void checked(const Result<QJsonObject>& reply);
    void submit();
    void showError(const Error& error);
    void showLine(int line);
    void refreshButtons();

    session::EngineClient& m_client;
    session::Ticker& m_ticker;
    Dialogs& m_dialogs;
    /// Of the file that was read: its name, and its text as it was checked and will be sent.
    QString m_file{};
    QString m_text{};
    QString m_flow{};
    /// Counts files: an answer about an earlier one says nothing.
    int m_reading{};
    bool m_ok{false};
    /// A check is under way.
    bool m_busy{false};
    bool m_sending{false};
    bool m_outcomeUnknown{false};

    QLineEdit* m_path{};
    QLineEdit* m_reason{};
    widgets::Button* m_open{};
    widgets::Button* m_again{};
    widgets::StateLabel* m_verdict{};
    widgets::SectionHead* m_mistakesHead{};
    session::LiveRows* m_mistakes{};
    session::LiveTable* m_table{};
    widgets::TableView* m_view{};
    widgets::SectionHead* m_linesHead{};
    widgets::CodeBlock* m_lines{};
    widgets::NoteBar* m_error{};
    widgets::TextLabel* m_wait{};
    widgets::Button* m_cancel{};
    widgets::Button* m_go{};
};

}  // namespace sluice::dialogs
