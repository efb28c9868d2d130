#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <functional>

#include "core/error.h"

namespace sluice::mover {

/// Whom a move reports to and asks: the engine, or a test.
/// @thread any
class MoveHost {
public:
    virtual ~MoveHost() = default;
    virtual void event(const QString& name, const QJsonObject& params) = 0;
    /// Waits for the answer.
    [[nodiscard]] virtual Result<QJsonObject> ask(const QString& method, const QJsonObject& params) = 0;
    /// Many may be out at once; `answered` is called exactly once, on any thread.
    virtual void askAsync(const QString& method, const QJsonObject& params,
                          std::function<void(Result<QJsonObject>)> answered) = 0;

    void log(const QString& level, const QString& text)
    {
        event(QStringLiteral("log"), {{"level", level}, {"text", text}});
    }
    void phase(const QString& name) { event(QStringLiteral("phase"), {{"phase", name}}); }
};

}  // namespace sluice::mover
