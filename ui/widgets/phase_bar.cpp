#include "ui/widgets/phase_bar.h"

#include <QtCore/QCoreApplication>
#include <QtGui/QPainter>
#include <array>
#include <cmath>

#include "ui/style/paint.h"

namespace sluice::widgets {

using namespace style;

namespace {

struct Phase {
    const char* id{};
    const char* title{};
};

constexpr std::array<Phase, 6> kPhases{{
    {"found", QT_TRANSLATE_NOOP("PhaseBar", "Found")},
    {"cause named", QT_TRANSLATE_NOOP("PhaseBar", "Cause named")},
    {"decide", QT_TRANSLATE_NOOP("PhaseBar", "Decide")},
    {"carry out", QT_TRANSLATE_NOOP("PhaseBar", "Carry out")},
    {"verify", QT_TRANSLATE_NOOP("PhaseBar", "Verify")},
    {"closed", QT_TRANSLATE_NOOP("PhaseBar", "Close")},
}};

constexpr int kHeight = 52;
constexpr int kGlyphGap = 8;
constexpr int kLineGap = 14;

QString titleOf(int part)
{
    return QCoreApplication::translate("PhaseBar", kPhases[static_cast<size_t>(part)].title);
}

}  // namespace

PhaseBar::PhaseBar(const Theme& theme, QWidget* parent) : ItemWidget(theme, parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Phases of the case"));
}

void PhaseBar::setPhase(const QString& phase)
{
    m_phase = phase;
    update();
}

void PhaseBar::setFailed(bool failed)
{
    m_failed = failed;
    update();
}

int PhaseBar::partCount() const
{
    return int(kPhases.size());
}

int PhaseBar::presentPart() const
{
    for (size_t i = 0; i < kPhases.size(); ++i) {
        if (m_phase == QLatin1String(kPhases[i].id)) {
            return int(i);
        }
    }
    return 0;
}

StateWord PhaseBar::stateOf(int part) const
{
    const int present = presentPart();
    if (part < present || (part == present && m_phase == QLatin1String("closed"))) {
        return stateWord(Domain::Step, u"done");
    }
    if (part > present) {
        return stateWord(Domain::Step, u"todo");
    }
    if (m_failed) {
        return stateWord(Domain::Step, u"failed");
    }
    // The first two phases are over as soon as they are reported; what is now is what follows from them.
    const bool early = m_phase == QLatin1String("found") || m_phase == QLatin1String("cause named");
    return stateWord(Domain::CasePhase, early ? QStringView(u"decide") : QStringView(m_phase));
}

qreal PhaseBar::partWidth(int part) const
{
    const Weight weight = part == presentPart() ? Weight::SemiBold : Weight::Regular;
    return kGlyphHead + kGlyphGap + textWidth(theme().font(Type::Body, weight), titleOf(part));
}

QRect PhaseBar::partRect(int part) const
{
    qreal taken = 0;
    qreal before = 0;
    for (int i = 0; i < partCount(); ++i) {
        taken += partWidth(i);
        before += i < part ? partWidth(i) : 0;
    }
    const qreal free = (width() - 2 * kPagePadding - taken) / (partCount() - 1);
    const qreal left = kPagePadding + before + part * free;
    return QRectF(left, 0, partWidth(part), height()).toAlignedRect();
}

QString PhaseBar::partName(int part) const
{
    const int present = presentPart();
    const QString word = part < present ? tr("done") : part == present ? tr("now") : tr("to do");
    return tr("%1, %2").arg(titleOf(part), m_failed && part == present ? stateOf(part).word : word);
}

QSize PhaseBar::sizeHint() const
{
    qreal taken = 2 * kPagePadding;
    for (int i = 0; i < partCount(); ++i) {
        taken += partWidth(i) + 2 * kLineGap;
    }
    return {int(std::ceil(taken)), kHeight};
}

QSize PhaseBar::minimumSizeHint() const
{
    return sizeHint();
}

void PhaseBar::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    painter.fillRect(rect(), theme().surface(Surface::Inset));
    paintHairline(painter, QRectF(rect()), Qt::BottomEdge, theme().line(Line::Hairline));
    const int present = presentPart();
    for (int i = 0; i < partCount(); ++i) {
        const QRectF box(partRect(i));
        const StateWord state = stateOf(i);
        paintGlyph(painter, theme(), state.glyph, state.tone,
                   QRectF(box.left(), box.top(), kGlyphHead, box.height()), kGlyphHead);
        const bool now = i == present;
        const QFont font = theme().font(Type::Body, now ? Weight::SemiBold : Weight::Regular);
        paintText(painter, box.adjusted(kGlyphHead + kGlyphGap, 0, 4, 0), titleOf(i), font,
                  theme().ink(now ? Ink::Primary : Ink::Secondary), Qt::AlignLeft, Qt::ElideNone);
        if (i + 1 < partCount()) {
            const qreal from = box.right() + kLineGap;
            const qreal to = partRect(i + 1).left() - kLineGap;
            paintHairline(painter, QRectF(from, std::floor(height() / 2.0), to - from, 1), Qt::TopEdge,
                          theme().line(Line::Strong));
        }
    }
}

}  // namespace sluice::widgets
