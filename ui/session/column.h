#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QMetaType>
#include <QtCore/QString>
#include <QtCore/QVariant>
#include <functional>

#include "ui/style/state_words.h"

namespace sluice::session {

/// Roles of every table of live rows, on top of Qt::DisplayRole (the text) and Qt::TextAlignmentRole. Those
/// up to GroupRole are the roles of widgets::CellDelegate, number by number (checked where models are built).
enum Role : int {
    StateRole = Qt::UserRole + 100,  ///< style::StateWord; invalid when the column shows no state
    NoteRole,                        ///< QString: what follows the text in quieter ink
    FractionRole,                    ///< double 0…1: a bar in front of the text; invalid: none
    ToneRole,
    InkRole,
    NameRole,
    MonoRole,
    FigureRole,
    StaleRole,                     ///< bool: older than the row may be
    SecondLineRole,                ///< QString
    GroupRole,                     ///< bool: this row is the head of a group
    RowRole = Qt::UserRole + 200,  ///< the whole row as QJsonObject, in every column
    IdRole,                        ///< the row's id
    AgeRole,                       ///< qint64: ms since the row was observed, -1 without a time
    SortRole,                      ///< what the column is ordered by
};

/// One column over JSON rows. Empty functions show nothing.
struct Column {
    using Text = std::function<QString(const QJsonObject& row, qint64 nowMs)>;

    QString id{};
    QString title{};
    Text text{};
    Text note{};
    Text toolTip{};
    /// A word without text and with Glyph::None shows nothing.
    std::function<style::StateWord(const QJsonObject& row)> state{};
    /// Negative: no bar.
    std::function<double(const QJsonObject& row)> fraction{};
    /// Default: the text.
    std::function<QVariant(const QJsonObject& row)> sortKey{};
    /// Of the bar, and of the text where there is no state.
    std::function<style::Tone(const QJsonObject& row)> tone{};
    bool right{};
    bool mono{};
    /// A name: medium weight.
    bool name{};
    /// A number with its unit.
    bool figure{};
    /// Secondary ink.
    bool quiet{};
    /// Never elided: the column grows with what it shows. States, numbers and bars are whole anyway.
    bool whole{};
    /// The text changes as time passes.
    bool ages{};
    /// Logical pixels; 0: what is left is for this column.
    int width{};

    bool isWhole() const { return whole || right || figure || state || fraction; }
};

/// What a table knows of a row beyond its columns.
struct RowTraits {
    /// Member with the RFC 3339 time of observation; empty: rows have no age.
    QString observedAt{};
    /// The age from which a row counts as old.
    std::function<qint64(const QJsonObject& row)> staleAfterMs{};
};

}  // namespace sluice::session
