#pragma once

#include "ui/pages/live_page.h"

class QStackedWidget;

namespace sluice::session {
class LiveTable;
}
namespace sluice::widgets {
class Button;
class EmptyState;
class NoteBar;
class SearchField;
class Section;
class SectionHead;
class StateLabel;
class StepList;
class TableView;
class TextLabel;
}  // namespace sluice::widgets

namespace sluice::pages {

/// Roles and their keys: which generation is in use, how old it is, and a rotation as it goes through its
/// steps. Shows names and ages only.
class KeysPage final : public LivePage {
    Q_OBJECT

public:
    explicit KeysPage(const PageContext& context, QWidget* parent = nullptr);

    void showRole(const QString& roleId);

    QString title() const override;
    QString headNote() const override;
    QWidget* headWidget() override;
    QList<shell::PageAction> actions() const override;
    QList<shell::KeyHint> keyHints() const override;
    void activate() override;

protected:
    void refresh() override;

private:
    QWidget* buildLeft();
    QWidget* buildRight();
    void refreshRole();
    void refreshRotation(const QJsonObject& role);
    QString whyNotRotate() const;
    void rotate();
    QJsonObject role() const;

    QString m_role{};
    widgets::SearchField* m_search{};
    QStackedWidget* m_stack{};
    widgets::EmptyState* m_empty{};
    widgets::Section* m_rolesSection{};
    session::LiveTable* m_roles{};
    widgets::TableView* m_rolesView{};
    widgets::Section* m_generationSection{};
    session::LiveRows* m_generationRows{};
    session::LiveTable* m_generations{};
    widgets::TableView* m_generationView{};
    widgets::SectionHead* m_rotationHead{};
    widgets::StateLabel* m_rotationState{};
    widgets::StepList* m_steps{};
    widgets::NoteBar* m_rotationNote{};
    widgets::TextLabel* m_rotationFoot{};
    widgets::TextLabel* m_whyNot{};
    QAction* m_rotate{};
};

}  // namespace sluice::pages
