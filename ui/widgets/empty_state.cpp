#include "ui/widgets/empty_state.h"

#include <QtGui/QPainter>
#include <QtGui/QResizeEvent>

#include "ui/style/paint.h"
#include "ui/widgets/button.h"
#include "ui/widgets/text_block.h"

namespace sluice::widgets {

using namespace style;

namespace {

constexpr int kPad = 20;
constexpr int kGlyphColumn = 28;
constexpr int kGap = 12;
constexpr int kFigureHeight = 44;
constexpr int kCodePad = 10;

}  // namespace

/// Tops and heights of what there is, at one width.
struct EmptyState::Places {
    int left{};
    int room{};
    int headline{};
    int checked{};
    int checkedHeight{};
    int figures{};
    int code{};
    int codeHeight{};
    int action{};
    int height{};
};

EmptyState::EmptyState(const Theme& theme, QWidget* parent)
    : ThemedWidget(theme, parent), m_action(new Button(theme, {}, ButtonLook::Primary, this))
{
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    m_action->hide();
    connect(m_action, &QPushButton::clicked, this, &EmptyState::actionTriggered);
}

void EmptyState::setHeadline(const QString& headline, const StateWord& state)
{
    m_headline = headline;
    m_state = state;
    refresh();
}

void EmptyState::setChecked(const QString& checked)
{
    m_checked = checked;
    refresh();
}

void EmptyState::setFigures(const QList<std::pair<QString, QString>>& figures)
{
    m_figures = figures;
    refresh();
}

void EmptyState::setCode(const QString& code)
{
    m_code = code;
    refresh();
}

void EmptyState::setAction(const QString& text)
{
    m_action->setText(text);
    m_action->setVisible(!text.isEmpty());
    m_action->updateGeometry();
    refresh();
}

void EmptyState::setBoxed(bool on)
{
    m_boxed = on;
    refresh();
}

void EmptyState::refresh()
{
    setAccessibleName(m_headline);
    QStringList words{m_checked};
    for (const auto& [figure, meaning] : std::as_const(m_figures)) {
        words.append(figure + QLatin1Char(' ') + meaning);
    }
    words.removeAll(QString());
    setAccessibleDescription(words.join(QStringLiteral(", ")));
    placeAction();
    updateGeometry();
    update();
}

EmptyState::Places EmptyState::places(int width) const
{
    Places places;
    const int pad = m_boxed ? kPad : 0;
    places.left = pad + (m_state.word.isEmpty() ? 0 : kGlyphColumn);
    places.room = width - places.left - pad;
    int y = m_boxed ? 14 : 0;
    places.headline = y;
    y += Theme::lineHeight(Type::Lead) + 4;
    if (!m_checked.isEmpty()) {
        places.checked = y;
        places.checkedHeight = TextBlock(theme(), Type::Body).add(m_checked).height(places.room);
        y += places.checkedHeight + 4;
    }
    if (!m_figures.isEmpty()) {
        places.figures = y + 8;
        y += kFigureHeight + 12;
    }
    if (!m_code.isEmpty()) {
        places.code = y + 8;
        places.codeHeight = TextBlock(theme(), Type::Mono)
                                .add(QLatin1Char('`') + m_code + QLatin1Char('`'))
                                .height(places.room - 2 * kCodePad) +
                            2 * kCodePad;
        y = places.code + places.codeHeight + 4;
    }
    if (!m_action->text().isEmpty()) {
        places.action = y + kGap;
        y = places.action + kButton;
    }
    places.height = y + (m_boxed ? 16 : 0);
    return places;
}

void EmptyState::placeAction()
{
    const Places places = this->places(width());
    m_action->setGeometry(places.left, places.action, m_action->sizeHint().width(), kButton);
}

int EmptyState::heightForWidth(int width) const
{
    return places(width).height;
}

QSize EmptyState::sizeHint() const
{
    return {480, heightForWidth(width() > 200 ? width() : 480)};
}

QSize EmptyState::minimumSizeHint() const
{
    return {260, heightForWidth(std::max(260, width()))};
}

void EmptyState::resizeEvent(QResizeEvent* event)
{
    ThemedWidget::resizeEvent(event);
    placeAction();
    updateGeometry();
}

void EmptyState::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    const Places places = this->places(width());
    if (m_boxed) {
        paintBox(painter, QRectF(rect()), kRadiusBox, {}, theme().line(Line::Hairline), 1);
    }
    const QRectF headline(places.left, places.headline, places.room, Theme::lineHeight(Type::Lead));
    if (!m_state.word.isEmpty()) {
        paintGlyph(painter, theme(), m_state.glyph, m_state.tone,
                   QRectF(places.left - kGlyphColumn, headline.top(), kGlyphHead, headline.height()),
                   kGlyphHead);
    }
    paintText(painter, headline, m_headline, theme().font(Type::Lead), theme().ink(Ink::Primary));
    TextBlock(theme(), Type::Body)
        .add(m_checked, Ink::Secondary)
        .paint(painter, {qreal(places.left), qreal(places.checked)}, places.room);
    for (qsizetype i = 0; i < m_figures.size(); ++i) {
        const qreal column = double(places.room) / double(std::max<qsizetype>(4, m_figures.size()));
        const QRectF box(places.left + column * double(i), places.figures, column - 12, kFigureHeight);
        paintText(painter, QRectF(box.left(), box.top(), box.width(), 22), m_figures.at(i).first,
                  theme().font(Type::Lead), theme().ink(Ink::Primary));
        paintText(painter, QRectF(box.left(), box.top() + 23, box.width(), 18), m_figures.at(i).second,
                  theme().font(Type::Small), theme().ink(Ink::Secondary));
    }
    if (!m_code.isEmpty()) {
        const QRectF box(places.left, places.code, places.room, places.codeHeight);
        paintBox(painter, box, kRadiusControl, theme().surface(Surface::Inset), theme().line(Line::Hairline),
                 1);
        TextBlock(theme(), Type::Mono)
            .add(QLatin1Char('`') + m_code + QLatin1Char('`'))
            .paint(painter, box.topLeft() + QPointF(kCodePad, kCodePad), places.room - 2 * kCodePad);
    }
}

}  // namespace sluice::widgets
