#pragma once

#include <QtCore/QJsonObject>
#include <QtWidgets/QWidget>

#include "ui/pages/page_context.h"

namespace sluice::widgets {
class Button;
class HopBar;
class KeyValues;
class LogView;
class NoteBar;
class ProgressBar;
class SectionHead;
class StateLabel;
class TextLabel;
struct Hop;
struct KeyValue;
}  // namespace sluice::widgets

namespace sluice::pages {

/// The hops of a move task, with the gate where it is blocked.
QList<widgets::Hop> hopsOf(const QJsonObject& task, qint64 nowMs);
/// What is known of a task, as names and values.
QList<widgets::KeyValue> factsOf(const QJsonObject& task, qint64 nowMs);

/// One task below the graph: its state and buttons, facts, where it stands, its log.
class TaskDock final : public QWidget {
    Q_OBJECT

public:
    explicit TaskDock(const PageContext& context, QWidget* parent = nullptr);

    /// @param whyNot* reasons that stand at the buttons; empty: available
    struct Offers {
        QString caseId{};
        bool approve{false};
        QString whyNotApprove{};
        bool reset{false};
        QString whyNotReset{};
    };
    void setTask(const QJsonObject& task, const Offers& offers);
    void tick();
    /// Asks for the log again.
    void readLog();
    void focusLog();

Q_SIGNALS:
    void openCaseRequested(const QString& caseId);
    void resetRequested();
    void approveRequested();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QWidget* buildHead();
    QWidget* buildFacts();
    QWidget* buildWay();
    void refresh();

    PageContext m_context;
    QJsonObject m_task{};
    QString m_logOf{};
    int m_ticks{0};
    widgets::StateLabel* m_state{};
    widgets::TextLabel* m_name{};
    widgets::TextLabel* m_line{};
    widgets::TextLabel* m_kind{};
    QString m_whyNot{};
    widgets::Button* m_approve{};
    widgets::Button* m_reset{};
    widgets::Button* m_case{};
    QString m_caseId{};
    widgets::KeyValues* m_facts{};
    widgets::ProgressBar* m_bar{};
    widgets::SectionHead* m_wayHead{};
    widgets::HopBar* m_hops{};
    widgets::NoteBar* m_note{};
    widgets::SectionHead* m_logHead{};
    widgets::LogView* m_log{};
};

}  // namespace sluice::pages
