#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>

namespace sluice::ctl {

/// A row of topic `cases`: the summary, every cause with its evidence, the remedy.
QString caseText(const QJsonObject& row, qint64 nowMs);
/// An answer of `cases.list`: what each is about, who waits, and the command to copy.
QString casesText(const QList<QJsonObject>& rows, qint64 total, qint64 nowMs);

}  // namespace sluice::ctl
