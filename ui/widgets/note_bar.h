#pragma once

#include "ui/style/theme.h"
#include "ui/widgets/themed_widget.h"

namespace sluice::widgets {

class TextBlock;

/// A remark with a bar at its left: a strong sentence, then the rest in grey. "What cannot be undone", or an
/// alarm that was ruled out.
class NoteBar : public ThemedWidget {
    Q_OBJECT

public:
    explicit NoteBar(const style::Theme& theme, QWidget* parent = nullptr);

    void setTexts(const QString& strong, const QString& rest = {});
    void setTone(style::Tone tone);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    TextBlock block() const;

    QString m_strong{};
    QString m_rest{};
    style::Tone m_tone{style::Tone::Neutral};
};

}  // namespace sluice::widgets
