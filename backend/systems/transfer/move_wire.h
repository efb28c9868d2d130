#pragma once

#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtCore/QList>

#include "store/manifest.h"

namespace sluice::systems::transfer {

/// Manifest entries as workers send and get them: {name, size, crc32c, version, srcVersion, etag}; versions
/// are 64-bit integers (QJsonValue keeps integers whole), or text.
QJsonArray entriesToJson(const QList<store::ManifestEntry>& entries);
QJsonObject entriesByName(const QList<store::ManifestEntry>& entries);
QList<store::ManifestEntry> entriesFromJson(const QJsonArray& entries);

}  // namespace sluice::systems::transfer
