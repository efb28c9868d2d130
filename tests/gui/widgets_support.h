#pragma once

#include <QtCore/QRect>
#include <QtGui/QAccessible>
#include <QtGui/QImage>
#include <QtWidgets/QWidget>

#include "patience.h"

/// What the tests of drawn widgets share.
namespace sluice::test {

/// The widget as it is painted now, at its present size or its size hint.
inline QImage picture(QWidget& widget)
{
    if (!widget.testAttribute(Qt::WA_WState_ExplicitShowHide)) {
        widget.resize(widget.sizeHint().expandedTo(widget.size()));
    }
    return widget.grab().toImage().convertToFormat(QImage::Format_ARGB32);
}

inline bool contains(const QImage& image, const QColor& colour)
{
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            if (image.pixelColor(x, y).rgb() == colour.rgb()) {
                return true;
            }
        }
    }
    return false;
}

inline int count(const QImage& image, const QColor& colour)
{
    int found = 0;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            found += image.pixelColor(x, y).rgb() == colour.rgb() ? 1 : 0;
        }
    }
    return found;
}

inline QStringList accessibleNames(QWidget& widget)
{
    QStringList names;
    QAccessibleInterface* interface = QAccessible::queryAccessibleInterface(&widget);
    for (int i = 0; interface != nullptr && i < interface->childCount(); ++i) {
        names.append(interface->child(i)->text(QAccessible::Name));
    }
    return names;
}

/// Shown and with the focus, as the keyboard needs it.
inline void give(QWidget& widget)
{
    widget.show();
    QVERIFY(QTest::qWaitForWindowExposed(&widget));
    widget.activateWindow();
    widget.setFocus(Qt::TabFocusReason);
    QTRY_VERIFY(widget.hasFocus());
}

}  // namespace sluice::test
