#include "systems/transfer/move_wire.h"

namespace sluice::systems::transfer {
namespace {

quint64 toVersion(const QJsonValue& value)
{
    return value.isString() ? value.toString().toULongLong() : static_cast<quint64>(value.toInteger());
}

QJsonObject toJson(const store::ManifestEntry& entry)
{
    QJsonObject json{{"name", entry.name},
                     {"size", entry.size},
                     {"crc32c", static_cast<qint64>(entry.crc32c)},
                     {"version", static_cast<qint64>(entry.version)},
                     {"srcVersion", static_cast<qint64>(entry.srcVersion)},
                     {"etag", entry.etag}};
    if (entry.attributes >= 0) {
        json["attributes"] = entry.attributes;
    }
    return json;
}

}  // namespace

QJsonArray entriesToJson(const QList<store::ManifestEntry>& entries)
{
    QJsonArray array;
    for (const store::ManifestEntry& entry : entries) {
        array.append(toJson(entry));
    }
    return array;
}

QJsonObject entriesByName(const QList<store::ManifestEntry>& entries)
{
    QJsonObject object;
    for (const store::ManifestEntry& entry : entries) {
        object[entry.name] = toJson(entry);
    }
    return object;
}

QList<store::ManifestEntry> entriesFromJson(const QJsonArray& entries)
{
    QList<store::ManifestEntry> list;
    list.reserve(entries.size());
    for (const QJsonValue& value : entries) {
        list.append(store::ManifestEntry{.name = value["name"].toString(),
                                         .size = value["size"].toInteger(),
                                         .crc32c = static_cast<quint32>(value["crc32c"].toInteger()),
                                         .version = toVersion(value["version"]),
                                         .srcVersion = toVersion(value["srcVersion"]),
                                         .etag = value["etag"].toString(),
                                         .attributes = value["attributes"].toInteger(-1)});
    }
    return list;
}

}  // namespace sluice::systems::transfer
