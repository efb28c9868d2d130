#pragma once

#include <QtCore/QList>
#include <utility>

#include "ui/widgets/themed_widget.h"

namespace sluice::widgets {

/// What an action touches, as figures side by side in one box: {"64 MiB", "1 object written again"}.
class FigureRow : public ThemedWidget {
    Q_OBJECT

public:
    explicit FigureRow(const style::Theme& theme, QWidget* parent = nullptr);

    void setFigures(const QList<std::pair<QString, QString>>& figures);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QList<std::pair<QString, QString>> m_figures{};
};

}  // namespace sluice::widgets
