#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <QtCore/QStringList>

/// The sentences of the window, made from rows. Everything passes through tr().
namespace sluice::models {

/// "class 2 disruptive"
QString classWord(int actionClass);
/// "2 disruptive"
QString classMeaning(int actionClass);

/// "7 of 14"; for a total that is not known "7".
QString ofText(qint64 done, qint64 total);
/// How much of its bytes a run or a task has done, 0 to 1, and never all while objects are left; -1: not
/// known.
double bytesFraction(const QJsonObject& row);
/// "3 s", "2 min 14 s" since a time; empty without a time.
QString ageText(qint64 thenMs, qint64 nowMs);
/// "as of 03:41:07, 2 min 14 s old"
QString asOfText(qint64 thenMs, qint64 nowMs);

/// One line under a task's name: "stalled 6 min 12 s", "running, 62 %", "waits for a person", "done in 4
/// min".
QString taskLine(const QJsonObject& task, qint64 nowMs);
/// Why a task does not move, from its `blocked` member: "write of part-05120 refused: lock compact of
/// client.48213"; empty if it is not blocked.
QString blockedText(const QJsonObject& task);
/// Why it is refused, where blockedText() does not say it already; may be empty.
QString blockedCause(const QJsonObject& task);
/// What a source has and the move does not carry: "3 symbolic links", "1 omap"; empty if nothing. What only
/// lies beside the run's own objects is not counted.
QStringList leftOutTexts(const QJsonObject& task);
/// When a run ends by its estimate: "04:36"; "not known" while that cannot be said; the end if it ended.
QString endsText(const QJsonObject& run, qint64 nowMs);
/// "7 of 14, no progress" – the second line of a run in a list.
QString runLine(const QJsonObject& run, qint64 nowMs);

/// Title of an action in words: "R-1 reset", "flow nightly-train submitted".
QString actionTitle(const QJsonObject& action);

/// "Cause: …" line of a case: the confirmed finding's title, or that none is confirmed.
QString causeText(const QJsonObject& caseRow);
/// The id of the confirmed finding's rule with its version: "R18 version 3"; empty if none.
QString ruleText(const QJsonObject& finding);
/// RFC 3339 of the oldest evidence of a finding in ms; 0 if it has none.
qint64 oldestEvidence(const QJsonObject& finding);
/// The confirmed finding of a case, or the first; empty if it has none.
QJsonObject leadingFinding(const QJsonObject& caseRow);

/// With a capital if it begins with a word that is no name; a name keeps its case: "The key is old",
/// "day-2/part-9 is gone".
QString capitalised(const QString& text);
/// The parts that say something, each with its full stop: "It timed out. Start mon b."
QString sentence(const QStringList& parts);

/// A text to hand a case over with: what, when, why, what was done, what is left. Names records, never
/// secrets.
QString handOverText(const QJsonObject& caseRow, const QJsonObject& run, const QList<QJsonObject>& actions);

}  // namespace sluice::models
