#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>
#include <optional>

#include "live_view.h"

namespace sluice::ctl {

/// Rows of topic `runs` as a table.
QString runsText(const QList<QJsonObject>& runs, Style style, qint64 nowMs);
/// One run with its tasks. `tasksTotal`: there may be more tasks than are shown. `columns`: notes that are
/// too long for them get lines of their own; 0: none is.
QString runText(const QJsonObject& run, const QList<QJsonObject>& tasks, qint64 tasksTotal, Style style,
                qint64 nowMs, int columns);
/// What the run's end means for the shell; nothing while it goes on.
std::optional<ExitCode> exitCodeOfRun(const QJsonObject& run);
/// Shows a run until it has ended.
void watchRun(Context& context, const QString& run);

}  // namespace sluice::ctl
