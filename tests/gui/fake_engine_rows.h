#pragma once

#include "fake_engine.h"

namespace sluice::test {

/// 2026-11-19 03:14:08 UTC, the moment all scenes show.
inline constexpr qint64 kSceneMs = 1795058048000;

/// Rows out of JSON text; a string that starts with '@' is a moment relative to `nowMs`: "@-372s".
QList<QJsonObject> rowsOf(const char* json, qint64 nowMs);

/// Nothing configured, nothing run.
void sceneEmpty(FakeEngine& engine, qint64 nowMs);
/// Three connections in order, two ended runs, no case.
void sceneQuiet(FakeEngine& engine, qint64 nowMs);
/// R-4 does not move: a client that is gone holds the lock on one object. R-5 runs. Case C-1 waits for a
/// decision.
void sceneStalled(FakeEngine& engine, qint64 nowMs);
/// vega lost its monitor quorum 2 min 14 s ago: R-5 goes on, R-6 cannot connect, case C-2.
void sceneQuorumLost(FakeEngine& engine, qint64 nowMs);
/// Role ingest is being rotated from g1 to g2, at its fourth step.
void sceneRotation(FakeEngine& engine, qint64 nowMs);

/// Answers of flow.check, flow.submit, flow.log, plans, audit.verify and so on that fit sceneStalled.
void answerAll(FakeEngine& engine, qint64 nowMs);

}  // namespace sluice::test
