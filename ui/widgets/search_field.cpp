#include "ui/widgets/search_field.h"

#include <QtGui/QKeyEvent>
#include <QtGui/QPainter>
#include <cmath>

#include "ui/style/icons.h"
#include "ui/style/paint.h"

namespace sluice::widgets {

using namespace style;

namespace {

constexpr int kLeft = 30;
constexpr int kRight = 10;

}  // namespace

SearchField::SearchField(const Theme& theme, const QString& icon, const QString& keyCap, QWidget* parent)
    : QLineEdit(parent), m_theme(theme), m_icon(icon), m_key(keyCap)
{
    setFont(theme.font(Type::Body));
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setFixedHeight(kInput);
    connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    connect(this, &QLineEdit::textChanged, this, &SearchField::refresh);
    refresh();
}

void SearchField::setNote(const QString& note)
{
    m_note = note;
    refresh();
}

void SearchField::refresh()
{
    int right = kRight;
    if (text().isEmpty()) {
        right += m_key.isEmpty() ? 0 : int(keyCapWidth(m_theme, m_key));
    } else if (!m_note.isEmpty()) {
        right += int(std::ceil(textWidth(m_theme.font(Type::Small), m_note)));
    }
    setTextMargins(kLeft - 8, 0, right, 0);
    setAccessibleDescription(text().isEmpty() ? QString() : m_note);
    update();
}

void SearchField::paintEvent(QPaintEvent* event)
{
    QLineEdit::paintEvent(event);
    QPainter painter(this);
    const QRectF box(rect());
    paintIcon(painter, m_icon, m_theme.ink(hasFocus() ? Ink::Primary : Ink::Secondary),
              QRectF(9, 0, kIconButton, box.height()), kIconButton);
    if (text().isEmpty() && !m_key.isEmpty()) {
        const qreal width = keyCapWidth(m_theme, m_key);
        paintKeyCap(painter, m_theme, {box.right() - width - 6, box.center().y()}, m_key,
                    m_theme.ink(Ink::Secondary), m_theme.line(Line::Strong));
    } else if (!text().isEmpty()) {
        paintText(painter, box.adjusted(0, 0, -9, 0), m_note, m_theme.font(Type::Small),
                  m_theme.ink(Ink::Tertiary), Qt::AlignRight, Qt::ElideNone);
    }
}

void SearchField::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape) {
        if (!text().isEmpty()) {
            clear();
            Q_EMIT textEdited(QString());
        }
        Q_EMIT escaped();
        return;
    }
    QLineEdit::keyPressEvent(event);
}

}  // namespace sluice::widgets
