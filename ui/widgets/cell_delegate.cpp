#include "ui/widgets/cell_delegate.h"

#include <QtGui/QHelpEvent>
#include <QtGui/QPainter>
#include <QtWidgets/QAbstractItemView>
#include <QtWidgets/QToolTip>
#include <algorithm>
#include <cmath>

#include "ui/style/paint.h"

namespace sluice::widgets {

using namespace style;

namespace {

constexpr int kBarWidth = 56;
constexpr int kBarGap = 10;
constexpr int kNoteGap = 5;
constexpr int kListPad = 16;
constexpr int kListBar = 48;
constexpr int kGroupRow = 28;

/// What a model says about one cell.
struct Cell {
    explicit Cell(const QModelIndex& index)
        : text(index.data(Qt::DisplayRole).toString()),
          note(index.data(NoteRole).toString()),
          second(index.data(SecondLineRole).toString()),
          hasState(index.data(StateRole).canConvert<StateWord>() && index.data(StateRole).isValid()),
          state(hasState ? index.data(StateRole).value<StateWord>() : StateWord{}),
          hasFraction(index.data(FractionRole).isValid()),
          fraction(index.data(FractionRole).toDouble()),
          toned(index.data(ToneRole).isValid()),
          tone(toned ? static_cast<Tone>(index.data(ToneRole).toInt()) : state.tone),
          ink(index.data(InkRole).isValid() ? static_cast<Ink>(index.data(InkRole).toInt()) : Ink::Primary),
          name(index.data(NameRole).toBool()),
          mono(index.data(MonoRole).toBool()),
          figure(index.data(FigureRole).toBool()),
          stale(index.data(StaleRole).toBool()),
          group(index.data(GroupRole).toBool()),
          alignment(Qt::Alignment(index.data(Qt::TextAlignmentRole).toInt()))
    {
        if (hasState && text.isEmpty()) {
            text = state.word;
        }
        if (figure && !index.data(Qt::TextAlignmentRole).isValid()) {
            alignment = Qt::AlignRight;
        }
    }

    QFont font(const Theme& theme) const
    {
        const bool loud = (hasState || toned) && !isQuiet(tone) && !stale;
        return theme.font(mono ? Type::Mono : Type::Body, name || loud ? Weight::Medium : Weight::Regular);
    }

    QColor colour(const Theme& theme) const
    {
        if (stale) {
            return theme.ink(Ink::Secondary);
        }
        if (hasState && !name) {
            return theme.word(state.tone);
        }
        return toned && !hasFraction ? theme.word(tone) : theme.ink(ink);
    }

    QString text{};
    QString note{};
    QString second{};
    bool hasState{};
    StateWord state{};
    bool hasFraction{};
    double fraction{};
    bool toned{};
    Tone tone{};
    Ink ink{};
    bool name{};
    bool mono{};
    bool figure{};
    bool stale{};
    bool group{};
    Qt::Alignment alignment{};
};

Tone barTone(const Cell& cell)
{
    if (cell.stale) {
        return Tone::Neutral;
    }
    return cell.toned || cell.hasState ? cell.tone : Tone::Progress;
}

void paintLine(QPainter& painter, const Theme& theme, const Cell& cell, QRectF line, Qt::TextElideMode elide)
{
    if (cell.hasState) {
        paintGlyph(painter, theme, cell.state.glyph, cell.stale ? Tone::Neutral : cell.state.tone,
                   QRectF(line.left(), line.top(), kGlyphState, line.height()), kGlyphState);
        line.setLeft(line.left() + kGlyphState + kGlyphToWord);
    }
    if (cell.hasFraction) {
        const QRectF bar(line.left(), std::round(line.center().y()) - 2, kBarWidth, 4);
        paintBar(painter, theme, bar, cell.fraction, theme.shape(barTone(cell)));
        line.setLeft(bar.right() + kBarGap);
    }
    if (cell.figure || cell.hasFraction) {
        paintFigure(painter, theme, line, cell.text, cell.font(theme), cell.colour(theme), cell.alignment);
        return;
    }
    const Qt::TextElideMode mode = cell.mono ? Qt::ElideMiddle : elide;
    const qreal width =
        paintText(painter, line, cell.text, cell.font(theme), cell.colour(theme), cell.alignment, mode);
    if (!cell.note.isEmpty() && !cell.alignment.testFlag(Qt::AlignRight)) {
        line.setLeft(line.left() + width + kNoteGap);
        paintText(painter, line, cell.note, theme.font(Type::Body), theme.ink(Ink::Tertiary));
    }
}

void paintTwoLines(QPainter& painter, const Theme& theme, const Cell& cell, const QRectF& rect)
{
    const qreal top = std::round((rect.height() - 38) / 2);
    QRectF first(rect.left(), rect.top() + top, rect.width(), Theme::lineHeight(Type::Body));
    if (cell.hasState) {
        paintGlyph(painter, theme, cell.state.glyph, cell.stale ? Tone::Neutral : cell.state.tone,
                   QRectF(first.left(), first.top(), kGlyphState, first.height()), kGlyphState);
        first.setLeft(first.left() + kGlyphState + 8);
    }
    QRectF second(first.left(), first.bottom(), first.width(), 18);
    const qreal note = paintText(painter, first, cell.note, theme.font(Type::Small), theme.ink(Ink::Tertiary),
                                 Qt::AlignRight);
    paintText(painter, first.adjusted(0, 0, -note - 8, 0), cell.text, theme.font(Type::Body, Weight::Medium),
              theme.ink(Ink::Primary));
    if (cell.hasFraction) {
        const QRectF bar(second.right() - kListBar, std::round(second.center().y()) - 2, kListBar, 4);
        paintBar(painter, theme, bar, cell.fraction, theme.shape(barTone(cell)));
        second.setRight(bar.left() - 8);
    }
    paintText(painter, second, cell.second, theme.font(Type::Small), theme.ink(Ink::Secondary));
}

void paintGroup(QPainter& painter, const Theme& theme, const Cell& cell, const QRectF& rect)
{
    painter.fillRect(rect, theme.surface(Surface::Inset));
    const QRectF line = rect.adjusted(kListPad, 0, -kListPad, 0);
    const QFont font = theme.font(Type::Small, Weight::Medium);
    paintText(painter, line, cell.note, font, theme.ink(Ink::Tertiary), Qt::AlignRight);
    paintText(painter, line, cell.text, font, theme.ink(Ink::Secondary));
    paintHairline(painter, rect, Qt::BottomEdge, theme.line(Line::Hairline));
}

}  // namespace

CellDelegate::CellDelegate(const Theme& theme, QObject* parent) : QStyledItemDelegate(parent), m_theme(theme)
{
}

void CellDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                         const QModelIndex& index) const
{
    const Cell cell(index);
    const QRectF rect(option.rect);
    painter->save();
    painter->setClipRect(option.rect, Qt::IntersectClip);
    if (cell.group) {
        paintGroup(*painter, m_theme, cell, rect);
        painter->restore();
        return;
    }
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    if (selected) {
        painter->fillRect(rect, m_theme.surface(Surface::Selected));
    } else if (option.state.testFlag(QStyle::State_MouseOver)) {
        painter->fillRect(rect, m_theme.surface(Surface::Hover));
    }
    if (cell.second.isEmpty()) {
        paintLine(*painter, m_theme, cell, rect.adjusted(kCellPadding, 0, -kCellPadding, 0),
                  option.textElideMode);
    } else {
        paintTwoLines(*painter, m_theme, cell, rect.adjusted(kListPad, 0, -kListPad, 0));
        paintHairline(*painter, rect, Qt::BottomEdge, m_theme.line(Line::Hairline));
        if (selected) {
            const bool active = option.state.testFlag(QStyle::State_Active);
            painter->fillRect(QRectF(rect.left(), rect.top(), kSelectionBar, rect.height()),
                              active ? m_theme.accent(Accent::Base) : m_theme.line(Line::Control));
        }
    }
    painter->restore();
}

QSize CellDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    Q_UNUSED(option)
    const Cell cell(index);
    if (cell.group) {
        return {kSideList, kGroupRow};
    }
    if (!cell.second.isEmpty()) {
        return {kSideList, kListRow};
    }
    qreal width = 2 * kCellPadding + textWidth(cell.font(m_theme), cell.text);
    if (cell.hasState) {
        width += kGlyphState + kGlyphToWord;
    }
    if (cell.hasFraction) {
        width += kBarWidth + kBarGap;
    }
    if (!cell.note.isEmpty()) {
        width += kNoteGap + textWidth(m_theme.font(Type::Body), cell.note);
    }
    return {int(std::ceil(width)) + 1, kRowNormal};
}

bool CellDelegate::helpEvent(QHelpEvent* event, QAbstractItemView* view, const QStyleOptionViewItem& option,
                             const QModelIndex& index)
{
    const bool elided = sizeHint(option, index).width() > option.rect.width();
    if (event->type() != QEvent::ToolTip || !elided || !index.data(Qt::ToolTipRole).toString().isEmpty()) {
        return QStyledItemDelegate::helpEvent(event, view, option, index);
    }
    const Cell cell(index);
    QToolTip::showText(event->globalPos(),
                       cell.note.isEmpty() ? cell.text : cell.text + QLatin1Char(' ') + cell.note, view);
    return true;
}

}  // namespace sluice::widgets
