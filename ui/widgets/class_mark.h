#pragma once

#include "ui/widgets/themed_widget.h"

namespace sluice::widgets {

/// The class of an action as filled marks and words: "▮▮▯ class 2 disruptive".
class ClassMark : public ThemedWidget {
    Q_OBJECT

public:
    explicit ClassMark(const style::Theme& theme, QWidget* parent = nullptr);

    /// 0 read, 1 reversible, 2 disruptive, 3 destructive.
    void setActionClass(int actionClass);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    int m_class{};
};

}  // namespace sluice::widgets
