#include "ui/pages/need_card.h"

#include <QtGui/QPainter>

#include "ui/pages/layout.h"
#include "ui/style/paint.h"
#include "ui/widgets/state_label.h"
#include "ui/widgets/text_label.h"

namespace sluice::pages {

using style::Ink;
using style::Type;

NeedCard::NeedCard(const style::Theme& theme, Ink sentenceInk, QWidget* parent) : ThemedWidget(theme, parent)
{
    m_column = new QVBoxLayout(this);
    m_column->setContentsMargins(16, 14, 16, 14);
    m_column->setSpacing(4);
    auto* head = plain<QHBoxLayout>();
    head->setSpacing(8);
    m_mark = new widgets::StateLabel(theme, this);
    m_mark->setType(Type::Lead);
    m_mark->setGlyphOnly(true);
    m_title = new widgets::TextLabel(theme, Type::Lead, Ink::Primary, this);
    m_run = new widgets::TextLabel(theme, Type::Body, Ink::Secondary, this);
    m_since = new widgets::TextLabel(theme, Type::Small, Ink::Tertiary, this);
    head->addWidget(m_mark);
    head->addWidget(m_title);
    head->addWidget(m_run);
    head->addStretch(1);
    head->addWidget(m_since, 0, Qt::AlignVCenter);
    m_column->addLayout(head);
    m_sentence = new widgets::TextLabel(theme, Type::Body, sentenceInk, this);
    m_sentence->setWordWrap(true);
    m_sentence->setContentsMargins(26, 0, 0, 0);
    m_column->addWidget(m_sentence);
    m_column->addSpacing(6);
}

void NeedCard::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    style::paintBox(painter, QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), style::kRadiusBox,
                    theme().surface(style::Surface::Pane), theme().shape(style::Tone::Warn));
}

}  // namespace sluice::pages
