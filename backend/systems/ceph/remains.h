#pragma once

#include "connect/remains.h"

namespace sluice::systems::ceph {

/// Objects in Ceph pools: what is half written is dropped, and a lock of a client that is gone is broken.
connect::RemainsFinder remainsFinder(connect::Link& link);

/// Why a reset of `task` of `run` drops a destination object that no manifest names; empty: it keeps it.
/// Dropped are what an attempt of this task left half written, and a shell that only a lock made.
/// @param stat as object.stat answers
QString whyDropped(const QJsonObject& stat, const QString& run, const QString& task);

}  // namespace sluice::systems::ceph
