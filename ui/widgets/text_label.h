#pragma once

#include <QtWidgets/QLabel>

#include "ui/style/theme.h"

namespace sluice::widgets {

/// A QLabel in one role of type and ink that follows the theme. Plain text; wraps if told so.
class TextLabel : public QLabel {
    Q_OBJECT

public:
    TextLabel(const style::Theme& theme, style::Type type, style::Ink ink, QWidget* parent = nullptr);
    TextLabel(const style::Theme& theme, const QString& text, style::Type type = style::Type::Body,
              style::Ink ink = style::Ink::Primary, QWidget* parent = nullptr);

    void setInk(style::Ink ink);
    void setWeight(style::Weight weight);
    /// The ink of a state's word instead.
    void setTone(style::Tone tone);
    /// One line that gives way: keeps both ends and elides between, with the whole text as tool tip.
    void setElideMiddle(bool on);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void refresh();

    const style::Theme& m_theme;
    style::Type m_type;
    style::Ink m_ink;
    style::Weight m_weight;
    style::Tone m_tone{style::Tone::Neutral};
    bool m_toned{false};
    bool m_elide{false};
};

}  // namespace sluice::widgets
