#include "fake_engine_rows.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

#include "core/canonical_json.h"
#include "fake_audit.h"

namespace sluice::test {
namespace {

QJsonValue withTimes(const QJsonValue& value, qint64 nowMs)
{
    if (value.isString() && value.toString().startsWith('@')) {
        QString text = value.toString().mid(1);
        text.chop(1);
        return toRfc3339(nowMs + text.toLongLong() * 1000);
    }
    if (value.isArray()) {
        QJsonArray array;
        for (const QJsonValue& item : value.toArray()) {
            array.append(withTimes(item, nowMs));
        }
        return array;
    }
    if (value.isObject()) {
        QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it) {
            it.value() = withTimes(it.value(), nowMs);
        }
        return object;
    }
    return value;
}

QJsonObject objectOf(const char* json, qint64 nowMs)
{
    return rowsOf(json, nowMs).constFirst();
}

constexpr const char* kEngine = R"([{"id":"engine","version":"0.1.0","engineId":"4f1c","startedAt":"@-86400s",
  "profile":{"name":"lab","colour":"plum","production":false},"singlePerson":true,"acting":true,"notActingWhy":"",
  "loopLagP99Ms":1.2,"auditRecords":16,"auditHead":"41f7"}])";

constexpr const char* kConnections = R"([
 {"id":"vega/connection/vega","connection":"vega","kind":"connection","name":"vega","source":"engine","observedAt":"@-1s",
  "facts":{"type":"ceph","title":"Ceph","state":"up","version":"16.2.15","lastContactAt":"@-2s","oldestFactAt":"@-3s","staleAfterMs":15000,
           "lease":{"state":"held","owner":"4f1c"},"workerPid":2211,"canAct":true,"whyNot":""}},
 {"id":"rgw.vega/connection/rgw.vega","connection":"rgw.vega","kind":"connection","name":"rgw.vega","source":"engine","observedAt":"@-1s",
  "facts":{"type":"s3","title":"RGW","state":"up","version":"","lastContactAt":"@-4s","oldestFactAt":"@-4s","staleAfterMs":15000,"canAct":true,"whyNot":""}},
 {"id":"luigid/connection/luigid","connection":"luigid","kind":"connection","name":"luigid","source":"engine","observedAt":"@-1s",
  "facts":{"type":"luigi","title":"Luigi","state":"up","version":"3.6","lastContactAt":"@-5s","oldestFactAt":"@-5s","staleAfterMs":15000,"canAct":true,"whyNot":""}},
 {"id":"vega/health/vega","connection":"vega","kind":"health","name":"vega","source":"sluiced","observedAt":"@-1s",
  "facts":{"availability":{"word":"available","why":"all 97 PGs are active"},"redundancy":{"word":"full","why":"every copy is there"},
           "posture":{"word":"in order","count":0,"why":"no check is raised"}}},
 {"id":"rgw.vega/health/rgw.vega","connection":"rgw.vega","kind":"health","name":"rgw.vega","source":"sluiced","observedAt":"@-1s",
  "facts":{"availability":{"word":"available","why":"it answers"},"redundancy":{"word":"single","why":"one instance by design"},
           "posture":{"word":"in order","count":0,"why":""}}},
 {"id":"luigid/health/luigid","connection":"luigid","kind":"health","name":"luigid","source":"sluiced","observedAt":"@-1s",
  "facts":{"availability":{"word":"available","why":"it answers"},"redundancy":{"word":"single","why":"one instance by design"},
           "posture":{"word":"in order","count":0,"why":""}}}
])";

constexpr const char* kCluster = R"([
 {"id":"vega/cluster/vega","connection":"vega","kind":"cluster","name":"vega","source":"ceph status","observedAt":"@-2s",
  "facts":{"fsid":"7c1b","version":"16.2.15","health":"HEALTH_OK","healthBelieved":true,"mgrAvailable":true,"mgrName":"x",
           "sessionState":"connected","osdsUp":3,"osdsIn":3,"osdsTotal":3,"flags":[]}},
 {"id":"vega/mon-quorum/vega","connection":"vega","kind":"mon-quorum","name":"vega","source":"quorum_status","observedAt":"@-2s",
  "facts":{"quorate":true,"needed":2,"total":3,"leader":"a","inQuorum":["a","b","c"],"outside":[],"electionEpoch":14,"quorumAgeS":5400}},
 {"id":"vega/mon/a","connection":"vega","kind":"mon","name":"a","source":"mon ping","observedAt":"@-2s",
  "facts":{"name":"a","rank":0,"addrV1":"127.0.0.1:23301","addrV2":"127.0.0.1:23300","answers":true,"inQuorum":true,"state":"leader","probeMs":0.4}},
 {"id":"vega/mon/b","connection":"vega","kind":"mon","name":"b","source":"mon ping","observedAt":"@-2s",
  "facts":{"name":"b","rank":1,"addrV1":"127.0.0.1:23303","addrV2":"127.0.0.1:23302","answers":true,"inQuorum":true,"state":"peon","probeMs":0.3}},
 {"id":"vega/mon/c","connection":"vega","kind":"mon","name":"c","source":"mon ping","observedAt":"@-2s",
  "facts":{"name":"c","rank":2,"addrV1":"127.0.0.1:23305","addrV2":"127.0.0.1:23304","answers":true,"inQuorum":true,"state":"peon","probeMs":0.5}},
 {"id":"vega/osd/0","connection":"vega","kind":"osd","name":"0","source":"osd dump","observedAt":"@-3s",
  "facts":{"osdId":0,"up":true,"in":true,"host":"vega-1","usedBytes":7516192768,"totalBytes":10737418240,"pgCount":97,"crushWeight":0.01}},
 {"id":"vega/osd/1","connection":"vega","kind":"osd","name":"1","source":"osd dump","observedAt":"@-3s",
  "facts":{"osdId":1,"up":true,"in":true,"host":"vega-2","usedBytes":7838315315,"totalBytes":10737418240,"pgCount":97,"crushWeight":0.01}},
 {"id":"vega/osd/2","connection":"vega","kind":"osd","name":"2","source":"osd dump","observedAt":"@-3s",
  "facts":{"osdId":2,"up":true,"in":true,"host":"vega-3","usedBytes":7623566950,"totalBytes":10737418240,"pgCount":97,"crushWeight":0.01}},
 {"id":"vega/pg-summary/vega","connection":"vega","kind":"pg-summary","name":"vega","source":"pg stat","observedAt":"@-3s",
  "facts":{"total":97,"byState":{"active+clean":94,"active+clean+scrubbing":2,"active+clean+scrubbing+deep":1},"inactive":0,
           "degradedObjects":0,"misplacedObjects":0,"unfoundObjects":0,"undersized":0}},
 {"id":"vega/ceph-pool/landing","connection":"vega","kind":"ceph-pool","name":"landing","source":"df","observedAt":"@-3s",
  "facts":{"poolId":2,"size":3,"minSize":2,"pgNum":32,"application":"rados","storedBytes":5905580032,"usedBytes":17716740096,
           "objects":7440,"maxAvailBytes":3221225472,"quotaBytes":10737418240,"quotaObjects":0,"flags":[],"full":false,"fullQuota":false,"nearFull":false,"internal":false}},
 {"id":"vega/ceph-pool/train","connection":"vega","kind":"ceph-pool","name":"train","source":"df","observedAt":"@-3s",
  "facts":{"poolId":3,"size":3,"minSize":2,"pgNum":32,"application":"rados","storedBytes":1288490188,"usedBytes":3865470564,
           "objects":7439,"maxAvailBytes":3221225472,"quotaBytes":2147483648,"quotaObjects":0,"flags":[],"full":false,"fullQuota":false,"nearFull":false,"internal":false}},
 {"id":"vega/ceph-pool/default.rgw.buckets.data","connection":"vega","kind":"ceph-pool","name":"default.rgw.buckets.data","source":"df","observedAt":"@-3s",
  "facts":{"poolId":6,"size":3,"minSize":2,"pgNum":32,"application":"rgw","storedBytes":84000000,"usedBytes":252000000,
           "objects":212,"maxAvailBytes":3221225472,"quotaBytes":0,"quotaObjects":0,"flags":[],"full":false,"fullQuota":false,"nearFull":false,"internal":false}},
 {"id":"vega/ceph-pool/.mgr","connection":"vega","kind":"ceph-pool","name":".mgr","source":"df","observedAt":"@-3s",
  "facts":{"poolId":1,"size":3,"minSize":2,"pgNum":1,"application":"mgr","storedBytes":459280,"usedBytes":1400000,
           "objects":2,"maxAvailBytes":3221225472,"quotaBytes":0,"quotaObjects":0,"flags":[],"full":false,"fullQuota":false,"nearFull":false,"internal":true}},
 {"id":"vega/health-check/AUTH_INSECURE_GLOBAL_ID_RECLAIM_ALLOWED","connection":"vega","kind":"health-check","name":"AUTH_INSECURE_GLOBAL_ID_RECLAIM_ALLOWED",
  "source":"ceph health","observedAt":"@-2s","facts":{"check":"AUTH_INSECURE_GLOBAL_ID_RECLAIM_ALLOWED","severity":"HEALTH_WARN",
  "summary":"mons are allowing insecure global_id reclaim","detail":["mon.a has auth_allow_insecure_global_id_reclaim set to true"]}},
 {"id":"rgw.vega/gateway/rgw.vega","connection":"rgw.vega","kind":"gateway","name":"rgw.vega","source":"HTTP","observedAt":"@-4s",
  "facts":{"endpoint":"http://127.0.0.1:23310","answers":true,"probeMs":3.1}}
])";

constexpr const char* kRoles = R"([
 {"id":"vega/role/ingest","role":"ingest","connection":"vega","entity":"client.ingest","overlapMs":10000,
  "generations":[{"generation":1,"entity":"client.ingest.g1","state":"current","createdAt":"@-345600s","firstUseAt":"@-345500s","revokedAt":"","holders":2}],
  "rotation":null},
 {"id":"vega/role/train","role":"train","connection":"vega","entity":"client.train","overlapMs":86400000,
  "generations":[{"generation":4,"entity":"client.train.g4","state":"revoked","createdAt":"@-3196800s","firstUseAt":"@-3196000s","revokedAt":"@-777000s","holders":0},
                 {"generation":5,"entity":"client.train.g5","state":"current","createdAt":"@-777600s","firstUseAt":"@-777500s","revokedAt":"","holders":0}],
  "rotation":null}
])";

constexpr const char* kQuietRuns = R"([
 {"id":"R-3","flow":"nightly-train","state":"done","submittedBy":"operator A","submittedAt":"@-9000s","startedAt":"@-8999s","endedAt":"@-7800s",
  "tasksTotal":6,"tasksDone":6,"counts":{"done":6},"objectsDone":22320,"objectsTotal":22320,"bytesDone":1497500000000,"bytesTotal":1497500000000,
  "throughputBps":0,"etaSeconds":null,"caseId":null,"connections":["vega","rgw.vega","luigid"]},
 {"id":"R-2","flow":"feature-refill","state":"cancelled","submittedBy":"operator B","submittedAt":"@-12000s","startedAt":"@-11990s","endedAt":"@-10900s",
  "tasksTotal":4,"tasksDone":1,"counts":{"done":1,"cancelled":3},"objectsDone":10,"objectsTotal":400,"bytesDone":1000000,"bytesTotal":40000000,
  "throughputBps":0,"etaSeconds":null,"caseId":null,"connections":["vega"]}
])";

constexpr const char* kQuietTasks = R"([
 {"id":"R-3/land","run":"R-3","task":"land","kind":"move","kindTitle":"move","asksAPerson":false,"keepsManifest":true,"onlyReads":false,"needs":[],"state":"done","stateSince":"@-8800s","attempt":1,"fence":1,"phase":"","role":"ingest","from":"file:/data/landing","to":"rados://vega/landing","objectsTotal":7440,"objectsDone":7440,"objectsKept":0,"bytesTotal":499155730,"bytesDone":499155730,"stallAfterMs":10000,"blocked":null,"error":null,"message":"","approvedBy":"","endedAt":"@-8800s"},
 {"id":"R-3/copy-train","run":"R-3","task":"copy-train","kind":"move","kindTitle":"move","asksAPerson":false,"keepsManifest":true,"onlyReads":false,"needs":["land"],"state":"done","stateSince":"@-8600s","attempt":1,"fence":2,"phase":"","role":"ingest","from":"rados://vega/landing","to":"rados://vega/train","how":"copied inside the cluster","objectsTotal":7440,"objectsDone":7440,"objectsKept":0,"bytesTotal":499155730,"bytesDone":499155730,"stallAfterMs":10000,"blocked":null,"error":null,"message":"","approvedBy":"","endedAt":"@-8600s"},
 {"id":"R-3/features","run":"R-3","task":"features","kind":"luigi","kindTitle":"Luigi task","asksAPerson":false,"keepsManifest":false,"onlyReads":false,"needs":["copy-train"],"state":"done","stateSince":"@-8400s","attempt":1,"fence":3,"phase":"","role":"ingest","from":"lab_pipeline.Features","to":"luigid","objectsTotal":7440,"objectsDone":7440,"objectsKept":0,"bytesTotal":499155730,"bytesDone":499155730,"stallAfterMs":10000,"blocked":null,"error":null,"message":"","approvedBy":"","endedAt":"@-8400s"},
 {"id":"R-3/gate","run":"R-3","task":"gate","kind":"approve","kindTitle":"approval","asksAPerson":true,"keepsManifest":false,"onlyReads":false,"needs":["features"],"state":"done","stateSince":"@-8200s","attempt":1,"fence":4,"phase":"","role":"ingest","from":"","to":"","objectsTotal":7440,"objectsDone":7440,"objectsKept":0,"bytesTotal":499155730,"bytesDone":499155730,"stallAfterMs":10000,"blocked":null,"error":null,"message":"Publish?","approvedBy":"operator A","endedAt":"@-8200s"},
 {"id":"R-3/check","run":"R-3","task":"check","kind":"verify","kindTitle":"verify","asksAPerson":false,"keepsManifest":false,"onlyReads":true,"needs":["gate"],"state":"done","stateSince":"@-8000s","attempt":1,"fence":5,"phase":"","role":"ingest","from":"copy-train","to":"","objectsTotal":7440,"objectsDone":7440,"objectsKept":0,"bytesTotal":499155730,"bytesDone":499155730,"stallAfterMs":10000,"blocked":null,"error":null,"message":"","approvedBy":"","endedAt":"@-8000s"},
 {"id":"R-3/publish","run":"R-3","task":"publish","kind":"move","kindTitle":"move","asksAPerson":false,"keepsManifest":true,"onlyReads":false,"needs":["check"],"state":"done","stateSince":"@-7800s","attempt":1,"fence":6,"phase":"","role":"ingest","from":"rados://vega/train","to":"s3://rgw.vega/catalog/nightly/","objectsTotal":7440,"objectsDone":7440,"objectsKept":0,"bytesTotal":499155730,"bytesDone":499155730,"stallAfterMs":10000,"blocked":null,"error":null,"message":"","approvedBy":"","endedAt":"@-7800s"}
])";

constexpr const char* kStalledRuns = R"([
 {"id":"R-5","flow":"clicks-hourly","state":"running","submittedBy":"operator A","submittedAt":"@-600s","startedAt":"@-599s","endedAt":"",
  "tasksTotal":7,"tasksDone":5,"counts":{"done":5,"running":1,"waiting":1},"objectsDone":9120,"objectsTotal":12000,"bytesDone":91200000000,"bytesTotal":120000000000,
  "throughputBps":197132288,"etaSeconds":412,"caseId":null,"connections":["vega"]},
 {"id":"R-4","flow":"nightly-train","state":"stalled","submittedBy":"operator A","submittedAt":"@-3783s","startedAt":"@-3782s","endedAt":"",
  "tasksTotal":6,"tasksDone":1,"counts":{"done":1,"stalled":1,"waiting":4},"objectsDone":14879,"objectsTotal":14880,"bytesDone":998244352,"bytesTotal":998311460,
  "throughputBps":0,"etaSeconds":null,"caseId":"C-1","connections":["vega","rgw.vega","luigid"]}
])";

constexpr const char* kTasks = R"([
 {"id":"R-4/land","run":"R-4","task":"land","kind":"move","kindTitle":"move","asksAPerson":false,"keepsManifest":true,"onlyReads":false,"needs":[],"state":"done","stateSince":"@-3540s","attempt":1,"fence":6,"phase":"","role":"ingest",
  "from":"file:/data/landing","to":"rados://vega/landing","objectsTotal":7440,"objectsDone":7440,"objectsKept":0,"bytesTotal":499155730,"bytesDone":499155730,
  "stallAfterMs":10000,"blocked":null,"error":null,"message":"","approvedBy":"","endedAt":"@-3540s"},
 {"id":"R-4/copy-train","run":"R-4","task":"copy-train","kind":"move","kindTitle":"move","asksAPerson":false,"keepsManifest":true,"onlyReads":false,"needs":["land"],"state":"stalled","stateSince":"@-362s","attempt":1,"fence":7,"phase":"copying","role":"ingest",
  "from":"rados://vega/landing","to":"rados://vega/train","how":"copied inside the cluster","objectsTotal":7440,"objectsDone":7439,"objectsKept":0,"bytesTotal":499155730,"bytesDone":499088622,
  "throughputBps":0,"etaSeconds":null,"lastProgressAt":"@-372s","stallAfterMs":10000,
  "blocked":{"what":"lock","connection":"vega","cephPool":"train","object":"part-05120","op":"write","tries":147,"since":"@-371s",
             "error":{"code":"FailedPrecondition","message":"part-05120 is locked","cause":"lock compact is held by client.48213","correction":"","retryable":true,
                      "source":"vega","upstream":{"system":"rados","code":-16,"text":"EBUSY"}},
             "lock":{"name":"compact","client":"client.48213","cookie":"c1","address":"10.20.4.17:0/3318240915"}},
  "hops":{"list":{"passed":7440},"read":{"passed":7440,"p99Us":38000},"write":{"passed":7439,"p99Us":12000,"refused":147},"verify":{"passed":7439,"p99Us":22000},"commit":{"passed":7439,"p99Us":6000}},
  "inFlight":[{"name":"part-05120","op":"write","sinceMs":371000}],
  "worker":{"pid":20817,"alive":true},"error":null,"message":"","approvedBy":"","endedAt":""},
 {"id":"R-4/features","run":"R-4","task":"features","kind":"luigi","kindTitle":"Luigi task","asksAPerson":false,"keepsManifest":false,"onlyReads":false,"needs":["copy-train"],"state":"waiting","stateSince":"@-3782s","attempt":0,"fence":0,"phase":"","role":"",
  "from":"lab_pipeline.Features","to":"luigid","objectsTotal":-1,"objectsDone":0,"bytesTotal":-1,"bytesDone":0,"stallAfterMs":30000,"blocked":null,"error":null,"message":"","approvedBy":"","endedAt":""},
 {"id":"R-4/gate","run":"R-4","task":"gate","kind":"approve","kindTitle":"approval","asksAPerson":true,"keepsManifest":false,"onlyReads":false,"needs":["features"],"state":"waiting","stateSince":"@-3782s","attempt":0,"fence":0,"phase":"","role":"",
  "stallAfterMs":30000,"blocked":null,"error":null,"message":"Publish?","approvedBy":"","endedAt":""},
 {"id":"R-4/check","run":"R-4","task":"check","kind":"verify","kindTitle":"verify","asksAPerson":false,"keepsManifest":false,"onlyReads":true,"needs":["gate"],"state":"waiting","stateSince":"@-3782s","attempt":0,"fence":0,"phase":"","role":"ingest",
  "from":"copy-train","stallAfterMs":30000,"blocked":null,"error":null,"message":"","approvedBy":"","endedAt":""},
 {"id":"R-4/publish","run":"R-4","task":"publish","kind":"move","kindTitle":"move","asksAPerson":false,"keepsManifest":true,"onlyReads":false,"needs":["check"],"state":"waiting","stateSince":"@-3782s","attempt":0,"fence":0,"phase":"","role":"ingest",
  "from":"rados://vega/train","to":"s3://rgw.vega/catalog/nightly/","objectsTotal":-1,"objectsDone":0,"bytesTotal":-1,"bytesDone":0,"stallAfterMs":30000,"blocked":null,"error":null,"message":"","approvedBy":"","endedAt":""},

 {"id":"R-5/land-clicks","run":"R-5","task":"land-clicks","kind":"move","kindTitle":"move","asksAPerson":false,"keepsManifest":true,"onlyReads":false,"needs":[],"state":"done","stateSince":"@-360s","attempt":1,"fence":8,"role":"ingest","from":"file:/data/clicks","to":"rados://vega/landing","objectsTotal":4000,"objectsDone":4000,"bytesTotal":40000000000,"bytesDone":40000000000,"stallAfterMs":10000,"blocked":null,"error":null,"endedAt":"@-360s"},
 {"id":"R-5/land-orders","run":"R-5","task":"land-orders","kind":"move","kindTitle":"move","asksAPerson":false,"keepsManifest":true,"onlyReads":false,"needs":[],"state":"done","stateSince":"@-390s","attempt":1,"fence":9,"role":"ingest","from":"file:/data/orders","to":"rados://vega/landing","objectsTotal":2000,"objectsDone":2000,"bytesTotal":20000000000,"bytesDone":20000000000,"stallAfterMs":10000,"blocked":null,"error":null,"endedAt":"@-390s"},
 {"id":"R-5/verify-landing","run":"R-5","task":"verify-landing","kind":"verify","kindTitle":"verify","asksAPerson":false,"keepsManifest":false,"onlyReads":true,"needs":["land-clicks"],"state":"done","stateSince":"@-300s","attempt":1,"fence":10,"role":"ingest","from":"land-clicks","stallAfterMs":10000,"blocked":null,"error":null,"endedAt":"@-300s"},
 {"id":"R-5/dedupe","run":"R-5","task":"dedupe","kind":"luigi","kindTitle":"Luigi task","asksAPerson":false,"keepsManifest":false,"onlyReads":false,"needs":["verify-landing","land-orders"],"state":"done","stateSince":"@-240s","attempt":2,"fence":12,"role":"","from":"lab_pipeline.Dedupe","to":"luigid","stallAfterMs":10000,"blocked":null,"error":null,"endedAt":"@-240s"},
 {"id":"R-5/approve-copy","run":"R-5","task":"approve-copy","kind":"approve","kindTitle":"approval","asksAPerson":true,"keepsManifest":false,"onlyReads":false,"needs":["dedupe"],"state":"done","stateSince":"@-230s","attempt":1,"fence":13,"role":"","message":"Copy now?","approvedBy":"operator A","stallAfterMs":10000,"blocked":null,"error":null,"endedAt":"@-230s"},
 {"id":"R-5/copy-holdout","run":"R-5","task":"copy-holdout","kind":"move","kindTitle":"move","asksAPerson":false,"keepsManifest":true,"onlyReads":false,"needs":["approve-copy"],"state":"running","stateSince":"@-228s","attempt":1,"fence":14,"phase":"copying","role":"ingest","from":"rados://vega/landing","to":"rados://vega/train/holdout","how":"copied inside the cluster","objectsTotal":6000,"objectsDone":3720,"objectsKept":0,"bytesTotal":60000000000,"bytesDone":37200000000,"throughputBps":197132288,"etaSeconds":116,"lastProgressAt":"@-1s","stallAfterMs":10000,"blocked":null,
  "hops":{"list":{"passed":6000},"read":{"passed":3736,"p99Us":31000},"write":{"passed":3725,"p99Us":18000},"verify":{"passed":3722,"p99Us":20000},"commit":{"passed":3720,"p99Us":5000}},
  "worker":{"pid":20944,"alive":true},"error":null,"endedAt":""},
 {"id":"R-5/publish-clicks","run":"R-5","task":"publish-clicks","kind":"move","kindTitle":"move","asksAPerson":false,"keepsManifest":true,"onlyReads":false,"needs":["copy-holdout"],"state":"waiting","stateSince":"@-599s","attempt":0,"fence":0,"role":"ingest","from":"rados://vega/train/holdout","to":"s3://rgw.vega/clicks/","stallAfterMs":10000,"blocked":null,"error":null,"endedAt":""}
])";

constexpr const char* kCase = R"([
 {"id":"C-1","run":"R-4","tasks":["R-4/copy-train"],"title":"copy-train does not move","openedAt":"@-362s","closedAt":null,"lookedAt":"@-4s","phase":"decide",
  "summary":"A client that is gone still holds lock compact on part-05120.","rule":"R18","verdict":"confirmed",
  "findings":[
   {"rule":"R18","version":3,"title":"A client that is gone still holds a lock on part-05120","verdict":"confirmed","distance":0,
    "evidence":[{"text":"Lock compact on train/part-05120 is held exclusively by client.48213","source":"rados list_lockers","observedAt":"@-4s","entity":"vega/lock/train/part-05120/compact"},
                {"text":"Held for at least 15 min 37 s: the object has not changed since","source":"rados stat","observedAt":"@-4s","entity":"vega/lock/train/part-05120/compact"},
                {"text":"No session of client.48213 on mon a, b, c","source":"sessions of 3 of 3 monitors","observedAt":"@-4s","entity":"vega/mon-quorum/vega"},
                {"text":"Address 10.20.4.17:0/3318240915 is not blocklisted","source":"osd dump","observedAt":"@-4s","entity":"vega/cluster/vega"}],
    "correction":"Reset the task: it fences the holder, breaks the lock and keeps every object that verifies.",
    "remedy":{"method":"flow.reset","title":"Reset copy-train with fencing","class":2,"steps":[]}},
   {"rule":"R21","version":1,"title":"Rights of client.ingest.g1 on train","verdict":"unknown","distance":1,
    "evidence":[{"text":"Caps of client.ingest.g1 were last read 41 s ago, too old to judge by","source":"auth get","observedAt":"@-41s","entity":"vega/auth-entity/client.ingest.g1"}],"correction":"","remedy":null},
   {"rule":"R5","version":2,"title":"Ceph pool health","verdict":"refuted","distance":1,
    "evidence":[{"text":"PG 3.1c of the object is active+clean, 3 of 3 copies up","source":"osd map","observedAt":"@-3s","entity":"vega/object-pg/train/part-05120"}],"correction":"","remedy":null},
   {"rule":"R10","version":1,"title":"Ceph pool quota","verdict":"refuted","distance":2,
    "evidence":[{"text":"60 % of 2 GiB used, no full flag","source":"df","observedAt":"@-3s","entity":"vega/ceph-pool/train"}],"correction":"","remedy":null},
   {"rule":"R13","version":2,"title":"Monitor quorum","verdict":"refuted","distance":3,
    "evidence":[{"text":"3 of 3 monitors in quorum, leader a","source":"quorum_status","observedAt":"@-2s","entity":"vega/mon-quorum/vega"}],"correction":"","remedy":null},
   {"rule":"R0","version":1,"title":"vega: AUTH_INSECURE_GLOBAL_ID_RECLAIM_ALLOWED","verdict":"refuted","distance":4,
    "evidence":[{"text":"mons are allowing insecure global_id reclaim","source":"ceph health","observedAt":"@-2s","entity":"vega/health-check/AUTH"},
                {"text":"This alert stops no reading or writing","source":"ceph health","observedAt":"@-2s","entity":"vega/health-check/AUTH"}],"correction":"","remedy":null}],
  "chain":[{"kind":"task","title":"copy-train","lines":["R-4, copying","no progress for 6 min 12 s","4 tasks behind"],"tone":"neutral"},
           {"kind":"object","title":"part-05120","lines":["Ceph pool train, vega","PG 3.1c, active+clean","write refused, EBUSY"],"tone":"neutral"},
           {"kind":"lock","title":"compact","lines":["exclusive","object changed 02:58:31","held at least 15 min 37 s"],"tone":"neutral"},
           {"kind":"holder","title":"client.48213","lines":["10.20.4.17:0/3318240915","gone, no session left"],"tone":"warn"}],
  "remedy":{"method":"flow.reset","title":"Reset copy-train with fencing","class":2,
            "steps":["Fence the old attempt and prove that it is dead","Compare the manifest with the stored objects, keep what verifies",
                     "Blocklist client.48213 at 10.20.4.17:0/3318240915","Break lock compact on part-05120","Start a new attempt with what is missing"]},
  "timeline":[{"at":"@-362s","code":"found","text":"found: copy-train made no progress for its deadline"},
              {"at":"@-358s","code":"cause named","rule":"R18","text":"cause named by R18: a client that is gone still holds lock compact on part-05120"}]}
])";

constexpr const char* kQuorumCase = R"([
 {"id":"C-2","run":"R-6","tasks":["R-6/copy-labels"],"title":"copy-labels does not move","openedAt":"@-104s","closedAt":null,"lookedAt":"@-2s","phase":"cause named",
  "summary":"The monitor quorum of vega is lost: b and c do not answer. copy-labels needs a new session and cannot get one.","rule":"R13","verdict":"confirmed",
  "findings":[
   {"rule":"R13","version":2,"title":"The monitor quorum of vega is lost","verdict":"confirmed","distance":3,
    "evidence":[{"text":"1 of 3 monitors answers, 2 are needed","source":"mon ping","observedAt":"@-1s","entity":"vega/mon-quorum/vega"},
                {"text":"mon.b does not answer: connection refused","source":"mon ping","observedAt":"@-1s","entity":"vega/mon/b"},
                {"text":"mon.c does not answer: connection refused","source":"mon ping","observedAt":"@-1s","entity":"vega/mon/c"}],
    "correction":"Start one of the two monitors on its own host. The task goes on by itself.","remedy":{"method":"","title":"Start a monitor","class":2,"steps":["Start mon b or mon c on its host"]}},
   {"rule":"R18","version":3,"title":"Advisory lock","verdict":"unknown","distance":0,
    "evidence":[{"text":"The task has no session yet, so it holds no object","source":"move worker","observedAt":"@-2s","entity":"R-6/copy-labels"}],"correction":"","remedy":null}],
  "chain":[{"kind":"task","title":"copy-labels","lines":["R-6, connecting","no progress for 1 min 44 s"],"tone":"neutral"},
           {"kind":"mon-quorum","title":"Monitor quorum of vega","lines":["lost","for 2 min 14 s","2 of 3 needed"],"tone":"crit"},
           {"kind":"mon","title":"mon.b and mon.c","lines":["mon.b does not answer","mon.c does not answer"],"tone":"crit"}],
  "remedy":{"method":"","title":"Start one of the two monitors, on its own host","class":2,
            "steps":["On the host of mon b: systemctl start ceph-mon@b","Watch that 2 of 3 monitors agree and the election epoch stays for 10 s"]},
  "timeline":[{"at":"@-104s","code":"found","text":"found: copy-labels made no progress for its deadline"},{"at":"@-101s","code":"cause named","rule":"R13","text":"cause named by R13: the monitor quorum of vega is lost"}]}
])";

constexpr const char* kActions = R"([
 {"id":"A-4","at":"@-230s","action":"flow.approve","title":"Approve approve-copy of R-5","class":1,"principal":"operator A","objects":["R-5/approve-copy"],"state":"verified","detail":"","auditSeq":14},
 {"id":"A-3","at":"@-600s","action":"flow.submit","title":"Submit clicks-hourly","class":1,"principal":"operator A","objects":["R-5"],"state":"verified","detail":"","auditSeq":12},
 {"id":"A-2","at":"@-3783s","action":"flow.submit","title":"Submit nightly-train","class":1,"principal":"operator A","objects":["R-4"],"state":"verified","detail":"","auditSeq":10},
 {"id":"A-1","at":"@-10900s","action":"flow.cancel","title":"Cancel R-2","class":2,"principal":"operator B","objects":["R-2"],"state":"not verified","detail":"one process was not reaped in time","auditSeq":6}
])";

QList<QJsonObject> auditRows(qint64 nowMs)
{
    struct Line {
        const char* action;
        int actionClass;
        const char* object;
        const char* outcome;
        const char* who;
        int ageS;
    };
    static constexpr Line kLines[] = {{"engine.start", 0, "engine", "done", "engine", 86400},
                                      {"keys.create", 2, "role/ingest", "intent", "engine", 86390},
                                      {"keys.create", 2, "role/ingest", "verified", "engine", 86389},
                                      {"flow.submit", 1, "R-2", "intent", "operator B", 12000},
                                      {"flow.submit", 1, "R-2", "verified", "operator B", 12000},
                                      {"flow.cancel", 2, "R-2", "intent", "operator B", 10910},
                                      {"flow.cancel", 2, "R-2", "not verified", "operator B", 10900},
                                      {"flow.submit", 1, "R-3", "intent", "operator A", 9000},
                                      {"flow.submit", 1, "R-3", "verified", "operator A", 9000},
                                      {"flow.submit", 1, "R-4", "intent", "operator A", 3783},
                                      {"flow.submit", 1, "R-4", "verified", "operator A", 3783},
                                      {"flow.submit", 1, "R-5", "intent", "operator A", 600},
                                      {"flow.submit", 1, "R-5", "verified", "operator A", 600},
                                      {"flow.approve", 1, "R-5/approve-copy", "intent", "operator A", 230},
                                      {"flow.approve", 1, "R-5/approve-copy", "verified", "operator A", 230},
                                      {"keys.rotate", 2, "role/train", "refused", "operator B", 120}};
    QList<QJsonObject> rows;
    QString prev(64, '0');
    int seq = 0;
    for (const Line& line : kLines) {
        ++seq;
        QJsonObject record{{"v", 1},
                           {"seq", seq},
                           {"time", toRfc3339(nowMs - line.ageS * 1000LL)},
                           {"principal", line.who},
                           {"role", "operator"},
                           {"via", "sluice 0.1.0"},
                           {"action", line.action},
                           {"class", line.actionClass},
                           {"objects", QJsonArray{line.object}},
                           {"requestId", QStringLiteral("7f21-0c9e-%1").arg(seq)},
                           {"planHash", ""},
                           {"stateHash", ""},
                           {"outcome", line.outcome},
                           {"reason", ""},
                           {"detail", QJsonObject{{"actionId", QStringLiteral("A-%1").arg(seq / 2)}}},
                           {"prev", prev}};
        const QString hash = sha256Of(record);
        record["hash"] = hash;
        record["id"] = QString::number(seq);
        prev = hash;
        rows.prepend(record);
    }
    return rows;
}

constexpr const char* kCancelPlan =
    R"([{"plan":{"action":"flow.cancel","class":2,"run":"R-4","ending":1,"notStarted":4,"done":1,
  "tasks":[{"task":"copy-train","index":1,"attempt":1,"fence":7,"fenced":["10.20.4.11:0/2290771"]}],
  "steps":[{"id":"copy-train","title":"Kill and fence attempt 1 of copy-train","checkedBy":"its process is reaped, its client fenced"},
           {"id":"run","title":"Mark R-4 as cancelled","checkedBy":"no attempt of it is left"}],
  "touches":["What is stored stays where it is."],
  "cannotUndo":["R-4 cannot go on afterwards; a new run of nightly-train starts from the beginning and keeps what is equal."]},
  "planHash":"77c1e0","stateHash":"1f2e3d"}])";

constexpr const char* kResetPlan = R"([{"plan":{"action":"flow.reset","class":2,"run":"R-4",
  "tasks":[{"task":"copy-train","attempt":1,"fence":7,"kept":{"objects":7439,"bytes":499088622},
            "dropped":[{"object":"part-05120","sizeBytes":12582912,"why":"an earlier attempt left it half written"}],
            "locks":[{"cephPool":"train","connection":"vega","object":"part-05120","lock":"compact","client":"client.48213","cookie":"c1","address":"10.20.4.17:0/3318240915","alive":false}],
            "fenced":["10.20.4.9:0/2817734"]}],
  "steps":[{"id":"copy-train.fence","title":"Fence attempt 1 of copy-train, fence 7 becomes 8","checkedBy":"its client instance is in the blocklist"},
           {"id":"copy-train.dead","title":"Prove attempt 1 dead","checkedBy":"its process is reaped"},
           {"id":"copy-train.lock.1","title":"Blocklist client.48213 and break lock compact on part-05120","checkedBy":"no holder is left"},
           {"id":"copy-train.start","title":"Start attempt 2 of copy-train","checkedBy":"7,439 stored objects are compared with the manifest and kept if equal; first progress within 60 s"}],
  "touches":["1 task(s) of R-4 start again; 1 object(s) are dropped"],
  "cannotUndo":["The session of client.48213 (10.20.4.17:0/3318240915) ends for an hour; if that client comes back, its writes are refused until it connects anew.",
                "part-05120 (12 MiB) is removed and written again: an earlier attempt left it half written."]},
  "planHash":"plan-1","stateHash":"state-1"}])";

constexpr const char* kRotatePlan =
    R"([{"plan":{"action":"keys.rotate","class":2,"role":"ingest","connection":"vega","from":"client.ingest.g1","to":"client.ingest.g2","overlapMs":10000,
  "steps":[{"id":"census","title":"Count the holders of client.ingest.g1","checkedBy":"attempts that were started with it"},
           {"id":"create","title":"Create client.ingest.g2 with equal caps","checkedBy":"caps compared word by word"},
           {"id":"deliver","title":"Deliver it to new attempts","checkedBy":"the secret store and the keyring file hold it"},
           {"id":"first-use","title":"See its first use","checkedBy":"a session of client.ingest.g2"},
           {"id":"overlap","title":"Let both keys work for 10 s","checkedBy":"the clock"},
           {"id":"silent","title":"Wait until client.ingest.g1 is silent","checkedBy":"no session on any monitor"},
           {"id":"revoke","title":"Remove client.ingest.g1","checkedBy":"the entity is gone"},
           {"id":"prove","title":"Prove that the old key is refused","checkedBy":"a connection with it is denied"}],
  "touches":["2 attempt(s) hold client.ingest.g1 now; each keeps it until it ends"],
  "cannotUndo":["After the overlap of 10 s the key of client.ingest.g1 is removed; what still uses it is refused."]},
  "planHash":"plan-r1","stateHash":"state-r1"}])";

}  // namespace

QList<QJsonObject> rowsOf(const char* json, qint64 nowMs)
{
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(json, &error);
    if (error.error != QJsonParseError::NoError) {
        qFatal("fixture at %d: %s", error.offset, qPrintable(error.errorString()));
    }
    QList<QJsonObject> rows;
    for (const QJsonValue& value : document.array()) {
        rows.append(withTimes(value, nowMs).toObject());
    }
    return rows;
}

void sceneEmpty(FakeEngine& engine, qint64 nowMs)
{
    engine.setRows(QStringLiteral("engine"), rowsOf(kEngine, nowMs));
    for (const char* topic : {"estate", "runs", "tasks", "cases", "roles", "actions", "audit"}) {
        engine.setRows(QString::fromLatin1(topic), {});
    }
}

void sceneQuiet(FakeEngine& engine, qint64 nowMs)
{
    engine.setRows(QStringLiteral("engine"), rowsOf(kEngine, nowMs));
    engine.setRows(QStringLiteral("estate"), rowsOf(kConnections, nowMs) + rowsOf(kCluster, nowMs));
    engine.setRows(QStringLiteral("runs"), rowsOf(kQuietRuns, nowMs));
    engine.setRows(QStringLiteral("tasks"), rowsOf(kQuietTasks, nowMs));
    engine.setRows(QStringLiteral("cases"), {});
    engine.setRows(QStringLiteral("roles"), rowsOf(kRoles, nowMs));
    engine.setRows(QStringLiteral("actions"), rowsOf(kActions, nowMs));
    engine.setRows(QStringLiteral("audit"), auditRows(nowMs));
}

void sceneStalled(FakeEngine& engine, qint64 nowMs)
{
    sceneQuiet(engine, nowMs);
    engine.setRows(QStringLiteral("runs"), rowsOf(kStalledRuns, nowMs) + rowsOf(kQuietRuns, nowMs));
    engine.setRows(QStringLiteral("tasks"), rowsOf(kTasks, nowMs) + rowsOf(kQuietTasks, nowMs));
    engine.setRows(QStringLiteral("cases"), rowsOf(kCase, nowMs));
}

void sceneQuorumLost(FakeEngine& engine, qint64 nowMs)
{
    sceneStalled(engine, nowMs);
    QList<QJsonObject> estate = rowsOf(kConnections, nowMs) + rowsOf(kCluster, nowMs - 134'000);
    for (QJsonObject& row : estate) {
        const QString id = row["id"].toString();
        QJsonObject facts = row["facts"].toObject();
        if (id == QLatin1String("vega/connection/vega")) {
            facts["state"] = "degraded";
            // Monitors are still asked one by one; everything else is from before.
            facts["lastContactAt"] = toRfc3339(nowMs - 1000);
            facts["oldestFactAt"] = toRfc3339(nowMs - 137'000);
            facts["canAct"] = false;
            facts["whyNot"] = "the lease of vega ended 03:12:24 and no monitor quorum can renew it";
            facts["lease"] = QJsonObject{{"state", "lost"}};
            facts["error"] = Error{.code = ErrorCode::Unavailable,
                                   .message = "vega has no monitor quorum",
                                   .cause = "1 of 3 monitors answers, 2 are needed",
                                   .correction = "Start mon b or mon c on its host."}
                                 .toJson();
        } else if (id == QLatin1String("vega/health/vega")) {
            facts = QJsonObject{
                {"availability",
                 QJsonObject{{"word", "partly"}, {"why", "open sessions go on, new ones are impossible"}}},
                {"redundancy", QJsonObject{{"word", "unknown"}, {"why", "was full at 03:11:52"}}},
                {"posture",
                 QJsonObject{{"word", "unknown"}, {"count", 0}, {"why", "was in order at 03:11:52"}}}};
        } else if (id == QLatin1String("vega/mon-quorum/vega")) {
            facts["quorate"] = false;
            facts["inQuorum"] = QJsonArray();
            facts["outside"] = QJsonArray{"b", "c"};
            facts["leader"] = "";
            facts["lostSince"] = toRfc3339(nowMs - 134'000);
            row["observedAt"] = toRfc3339(nowMs - 1000);
        } else if (id == QLatin1String("vega/cluster/vega")) {
            facts["healthBelieved"] = false;
            row["observedAt"] = toRfc3339(nowMs - 1000);
        } else if (id.startsWith(QLatin1String("vega/mon/"))) {
            const bool first = id.endsWith('a');
            facts["state"] = first ? "probing" : "no answer";
            facts["answers"] = first;
            facts["inQuorum"] = false;
            if (!first) {
                facts["error"] = "connection refused";
                facts["fault"] = "refused";
            }
            row["observedAt"] = toRfc3339(nowMs - 1000);
        } else if (id.startsWith(QLatin1String("rgw.vega/gateway"))) {
            row["observedAt"] = toRfc3339(nowMs - 3000);
        }
        row["facts"] = facts;
    }
    engine.setRows(QStringLiteral("estate"), estate);
    QList<QJsonObject> runs = engine.rows(QStringLiteral("runs"));
    runs.removeIf([](const QJsonObject& row) { return row["id"] == QLatin1String("R-4"); });
    runs.prepend(objectOf(
        R"([{"id":"R-6","flow":"label-sync","state":"stalled","submittedBy":"operator A","submittedAt":"@-120s","startedAt":"@-119s","endedAt":"",
      "tasksTotal":1,"tasksDone":0,"counts":{"stalled":1},"objectsDone":0,"objectsTotal":0,"bytesDone":0,"bytesTotal":0,
      "throughputBps":0,"etaSeconds":null,"caseId":"C-2","connections":["vega"]}])",
        nowMs));
    engine.setRows(QStringLiteral("runs"), runs);
    engine.put(
        QStringLiteral("tasks"),
        objectOf(
            R"([{"id":"R-6/copy-labels","run":"R-6","task":"copy-labels","kind":"move","kindTitle":"move","asksAPerson":false,"keepsManifest":true,"onlyReads":false,"needs":[],"state":"stalled","stateSince":"@-104s","attempt":1,"fence":15,
      "phase":"connecting","role":"ingest","from":"rados://vega/landing","to":"rados://vega/train/labels","how":"copied inside the cluster","objectsTotal":-1,"objectsDone":0,"objectsKept":0,"bytesTotal":-1,"bytesDone":0,
      "throughputBps":0,"etaSeconds":null,"lastProgressAt":"","stallAfterMs":10000,
      "blocked":{"what":"connect","connection":"vega","op":"connect","tries":21,"since":"@-118s",
                 "error":{"code":"Unavailable","message":"no session with vega","cause":"connect timed out after 3 s","correction":"","retryable":true,"source":"vega"}},
      "hops":{},"worker":{"pid":21003,"alive":true},"error":null,"endedAt":""}])",
            nowMs));
    engine.setRows(QStringLiteral("cases"), rowsOf(kQuorumCase, nowMs));
}

void sceneRotation(FakeEngine& engine, qint64 nowMs)
{
    sceneQuiet(engine, nowMs);
    engine.change(QStringLiteral("roles"), QStringLiteral("vega/role/ingest"),
                  objectOf(R"([{"generations":[
     {"generation":1,"entity":"client.ingest.g1","state":"previous","createdAt":"@-345600s","firstUseAt":"@-345500s","revokedAt":"","holders":1},
     {"generation":2,"entity":"client.ingest.g2","state":"current","createdAt":"@-130s","firstUseAt":"@-60s","revokedAt":"","holders":1}],
    "rotation":{"id":"K-1","state":"running","from":1,"to":2,"startedAt":"@-140s","steps":[
     {"id":"census","title":"Count the holders of client.ingest.g1","state":"done","detail":"2 attempts","checkedBy":"attempts that were started with it","at":"@-139s"},
     {"id":"create","title":"Create client.ingest.g2 with equal caps","state":"done","detail":"caps equal to g1","checkedBy":"caps compared word by word","at":"@-130s"},
     {"id":"deliver","title":"Deliver it to new attempts","state":"done","detail":"secret store, keyring file 0600","checkedBy":"the secret store and the keyring file hold it","at":"@-128s"},
     {"id":"first-use","title":"See its first use","state":"running","detail":"not yet seen","checkedBy":"a session of client.ingest.g2","at":""},
     {"id":"overlap","title":"Let both keys work for 10 s","state":"waiting","detail":"","checkedBy":"the clock","at":""},
     {"id":"silent","title":"Wait until client.ingest.g1 is silent","state":"waiting","detail":"","checkedBy":"no session on any monitor","at":""},
     {"id":"revoke","title":"Remove client.ingest.g1","state":"waiting","detail":"","checkedBy":"the entity is gone","at":""},
     {"id":"prove","title":"Prove that the old key is refused","state":"waiting","detail":"","checkedBy":"a connection with it is denied","at":""}]}}])",
                           nowMs));
}

void answerAll(FakeEngine& engine, qint64 nowMs)
{
    const auto give = [&engine](const char* method, const QJsonObject& reply) {
        engine.answer(QString::fromLatin1(method), [reply](const QJsonObject&) { return reply; });
    };
    engine.answer(QStringLiteral("flow.check"), [](const QJsonObject& params) -> Result<QJsonObject> {
        if (params["text"].toString().contains(QLatin1String("move:"))) {
            return QJsonObject{
                {"ok", true}, {"flow", "nightly-train"}, {"tasks", 6}, {"errors", QJsonArray()}};
        }
        return QJsonObject{
            {"ok", false},
            {"errors", QJsonArray{QJsonObject{{"file", params["file"]},
                                              {"line", 3},
                                              {"column", 12},
                                              {"message", "task 'land' has no kind"},
                                              {"expected", "one of move, luigi, approve, verify"}}}}};
    });
    give("flow.submit", {{"run", "R-7"}, {"action", "A-9"}});
    give("flow.approve", {{"action", "A-10"}});
    give("flow.cancel", {{"action", "A-11"}});
    give("flow.reset", {{"action", "A-12"}});
    give("keys.rotate", {{"action", "A-13"}});
    give("flow.plan_cancel", objectOf(kCancelPlan, nowMs));
    give("flow.plan_reset", objectOf(kResetPlan, nowMs));
    give("keys.plan_rotate", objectOf(kRotatePlan, nowMs));
    engine.answer(QStringLiteral("doctor.run"), [&engine](const QJsonObject& params) -> Result<QJsonObject> {
        for (const QJsonObject& row : engine.rows(QStringLiteral("cases"))) {
            if (row["run"] == params["run"]) {
                return QJsonObject{{"case", row}};
            }
        }
        return QJsonObject{{"case", QJsonObject()}};
    });
    const QJsonArray lines = objectOf(R"([{"lines":[
      {"at":"@-372s","level":"info","text":"commit part-07440 64 KiB, checksum equal"},
      {"at":"@-362s","level":"warn","text":"stalled: no progress for 10 s"},
      {"at":"@-15s","level":"warn","text":"write part-05120 EBUSY, lock compact, client.48213, try 145"},
      {"at":"@-10s","level":"warn","text":"write part-05120 EBUSY, lock compact, client.48213, try 146"},
      {"at":"@-5s","level":"warn","text":"write part-05120 EBUSY, lock compact, client.48213, try 147"}]}])",
                                      nowMs)["lines"]
                                 .toArray();
    give("flow.log", {{"lines", lines}});
    give("audit.verify",
         {{"ok", true}, {"records", 16}, {"head", engine.rows(QStringLiteral("audit")).value(0)["hash"]}});
    answerAudit(engine);
}

}  // namespace sluice::test
