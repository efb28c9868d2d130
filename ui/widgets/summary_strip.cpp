#include "ui/widgets/summary_strip.h"

#include <QtGui/QPainter>
#include <algorithm>

#include "ui/style/paint.h"
#include "ui/widgets/text_block.h"

namespace sluice::widgets {

using namespace style;

namespace {

constexpr int kNarrowest = 150;
constexpr int kHatchWidth = 8;
constexpr int kHeadTop = 12;
constexpr int kDetailGap = 3;

/// "42 % recovered": the number and the words strong, a unit between them quiet.
void paintHeadFigure(QPainter& painter, const Theme& theme, const QRectF& rect, const QString& text,
                     Ink strong)
{
    static const QStringList kUnits{QStringLiteral("%"),   QStringLiteral("B"),   QStringLiteral("KiB"),
                                    QStringLiteral("MiB"), QStringLiteral("GiB"), QStringLiteral("TiB"),
                                    QStringLiteral("s"),   QStringLiteral("min")};
    const QStringList words = text.split(QLatin1Char(' '));
    const QFont font = theme.font(Type::Lead);
    const qreal space = textWidth(font, QStringLiteral(" "));
    qreal x = rect.left();
    for (const QString& word : words) {
        const QColor ink = theme.ink(kUnits.contains(word) ? Ink::Tertiary : strong);
        x += paintText(painter, QRectF(x, rect.top(), rect.right() - x, rect.height()), word, font, ink) +
             space;
    }
}

}  // namespace

SummaryStrip::SummaryStrip(const Theme& theme, QWidget* parent) : ItemWidget(theme, parent)
{
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void SummaryStrip::setCells(const QList<SummaryCell>& cells)
{
    m_cells = cells;
    partsChanged();
    updateGeometry();
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
    return partRect(part, width());
}

QRect SummaryStrip::partRect(int part, int width) const
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
    const int left = width * before / total;
    return {left, 0, width * (before + own) / total - left, height()};
}

QString SummaryStrip::partName(int part) const
{
    const SummaryCell& cell = m_cells.at(part);
    QString name = cell.label.isEmpty() ? QString() : cell.label + QStringLiteral(": ");
    name += cell.state.word.isEmpty() ? cell.figure : cell.state.word;
    for (const QString& more : {cell.detail, cell.asOf}) {
        name += more.isEmpty() ? QString() : QStringLiteral(", ") + more;
    }
    return name;
}

QString SummaryStrip::partToolTip(int part) const
{
    return m_cells.at(part).state.meaning;
}

TextBlock SummaryStrip::detailOf(const SummaryCell& cell) const
{
    TextBlock block(theme(), Type::Small);
    block.add(cell.detail, Ink::Secondary);
    if (!cell.asOf.isEmpty()) {
        block.add(cell.detail.isEmpty() ? cell.asOf : QStringLiteral(", ") + cell.asOf,
                  theme().word(Tone::Warn), Weight::Medium);
    }
    return block;
}

int SummaryStrip::heightForWidth(int width) const
{
    int needed = kSummaryStrip;
    for (int i = 0; i < partCount(); ++i) {
        const int room = partRect(i, width).width() - 2 * kPagePadding;
        const int above = kHeadTop + Theme::lineHeight(Type::Lead) + kDetailGap;
        needed = std::max(needed, above + detailOf(m_cells.at(i)).height(std::max(1, room)) + kHeadTop);
    }
    return needed;
}

QSize SummaryStrip::sizeHint() const
{
    const int least = int(kNarrowest * std::max<qsizetype>(1, m_cells.size()));
    return {least, heightForWidth(std::max(least, width()))};
}

QSize SummaryStrip::minimumSizeHint() const
{
    return sizeHint();
}

void SummaryStrip::resizeEvent(QResizeEvent* event)
{
    ItemWidget::resizeEvent(event);
    updateGeometry();
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
        if (!cell.asOf.isEmpty()) {
            paintHatch(painter, QRectF(box.left(), 4, kHatchWidth, box.height() - 5),
                       theme().shape(Tone::Warn));
        }
        QRectF head(box.left() + kPagePadding, kHeadTop, box.width() - 2 * kPagePadding,
                    Theme::lineHeight(Type::Lead));
        const QPointF detail(head.left(), head.bottom() + kDetailGap);
        const qreal room = head.width();
        if (cell.state.word.isEmpty()) {
            paintHeadFigure(painter, theme(), head, cell.figure,
                            cell.asOf.isEmpty() ? Ink::Primary : Ink::Secondary);
        } else {
            const StateWord& state = cell.state;
            paintGlyph(painter, theme(), state.glyph, state.tone,
                       QRectF(head.left(), head.top(), kGlyphHead, head.height()), kGlyphHead);
            head.setLeft(head.left() + kGlyphHead + 8);
            const bool unknown = state.glyph == Glyph::RingQ;
            const QColor ink =
                isQuiet(state.tone) && !unknown ? theme().ink(Ink::Primary) : theme().word(state.tone);
            paintText(painter, head, state.word, theme().font(Type::Lead), ink);
        }
        detailOf(cell).paint(painter, detail, room);
        if (i == currentPart() && hasFocus()) {
            paintPartFocus(painter, box, kRadiusControl);
        }
    }
    paintHairline(painter, QRectF(rect()), Qt::BottomEdge, theme().line(Line::Hairline));
}

}  // namespace sluice::widgets
