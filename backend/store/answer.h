#pragma once

#include <QtCore/QObject>
#include <QtCore/QPointer>
#include <functional>
#include <memory>

#include "core/error.h"

namespace sluice::store {

/// Carries the outcome of one call from a store's thread to the thread of the caller's context, and calls
/// `done` there if the context still lives. Made by the caller, while the context certainly lives. The
/// pending event owns it, so it ends with its event, delivered or not.
/// @thread made on any; sent on any, once; called on the context's
class Answer final : public QObject {
public:
    using Done = std::function<void(const Result<void>&)>;

    static std::unique_ptr<Answer> make(QObject* context, Done done);

    static void send(std::unique_ptr<Answer> answer, Result<void> result);

protected:
    bool event(QEvent* event) override;

private:
    Answer(QObject* context, Done done);

    QPointer<QObject> m_context;
    Done m_done;
    Result<void> m_result{};
};

}  // namespace sluice::store
