#pragma once

#include <QtWidgets/QDialog>

#include "ui/style/state_words.h"
#include "ui/style/theme.h"

class QHBoxLayout;
class QVBoxLayout;

namespace sluice::widgets {
class TextLabel;
}

namespace sluice::dialogs {

/// The frame all dialogs share: a head with shape and title, a body that scrolls when it must, below it what
/// is always in sight, a foot with buttons, and a veil over the window below while it is open.
class DialogFrame : public QDialog {
    Q_OBJECT

public:
    DialogFrame(const style::Theme& theme, QWidget* parent);
    ~DialogFrame() override;

protected:
    const style::Theme& theme() const { return m_theme; }
    void setHead(const QString& title, style::Glyph glyph, style::Tone tone);
    /// At the right of the head.
    void addToHead(QWidget* widget);
    QVBoxLayout* body() const { return m_body; }
    /// Between body and foot: always in sight, however long the body is.
    QVBoxLayout* pinned();
    QHBoxLayout* foot() const { return m_foot; }

    bool eventFilter(QObject* watched, QEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    class Band;

    /// As high as its parts ask for, but never higher than the window below; then the body scrolls.
    void fit();

    const style::Theme& m_theme;
    Band* m_head{};
    QVBoxLayout* m_body{};
    QWidget* m_bodyWidget{};
    Band* m_pinnedBand{};
    QHBoxLayout* m_foot{};
    Band* m_footBand{};
    QWidget* m_veil{};
    int m_fittedTo{};
};

}  // namespace sluice::dialogs
