#pragma once

#include <QtWidgets/QWidget>

#include "ui/style/theme.h"

namespace sluice::widgets {

/// A widget that draws itself with a Theme and redraws when the theme changes.
/// @param theme must outlive the widget
class ThemedWidget : public QWidget {
    Q_OBJECT

public:
    explicit ThemedWidget(const style::Theme& theme, QWidget* parent = nullptr);

    const style::Theme& theme() const { return m_theme; }

private:
    const style::Theme& m_theme;
};

}  // namespace sluice::widgets
