#pragma once

#include <QtCore/QRect>
#include <QtCore/QString>
#include <QtGui/QAccessible>

class QWidget;

namespace sluice::widgets {

/// The parts of a drawn widget, as a screen reader sees them: one child each.
class Parts {
public:
    virtual ~Parts() = default;
    virtual int partCount() const = 0;
    /// In coordinates of the widget.
    virtual QRect partRect(int part) const = 0;
    /// "mon b, no answer, 2 of 3 needed"
    virtual QString partName(int part) const = 0;
    /// -1 when none is.
    virtual int currentPart() const = 0;
    virtual void setCurrentPart(int part) = 0;
    virtual void activatePart(int part) = 0;
};

/// Makes `widget`, which must also be a Parts, readable. Call it first of all in the constructor of the
/// widget's class: what names it before that would bind it to the interface of its base class.
/// @param role what the widget as a whole is
void makePartsAccessible(QWidget* widget, QAccessible::Role role = QAccessible::List);
/// Tells assistive programs that another part is current now.
void announceCurrentPart(QWidget* widget, int part);

}  // namespace sluice::widgets
