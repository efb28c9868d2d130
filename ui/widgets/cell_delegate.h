#pragma once

#include <QtCore/Qt>
#include <QtWidgets/QStyledItemDelegate>

#include "ui/style/state_words.h"
#include "ui/style/theme.h"

Q_DECLARE_METATYPE(sluice::style::StateWord)

namespace sluice::widgets {

/// What a model tells CellDelegate about a cell, beside Qt::DisplayRole. All optional.
enum CellRole {
    /// style::StateWord: shape before the text; without a DisplayRole text its word is the text.
    StateRole = Qt::UserRole + 100,
    /// QString, quieter, behind the text: "R-4182".
    NoteRole,
    /// double 0 to 1: a bar before the text.
    FractionRole,
    /// int(style::Tone): of the bar, and of the text when there is no StateRole.
    ToneRole,
    /// int(style::Ink)
    InkRole,
    /// bool: a name, drawn in medium weight.
    NameRole,
    /// bool: an id or a call, drawn in mono and elided in the middle.
    MonoRole,
    /// bool: a number with its unit, unit in tertiary ink, right-aligned.
    FigureRole,
    /// bool: the facts of this row are old: no green, its shape is drawn grey.
    StaleRole,
    /// QString: a second, smaller line (rows of 40 px and more).
    SecondLineRole,
    /// bool: a row of a SideList that heads a group; DisplayRole is its name, NoteRole its count.
    GroupRole,
};

/// Draws cells of tables and side lists in our type: state shapes, figures with grey units, bars, names.
class CellDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    explicit CellDelegate(const style::Theme& theme, QObject* parent = nullptr);

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    /// An elided text without a tool tip of its own is its tool tip.
    bool helpEvent(QHelpEvent* event, QAbstractItemView* view, const QStyleOptionViewItem& option,
                   const QModelIndex& index) override;

private:
    const style::Theme& m_theme;
};

}  // namespace sluice::widgets
