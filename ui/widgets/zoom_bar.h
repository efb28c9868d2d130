#pragma once

#include "ui/widgets/item_widget.h"

namespace sluice::widgets {

/// Minus, the zoom in percent, plus, fit. Parts are the four; the figure does nothing but go back to 100 %.
class ZoomBar : public ItemWidget {
    Q_OBJECT

public:
    enum Part { Out, Figure, In, Fit };

    explicit ZoomBar(const style::Theme& theme, QWidget* parent = nullptr);

    void setZoom(double zoom);

    int partCount() const override;
    QRect partRect(int part) const override;
    QString partName(int part) const override;
    QSize sizeHint() const override;

protected:
    QString partToolTip(int part) const override;
    void paintEvent(QPaintEvent* event) override;

private:
    double m_zoom{1};
};

}  // namespace sluice::widgets
