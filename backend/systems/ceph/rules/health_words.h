#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>

#include "systems/ceph/rules/ceph_scene.h"

namespace sluice::systems::ceph {

/// A word and the one sentence that justifies it. `count` is used by posture only: how many things want
/// fixing.
struct HealthWord {
    QString word{};
    QString why{};
    int count{};
};

/// Health of one Ceph cluster in three words that answer three questions.
struct HealthWords {
    HealthWord availability{};  ///< can I read and write: available, partly, unavailable, unknown
    HealthWord redundancy{};    ///< how many more failures: full, reduced, none left, lost, single, unknown
    HealthWord posture{};       ///< what should be fixed: in order, to fix, urgent, unknown

    /// Shape of the estate's `health` row: {availability: {word, why}, redundancy: {word, why},
    /// posture: {word, count, why}}.
    QJsonObject toJson() const;
};

/// Pure. Old facts never give a good word: without fresh facts a word is "unknown" and says what was last
/// known.
HealthWords healthWords(const FactSource& facts, const QString& connection, qint64 nowMs);

}  // namespace sluice::systems::ceph
