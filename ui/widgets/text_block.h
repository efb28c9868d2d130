#pragma once

#include <QtCore/QList>
#include <QtCore/QString>
#include <QtGui/QColor>
#include <QtGui/QFont>

#include "ui/style/theme.h"

class QPainter;

namespace sluice::widgets {

/// A short text in several fonts that wraps, with the line height of its role of type. `code` between
/// backquotes is set in mono.
class TextBlock {
public:
    TextBlock(const style::Theme& theme, style::Type type);

    TextBlock& add(const QString& text, style::Ink ink = style::Ink::Primary,
                   style::Weight weight = style::Weight::Regular);
    TextBlock& add(const QString& text, const QColor& colour, style::Weight weight = style::Weight::Regular);

    bool isEmpty() const { return m_text.isEmpty(); }
    /// Without the marks of code.
    const QString& text() const { return m_text; }
    /// @return the height it takes at this width
    int height(qreal width) const;
    /// @return the widest line, not wrapped
    qreal naturalWidth() const;
    /// @return the height it took
    int paint(QPainter& painter, const QPointF& corner, qreal width) const;

private:
    struct Piece {
        qsizetype start{};
        qsizetype length{};
        QColor colour{};
        QFont font{};
    };
    template <typename Use>
    int layOut(qreal width, Use use) const;

    const style::Theme& m_theme;
    style::Type m_type;
    QString m_text{};
    QList<Piece> m_pieces{};
};

}  // namespace sluice::widgets
