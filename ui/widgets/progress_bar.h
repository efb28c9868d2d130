#pragma once

#include "ui/widgets/themed_widget.h"

namespace sluice::widgets {

/// A bar that stands still: no animation, no text of its own. Its accessible name is the value in words.
class ProgressBar : public ThemedWidget {
    Q_OBJECT

public:
    explicit ProgressBar(const style::Theme& theme, QWidget* parent = nullptr);

    /// @param fraction 0 to 1; negative: not known, an empty bar
    void setFraction(double fraction);
    double fraction() const { return m_fraction; }
    void setTone(style::Tone tone);
    void setThickness(int px);
    /// "7,439 of 7,440 objects"
    void setWords(const QString& words);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    double m_fraction{-1};
    style::Tone m_tone{style::Tone::Progress};
    int m_thickness{4};
};

}  // namespace sluice::widgets
