#include "ui/shell/page_head.h"

#include <QtGui/QAction>
#include <QtGui/QPainter>
#include <QtWidgets/QHBoxLayout>
#include <cmath>

#include "ui/style/paint.h"
#include "ui/widgets/text_label.h"

namespace sluice::shell {

using namespace style;
using widgets::Button;
using widgets::ButtonLook;
using widgets::TextLabel;

namespace {

constexpr int kTabPad = 10;
constexpr int kTabGlyph = 12;
constexpr int kTabGlyphGap = 7;

}  // namespace

HeadTabs::HeadTabs(const Theme& theme, QWidget* parent) : ItemWidget(theme, parent)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setInteractive(true);
    setSingleClick(true);
    setAccessibleName(tr("Tabs"));
    connect(this, &ItemWidget::currentPartChanged, this, [this](int part) {
        if (part >= 0 && m_tabs.at(part).id != m_shown) {
            Q_EMIT chosen(m_tabs.at(part).id);
        }
    });
}

void HeadTabs::setTabs(const QList<PageTab>& tabs, const QString& current)
{
    m_tabs = tabs;
    m_shown = current;
    setVisible(!tabs.isEmpty());
    partsChanged();
    for (int i = 0; i < partCount(); ++i) {
        if (m_tabs.at(i).id == m_shown) {
            setCurrentPart(i);
        }
    }
}

int HeadTabs::partCount() const
{
    return int(m_tabs.size());
}

int HeadTabs::widthOf(int part) const
{
    const PageTab& tab = m_tabs.at(part);
    qreal width = 2 * kTabPad + textWidth(theme().font(Type::Body, Weight::Medium), tab.text);
    if (!tab.state.word.isEmpty()) {
        width += kTabGlyph + kTabGlyphGap;
    }
    return int(std::ceil(width));
}

QRect HeadTabs::partRect(int part) const
{
    int left = 0;
    for (int i = 0; i < part; ++i) {
        left += widthOf(i);
    }
    return {left, 0, widthOf(part), height()};
}

QString HeadTabs::partName(int part) const
{
    const PageTab& tab = m_tabs.at(part);
    return tab.state.word.isEmpty() ? tab.text : tab.text + QStringLiteral(", ") + tab.state.word;
}

QSize HeadTabs::sizeHint() const
{
    int width = 0;
    for (int i = 0; i < partCount(); ++i) {
        width += widthOf(i);
    }
    return {width, kPageHead};
}

QSize HeadTabs::minimumSizeHint() const
{
    return sizeHint();
}

void HeadTabs::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    for (int i = 0; i < partCount(); ++i) {
        const PageTab& tab = m_tabs.at(i);
        const QRectF box(partRect(i));
        const bool shown = tab.id == m_shown;
        qreal x = box.left() + kTabPad;
        if (!tab.state.word.isEmpty()) {
            paintGlyph(painter, theme(), tab.state.glyph, tab.state.tone,
                       QRectF(x, box.top(), kTabGlyph, box.height()), kTabGlyph);
            x += kTabGlyph + kTabGlyphGap;
        }
        paintText(painter, QRectF(x, box.top(), box.right() - x, box.height()), tab.text,
                  theme().font(Type::Body, Weight::Medium),
                  theme().ink(shown ? Ink::Primary : Ink::Secondary), Qt::AlignLeft, Qt::ElideNone);
        if (shown || i == hoveredPart()) {
            painter.fillRect(QRectF(box.left(), box.bottom() - kSelectionLine, box.width(), kSelectionLine),
                             shown ? theme().accent(Accent::Base) : theme().line(Line::Strong));
        }
        if (i == currentPart() && hasFocus()) {
            paintPartFocus(painter, box.adjusted(-1, 6, 1, -6), kRadiusControl);
        }
    }
}

PageHead::PageHead(const Theme& theme, QWidget* parent)
    : ThemedWidget(theme, parent),
      m_parent(new Button(theme, {}, ButtonLook::Link, this)),
      m_slash(new TextLabel(theme, QStringLiteral("/"), Type::Body, Ink::Tertiary, this)),
      m_title(new TextLabel(theme, Type::Title, Ink::Primary, this)),
      m_subtitle(new TextLabel(theme, Type::Body, Ink::Secondary, this)),
      m_tabs(new HeadTabs(theme, this)),
      m_note(new TextLabel(theme, Type::Small, Ink::Tertiary, this)),
      m_own(new QHBoxLayout),
      m_buttons(new QHBoxLayout)
{
    setFixedHeight(kPageHead);
    m_slash->setContentsMargins(8, 0, 10, 0);
    m_subtitle->setElide(Qt::ElideRight);
    m_note->setElide(Qt::ElideRight);
    m_title->setElide(Qt::ElideMiddle);
    m_note->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(kPagePadding, 0, kPagePadding, 0);
    row->setSpacing(0);
    row->addWidget(m_parent);
    row->addWidget(m_slash);
    row->addWidget(m_title, 0);
    row->addSpacing(14);
    row->addWidget(m_subtitle, 2);
    row->addWidget(m_tabs);
    row->addStretch(1);
    row->addWidget(m_note, 2);
    row->addSpacing(8);
    m_own->setSpacing(8);
    m_buttons->setSpacing(8);
    row->addLayout(m_own);
    row->addSpacing(8);
    row->addLayout(m_buttons);
    connect(m_parent, &QPushButton::clicked, this, &PageHead::parentPressed);
    connect(m_tabs, &HeadTabs::chosen, this, [this](const QString& id) {
        if (m_page != nullptr) {
            m_page->setCurrentTab(id);
        }
    });
}

void PageHead::show(Page* page)
{
    m_page = page;
    m_parent->setText(page->parentTitle());
    m_parent->setVisible(!page->parentTitle().isEmpty());
    m_parent->updateGeometry();
    m_slash->setVisible(!page->parentTitle().isEmpty());
    m_title->setText(page->title());
    m_subtitle->setText(page->subtitle());
    m_subtitle->setVisible(!page->subtitle().isEmpty());
    m_tabs->setTabs(page->tabs(), page->currentTab());
    m_note->setText(page->headNote());
    m_note->setVisible(!page->headNote().isEmpty());
    showOwnWidget(page->headWidget());
    showActions(page->actions());
    layout()->setContentsMargins(page->parentTitle().isEmpty() ? kPagePadding : kPagePadding - 2, 0,
                                 kPagePadding, 0);
}

void PageHead::showOwnWidget(QWidget* widget)
{
    if (widget == m_ownWidget) {
        return;
    }
    if (m_ownWidget != nullptr) {
        m_own->removeWidget(m_ownWidget);
        m_ownWidget->hide();
    }
    m_ownWidget = widget;
    if (widget != nullptr) {
        m_own->addWidget(widget);
        widget->show();
    }
}

void PageHead::showActions(const QList<PageAction>& actions)
{
    QList<QAction*> wanted;
    for (const PageAction& action : actions) {
        wanted.append(action.action);
    }
    if (wanted == m_shownActions) {
        return;
    }
    m_shownActions = wanted;
    while (QLayoutItem* item = m_buttons->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    for (const PageAction& action : actions) {
        auto* button = new Button(theme(), action.action->text(), action.look, this);
        button->setIconName(action.icon);
        button->setKeyCap(action.keyCap);
        button->followAction(action.action);
        m_buttons->addWidget(button);
    }
}

void PageHead::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    painter.fillRect(rect(), theme().surface(Surface::Pane));
    paintHairline(painter, QRectF(rect()), Qt::BottomEdge, theme().line(Line::Hairline));
}

}  // namespace sluice::shell
