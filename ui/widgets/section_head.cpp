#include "ui/widgets/section_head.h"

#include <QtGui/QPainter>
#include <QtWidgets/QHBoxLayout>
#include <cmath>

#include "ui/style/icons.h"
#include "ui/style/paint.h"

namespace sluice::widgets {

using namespace style;

namespace {

constexpr int kGap = 8;
constexpr int kClock = 12;

}  // namespace

SectionHead::SectionHead(const Theme& theme, const QString& title, QWidget* parent)
    : ThemedWidget(theme, parent), m_title(title), m_right(new QHBoxLayout(this))
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_right->setContentsMargins(0, 0, 0, 0);
    m_right->setSpacing(kGap);
    m_right->addStretch(1);
    refresh();
}

void SectionHead::setTitle(const QString& title)
{
    m_title = title;
    refresh();
}

void SectionHead::setCount(const QString& count)
{
    m_count = count;
    refresh();
}

void SectionHead::setNote(const QString& note)
{
    m_note = note;
    refresh();
}

void SectionHead::setStale(const QString& asOf)
{
    m_stale = asOf;
    refresh();
}

void SectionHead::addWidget(QWidget* widget)
{
    m_right->addWidget(widget, 0, Qt::AlignVCenter);
}

void SectionHead::refresh()
{
    QString name = m_title;
    for (const QString& part : {m_count, m_stale.isEmpty() ? m_note : m_stale}) {
        if (!part.isEmpty()) {
            name += QStringLiteral(", ") + part;
        }
    }
    setAccessibleName(name);
    updateGeometry();
    update();
}

qreal SectionHead::titleWidth() const
{
    const qreal title = textWidth(theme().font(Type::Body, Weight::SemiBold), m_title);
    return m_count.isEmpty() ? title : title + kGap + textWidth(theme().font(Type::Body), m_count);
}

QSize SectionHead::sizeHint() const
{
    const QString& note = m_stale.isEmpty() ? m_note : m_stale;
    qreal width =
        titleWidth() + textWidth(theme().font(Type::Small), note) + m_right->sizeHint().width() + 3 * kGap;
    return {int(std::ceil(width)), kSectionHead};
}

QSize SectionHead::minimumSizeHint() const
{
    return {int(std::ceil(titleWidth())) + m_right->minimumSize().width(), kSectionHead};
}

void SectionHead::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    QRectF area(rect());
    const QFont bold = theme().font(Type::Body, Weight::SemiBold);
    const qreal title = paintText(painter, area, m_title, bold, theme().ink(Ink::Primary));
    qreal left = area.left() + title + kGap;
    left += paintText(painter, QRectF(left, area.top(), area.right() - left, area.height()), m_count,
                      theme().font(Type::Body), theme().ink(Ink::Tertiary));
    const int widgets = m_right->count() > 1 ? m_right->sizeHint().width() + 2 * kGap : 0;
    QRectF note(left + 2 * kGap, area.top(), area.right() - widgets - left - 2 * kGap, area.height());
    const QFont small = theme().font(Type::Small);
    if (m_stale.isEmpty()) {
        paintText(painter, note, m_note, small, theme().ink(Ink::Tertiary), Qt::AlignRight);
        return;
    }
    const QFont medium = theme().font(Type::Small, Weight::Medium);
    const qreal width = paintText(painter, note.adjusted(kClock + kGap, 0, 0, 0), m_stale, medium,
                                  theme().word(Tone::Warn), Qt::AlignRight);
    paintIcon(painter, QStringLiteral("clock"), theme().word(Tone::Warn),
              QRectF(note.right() - width - kGap - kClock + 2, note.top(), kClock, note.height()), kClock);
}

}  // namespace sluice::widgets
