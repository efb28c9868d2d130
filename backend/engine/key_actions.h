#pragma once

#include "actions/action.h"

namespace sluice::engine {

class KeyService;

/// Changes of a role's key. @param keys null: only the document is made
actions::Description rotateKeyAction(KeyService* keys);
/// A new first key, for a role whose key its cluster accepts no more.
actions::Description renewKeyAction(KeyService* keys);
/// The first key of a role: the engine makes it by itself, and nobody can ask for it.
actions::Description firstKeyAction(KeyService* keys);

/// As an action of that method is called.
QString keyActionTitle(const QString& method, const QString& role);

}  // namespace sluice::engine
