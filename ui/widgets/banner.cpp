#include "ui/widgets/banner.h"

#include <QtGui/QPainter>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QVBoxLayout>

#include "ui/style/glyphs.h"
#include "ui/style/paint.h"
#include "ui/widgets/button.h"
#include "ui/widgets/text_label.h"

namespace sluice::widgets {

using namespace style;

namespace {

Glyph glyphOf(Tone tone)
{
    switch (tone) {
        case Tone::Crit:
            return Glyph::SquareX;
        case Tone::Warn:
            return Glyph::DiamondBang;
        case Tone::Ok:
            return Glyph::DiscCheck;
        case Tone::Progress:
            return Glyph::Play;
        case Tone::Neutral:
            break;
    }
    return Glyph::RingDot;
}

}  // namespace

Banner::Banner(const Theme& theme, QWidget* parent)
    : ThemedWidget(theme, parent),
      m_headline(new TextLabel(theme, Type::Body, Ink::Primary, this)),
      m_detail(new TextLabel(theme, Type::Small, Ink::Secondary, this)),
      m_action(new Button(theme, {}, ButtonLook::Primary, this))
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_headline->setWeight(Weight::SemiBold);
    m_headline->setWordWrap(true);
    m_detail->setWordWrap(true);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(kPagePadding + kGlyphHead + 12, 9, kPagePadding, 10);
    row->setSpacing(kPagePadding);
    auto* words = new QVBoxLayout;
    words->setSpacing(0);
    words->addWidget(m_headline);
    words->addWidget(m_detail);
    row->addLayout(words, 1);
    row->addWidget(m_action, 0, Qt::AlignVCenter);
    m_action->hide();
    connect(m_action, &QPushButton::clicked, this, &Banner::actionTriggered);
}

void Banner::setTone(Tone tone)
{
    m_tone = tone;
    update();
}

void Banner::setTexts(const QString& headline, const QString& detail)
{
    m_headline->setText(headline);
    m_detail->setText(detail);
    m_detail->setVisible(!detail.isEmpty());
    setAccessibleName(detail.isEmpty() ? headline : headline + QLatin1Char(' ') + detail);
    updateGeometry();
}

void Banner::setAction(const QString& text, const QString& keyCap)
{
    m_action->setText(text);
    m_action->setKeyCap(keyCap);
    m_action->setVisible(!text.isEmpty());
}

void Banner::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    painter.fillRect(rect(), theme().wash(m_tone));
    paintHairline(painter, QRectF(rect()), Qt::BottomEdge, theme().shape(m_tone));
    paintGlyph(painter, theme(), glyphOf(m_tone), m_tone, QRectF(kPagePadding, 0, kGlyphHead, height()),
               kGlyphHead);
}

}  // namespace sluice::widgets
