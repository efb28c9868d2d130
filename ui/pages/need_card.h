#pragma once

#include "ui/style/theme.h"
#include "ui/widgets/themed_widget.h"

class QVBoxLayout;

namespace sluice::widgets {
class StateLabel;
class TextLabel;
}  // namespace sluice::widgets

namespace sluice::pages {

/// A card of "Needs you" on the page Now: mark, title, run and since when in one line, a sentence below it.
class NeedCard : public widgets::ThemedWidget {
    Q_OBJECT

protected:
    NeedCard(const style::Theme& theme, style::Ink sentenceInk, QWidget* parent);

    QVBoxLayout* column() const { return m_column; }
    void paintEvent(QPaintEvent* event) override;

    widgets::StateLabel* m_mark{};
    widgets::TextLabel* m_title{};
    widgets::TextLabel* m_run{};
    widgets::TextLabel* m_since{};
    widgets::TextLabel* m_sentence{};

private:
    QVBoxLayout* m_column{};
};

}  // namespace sluice::pages
