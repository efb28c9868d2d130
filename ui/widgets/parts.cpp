#include "ui/widgets/parts.h"

#include <QtCore/QHash>
#include <QtCore/QPointer>
#include <QtGui/QWindow>
#include <QtWidgets/QAccessibleWidget>
#include <QtWidgets/QWidget>

namespace sluice::widgets {

namespace {

constexpr const char* kRoleProperty = "sluicePartsRole";

Parts* partsOf(QWidget* widget)
{
    return dynamic_cast<Parts*>(widget);
}

/// One part of a drawn widget.
class AccessiblePart final : public QAccessibleInterface, public QAccessibleActionInterface {
public:
    AccessiblePart(QWidget* widget, int part) : m_widget(widget), m_part(part) {}

    bool isValid() const override { return m_widget != nullptr && m_part < partsOf(m_widget)->partCount(); }
    QObject* object() const override { return nullptr; }
    QWindow* window() const override { return isValid() ? m_widget->window()->windowHandle() : nullptr; }
    QAccessibleInterface* parent() const override { return QAccessible::queryAccessibleInterface(m_widget); }
    QAccessibleInterface* child(int) const override { return nullptr; }
    QAccessibleInterface* childAt(int, int) const override { return nullptr; }
    int childCount() const override { return 0; }
    int indexOfChild(const QAccessibleInterface*) const override { return -1; }
    QAccessible::Role role() const override { return QAccessible::ListItem; }

    QString text(QAccessible::Text kind) const override
    {
        return isValid() && kind == QAccessible::Name ? partsOf(m_widget)->partName(m_part) : QString();
    }
    void setText(QAccessible::Text, const QString&) override {}

    QRect rect() const override
    {
        if (!isValid()) {
            return {};
        }
        const QRect rect = partsOf(m_widget)->partRect(m_part);
        return {m_widget->mapToGlobal(rect.topLeft()), rect.size()};
    }

    QAccessible::State state() const override
    {
        QAccessible::State state;
        if (!isValid()) {
            state.invalid = true;
            return state;
        }
        const bool current = partsOf(m_widget)->currentPart() == m_part;
        state.focusable = m_widget->focusPolicy() != Qt::NoFocus;
        state.selectable = state.focusable;
        state.selected = current;
        state.focused = current && m_widget->hasFocus();
        state.disabled = !m_widget->isEnabled();
        state.invisible = !m_widget->isVisible();
        return state;
    }

    void* interface_cast(QAccessible::InterfaceType type) override
    {
        return type == QAccessible::ActionInterface ? static_cast<QAccessibleActionInterface*>(this)
                                                    : nullptr;
    }
    QStringList actionNames() const override { return {pressAction(), setFocusAction()}; }
    void doAction(const QString& name) override
    {
        if (!isValid()) {
            return;
        }
        partsOf(m_widget)->setCurrentPart(m_part);
        if (name == pressAction()) {
            partsOf(m_widget)->activatePart(m_part);
        }
    }
    QStringList keyBindingsForAction(const QString&) const override { return {}; }

private:
    QPointer<QWidget> m_widget;
    int m_part;
};

/// The widget whose children are its parts.
class AccessibleParts final : public QAccessibleWidget {
public:
    AccessibleParts(QWidget* widget, QAccessible::Role role) : QAccessibleWidget(widget, role) {}
    ~AccessibleParts() override
    {
        for (const QAccessible::Id id : std::as_const(m_children)) {
            QAccessible::deleteAccessibleInterface(id);
        }
    }

    int childCount() const override { return isValid() ? partsOf(widget())->partCount() : 0; }

    QAccessibleInterface* child(int index) const override
    {
        if (index < 0 || index >= childCount()) {
            return nullptr;
        }
        const auto known = m_children.constFind(index);
        if (known != m_children.cend()) {
            return QAccessible::accessibleInterface(*known);
        }
        auto* part = new AccessiblePart(widget(), index);
        m_children.insert(index, QAccessible::registerAccessibleInterface(part));
        return part;
    }

    QAccessibleInterface* childAt(int x, int y) const override
    {
        const QPoint point = widget()->mapFromGlobal(QPoint(x, y));
        for (int i = 0; i < childCount(); ++i) {
            if (partsOf(widget())->partRect(i).contains(point)) {
                return child(i);
            }
        }
        return nullptr;
    }

    int indexOfChild(const QAccessibleInterface* child) const override
    {
        for (auto it = m_children.cbegin(); it != m_children.cend(); ++it) {
            if (QAccessible::accessibleInterface(*it) == child) {
                return it.key();
            }
        }
        return -1;
    }

    QAccessibleInterface* focusChild() const override
    {
        return widget()->hasFocus() ? child(partsOf(widget())->currentPart()) : nullptr;
    }

private:
    mutable QHash<int, QAccessible::Id> m_children{};
};

QAccessibleInterface* makeInterface(const QString&, QObject* object)
{
    auto* widget = qobject_cast<QWidget*>(object);
    if (widget == nullptr || partsOf(widget) == nullptr || !widget->property(kRoleProperty).isValid()) {
        return nullptr;
    }
    return new AccessibleParts(widget,
                               static_cast<QAccessible::Role>(widget->property(kRoleProperty).toInt()));
}

}  // namespace

void makePartsAccessible(QWidget* widget, QAccessible::Role role)
{
    // Installing the same factory again does nothing.
    QAccessible::installFactory(makeInterface);
    widget->setProperty(kRoleProperty, static_cast<int>(role));
}

void announceCurrentPart(QWidget* widget, int part)
{
    if (part < 0 || !QAccessible::isActive()) {
        return;
    }
    QAccessibleEvent event(widget, QAccessible::Focus);
    event.setChild(part);
    QAccessible::updateAccessibility(&event);
}

}  // namespace sluice::widgets
