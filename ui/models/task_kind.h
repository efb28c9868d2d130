#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>

/// What kind of task a row of topic `tasks` is, by its traits: a client knows no kind by name. An engine
/// that sends no traits tells it by what else the row holds.
namespace sluice::models {

/// It ends when a person approves it.
bool asksAPerson(const QJsonObject& task);
/// It asks, and the question is open.
bool asksNow(const QJsonObject& task);
/// It copies objects from one place to another.
bool movesObjects(const QJsonObject& task);
/// It compares and changes nothing.
bool comparesOnly(const QJsonObject& task);
/// What people call it: "move", "Luigi task", "approval".
QString kindTitle(const QJsonObject& task);

}  // namespace sluice::models
