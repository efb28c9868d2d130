#include "ui/widgets/age_label.h"

#include <QtCore/QCoreApplication>
#include <QtGui/QPainter>
#include <algorithm>
#include <cmath>

#include "core/units.h"
#include "core/utc_time.h"
#include "ui/style/icons.h"
#include "ui/style/paint.h"

namespace sluice::widgets {

using namespace style;

namespace {

constexpr int kClock = 12;
constexpr int kGap = 6;

}  // namespace

QString clockText(qint64 atMs)
{
    return utcTime(atMs).toString(QStringLiteral("HH:mm:ss"));
}

QString asOfText(qint64 observedAtMs, qint64 nowMs)
{
    return QCoreApplication::translate("AgeLabel", "as of %1, %2 old")
        .arg(clockText(observedAtMs), formatDuration(std::max<qint64>(0, nowMs - observedAtMs)));
}

AgeLabel::AgeLabel(const Theme& theme, QWidget* parent) : ThemedWidget(theme, parent)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void AgeLabel::setObservedAt(qint64 observedAtMs, qint64 staleAfterMs)
{
    m_observedAtMs = observedAtMs;
    m_staleAfterMs = staleAfterMs;
    if (m_nowMs > 0) {
        refresh(m_nowMs);
    }
}

void AgeLabel::setShort(bool on)
{
    m_short = on;
    refresh(m_nowMs);
}

void AgeLabel::refresh(qint64 nowMs)
{
    m_nowMs = nowMs;
    const qint64 age = std::max<qint64>(0, nowMs - m_observedAtMs);
    const bool never = m_observedAtMs <= 0;
    const bool stale = never || (m_staleAfterMs > 0 && age > m_staleAfterMs);
    QString text = never               ? tr("never seen")
                   : stale && !m_short ? asOfText(m_observedAtMs, nowMs)
                                       : formatDuration(age);
    if (stale == m_stale && text == m_text) {
        return;
    }
    m_stale = stale;
    m_text = text;
    setAccessibleName(stale && !never ? tr("old: %1").arg(text) : text);
    updateGeometry();
    update();
}

QSize AgeLabel::sizeHint() const
{
    const QFont font = theme().font(Type::Small, m_stale ? Weight::Medium : Weight::Regular);
    const qreal width = textWidth(font, m_text) + (m_stale ? kClock + kGap : 0);
    return {int(std::ceil(width)) + 1, Theme::lineHeight(Type::Body)};
}

QSize AgeLabel::minimumSizeHint() const
{
    return sizeHint();
}

void AgeLabel::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    QRectF area(rect());
    const QColor ink = m_stale ? theme().word(Tone::Warn) : theme().ink(Ink::Tertiary);
    const QFont font = theme().font(Type::Small, m_stale ? Weight::Medium : Weight::Regular);
    if (m_stale) {
        paintIcon(painter, QStringLiteral("clock"), ink,
                  QRectF(area.left(), area.top(), kClock, area.height()), kClock);
        area.setLeft(area.left() + kClock + kGap);
    }
    paintText(painter, area, m_text, font, ink, Qt::AlignRight, Qt::ElideNone);
}

}  // namespace sluice::widgets
