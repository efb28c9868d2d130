#pragma once

#include <QtWidgets/QAbstractButton>

#include "ui/style/glyphs.h"
#include "ui/style/theme.h"

namespace sluice::shell {

/// One fact at the right of the header: a shape or an icon, a word, a quieter second word, a rule at its
/// left.
class HeaderItem : public QAbstractButton {
    Q_OBJECT

public:
    explicit HeaderItem(const style::Theme& theme, QWidget* parent = nullptr);

    void setGlyph(style::Glyph glyph, style::Tone tone);
    void setIconName(const QString& icon);
    /// @param tone Warn and Crit colour the words
    void setWords(const QString& words, const QString& quiet = {}, style::Tone tone = style::Tone::Neutral);
    void setStrong(bool on);
    /// Shape or icon alone; the words stay in the accessible name and the tool tip.
    void setCompact(bool on);
    /// Off: a fact that leads nowhere; it takes no focus.
    void setPressable(bool on);
    void setRuled(bool on);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QFont wordFont() const;

    const style::Theme& m_theme;
    style::Glyph m_glyph{style::Glyph::None};
    style::Tone m_glyphTone{style::Tone::Neutral};
    style::Tone m_tone{style::Tone::Neutral};
    QString m_icon{};
    QString m_quiet{};
    bool m_strong{false};
    bool m_compact{false};
    bool m_ruled{true};
};

}  // namespace sluice::shell
