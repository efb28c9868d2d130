#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>

#include "core/counted.h"

namespace sluice::ctl {

/// "12 s ago", "never" for no time.
QString ago(const QString& rfc3339, qint64 nowMs);
/// Duration since then: "12 s"; "-" for no time.
QString since(const QString& rfc3339, qint64 nowMs);
/// "03:14:08" of today, else "2026-01-01 03:14:08"; in UTC with a Z. "-" for no time.
QString when(const QString& rfc3339, qint64 nowMs);
/// "45 %"; "-" if `of` is not known.
QString percent(double done, double of);
/// "4 min 3 s"; "-" for null.
QString eta(const QJsonValue& seconds);
/// "-" for nothing.
QString orDash(const QString& text);
/// The strings of an array, joined.
QString joined(const QJsonValue& array, const QString& separator);
/// The objects of an array.
QList<QJsonObject> objects(const QJsonValue& array);
/// Members as name=value, for what has no text of its own.
QString plainFacts(const QJsonObject& facts);
/// One line; what is not seen or would act on a terminal is escaped in it.
QString compactJson(const QJsonObject& object);
/// Lines that fit into `columns`, each indented.
QString folded(const QString& text, const QString& indent, int columns);

}  // namespace sluice::ctl
