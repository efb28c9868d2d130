#include "ui/pages/chain_strip.h"

#include <QtGui/QPainter>

#include "ui/pages/layout.h"
#include "ui/style/paint.h"
#include "ui/widgets/state_label.h"
#include "ui/widgets/text_label.h"

namespace sluice::pages {

using style::Ink;
using style::Type;

namespace {

constexpr int kHeight = 60;

}  // namespace

ChainStrip::ChainStrip(const style::Theme& theme, QWidget* parent) : ThemedWidget(theme, parent)
{
    setFixedHeight(kHeight);
    auto* row = plain<QHBoxLayout>(this);
    row->setContentsMargins(style::kPagePadding, 0, style::kPagePadding, 0);
    row->setSpacing(28);
    m_mark = new widgets::StateLabel(theme, this);
    m_mark->setObjectName(QStringLiteral("chainMark"));
    m_mark->setType(Type::Lead);
    m_mark->setGlyphOnly(true);
    row->addWidget(m_mark);
    m_verdict = pair(row, false);
    m_records = pair(row, false);
    m_head = pair(row, true);
    row->addStretch(1);
    m_missing = pair(row, false);
    m_verdict.head->setObjectName(QStringLiteral("chainVerdict"));
    m_missing.head->setAlignment(Qt::AlignRight);
    m_missing.detail->setAlignment(Qt::AlignRight);
}

ChainStrip::Pair ChainStrip::pair(QHBoxLayout* row, bool mono)
{
    auto* column = plain<QVBoxLayout>();
    column->addStretch(1);
    Pair made{new widgets::TextLabel(theme(), mono ? Type::Mono : Type::Body, Ink::Primary, this),
              new widgets::TextLabel(theme(), Type::Tiny, Ink::Tertiary, this)};
    made.head->setWeight(style::Weight::Medium);
    column->addWidget(made.head);
    column->addWidget(made.detail);
    column->addStretch(1);
    row->addLayout(column);
    return made;
}

void ChainStrip::setVerdict(const style::StateWord& word, const QString& headline, const QString& detail)
{
    m_mark->setState(word);
    m_verdict.head->setText(headline);
    if (word.isException()) {
        m_verdict.head->setTone(word.tone);
    } else {
        m_verdict.head->setInk(Ink::Primary);
    }
    m_verdict.detail->setText(detail);
}

void ChainStrip::setRecords(const QString& count, const QString& detail)
{
    m_records.head->setText(count);
    m_records.detail->setText(detail);
}

void ChainStrip::setHead(const QString& hash, const QString& detail)
{
    m_head.head->setText(hash);
    m_head.detail->setText(detail);
}

void ChainStrip::setMissing(const QString& figure, const QString& detail)
{
    m_missing.head->setText(figure);
    m_missing.detail->setText(detail);
}

QSize ChainStrip::sizeHint() const
{
    return {600, kHeight};
}

void ChainStrip::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    painter.fillRect(rect(), theme().surface(style::Surface::Inset));
    style::paintHairline(painter, rect(), Qt::BottomEdge, theme().line(style::Line::Hairline));
}

}  // namespace sluice::pages
