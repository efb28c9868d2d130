#include "ui/widgets/button.h"

#include <QtGui/QAction>
#include <QtGui/QPainter>
#include <QtWidgets/QStyleOptionButton>
#include <cmath>

#include "ui/style/icons.h"
#include "ui/style/paint.h"

namespace sluice::widgets {

using namespace style;

namespace {

constexpr int kPadding = 12;
constexpr int kQuietPadding = 8;
constexpr int kLinkPadding = 2;
constexpr int kGap = 8;

}  // namespace

Button::Button(const Theme& theme, const QString& text, ButtonLook look, QWidget* parent)
    : QPushButton(text, parent), m_theme(theme), m_look(look)
{
    setAutoDefault(false);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void Button::setLook(ButtonLook look)
{
    m_look = look;
    updateGeometry();
    update();
}

void Button::setIconName(const QString& name)
{
    m_icon = name;
    updateGeometry();
    update();
}

void Button::setKeyCap(const QString& key)
{
    m_key = key;
    updateGeometry();
    update();
}

void Button::setDisabledReason(const QString& reason)
{
    setToolTip(reason);
    setAccessibleDescription(reason);
}

void Button::setAvailable(bool available, const QString& whyNot)
{
    setEnabled(available);
    setDisabledReason(available ? QString() : whyNot);
}

void Button::followAction(QAction* action)
{
    const auto follow = [this, action] {
        setText(action->text());
        setVisible(action->isVisible());
        setAvailable(action->isEnabled(), action->toolTip());
        updateGeometry();
    };
    connect(action, &QAction::changed, this, follow);
    connect(this, &QPushButton::clicked, action, &QAction::trigger);
    follow();
}

QFont Button::wordFont() const
{
    return m_theme.font(Type::Body, m_look == ButtonLook::Link ? Weight::Regular : Weight::Medium);
}

int Button::padding() const
{
    return m_look == ButtonLook::Link ? kLinkPadding : m_look == ButtonLook::Quiet ? kQuietPadding : kPadding;
}

QSize Button::sizeHint() const
{
    qreal width = 2 * padding() + textWidth(wordFont(), text());
    if (!m_icon.isEmpty()) {
        width += kIconButton + (text().isEmpty() ? 0 : kGap);
    }
    if (!m_key.isEmpty()) {
        width += kGap + keyCapWidth(m_theme, m_key);
    }
    return {int(std::ceil(width)), kButton};
}

QSize Button::minimumSizeHint() const
{
    return sizeHint();
}

void Button::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    QStyleOptionButton option;
    initStyleOption(&option);
    option.features.setFlag(QStyleOptionButton::Flat,
                            m_look == ButtonLook::Quiet || m_look == ButtonLook::Link);
    option.features.setFlag(QStyleOptionButton::DefaultButton, m_look == ButtonLook::Primary);
    if (m_look != ButtonLook::Link) {
        style()->drawPrimitive(QStyle::PE_PanelButtonCommand, &option, &painter, this);
    }

    const bool solid = m_look == ButtonLook::Primary && isEnabled();
    const bool link = m_look == ButtonLook::Link && !underMouse();
    const QColor ink = m_theme.ink(!isEnabled() ? Ink::Tertiary
                                   : solid      ? Ink::OnAccent
                                   : link       ? Ink::Secondary
                                                : Ink::Primary);
    QRectF area(rect());
    const qreal content = sizeHint().width() - 2 * padding();
    qreal x = std::round(area.left() + (area.width() - content) / 2);
    if (!m_icon.isEmpty()) {
        paintIcon(painter, m_icon, ink, QRectF(x, area.top(), kIconButton, area.height()), kIconButton);
        x += kIconButton + kGap;
    }
    const QFont font = wordFont();
    const qreal width = textWidth(font, text());
    paintText(painter, QRectF(x, area.top(), width + 1, area.height()), text(), font, ink, Qt::AlignLeft,
              Qt::ElideNone);
    x += width + kGap;
    if (!m_key.isEmpty()) {
        QColor border = solid ? ink : m_theme.line(Line::Strong);
        border.setAlphaF(solid ? 0.6F : 1.0F);
        paintKeyCap(painter, m_theme, {x, area.center().y()}, m_key,
                    solid ? ink : m_theme.ink(Ink::Secondary), border);
    }
}

}  // namespace sluice::widgets
