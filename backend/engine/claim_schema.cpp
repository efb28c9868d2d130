#include "engine/attempt_fencer.h"

namespace sluice::engine {

/// What is to be released after its attempt; the part has the name of the first kind of claim.
store::PartSchema AttemptFencer::schema()
{
    return {.part = QStringLiteral("s3-keys-left"),
            .steps = {
                {.version = 1,
                 .statements = {QStringLiteral(
                     "CREATE TABLE s3_left (name TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID")},
                 .inFileSince = 2},
                // What is no claim of these kinds, or no JSON, is kept as it is and refused when it is
                // read.
                {.version = 2,
                 .statements = {
                     QStringLiteral("CREATE TABLE claim_left (name TEXT PRIMARY KEY, claim TEXT NOT "
                                    "NULL) WITHOUT ROWID"),
                     QStringLiteral("INSERT INTO claim_left SELECT name, CASE WHEN json_valid(body) THEN "
                                    "json_object('kind', CASE "
                                    "WHEN json_extract(body, '$.cephPool') IS NOT NULL THEN 'ceph.staged' "
                                    "WHEN json_extract(body, '$.uploadId') IS NOT NULL THEN 's3.upload' "
                                    "WHEN json_extract(body, '$.accessKey') IS NOT NULL THEN 's3.key' "
                                    "ELSE 'unknown' END, "
                                    "'connection', coalesce(json_extract(body, '$.connection'), ''), "
                                    "'body', json_remove(body, '$.connection', '$.because'), "
                                    "'because', json_extract(body, '$.because')) ELSE body END FROM s3_left"),
                     QStringLiteral("DROP TABLE s3_left")}}}};
}

}  // namespace sluice::engine
