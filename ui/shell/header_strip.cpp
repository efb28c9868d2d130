#include "ui/shell/header_strip.h"

#include <QtGui/QPainter>
#include <algorithm>

#include "core/units.h"
#include "ui/shell/find_box.h"
#include "ui/shell/header_item.h"
#include "ui/style/icons.h"
#include "ui/style/paint.h"
#include "ui/widgets/text_label.h"

namespace sluice::shell {

using namespace style;

namespace {

constexpr int kMark = 22;
constexpr int kProfileMark = 10;
constexpr int kNarrowest = 720;
constexpr int kMostProfile = 200;
constexpr int kFindGap = 28;
constexpr int kFindLeast = 140;
constexpr int kRightPad = 4;

}  // namespace

HeaderStrip::HeaderStrip(const Theme& theme, const ShellState& state, QWidget* parent)
    : ThemedWidget(theme, parent),
      m_state(state),
      m_profile(new widgets::TextLabel(theme, Type::Body, Ink::Primary, this)),
      m_kind(new widgets::TextLabel(theme, Type::Small, Ink::Tertiary, this)),
      m_find(new FindBox(theme, this)),
      m_engine(new HeaderItem(theme, this)),
      m_cases(new HeaderItem(theme, this)),
      m_facts(new HeaderItem(theme, this)),
      m_lock(new HeaderItem(theme, this)),
      m_who(new HeaderItem(theme, this))
{
    setFixedHeight(kHeader);
    m_profile->setWeight(Weight::SemiBold);
    m_profile->setElide(Qt::ElideMiddle);
    m_facts->setIconName(QStringLiteral("clock"));
    m_who->setIconName(QStringLiteral("user"));
    m_who->setStrong(true);
    m_cases->setPressable(true);
    m_engine->setGlyph(Glyph::SquareX, Tone::Crit);
    m_engine->hide();

    connect(m_cases, &QAbstractButton::clicked, this,
            [this] { Q_EMIT casesPressed(m_state.values().caseId); });
}

void HeaderStrip::refresh(qint64 nowMs)
{
    m_nowMs = nowMs;
    const ShellValues& values = m_state.values();
    m_profile->setText(values.profileName);
    m_kind->setText(values.profileKind);
    m_engine->setVisible(!values.engineTrouble.isEmpty());
    m_engine->setWords(values.engineTrouble, {}, Tone::Crit);
    refreshCases();
    refreshFacts();
    refreshLock();
    m_who->setToolTip(values.who + QStringLiteral(", ") + values.role);
    m_who->setVisible(!values.who.isEmpty());
    m_cases->setRuled(m_engine->isVisibleTo(this));
    m_engine->setRuled(false);
    place();
    update();
}

void HeaderStrip::refreshCases()
{
    const ShellValues& values = m_state.values();
    const int cases = values.openCases;
    const int gates = values.openGates;
    // What was found stays; that there is nothing is said only while somebody looks.
    const bool needed = cases + gates > 0;
    const bool doubtful = !needed && (!values.casesKnown || !values.casesDoubt.isEmpty());
    m_cases->setGlyph(needed     ? Glyph::DiamondBang
                      : doubtful ? Glyph::RingQ
                                 : Glyph::DiscCheck,
                      needed     ? Tone::Warn
                      : doubtful ? Tone::Neutral
                                 : Tone::Ok);
    const QString words = cases > 0            ? tr("%n open cases", nullptr, cases)
                          : gates > 0          ? tr("%n gates wait for you", nullptr, gates)
                          : !values.casesKnown ? tr("Cases unknown")
                          : doubtful           ? tr("Cases unknown, was none")
                                               : tr("No open case");
    m_cases->setWords(words, {}, needed ? Tone::Warn : Tone::Neutral);
    m_cases->setToolTip(doubtful ? values.casesDoubt : QString());
    m_cases->setAccessibleDescription(m_cases->toolTip());
}

void HeaderStrip::refreshFacts()
{
    const ShellValues& values = m_state.values();
    if (values.oldestFactAtMs <= 0) {
        m_facts->setWords(tr("No fact yet"));
        return;
    }
    const qint64 age = std::max<qint64>(0, m_nowMs - values.oldestFactAtMs);
    const bool stale = values.oldestFactStaleAfterMs > 0 && age > values.oldestFactStaleAfterMs;
    m_facts->setWords(tr("Oldest fact %1").arg(formatDuration(age)), {}, stale ? Tone::Warn : Tone::Neutral);
    m_facts->setToolTip(m_facts->accessibleName());
}

void HeaderStrip::refreshLock()
{
    const ChangeLock& lock = m_state.values().changes;
    const bool allowed = lock.kind == ChangeLock::Kind::Allowed;
    QString text = lock.text;
    if (text.isEmpty()) {
        text = allowed ? tr("Changes allowed") : tr("Read only");
    }
    if (lock.untilMs > 0) {
        const qint64 minutes = std::max<qint64>(0, lock.untilMs - m_nowMs) / 60000;
        text = tr("%1, %2 min left").arg(text).arg(minutes);
    }
    m_lock->setIconName(allowed ? QStringLiteral("lock-open") : QStringLiteral("lock"));
    m_lock->setWords(text, {}, lock.kind == ChangeLock::Kind::Blocked ? Tone::Warn : Tone::Neutral);
    m_lock->setToolTip(lock.toolTip.isEmpty() ? text : lock.toolTip);
    m_lock->setAccessibleDescription(lock.toolTip);
}

QSize HeaderStrip::sizeHint() const
{
    return {kWindowMinWidth, kHeader};
}

QSize HeaderStrip::minimumSizeHint() const
{
    return {kNarrowest, kHeader};
}

int HeaderStrip::takenAtRight() const
{
    int taken = kRightPad;
    for (const HeaderItem* item : {m_engine, m_cases, m_facts, m_lock, m_who}) {
        taken += item->isHidden() ? 0 : item->sizeHint().width();
    }
    return taken;
}

void HeaderStrip::place()
{
    const ShellValues& values = m_state.values();
    const int left = kRail + 12 + kProfileMark + 8;
    const int profile = std::min(m_profile->sizeHint().width(), kMostProfile);
    int kind = values.profileKind.isEmpty() ? 0 : 12 + m_kind->sizeHint().width();
    m_who->setWords(values.who, values.role);
    for (HeaderItem* item : {m_facts, m_lock, m_who}) {
        item->setCompact(false);
    }
    const auto room = [&] { return width() - left - profile - kind - kFindGap - takenAtRight() - 12; };
    if (room() < kFindField) {
        kind = 0;
    }
    if (room() < kFindField) {
        m_who->setWords(values.who);
    }
    for (HeaderItem* item : {m_facts, m_lock, m_who}) {
        if (room() < kFindLeast) {
            item->setCompact(true);
        }
    }
    m_profile->setGeometry(left, 0, profile, height() - 1);
    m_kind->setVisible(kind > 0);
    m_kind->setGeometry(left + profile + 12, 0, m_kind->sizeHint().width(), height() - 1);
    m_find->setGeometry(left + profile + kind + kFindGap, (height() - 1 - kInput) / 2,
                        std::clamp(room(), kFindLeast, kFindField), kInput);
    int x = width() - kRightPad;
    for (HeaderItem* item : {m_who, m_lock, m_facts, m_cases, m_engine}) {
        if (item->isHidden()) {
            continue;
        }
        const int own = item->sizeHint().width();
        x -= own;
        item->setGeometry(x, (height() - 1 - kButton) / 2, own, kButton);
    }
}

void HeaderStrip::resizeEvent(QResizeEvent* event)
{
    ThemedWidget::resizeEvent(event);
    refresh(m_nowMs);
}

void HeaderStrip::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    painter.fillRect(rect(), theme().surface(Surface::Window));
    paintHairline(painter, QRectF(rect()), Qt::BottomEdge, theme().line(Line::Hairline));
    const QRectF corner(0, 0, kRail, height());
    paintHairline(painter, corner, Qt::RightEdge, theme().line(Line::Hairline));
    paintIcon(painter, QStringLiteral("sluice"), theme().accent(Accent::Base), corner, kMark);
    const QRectF mark(kRail + 12, (height() - kProfileMark) / 2.0, kProfileMark, kProfileMark);
    paintBox(painter, mark, kRadiusMark, theme().profile(m_state.values().profileColour), {});
    const qreal rule = m_find->x() - 14;
    paintHairline(painter, QRectF(rule, 13, 1, height() - 27), Qt::LeftEdge, theme().line(Line::Strong));
}

}  // namespace sluice::shell
