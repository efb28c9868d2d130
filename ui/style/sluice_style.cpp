#include "ui/style/sluice_style.h"

#include <QtGui/QPainter>
#include <QtWidgets/QAbstractButton>
#include <QtWidgets/QAbstractItemView>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QDialog>
#include <QtWidgets/QLabel>
#include <QtWidgets/QScrollBar>
#include <QtWidgets/QStyleFactory>
#include <QtWidgets/QStyleOption>

#include "ui/style/focus_frame.h"
#include "ui/style/icons.h"
#include "ui/style/paint.h"
#include "ui/style/style_parts.h"
#include "ui/style/theme.h"

namespace sluice::style {

namespace {

constexpr int kScrollBar = 10;
constexpr int kScrollHandleMin = 32;
constexpr int kIndicator = 16;
constexpr int kTabPadding = 12;

}  // namespace

SluiceStyle::SluiceStyle(const Theme& theme)
    : QProxyStyle(QStyleFactory::create(QStringLiteral("Fusion"))),
      m_theme(theme),
      m_focus(new FocusFrame(this))
{
}

void SluiceStyle::polish(QWidget* widget)
{
    QProxyStyle::polish(widget);
    if (auto* label = qobject_cast<QLabel*>(widget); label != nullptr && widget->inherits("QTipLabel")) {
        // A tool tip shows names as they are; one that looks like markup would be drawn as such.
        label->setTextFormat(Qt::PlainText);
    }
    if (qobject_cast<QDialog*>(widget) != nullptr) {
        widget->setBackgroundRole(QPalette::Base);
    }
    if (qobject_cast<QAbstractButton*>(widget) != nullptr) {
        widget->installEventFilter(m_focus);
    }
    if (qobject_cast<QAbstractButton*>(widget) != nullptr || qobject_cast<QComboBox*>(widget) != nullptr ||
        qobject_cast<QScrollBar*>(widget) != nullptr) {
        widget->setAttribute(Qt::WA_Hover);
    }
}

void SluiceStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                                const QWidget* widget) const
{
    switch (element) {
        case PE_FrameFocusRect:
            return;
        case PE_PanelButtonCommand:
            if (const auto* button = qstyleoption_cast<const QStyleOptionButton*>(option)) {
                drawPushButton(m_theme, *button, *painter);
                return;
            }
            break;
        case PE_IndicatorCheckBox:
        case PE_IndicatorItemViewItemCheck:
            drawCheckIndicator(m_theme, *option, *painter, false);
            return;
        case PE_IndicatorRadioButton:
            drawCheckIndicator(m_theme, *option, *painter, true);
            return;
        case PE_PanelLineEdit:
            if (const auto* frame = qstyleoption_cast<const QStyleOptionFrame*>(option);
                frame != nullptr && frame->lineWidth > 0) {
                drawInputFrame(m_theme, *option, *painter);
            }
            return;
        case PE_FrameLineEdit:
            drawInputFrame(m_theme, *option, *painter);
            return;
        case PE_Frame:
        case PE_FrameGroupBox:
            paintBox(*painter, option->rect, kRadiusControl, {}, m_theme.line(Line::Hairline), 1);
            return;
        case PE_FrameMenu:
        case PE_PanelMenu:
            painter->fillRect(option->rect, m_theme.surface(Surface::Raised));
            paintBox(*painter, option->rect, 0, {}, m_theme.line(Line::Strong), 1);
            return;
        case PE_PanelTipLabel:
            paintBox(*painter, option->rect, 0, m_theme.surface(Surface::Raised), m_theme.line(Line::Strong),
                     1);
            return;
        case PE_PanelItemViewItem:
            if (const auto* item = qstyleoption_cast<const QStyleOptionViewItem*>(option)) {
                drawItemPanel(m_theme, *item, *painter);
            }
            return;
        case PE_PanelItemViewRow:
            return;
        case PE_IndicatorBranch:
            drawBranch(m_theme, *option, *painter);
            return;
        case PE_PanelScrollAreaCorner:
        case PE_FrameTabBarBase:
        case PE_FrameStatusBarItem:
            return;
        default:
            break;
    }
    QProxyStyle::drawPrimitive(element, option, painter, widget);
}

void SluiceStyle::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                              const QWidget* widget) const
{
    switch (element) {
        case CE_FocusFrame:
            paintFocusRing(*painter, m_theme,
                           QRectF(option->rect)
                               .adjusted(kFocusOffset + kFocusRing, kFocusOffset + kFocusRing,
                                         -kFocusOffset - kFocusRing, -kFocusOffset - kFocusRing),
                           kRadiusControl);
            return;
        case CE_PushButtonBevel:
            drawPushButton(m_theme, *static_cast<const QStyleOptionButton*>(option), *painter);
            return;
        case CE_PushButtonLabel:
            drawPushButtonLabel(m_theme, *static_cast<const QStyleOptionButton*>(option), *painter);
            return;
        case CE_MenuItem:
            drawMenuItem(m_theme, *static_cast<const QStyleOptionMenuItem*>(option), *painter);
            return;
        case CE_MenuEmptyArea:
            painter->fillRect(option->rect, m_theme.surface(Surface::Raised));
            return;
        case CE_HeaderSection:
            drawHeaderSection(m_theme, *static_cast<const QStyleOptionHeader*>(option), *painter);
            return;
        case CE_HeaderLabel:
            drawHeaderLabel(m_theme, *static_cast<const QStyleOptionHeader*>(option), *painter);
            return;
        case CE_HeaderEmptyArea:
            painter->fillRect(option->rect, m_theme.surface(Surface::Pane));
            return;
        case CE_Header: {
            QStyleOptionHeader label = *static_cast<const QStyleOptionHeader*>(option);
            drawHeaderSection(m_theme, label, *painter);
            label.rect = label.rect.adjusted(kCellPadding, 0, -kCellPadding, 0);
            drawHeaderLabel(m_theme, label, *painter);
            return;
        }
        case CE_TabBarTabShape:
            drawTab(m_theme, *static_cast<const QStyleOptionTab*>(option), *painter);
            return;
        case CE_TabBarTabLabel:
            drawTabLabel(m_theme, *static_cast<const QStyleOptionTab*>(option), *painter);
            return;
        case CE_ProgressBar:
            drawProgressBar(m_theme, *static_cast<const QStyleOptionProgressBar*>(option), *painter);
            return;
        case CE_Splitter:
            painter->fillRect(option->rect, m_theme.surface(Surface::Pane));
            if (option->state.testFlag(State_Horizontal)) {
                paintHairline(*painter, QRectF(option->rect).adjusted(option->rect.width() / 2, 0, 0, 0),
                              Qt::LeftEdge, m_theme.line(Line::Hairline));
            } else {
                paintHairline(*painter, QRectF(option->rect).adjusted(0, option->rect.height() / 2, 0, 0),
                              Qt::TopEdge, m_theme.line(Line::Hairline));
            }
            return;
        default:
            break;
    }
    QProxyStyle::drawControl(element, option, painter, widget);
}

void SluiceStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option,
                                     QPainter* painter, const QWidget* widget) const
{
    switch (control) {
        case CC_ScrollBar: {
            const auto& bar = *static_cast<const QStyleOptionSlider*>(option);
            drawScrollBar(m_theme, bar, subControlRect(control, option, SC_ScrollBarSlider, widget),
                          *painter);
            return;
        }
        case CC_ComboBox:
            drawComboBox(m_theme, *static_cast<const QStyleOptionComboBox*>(option), *painter);
            return;
        case CC_ToolButton:
            drawToolButton(m_theme, *static_cast<const QStyleOptionToolButton*>(option), *painter);
            return;
        default:
            break;
    }
    QProxyStyle::drawComplexControl(control, option, painter, widget);
}

int SluiceStyle::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const
{
    switch (metric) {
        case PM_ScrollBarExtent:
            return kScrollBar;
        case PM_ScrollBarSliderMin:
            return kScrollHandleMin;
        case PM_SplitterWidth:
            return kSplitterHit;
        case PM_IndicatorWidth:
        case PM_IndicatorHeight:
        case PM_ExclusiveIndicatorWidth:
        case PM_ExclusiveIndicatorHeight:
            return kIndicator;
        case PM_CheckBoxLabelSpacing:
        case PM_RadioButtonLabelSpacing:
            return 8;
        case PM_FocusFrameHMargin:
        case PM_FocusFrameVMargin:
            return kFocusOffset + kFocusRing;
        case PM_DefaultFrameWidth:
            return 1;
        case PM_ButtonShiftHorizontal:
        case PM_ButtonShiftVertical:
        case PM_TabBarTabOverlap:
        case PM_TabBarBaseHeight:
        case PM_TabBarBaseOverlap:
            return 0;
        case PM_TabBarTabHSpace:
            return 2 * kTabPadding;
        case PM_TabBarTabVSpace:
            return 16;
        case PM_HeaderMargin:
            return kCellPadding;
        case PM_ButtonIconSize:
        case PM_SmallIconSize:
            return kIconButton;
        case PM_MenuPanelWidth:
            return 1;
        case PM_MenuVMargin:
            return 4;
        case PM_MenuHMargin:
            return 0;
        case PM_ToolTipLabelFrameWidth:
            return 6;
        case PM_LayoutHorizontalSpacing:
        case PM_LayoutVerticalSpacing:
            return 8;
        default:
            break;
    }
    return QProxyStyle::pixelMetric(metric, option, widget);
}

int SluiceStyle::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                           QStyleHintReturn* data) const
{
    switch (hint) {
        case SH_EtchDisabledText:
        case SH_DitherDisabledText:
        case SH_UnderlineShortcut:
        case SH_ScrollBar_Transient:
        case SH_Menu_SloppySubMenus:
        case SH_ItemView_ActivateItemOnSingleClick:
        case SH_Widget_Animate:
        case SH_Widget_Animation_Duration:
        case SH_ScrollView_FrameOnlyAroundContents:
            return 0;
        case SH_ItemView_ShowDecorationSelected:
            return 1;
        case SH_FocusFrame_AboveWidget:
            return 1;
        case SH_ToolTipLabel_Opacity:
            return 255;
        case SH_Table_GridLineColor:
            return static_cast<int>(m_theme.line(Line::Hairline).rgba());
        default:
            break;
    }
    return QProxyStyle::styleHint(hint, option, widget, data);
}

QSize SluiceStyle::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size,
                                    const QWidget* widget) const
{
    switch (type) {
        case CT_PushButton:
            return {std::max(size.width() + 24, 64), kButton};
        case CT_LineEdit:
        case CT_ComboBox: {
            const QSize base = QProxyStyle::sizeFromContents(type, option, size, widget);
            return {base.width() + (type == CT_ComboBox ? 12 : 0), std::max(kInput, base.height())};
        }
        case CT_MenuItem:
            return menuItemSize(m_theme, *static_cast<const QStyleOptionMenuItem*>(option));
        case CT_HeaderSection: {
            const auto& header = *static_cast<const QStyleOptionHeader*>(option);
            const qreal text = textWidth(m_theme.font(Type::Small, Weight::Medium), header.text);
            const int arrow = header.sortIndicator != QStyleOptionHeader::None ? 16 : 0;
            return {int(text) + 1 + 2 * kCellPadding + arrow, kTableHead};
        }
        case CT_ItemViewItem: {
            const QSize base = QProxyStyle::sizeFromContents(type, option, size, widget);
            return {base.width(), std::max(kRowCompact, base.height())};
        }
        case CT_ToolButton:
            return size.expandedTo({kHitMinimum, kHitMinimum}) + QSize(4, 0);
        case CT_ProgressBar:
            return {std::max(size.width(), 40), 8};
        default:
            break;
    }
    return QProxyStyle::sizeFromContents(type, option, size, widget);
}

QRect SluiceStyle::subElementRect(SubElement element, const QStyleOption* option, const QWidget* widget) const
{
    switch (element) {
        case SE_HeaderLabel:
            return option->rect.adjusted(kCellPadding, 0, -kCellPadding, 0);
        case SE_LineEditContents:
            return option->rect.adjusted(7, 1, -7, -1);
        case SE_PushButtonContents:
        case SE_PushButtonFocusRect:
            return option->rect.adjusted(4, 0, -4, 0);
        default:
            break;
    }
    return QProxyStyle::subElementRect(element, option, widget);
}

QRect SluiceStyle::subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl sub,
                                  const QWidget* widget) const
{
    if (control == CC_ComboBox) {
        const QRect rect = option->rect;
        switch (sub) {
            case SC_ComboBoxEditField:
                return rect.adjusted(8, 1, -26, -1);
            case SC_ComboBoxArrow:
                return {rect.right() - 26, rect.top(), 26, rect.height()};
            case SC_ComboBoxListBoxPopup:
                return rect.adjusted(0, 2, 0, 2);
            default:
                return rect;
        }
    }
    if (control != CC_ScrollBar) {
        return QProxyStyle::subControlRect(control, option, sub, widget);
    }
    const auto& bar = *static_cast<const QStyleOptionSlider*>(option);
    const bool horizontal = bar.orientation == Qt::Horizontal;
    const int length = horizontal ? bar.rect.width() : bar.rect.height();
    const qint64 range = qint64(bar.maximum) - bar.minimum;
    int handle = length;
    if (range > 0) {
        handle = int(qint64(bar.pageStep) * length / (range + bar.pageStep));
        handle = std::min(length, std::max(handle, kScrollHandleMin));
    }
    const int start = sliderPositionFromValue(bar.minimum, bar.maximum, bar.sliderPosition, length - handle,
                                              bar.upsideDown);
    const auto piece = [&](int from, int size) {
        return visualRect(bar.direction, bar.rect,
                          horizontal ? QRect(bar.rect.left() + from, bar.rect.top(), size, bar.rect.height())
                                     : QRect(bar.rect.left(), bar.rect.top() + from, bar.rect.width(), size));
    };
    switch (sub) {
        case SC_ScrollBarSlider:
            return piece(start, handle);
        case SC_ScrollBarSubPage:
            return piece(0, start);
        case SC_ScrollBarAddPage:
            return piece(start + handle, length - start - handle);
        case SC_ScrollBarGroove:
            return bar.rect;
        default:
            return {};
    }
}

QIcon SluiceStyle::standardIcon(StandardPixmap icon, const QStyleOption* option, const QWidget* widget) const
{
    if (icon == SP_LineEditClearButton || icon == SP_TitleBarCloseButton ||
        icon == SP_DockWidgetCloseButton) {
        const qreal dpr = widget != nullptr ? widget->devicePixelRatioF() : 1;
        return QIcon(iconPixmap(QStringLiteral("close"), m_theme.ink(Ink::Secondary), kIconButton, dpr));
    }
    return QProxyStyle::standardIcon(icon, option, widget);
}

}  // namespace sluice::style
