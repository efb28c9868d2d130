#pragma once

#include "ui/style/state_words.h"
#include "ui/widgets/themed_widget.h"

namespace sluice::widgets {

/// Shape and word of one state, with an optional second text in grey: "◆ stalled  for 6 min 12 s".
/// Its accessible name is what stands there.
class StateLabel : public ThemedWidget {
    Q_OBJECT

public:
    explicit StateLabel(const style::Theme& theme, QWidget* parent = nullptr);

    void setState(const style::StateWord& state);
    const style::StateWord& state() const { return m_state; }
    /// Stands behind the word, quieter.
    void setDetail(const QString& detail);
    /// Another word than the state's own; empty: its own again.
    void setText(const QString& text);
    /// Tiny, Small, Body, Lead: sets the size of the shape too.
    void setType(style::Type type);
    /// The shape alone; the word stays in the accessible name and the tool tip.
    void setGlyphOnly(bool on);

    QString text() const;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void refresh();
    int glyphSize() const;
    QFont wordFont() const;
    style::Type detailType() const;

    style::StateWord m_state{};
    QString m_detail{};
    QString m_text{};
    style::Type m_type{style::Type::Body};
    bool m_glyphOnly{false};
};

}  // namespace sluice::widgets
