#include "ui/style/focus_frame.h"

#include <QtGui/QFocusEvent>
#include <QtWidgets/QFocusFrame>

namespace sluice::style {

FocusFrame::FocusFrame(QObject* parent) : QObject(parent) {}

FocusFrame::~FocusFrame()
{
    delete m_frame;
}

bool FocusFrame::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::FocusIn) {
        const Qt::FocusReason reason = static_cast<QFocusEvent*>(event)->reason();
        if (reason != Qt::MouseFocusReason) {
            show(static_cast<QWidget*>(watched));
        }
    } else if (event->type() == QEvent::FocusOut || event->type() == QEvent::Hide) {
        if (m_frame != nullptr && m_frame->widget() == watched) {
            hide();
        }
    }
    return false;
}

void FocusFrame::show(QWidget* widget)
{
    if (widget->isWindow()) {
        return;
    }
    if (m_frame == nullptr) {
        m_frame = new QFocusFrame(widget->parentWidget());
    }
    m_frame->setWidget(widget);
}

void FocusFrame::hide()
{
    m_frame->setWidget(nullptr);
}

}  // namespace sluice::style
