#include "ui/widgets/themed_widget.h"

namespace sluice::widgets {

ThemedWidget::ThemedWidget(const style::Theme& theme, QWidget* parent) : QWidget(parent), m_theme(theme)
{
    connect(&theme, &style::Theme::changed, this, qOverload<>(&QWidget::update));
}

}  // namespace sluice::widgets
