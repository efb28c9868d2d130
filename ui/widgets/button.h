#pragma once

#include <QtWidgets/QPushButton>

#include "ui/style/theme.h"

class QAction;

namespace sluice::widgets {

/// Primary: the one main action of a page. Outline: the others. Quiet: text alone. Link: a word in a line of
/// words.
enum class ButtonLook { Primary, Outline, Quiet, Link };

/// A button with an icon of ours and the key that does the same beside its word. When it is disabled,
/// `reason` says why: as tool tip and in the accessible description; the page shows it beside the button too.
class Button : public QPushButton {
    Q_OBJECT

public:
    Button(const style::Theme& theme, const QString& text, ButtonLook look = ButtonLook::Outline,
           QWidget* parent = nullptr);

    void setLook(ButtonLook look);
    ButtonLook look() const { return m_look; }
    /// A name of style::iconNames(); empty for none.
    void setIconName(const QString& name);
    /// Shown in a key cap; does not make the shortcut.
    void setKeyCap(const QString& key);
    void setDisabledReason(const QString& reason);
    /// Enabled without a reason, disabled with one.
    void setAvailable(bool available, const QString& whyNot = {});
    /// Text, enabled state and reason (the action's tool tip while disabled) follow the action; a click
    /// triggers it.
    void followAction(QAction* action);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QFont wordFont() const;
    int padding() const;

    const style::Theme& m_theme;
    ButtonLook m_look;
    QString m_icon{};
    QString m_key{};
};

}  // namespace sluice::widgets
