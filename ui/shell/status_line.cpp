#include "ui/shell/status_line.h"

#include <QtCore/QLocale>
#include <QtGui/QPainter>
#include <algorithm>
#include <cmath>

#include "core/units.h"
#include "core/utc_time.h"
#include "ui/style/paint.h"

namespace sluice::shell {

using namespace style;

namespace {

constexpr int kPad = 12;
constexpr int kHintGap = 18;
constexpr int kCapGap = 7;
constexpr int kDot = 10;
constexpr int kMark = 12;
constexpr int kPartGap = 20;
constexpr int kWordGap = 6;
constexpr qint64 kMessageMs = 6000;

}  // namespace

StatusLine::StatusLine(const Theme& theme, const ShellState& state, QWidget* parent)
    : ItemWidget(theme, parent), m_state(state)
{
    setFixedHeight(kStatusLine);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Systems"));
}

void StatusLine::setKeyHints(const QList<KeyHint>& hints)
{
    m_hints = hints;
    describe();
}

void StatusLine::say(const QString& message, qint64 nowMs)
{
    m_message = message;
    m_messageUntilMs = nowMs + kMessageMs;
    describe();
}

void StatusLine::describe()
{
    QStringList words;
    for (const KeyHint& hint : m_hints) {
        words.append(QStringLiteral("%1 %2").arg(hint.key, hint.what));
    }
    setAccessibleDescription(m_message.isEmpty() ? words.join(QStringLiteral(", ")) : m_message);
    update();
}

void StatusLine::refresh(qint64 nowMs)
{
    m_nowMs = nowMs;
    if (!m_message.isEmpty() && nowMs > m_messageUntilMs) {
        say({}, 0);
    }
    update();
}

int StatusLine::partCount() const
{
    return int(m_state.values().connectors.size());
}

QString StatusLine::clock() const
{
    return QLocale(QLocale::English).toString(utcTime(m_nowMs), QStringLiteral("ddd d MMM HH:mm:ss 'UTC'"));
}

bool StatusLine::isStale(const ConnectorMark& mark) const
{
    return mark.staleAfterMs > 0 && mark.oldestFactAtMs > 0 &&
           m_nowMs - mark.oldestFactAtMs > mark.staleAfterMs;
}

QString StatusLine::ageOf(const ConnectorMark& mark) const
{
    return mark.oldestFactAtMs > 0 ? formatDuration(m_nowMs - mark.oldestFactAtMs) : tr("no answer yet");
}

qreal StatusLine::widthOf(int part) const
{
    const ConnectorMark& mark = m_state.values().connectors.at(part);
    const QFont font = theme().font(Type::Small);
    return kMark + kWordGap + textWidth(font, mark.name) + kWordGap + textWidth(font, ageOf(mark)) + 2;
}

qreal StatusLine::partsLeft() const
{
    // The clock keeps its room, whatever the seconds are.
    qreal x = width() - kPad - textWidth(theme().font(Type::Small), clock()) - kPartGap;
    for (int i = 0; i < partCount(); ++i) {
        x -= widthOf(i) + kPartGap;
    }
    return x + kPartGap - 8;
}

QRect StatusLine::partRect(int part) const
{
    qreal x = partsLeft();
    for (int i = 0; i < part; ++i) {
        x += widthOf(i) + kPartGap;
    }
    return QRectF(x, 0, widthOf(part), height()).toAlignedRect();
}

QString StatusLine::partName(int part) const
{
    const ConnectorMark& mark = m_state.values().connectors.at(part);
    const QString age = mark.oldestFactAtMs > 0 ? tr("oldest fact %1 old").arg(ageOf(mark)) : ageOf(mark);
    return QStringLiteral("%1, %2, %3").arg(mark.name, mark.state.word, age);
}

QString StatusLine::partToolTip(int part) const
{
    const ConnectorMark& mark = m_state.values().connectors.at(part);
    return mark.toolTip.isEmpty() ? partName(part) : mark.toolTip;
}

QSize StatusLine::sizeHint() const
{
    return {600, kStatusLine};
}

QSize StatusLine::minimumSizeHint() const
{
    return {200, kStatusLine};
}

void StatusLine::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    painter.fillRect(rect(), theme().surface(Surface::Window));
    paintHairline(painter, QRectF(rect()), Qt::TopEdge, theme().line(Line::Hairline));
    const QRectF line = QRectF(rect()).adjusted(kPad, 0, -kPad, 0);
    const qreal clockWidth = paintText(painter, line, clock(), theme().font(Type::Small),
                                       theme().ink(Ink::Secondary), Qt::AlignRight, Qt::ElideNone);
    if (partCount() > 0) {
        paintHairline(painter, QRectF(line.right() - clockWidth - kPartGap / 2.0 - 2, 7, 1, height() - 14),
                      Qt::LeftEdge, theme().line(Line::Strong));
    }
    for (int i = 0; i < partCount(); ++i) {
        paintConnector(painter, i);
    }
    paintHints(painter, partsLeft() - kPartGap);
}

void StatusLine::paintConnector(QPainter& painter, int part) const
{
    const ConnectorMark& mark = m_state.values().connectors.at(part);
    const QRectF box(partRect(part));
    const bool stale = isStale(mark);
    const bool quiet = isQuiet(mark.state.tone);
    const int size = quiet && mark.state.glyph == Glyph::Disc ? kDot : kMark;
    // An old answer is no reason for green.
    const Tone tone = stale && mark.state.tone == Tone::Ok ? Tone::Neutral : mark.state.tone;
    paintGlyph(painter, theme(), mark.state.glyph, tone, QRectF(box.left(), box.top(), kMark, box.height()),
               size);
    qreal x = box.left() + kMark + kWordGap;
    const QFont font = theme().font(Type::Small);
    x += paintText(painter, QRectF(x, box.top(), box.right() - x, box.height()), mark.name, font,
                   quiet ? theme().ink(Ink::Secondary) : theme().ink(Ink::Primary), Qt::AlignLeft,
                   Qt::ElideNone);
    const bool loud = stale || mark.oldestFactAtMs <= 0;
    paintText(painter, QRectF(x + kWordGap, box.top(), box.right() - x, box.height()), ageOf(mark), font,
              loud ? theme().word(Tone::Warn) : theme().ink(Ink::Tertiary), Qt::AlignLeft, Qt::ElideNone);
}

void StatusLine::paintHints(QPainter& painter, qreal right) const
{
    qreal x = kPad;
    const QFont font = theme().font(Type::Small);
    if (!m_message.isEmpty()) {
        paintText(painter, QRectF(x, 0, right - x, height()), m_message, font, theme().ink(Ink::Primary));
        return;
    }
    for (const KeyHint& hint : m_hints) {
        const qreal own = keyCapWidth(theme(), hint.key) + kCapGap + textWidth(font, hint.what);
        if (x + own > right) {
            return;
        }
        x += paintKeyCap(painter, theme(), {x, height() / 2.0}, hint.key, theme().ink(Ink::Secondary),
                         theme().line(Line::Strong));
        x += kCapGap;
        x += paintText(painter, QRectF(x, 0, right - x, height()), hint.what, font,
                       theme().ink(Ink::Secondary), Qt::AlignLeft, Qt::ElideNone);
        x += kHintGap;
    }
}

}  // namespace sluice::shell
