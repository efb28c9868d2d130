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

/// The frame all dialogs share: a head with shape and title, a body that scrolls when it must, a foot with buttons,
/// and a veil over the window below while it is open.
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
    QHBoxLayout* foot() const { return m_foot; }
    /// As high as its body asks for, but never higher than the window below.
    void fit();

    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    class Band;

    const style::Theme& m_theme;
    Band* m_head{};
    QVBoxLayout* m_body{};
    QWidget* m_bodyWidget{};
    QHBoxLayout* m_foot{};
    Band* m_footBand{};
    QWidget* m_veil{};
};

}  // namespace sluice::dialogs
