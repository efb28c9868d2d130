#include "ui/pages/two_columns.h"

#include "ui/pages/layout.h"

namespace sluice::pages {
namespace {

/// In front of the stretch.
void append(QVBoxLayout* column, QWidget* section)
{
    column->insertWidget(column->count() - 1, section);
}

/// A widget that changes its parent is hidden by Qt.
void transfer(QWidget* section, QVBoxLayout* from, QVBoxLayout* to)
{
    const bool hidden = section->isHidden();
    from->removeWidget(section);
    append(to, section);
    section->setHidden(hidden);
}

}  // namespace

TwoColumns::TwoColumns(const style::Theme& theme, Fixed fixed, int fixedWidth, int leastWidth,
                       QWidget* parent)
    : QWidget(parent), m_fixed(fixed), m_fixedWidth(fixedWidth), m_leastWidth(leastWidth)
{
    auto* row = plain<QHBoxLayout>(this);
    m_left = new ScrollColumn(this);
    m_left->content()->addStretch(1);
    m_panel = new SidePanel(theme, Qt::LeftEdge, this);
    auto* column = plain<QVBoxLayout>(m_panel);
    column->setContentsMargins(1, 0, 0, 0);
    m_right = new ScrollColumn(m_panel);
    m_right->content()->addStretch(1);
    column->addWidget(m_right);
    row->addWidget(m_left, fixed == Fixed::Left ? 0 : 1);
    row->addWidget(m_panel, fixed == Fixed::Left ? 1 : 0);
    (fixed == Fixed::Left ? static_cast<QWidget*>(m_left) : m_panel)->setFixedWidth(fixedWidth);
}

void TwoColumns::addLeft(QWidget* section)
{
    append(m_left->content(), section);
}

void TwoColumns::addRight(QWidget* section)
{
    m_rightSections.append(section);
    append(m_right->content(), section);
}

QSize TwoColumns::minimumSizeHint() const
{
    // It gives way to one column, which is no wider than the fixed one.
    return {m_fixedWidth, 120};
}

void TwoColumns::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    if (const bool stacked = width() < m_leastWidth; stacked != m_stacked) {
        stack(stacked);
    }
}

void TwoColumns::stack(bool stacked)
{
    m_stacked = stacked;
    for (QWidget* section : std::as_const(m_rightSections)) {
        transfer(section, (stacked ? m_right : m_left)->content(), (stacked ? m_left : m_right)->content());
    }
    m_panel->setVisible(!stacked);
    if (m_fixed == Fixed::Left) {
        m_left->setMinimumWidth(stacked ? 0 : m_fixedWidth);
        m_left->setMaximumWidth(stacked ? QWIDGETSIZE_MAX : m_fixedWidth);
    }
}

}  // namespace sluice::pages
