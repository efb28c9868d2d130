#pragma once

#include "fake_engine.h"

namespace sluice::test {

/// audit.list, audit.count and audit.export on the rows of the topic `audit` and `older` ones, in the way of
/// the real engine. `older` grows downwards from the number before the oldest row.
void answerAudit(FakeEngine& engine, const QList<QJsonObject>& older = {});

}  // namespace sluice::test
