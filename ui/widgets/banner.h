#pragma once

#include "ui/style/theme.h"
#include "ui/widgets/themed_widget.h"

namespace sluice::widgets {

class TextLabel;
class Button;

/// A band across the page for what concerns all of it: what happened in bold, then why and what to do. Stays
/// as long as it is true.
class Banner : public ThemedWidget {
    Q_OBJECT

public:
    explicit Banner(const style::Theme& theme, QWidget* parent = nullptr);

    void setTone(style::Tone tone);
    void setTexts(const QString& headline, const QString& detail);
    /// A button at the right; empty text: none.
    void setAction(const QString& text, const QString& keyCap = {});

Q_SIGNALS:
    void actionTriggered();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    style::Tone m_tone{style::Tone::Warn};
    TextLabel* m_headline{};
    TextLabel* m_detail{};
    Button* m_action{};
};

}  // namespace sluice::widgets
