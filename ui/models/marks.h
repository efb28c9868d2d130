#pragma once

#include <QtCore/QJsonObject>

#include "ui/style/state_words.h"

/// From rows to how their state is shown. Old rows say what they were, never green.
namespace sluice::models {

using style::StateWord;

/// Of a task or run by its `state`.
StateWord taskMark(const QJsonObject& row);
/// One of a `health` row's three words: key is availability, redundancy or posture. `stale` and absent rows:
/// "unknown".
StateWord healthMark(const QJsonObject& healthRow, const QString& key, bool stale);
/// The same for a connection without health words: what its state allows to say.
StateWord connectionHealth(const QJsonObject& connectionRow, const QString& key);
/// Of a connection by its `state`.
StateWord connectionMark(const QJsonObject& connectionRow);
StateWord osdMark(const QJsonObject& row, bool stale);
StateWord monMark(const QJsonObject& row);
/// Of an action by its `state`.
StateWord actionMark(const QString& state);
/// Of an audit record by its `outcome`.
StateWord auditMark(const QString& outcome);
StateWord findingMark(const QJsonObject& finding);
StateWord generationMark(const QString& state);
/// Of a rotation or plan step.
StateWord stepMark(const QString& state);
/// Of a health check by its severity.
StateWord checkMark(const QJsonObject& row);
/// A tone by its name on the wire; Neutral for one it does not know.
style::Tone toneFrom(const QString& name);

}  // namespace sluice::models
