#pragma once

#include "actions/action.h"

namespace sluice::actions {

class ActionRunner;

/// Makes an action known: to the runner, and as one or two rows of the protocol.
/// @param runner null: only the document is made
void addAction(rpc::MethodTable& table, ActionRunner* runner, const Description& description);

/// A plan as it travels: {plan: {action, class, cannotUndo, touches, steps and what is decided on and shown},
/// planHash, stateHash}.
QJsonObject planAnswer(const Description& description, const Call& call, const Plan& plan);

/// A plan that was looked at and is no longer the one that would be carried out.
Error planVoid(const QString& what);

/// Who asks.
Asker askerOf(const rpc::Request& request);

}  // namespace sluice::actions
