#pragma once

#include "ui/shell/shell_state.h"
#include "ui/widgets/themed_widget.h"

namespace sluice::widgets {
class TextLabel;
}

namespace sluice::shell {

class FindBox;
class HeaderItem;

/// The strip above everything: mark, profile, find field; open cases, age of the oldest fact, read-only lock,
/// who.
class HeaderStrip : public widgets::ThemedWidget {
    Q_OBJECT

public:
    HeaderStrip(const style::Theme& theme, const ShellState& state, QWidget* parent = nullptr);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

    FindBox* find() const { return m_find; }
    void refresh(qint64 nowMs);

Q_SIGNALS:
    /// Empty: all of them.
    void casesPressed(const QString& caseId);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void refreshCases();
    void refreshFacts();
    void refreshLock();
    /// Places everything; where it is narrow, gives up the least needed words first.
    void place();
    int takenAtRight() const;

    const ShellState& m_state;
    qint64 m_nowMs{};
    widgets::TextLabel* m_profile{};
    widgets::TextLabel* m_kind{};
    FindBox* m_find{};
    HeaderItem* m_engine{};
    HeaderItem* m_cases{};
    HeaderItem* m_facts{};
    HeaderItem* m_lock{};
    HeaderItem* m_who{};
};

}  // namespace sluice::shell
