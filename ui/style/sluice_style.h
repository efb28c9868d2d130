#pragma once

#include <QtWidgets/QProxyStyle>

namespace sluice::style {

class FocusFrame;
class Theme;

/// Fusion with our focus ring, row bar, hairlines, buttons, inputs, tabs, tables and scroll bars. No style
/// sheets: everything comes from the Theme it was given.
/// @thread GUI thread
class SluiceStyle : public QProxyStyle {
    Q_OBJECT

public:
    /// @param theme must live as long as the style
    explicit SluiceStyle(const Theme& theme);

    void polish(QWidget* widget) override;
    using QProxyStyle::polish;
    void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                       const QWidget* widget) const override;
    void drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                     const QWidget* widget) const override;
    void drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                            const QWidget* widget) const override;
    int pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const override;
    int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                  QStyleHintReturn* data) const override;
    QSize sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size,
                           const QWidget* widget) const override;
    QRect subElementRect(SubElement element, const QStyleOption* option,
                         const QWidget* widget) const override;
    QRect subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl sub,
                         const QWidget* widget) const override;
    QIcon standardIcon(StandardPixmap icon, const QStyleOption* option, const QWidget* widget) const override;

private:
    const Theme& m_theme;
    FocusFrame* m_focus{};
};

}  // namespace sluice::style
