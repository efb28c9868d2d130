#pragma once

#include <QtCore/QObject>
#include <QtCore/QPointer>

class QFocusFrame;
class QWidget;

namespace sluice::style {

/// Draws the focus ring round the control that has the keyboard focus, outside of it, as long as it was not
/// reached with the mouse.
class FocusFrame : public QObject {
    Q_OBJECT

public:
    explicit FocusFrame(QObject* parent);
    ~FocusFrame() override;

    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void show(QWidget* widget);
    void hide();

    QPointer<QFocusFrame> m_frame{};
};

}  // namespace sluice::style
