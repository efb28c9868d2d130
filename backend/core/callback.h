#pragma once

#include <QtCore/QMetaObject>
#include <QtCore/QObject>
#include <QtCore/QPointer>
#include <functional>

namespace sluice {

/// The callback, which is dropped once `context` is gone.
/// @thread of the context
template <typename... Args>
std::function<void(Args...)> whileAlive(QObject* context, std::function<void(Args...)> callback)
{
    return [context = QPointer<QObject>(context), callback = std::move(callback)](Args... args) {
        if (context) {
            callback(std::forward<Args>(args)...);
        }
    };
}

/// Calls back from the event loop of `context`, never at once; dropped once `context` is gone. For what
/// promises to answer later and knows the answer already: its caller need not be ready for both.
template <typename Call>
void callLater(QObject* context, Call call)
{
    QMetaObject::invokeMethod(context, std::move(call), Qt::QueuedConnection);
}

}  // namespace sluice
