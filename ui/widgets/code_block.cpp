#include "ui/widgets/code_block.h"

#include <QtGui/QAbstractTextDocumentLayout>
#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>
#include <QtGui/QPainter>
#include <QtGui/QTextBlock>
#include <QtWidgets/QScrollBar>
#include <cmath>

#include "ui/style/paint.h"
#include "ui/widgets/button.h"

namespace sluice::widgets {

using namespace style;

namespace {

constexpr int kPad = 10;
constexpr int kCopyColumn = 32;

}  // namespace

CodeBlock::CodeBlock(const Theme& theme, QWidget* parent)
    : QPlainTextEdit(parent), m_theme(theme), m_copy(new Button(theme, {}, ButtonLook::Quiet, this))
{
    setReadOnly(true);
    setTabChangesFocus(true);
    setFrameShape(QFrame::NoFrame);
    setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    document()->setDocumentMargin(0);
    viewport()->setAutoFillBackground(false);
    m_copy->setIconName(QStringLiteral("copy"));
    m_copy->setToolTip(tr("Copy"));
    m_copy->setAccessibleName(tr("Copy"));
    connect(m_copy, &QPushButton::clicked, this,
            [this] { QGuiApplication::clipboard()->setText(toPlainText()); });
    connect(&theme, &Theme::changed, this, &CodeBlock::refresh);
    refresh();
}

void CodeBlock::setText(const QString& text)
{
    if (text != toPlainText()) {
        setPlainText(text);
        updateGeometry();
    }
}

void CodeBlock::setProse(bool on)
{
    m_prose = on;
    refresh();
}

void CodeBlock::setCopyable(bool on)
{
    m_copy->setVisible(on);
    refresh();
}

void CodeBlock::refresh()
{
    setFont(m_theme.font(m_prose ? Type::Body : Type::Mono));
    QPalette palette = this->palette();
    palette.setColor(QPalette::Text, m_theme.ink(m_prose ? Ink::Secondary : Ink::Primary));
    setPalette(palette);
    setViewportMargins(kPad, kPad, m_copy->isHidden() ? kPad : kCopyColumn + 4, kPad);
    updateGeometry();
    update();
}

int CodeBlock::heightForWidth(int width) const
{
    const int room = width - kPad - (m_copy->isHidden() ? kPad : kCopyColumn + 4);
    const QFontMetricsF metrics(font());
    qreal height = 0;
    for (QTextBlock block = document()->begin(); block.isValid(); block = block.next()) {
        const QRectF box =
            metrics.boundingRect(QRectF(0, 0, room, 1e6), Qt::TextWrapAnywhere | Qt::TextWordWrap,
                                 block.text().isEmpty() ? QStringLiteral(" ") : block.text());
        height += std::max(1.0, std::round(box.height() / metrics.lineSpacing())) * metrics.lineSpacing();
    }
    return int(std::ceil(height)) + 2 * kPad;
}

QSize CodeBlock::sizeHint() const
{
    return {360, heightForWidth(width() > 120 ? width() : 360)};
}

QSize CodeBlock::minimumSizeHint() const
{
    return {160, sizeHint().height()};
}

void CodeBlock::resizeEvent(QResizeEvent* event)
{
    QPlainTextEdit::resizeEvent(event);
    const int top = height() < 2 * kCopyColumn ? (height() - kButton) / 2 : 4;
    m_copy->setGeometry(width() - kCopyColumn - 2, top, kCopyColumn - 2, kButton);
    updateGeometry();
}

bool CodeBlock::event(QEvent* event)
{
    if (event->type() == QEvent::Paint) {
        QPainter painter(this);
        paintBox(painter, QRectF(rect()), kRadiusControl, m_theme.surface(Surface::Inset),
                 hasFocus() ? m_theme.accent(Accent::Focus) : m_theme.line(Line::Hairline),
                 hasFocus() ? kFocusRing : 1);
    }
    return QPlainTextEdit::event(event);
}

void CodeBlock::focusInEvent(QFocusEvent* event)
{
    QPlainTextEdit::focusInEvent(event);
    update();
}

void CodeBlock::focusOutEvent(QFocusEvent* event)
{
    QPlainTextEdit::focusOutEvent(event);
    update();
}

}  // namespace sluice::widgets
