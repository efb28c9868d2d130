#include "ui/widgets/key_values.h"

#include <QtGui/QClipboard>
#include <QtGui/QContextMenuEvent>
#include <QtGui/QGuiApplication>
#include <QtGui/QHelpEvent>
#include <QtGui/QKeyEvent>
#include <QtGui/QPainter>
#include <QtWidgets/QMenu>
#include <QtWidgets/QToolTip>
#include <algorithm>
#include <cmath>

#include "ui/style/paint.h"

namespace sluice::widgets {

using namespace style;

namespace {

constexpr int kRow = 22;
constexpr int kGap = 16;

}  // namespace

KeyValues::KeyValues(const Theme& theme, QWidget* parent) : ThemedWidget(theme, parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void KeyValues::setRows(const QList<KeyValue>& rows)
{
    m_rows = rows;
    QStringList words;
    for (const KeyValue& row : rows) {
        words.append(QStringLiteral("%1: %2 %3").arg(row.key, row.value, row.note).trimmed());
    }
    setAccessibleName(words.join(QStringLiteral("; ")));
    updateGeometry();
    update();
}

void KeyValues::setKeyWidth(int px)
{
    m_keyWidth = px;
    update();
}

int KeyValues::keyWidth() const
{
    if (m_keyWidth > 0) {
        return m_keyWidth;
    }
    qreal widest = 0;
    for (const KeyValue& row : m_rows) {
        widest = std::max(widest, textWidth(theme().font(Type::Body), row.key));
    }
    return int(std::ceil(widest)) + kGap;
}

int KeyValues::rowAt(const QPoint& point) const
{
    const int row = point.y() / kRow;
    return row >= 0 && row < m_rows.size() ? row : -1;
}

QSize KeyValues::sizeHint() const
{
    return {keyWidth() + 160, int(m_rows.size()) * kRow};
}

QSize KeyValues::minimumSizeHint() const
{
    return {keyWidth() + 80, sizeHint().height()};
}

void KeyValues::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    const int keys = keyWidth();
    qreal top = 0;
    for (const KeyValue& row : m_rows) {
        paintText(painter, QRectF(0, top, keys - 4, kRow), row.key, theme().font(Type::Body),
                  theme().ink(Ink::Tertiary));
        QRectF value(keys, top, width() - keys, kRow);
        top += kRow;
        const bool toned = row.tone != Tone::Neutral;
        if (row.mono || toned) {
            const QFont font =
                theme().font(row.mono ? Type::Mono : Type::Body, toned ? Weight::Medium : Weight::Regular);
            value.setLeft(value.left() + 8 +
                          paintText(painter, value, row.value, font,
                                    toned ? theme().word(row.tone) : theme().ink(Ink::Primary), Qt::AlignLeft,
                                    Qt::ElideMiddle));
        } else {
            value.setLeft(value.left() + 6 +
                          paintFigure(painter, theme(), value, row.value, theme().font(Type::Body),
                                      theme().ink(Ink::Primary), Qt::AlignLeft));
        }
        paintText(painter, value, row.note, theme().font(Type::Body), theme().ink(Ink::Tertiary));
    }
}

bool KeyValues::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip) {
        return ThemedWidget::event(event);
    }
    auto* help = static_cast<QHelpEvent*>(event);
    const int at = rowAt(help->pos());
    if (at < 0) {
        return false;
    }
    const KeyValue& row = m_rows.at(at);
    const QFont font = theme().font(row.mono ? Type::Mono : Type::Body);
    const QString whole = row.note.isEmpty() ? row.value : row.value + QLatin1Char(' ') + row.note;
    if (textWidth(font, whole) > width() - keyWidth()) {
        QToolTip::showText(help->globalPos(), whole, this);
    }
    return true;
}

void KeyValues::contextMenuEvent(QContextMenuEvent* event)
{
    const int at = rowAt(event->pos());
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (at >= 0) {
        const QString value = m_rows.at(at).value;
        menu->addAction(tr("Copy \"%1\"").arg(value), this,
                        [value] { QGuiApplication::clipboard()->setText(value); });
    }
    menu->addAction(tr("Copy all"), this, [this] {
        QStringList lines;
        for (const KeyValue& row : std::as_const(m_rows)) {
            lines.append(QStringLiteral("%1: %2 %3").arg(row.key, row.value, row.note).trimmed());
        }
        QGuiApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
    });
    menu->popup(event->globalPos());
}

}  // namespace sluice::widgets
