#pragma once

#include <QtWidgets/QPlainTextEdit>

#include "ui/style/theme.h"

namespace sluice::widgets {

class Button;

/// Exact calls, commands or hand-over text: read only, can be marked, copied with one button, wraps.
class CodeBlock : public QPlainTextEdit {
    Q_OBJECT

public:
    explicit CodeBlock(const style::Theme& theme, QWidget* parent = nullptr);

    void setText(const QString& text);
    /// Running text in the UI font instead of mono.
    void setProse(bool on);
    void setCopyable(bool on);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

protected:
    bool event(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    void refresh();

    const style::Theme& m_theme;
    bool m_prose{false};
    Button* m_copy{};
};

}  // namespace sluice::widgets
