#pragma once

#include <QtCore/QString>

namespace sluice::rpc {

/// The method that shows the plan of a change: "keys.rotate" has its plan at "keys.plan_rotate".
inline QString planMethodOf(const QString& method)
{
    return method.section('.', 0, -2) + QStringLiteral(".plan_") + method.section('.', -1);
}

}  // namespace sluice::rpc
