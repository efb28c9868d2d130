#pragma once

#include <QtCore/QJsonObject>
#include <QtWidgets/QWidget>

#include "ui/pages/page_context.h"

namespace sluice::widgets {
class CodeBlock;
class KeyValues;
class NoteBar;
class SectionHead;
class StateLabel;
}  // namespace sluice::widgets

namespace sluice::pages {

/// "9c41 07be … 5d20"
QString shortHash(const QString& hash);

/// One audit record: its facts, the exact bytes that are hashed, its neighbours in the chain. The hash is
/// worked out again here, so a record that does not match it is said to.
class RecordPanel final : public QWidget {
    Q_OBJECT

public:
    explicit RecordPanel(const PageContext& context, QWidget* parent = nullptr);

    /// @param before, after empty when they are not among the rows
    void setRecord(const QJsonObject& record, const QJsonObject& before, const QJsonObject& after);

private:
    const PageContext m_context;
    widgets::SectionHead* m_head{};
    widgets::StateLabel* m_outcome{};
    widgets::KeyValues* m_facts{};
    widgets::NoteBar* m_note{};
    widgets::SectionHead* m_bodyHead{};
    widgets::CodeBlock* m_body{};
    widgets::SectionHead* m_chainHead{};
    widgets::KeyValues* m_chain{};
};

}  // namespace sluice::pages
