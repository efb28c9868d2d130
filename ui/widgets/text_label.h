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
    /// One line that gives way, with the whole text as tool tip; ids elide in the middle, sentences at the
    /// right.
    void setElide(Qt::TextElideMode mode);
    void setElideMiddle(bool on) { setElide(on ? Qt::ElideMiddle : Qt::ElideNone); }

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
    Qt::TextElideMode m_elide{Qt::ElideNone};
};

}  // namespace sluice::widgets
