#pragma once

#include <QtCore/QJsonObject>
#include <QtWidgets/QWidget>

#include "core/error.h"
#include "ui/models/reset_progress.h"
#include "ui/pages/page_context.h"

namespace sluice::widgets {
class Button;
class ClassMark;
class CodeBlock;
class FigureRow;
class NoteBar;
class ProgressBar;
class SectionHead;
class StepList;
class TextLabel;
}  // namespace sluice::widgets

namespace sluice::pages {

/// The right side of a case: before it is carried out the plan – steps, what it touches, what cannot be
/// undone – and the one button; afterwards each step as it went, and the verification.
class CaseStepPanel final : public QWidget {
    Q_OBJECT

public:
    explicit CaseStepPanel(const PageContext& context, QWidget* parent = nullptr);

    void setCase(const QJsonObject& caseRow, const models::CarriedReset& reset);
    /// Reads the plan of the remedy again, if the remedy is one that is carried out here.
    void readPlan();
    void preview();
    void focusButton();
    void tick();

Q_SIGNALS:
    void lookAgainRequested();

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    QWidget* buildFoot();
    void forgetPlan();
    void showPlan();
    void showOutside(const QJsonObject& remedy);
    void showCarried();
    void setNotes(const QString& title, const QStringList& texts);
    void refreshFoot();

    PageContext m_context;
    QJsonObject m_case{};
    models::CarriedReset m_reset{};
    QJsonObject m_plan{};
    /// The case, phase and remedy that m_plan or m_planError belongs to; empty: none is shown.
    QString m_planOf{};
    QString m_planError{};
    /// When the engine had looked for the last reading.
    QString m_planLookedAt{};
    /// Counts readings: only the last one says something.
    int m_reading{};
    bool m_connected{};

    widgets::SectionHead* m_head{};
    widgets::ClassMark* m_class{};
    widgets::TextLabel* m_title{};
    widgets::StepList* m_steps{};
    widgets::CodeBlock* m_commands{};
    widgets::SectionHead* m_touchHead{};
    widgets::FigureRow* m_figures{};
    widgets::TextLabel* m_touches{};
    widgets::SectionHead* m_watchHead{};
    widgets::ProgressBar* m_watch{};
    QWidget* m_notes{};
    widgets::NoteBar* m_trouble{};
    widgets::Button* m_go{};
    widgets::Button* m_again{};
    widgets::TextLabel* m_why{};
    widgets::TextLabel* m_promise{};
};

}  // namespace sluice::pages
