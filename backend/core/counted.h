#pragma once

#include <QtCore/QString>

namespace sluice {

/// The form that goes with a count: one task, two tasks.
QString formOf(qint64 count, const QString& one, const QString& many);
/// "1 task", "2 tasks", "7,439 tasks".
QString counted(qint64 count, const QString& one, const QString& many);
/// As counted(), where many take an "s".
QString counted(qint64 count, const QString& one);

}  // namespace sluice
