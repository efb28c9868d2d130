#include "ui/widgets/summary_strip.h"

#include <QtGui/QPainter>

#include "ui/style/paint.h"

namespace sluice::widgets {

using namespace style;

namespace {

constexpr int kNarrowest = 150;

/// "42 % recovered": the number and the words strong, a unit between them quiet.
void paintHeadFigure(QPainter& painter, const Theme& theme, const QRectF& rect, const QString& text)
{
    static const QStringList kUnits{QStringLiteral("%"),   QStringLiteral("B"),   QStringLiteral("KiB"),
                                    QStringLiteral("MiB"), QStringLiteral("GiB"), QStringLiteral("TiB"),
                                    QStringLiteral("s"),   QStringLiteral("min")};
    const QStringList words = text.split(QLatin1Char(' '));
    const QFont font = theme.font(Type::Lead);
    const qreal space = textWidth(font, QStringLiteral(" "));
    qreal x = rect.left();
    for (const QString& word : words) {
        const QColor ink = theme.ink(kUnits.contains(word) ? Ink::Tertiary : Ink::Primary);
        x += paintText(painter, QRectF(x, rect.top(), rect.right() - x, rect.height()), word, font, ink) + space;
    }
}

}  // namespace

SummaryStrip::SummaryStrip(const Theme& theme, QWidget* parent) : ItemWidget(theme, parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void SummaryStrip::setCells(const QList<SummaryCell>& cells)
{
    m_cells = cells;
    partsChanged();
}

void SummaryStrip::setStretches(const QList<int>& stretches)
{
    m_stretches = stretches;
    update();
}

int SummaryStrip::partCount() const
{
    return int(m_cells.size());
}

QRect SummaryStrip::partRect(int part) const
{
    int total = 0;
    int before = 0;
    int own = 1;
    for (int i = 0; i < partCount(); ++i) {
        const int weight = m_stretches.value(i, 1);
        total += weight;
        before += i < part ? weight : 0;
        own = i == part ? weight : own;
    }
    const int left = width() * before / total;
    return {left, 0, width() * (before + own) / total - left, height()};
}

QString SummaryStrip::partName(int part) const
{
    const SummaryCell& cell = m_cells.at(part);
    QString name = cell.label.isEmpty() ? QString() : cell.label + QStringLiteral(": ");
    name += cell.state.word.isEmpty() ? cell.figure : cell.state.word;
    return cell.detail.isEmpty() ? name : name + QStringLiteral(", ") + cell.detail;
}

QString SummaryStrip::partToolTip(int part) const
{
    const SummaryCell& cell = m_cells.at(part);
    const qreal room = partRect(part).width() - 2 * kPagePadding;
    return textWidth(theme().font(Type::Small), cell.detail) > room ? cell.detail : cell.state.meaning;
}

QSize SummaryStrip::sizeHint() const
{
    return {int(kNarrowest * std::max<qsizetype>(1, m_cells.size())), kSummaryStrip};
}

QSize SummaryStrip::minimumSizeHint() const
{
    return sizeHint();
}

void SummaryStrip::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    for (int i = 0; i < partCount(); ++i) {
        const SummaryCell& cell = m_cells.at(i);
        const QRectF box(partRect(i));
        if (i > 0) {
            paintHairline(painter, box, Qt::LeftEdge, theme().line(Line::Hairline));
        }
        QRectF head(box.left() + kPagePadding, 12, box.width() - 2 * kPagePadding, Theme::lineHeight(Type::Lead));
        const QRectF detail(head.left(), head.bottom() + 2, head.width(), Theme::lineHeight(Type::Small) + 2);
        if (cell.state.word.isEmpty()) {
            paintHeadFigure(painter, theme(), head, cell.figure);
        } else {
            const StateWord& state = cell.state;
            paintGlyph(painter, theme(), state.glyph, state.tone,
                       QRectF(head.left(), head.top(), kGlyphHead, head.height()), kGlyphHead);
            head.setLeft(head.left() + kGlyphHead + 8);
            const bool unknown = state.glyph == Glyph::RingQ;
            const QColor ink = isQuiet(state.tone) && !unknown ? theme().ink(Ink::Primary) : theme().word(state.tone);
            paintText(painter, head, state.word, theme().font(Type::Lead), ink);
        }
        paintText(painter, detail, cell.detail, theme().font(Type::Small), theme().ink(Ink::Secondary));
        if (i == currentPart() && hasFocus()) {
            paintPartFocus(painter, box, kRadiusControl);
        }
    }
    paintHairline(painter, QRectF(rect()), Qt::BottomEdge, theme().line(Line::Hairline));
}

}  // namespace sluice::widgets
