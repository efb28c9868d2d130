#pragma once

#include <QtWidgets/QBoxLayout>
#include <QtWidgets/QScrollArea>

#include "ui/style/theme.h"

namespace sluice::session {
class LiveTable;
}
namespace sluice::widgets {
class TableView;
}
namespace sluice::dialogs {
class Dialogs;
}

namespace sluice::pages {

/// A column that scrolls: put widgets into content().
class ScrollColumn : public QScrollArea {
    Q_OBJECT

public:
    explicit ScrollColumn(QWidget* parent = nullptr);
    QVBoxLayout* content() const { return m_content; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    QVBoxLayout* m_content{};
};

/// A panel with a hairline at its left.
class SidePanel : public QWidget {
    Q_OBJECT

public:
    SidePanel(const style::Theme& theme, Qt::Edge edge, QWidget* parent);
    /// `width` on a page of at least kRoomyPage, else `narrowWidth`; logical pixels.
    void setWidths(int width, int narrowWidth);

    static constexpr int kRoomyPage = 1200;

protected:
    bool event(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    const style::Theme& m_theme;
    Qt::Edge m_edge;
    int m_width{};
    int m_narrowWidth{};
};

/// Grey bars where rows will stand: what is loading has its true height at once.
class Skeleton : public QWidget {
    Q_OBJECT

public:
    Skeleton(const style::Theme& theme, int rows, int rowHeight, QWidget* parent = nullptr);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    const style::Theme& m_theme;
    int m_rows;
    int m_rowHeight;
};

/// A box layout without margins and spacing.
template <typename Layout>
Layout* plain(QWidget* parent = nullptr)
{
    auto* layout = new Layout(parent);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    return layout;
}

/// Shows `table` in `view`: widths of the column spec, sorting by head (a third click: the usual order), rows
/// that stand still while pointer or focus is in the view, and a menu to copy or save them as CSV.
void bindTable(widgets::TableView& view, session::LiveTable& table, dialogs::Dialogs& dialogs);

}  // namespace sluice::pages
