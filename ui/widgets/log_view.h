#pragma once

#include <QtCore/QList>
#include <QtWidgets/QAbstractScrollArea>

#include "ui/style/theme.h"

namespace sluice::widgets {

struct LogLine {
    /// "03:13:53.961"
    QString time{};
    /// The word in the second column: a level or a component.
    QString who{};
    QString text{};
    style::Tone tone{style::Tone::Neutral};
};

/// Log lines in mono, newest at the bottom; follows while the end is in sight. Only what is visible is drawn.
class LogView : public QAbstractScrollArea {
    Q_OBJECT

public:
    explicit LogView(const style::Theme& theme, QWidget* parent = nullptr);

    void setLines(const QList<LogLine>& lines);
    QString plainText() const;

    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    void refresh();
    int columnWidth(QString LogLine::*column) const;

    const style::Theme& m_theme;
    QList<LogLine> m_lines{};
};

}  // namespace sluice::widgets
