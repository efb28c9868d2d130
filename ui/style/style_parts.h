#pragma once

#include <QtWidgets/QStyleOption>

class QPainter;
class QWidget;

/// The pieces SluiceStyle is made of; each draws one element wholly.
namespace sluice::style {

class Theme;

void drawPushButton(const Theme& theme, const QStyleOptionButton& option, QPainter& painter);
void drawPushButtonLabel(const Theme& theme, const QStyleOptionButton& option, QPainter& painter);
void drawCheckIndicator(const Theme& theme, const QStyleOption& option, QPainter& painter, bool radio);
void drawInputFrame(const Theme& theme, const QStyleOption& option, QPainter& painter);
void drawComboBox(const Theme& theme, const QStyleOptionComboBox& option, QPainter& painter);
void drawToolButton(const Theme& theme, const QStyleOptionToolButton& option, QPainter& painter);
void drawScrollBar(const Theme& theme, const QStyleOptionSlider& option, const QRect& handle,
                   QPainter& painter);
void drawProgressBar(const Theme& theme, const QStyleOptionProgressBar& option, QPainter& painter);

void drawMenuItem(const Theme& theme, const QStyleOptionMenuItem& option, QPainter& painter);
QSize menuItemSize(const Theme& theme, const QStyleOptionMenuItem& option);
void drawHeaderSection(const Theme& theme, const QStyleOptionHeader& option, QPainter& painter);
void drawHeaderLabel(const Theme& theme, const QStyleOptionHeader& option, QPainter& painter);
void drawTab(const Theme& theme, const QStyleOptionTab& option, QPainter& painter);
void drawTabLabel(const Theme& theme, const QStyleOptionTab& option, QPainter& painter);
void drawItemPanel(const Theme& theme, const QStyleOptionViewItem& option, QPainter& painter);
void drawBranch(const Theme& theme, const QStyleOption& option, QPainter& painter);

}  // namespace sluice::style
