#pragma once

#include <QtCore/QList>
#include <QtWidgets/QWidget>

#include "ui/style/theme.h"

class QVBoxLayout;

namespace sluice::pages {

class ScrollColumn;
class SidePanel;

/// Two columns that scroll each, with a hairline between them; in a narrow window one column with all of it.
class TwoColumns : public QWidget {
    Q_OBJECT

public:
    /// Which column keeps its width; the other takes the rest.
    enum class Fixed { Left, Right };

    /// @param fixedWidth  of the column that keeps it, logical pixels
    /// @param leastWidth  below that there is one column, logical pixels
    TwoColumns(const style::Theme& theme, Fixed fixed, int fixedWidth, int leastWidth,
               QWidget* parent = nullptr);

    /// Where the sections go; a stretch stands at the end.
    void addLeft(QWidget* section);
    void addRight(QWidget* section);
    ScrollColumn* left() const { return m_left; }
    ScrollColumn* right() const { return m_right; }
    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void stack(bool stacked);

    Fixed m_fixed;
    int m_fixedWidth;
    int m_leastWidth;
    bool m_stacked{false};
    ScrollColumn* m_left{};
    SidePanel* m_panel{};
    ScrollColumn* m_right{};
    QList<QWidget*> m_rightSections{};
};

}  // namespace sluice::pages
