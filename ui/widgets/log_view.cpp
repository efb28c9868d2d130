#include "ui/widgets/log_view.h"

#include <QtGui/QClipboard>
#include <QtGui/QContextMenuEvent>
#include <QtGui/QGuiApplication>
#include <QtGui/QKeyEvent>
#include <QtGui/QPainter>
#include <QtWidgets/QMenu>
#include <QtWidgets/QScrollBar>
#include <algorithm>
#include <cmath>

#include "ui/style/paint.h"

namespace sluice::widgets {

using namespace style;

namespace {

constexpr int kColumnGap = 16;

}  // namespace

LogView::LogView(const Theme& theme, QWidget* parent) : QAbstractScrollArea(parent), m_theme(theme)
{
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    viewport()->setAutoFillBackground(false);
    connect(&theme, &Theme::changed, viewport(), qOverload<>(&QWidget::update));
    setAccessibleName(tr("Log"));
}

void LogView::setLines(const QList<LogLine>& lines)
{
    const QScrollBar* bar = verticalScrollBar();
    const bool atEnd = bar->value() >= bar->maximum() - 1;
    m_lines = lines;
    setAccessibleDescription(lines.isEmpty() ? tr("no line")
                                             : lines.last().time + QLatin1Char(' ') + lines.last().text);
    refresh();
    if (atEnd) {
        verticalScrollBar()->setValue(verticalScrollBar()->maximum());
    }
    viewport()->update();
}

QString LogView::plainText() const
{
    QStringList lines;
    for (const LogLine& line : m_lines) {
        lines.append(QStringList{line.time, line.who, line.text}.join(QStringLiteral("  ")));
    }
    return lines.join(QLatin1Char('\n'));
}

QSize LogView::sizeHint() const
{
    return {480, 6 * Theme::lineHeight(Type::Mono)};
}

int LogView::columnWidth(QString LogLine::*column) const
{
    const QFontMetricsF metrics(m_theme.font(Type::Mono));
    qsizetype longest = 0;
    for (const LogLine& line : m_lines) {
        longest = std::max(longest, (line.*column).size());
    }
    return longest == 0
               ? 0
               : int(std::ceil(metrics.horizontalAdvance(QLatin1Char('0')) * double(longest))) + kColumnGap;
}

void LogView::refresh()
{
    const int line = Theme::lineHeight(Type::Mono);
    const int content = int(m_lines.size()) * line;
    verticalScrollBar()->setRange(0, std::max(0, content - viewport()->height()));
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(line);
    const QFontMetricsF metrics(m_theme.font(Type::Mono));
    qsizetype longest = 0;
    for (const LogLine& entry : std::as_const(m_lines)) {
        longest = std::max(longest, entry.text.size());
    }
    const int width = columnWidth(&LogLine::time) + columnWidth(&LogLine::who) +
                      int(std::ceil(metrics.horizontalAdvance(QLatin1Char('0')) * double(longest)));
    horizontalScrollBar()->setRange(0, std::max(0, width - viewport()->width()));
    horizontalScrollBar()->setPageStep(viewport()->width());
    horizontalScrollBar()->setSingleStep(20);
}

void LogView::resizeEvent(QResizeEvent* event)
{
    QAbstractScrollArea::resizeEvent(event);
    refresh();
}

void LogView::paintEvent(QPaintEvent* event)
{
    QPainter painter(viewport());
    const int step = Theme::lineHeight(Type::Mono);
    const int scrolled = verticalScrollBar()->value();
    const QFont font = m_theme.font(Type::Mono);
    const int who = columnWidth(&LogLine::time);
    const int text = who + columnWidth(&LogLine::who);
    painter.translate(-horizontalScrollBar()->value(), 0);
    const int first = std::max(0, (event->rect().top() + scrolled) / step);
    const int last = std::min(int(m_lines.size()) - 1, (event->rect().bottom() + scrolled) / step);
    for (int i = first; i <= last; ++i) {
        const LogLine& line = m_lines.at(i);
        const qreal y = i * step - scrolled;
        paintText(painter, QRectF(0, y, who, step), line.time, font, m_theme.ink(Ink::Tertiary),
                  Qt::AlignLeft, Qt::ElideNone);
        paintText(painter, QRectF(who, y, text - who, step), line.who, font, m_theme.ink(Ink::Secondary),
                  Qt::AlignLeft, Qt::ElideNone);
        const bool toned = line.tone == Tone::Warn || line.tone == Tone::Crit;
        paintText(painter, QRectF(text, y, 10, step), line.text, font,
                  toned ? m_theme.word(line.tone) : m_theme.ink(Ink::Primary), Qt::AlignLeft, Qt::ElideNone);
    }
    if (hasFocus()) {
        painter.resetTransform();
        constexpr qreal kInside = kFocusOffset + kFocusRing;
        paintFocusRing(painter, m_theme,
                       QRectF(viewport()->rect()).adjusted(kInside, kInside, -kInside, -kInside),
                       kRadiusMark);
    }
}

void LogView::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Copy)) {
        QGuiApplication::clipboard()->setText(plainText());
    } else if (event->key() == Qt::Key_End) {
        verticalScrollBar()->setValue(verticalScrollBar()->maximum());
    } else if (event->key() == Qt::Key_Home) {
        verticalScrollBar()->setValue(0);
    } else {
        QAbstractScrollArea::keyPressEvent(event);
    }
}

void LogView::contextMenuEvent(QContextMenuEvent* event)
{
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Copy log"), this, [this] { QGuiApplication::clipboard()->setText(plainText()); });
    menu->popup(event->globalPos());
}

}  // namespace sluice::widgets
