#include "ui/widgets/section.h"

#include <QtGui/QPainter>
#include <QtWidgets/QVBoxLayout>

#include "ui/style/paint.h"
#include "ui/widgets/age_label.h"
#include "ui/widgets/section_head.h"

namespace sluice::widgets {

using namespace style;

namespace {

constexpr int kHatchWidth = 8;

}  // namespace

Section::Section(const Theme& theme, const QString& title, QWidget* parent)
    : ThemedWidget(theme, parent), m_head(new SectionHead(theme, title, this)), m_content(new QVBoxLayout)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 4, 0, 16);
    column->setSpacing(0);
    auto* head = new QVBoxLayout;
    head->setContentsMargins(kPagePadding, 0, kPagePadding, 0);
    head->addWidget(m_head);
    column->addLayout(head);
    m_content->setContentsMargins(kPagePadding, 0, kPagePadding, 0);
    m_content->setSpacing(8);
    column->addLayout(m_content, 1);
}

void Section::addWidget(QWidget* widget, int stretch)
{
    m_content->addWidget(widget, stretch);
}

void Section::setStale(qint64 observedAtMs, qint64 nowMs)
{
    m_stale = observedAtMs > 0;
    m_head->setStale(m_stale ? asOfText(observedAtMs, nowMs) : QString());
    update();
}

void Section::setRuled(bool on)
{
    m_ruled = on;
    update();
}

void Section::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    if (m_stale) {
        paintHatch(painter, QRectF(0, 4, kHatchWidth, height() - 4 - (m_ruled ? 1 : 0)),
                   theme().shape(Tone::Warn));
    }
    if (m_ruled) {
        paintHairline(painter, QRectF(rect()), Qt::BottomEdge, theme().line(Line::Hairline));
    }
}

}  // namespace sluice::widgets
