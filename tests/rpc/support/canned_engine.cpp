#include "support/canned_engine.h"

#include <QtCore/QDateTime>
#include <algorithm>

#include "core/clock.h"

namespace sluice::test {
namespace {

QString ago(qint64 seconds)
{
    return toRfc3339(QDateTime::currentMSecsSinceEpoch() - seconds * 1000);
}

QJsonObject entity(const QString& kind, const QString& name, const QJsonObject& facts, qint64 age = 1)
{
    return {{"id", QStringLiteral("vega/%1/%2").arg(kind, name)},
            {"connection", "vega"},
            {"kind", kind},
            {"name", name},
            {"source", "canned"},
            {"observedAt", ago(age)},
            {"facts", facts},
            {"revision", 1}};
}

Result<QJsonObject> filtered(const Result<QJsonObject>& answer, const QJsonObject& filter)
{
    QJsonArray rows;
    for (const QJsonValue& row : answer ? (*answer)["entities"].toArray() : QJsonArray()) {
        const auto matches = [&](const QString& name) {
            return !filter.contains(name) || row[name] == filter[name];
        };
        if (matches("connection") && matches("kind")) {
            rows.append(row);
        }
    }
    if (!answer) {
        return answer;
    }
    const QJsonObject usual = *answer;
    const qsizetype offset = filter["offset"].toInt();
    const qsizetype page = usual["page"].toInt(10'000);
    QJsonArray window;
    for (qsizetype i = offset; i < std::min(offset + page, rows.size()); ++i) {
        window.append(rows[i]);
    }
    return QJsonObject{{"entities", window}, {"total", rows.size()}};
}

}  // namespace

CannedEngine::CannedEngine()
{
    for (const char* name : {"estate", "runs", "tasks", "cases", "roles", "actions", "audit", "engine"}) {
        m_topics.insert(name, &m_engine.addTopic(name));
    }
    add("engine.info", {}, false, QJsonObject{{"engine", engineRow()}});
    add("estate.list", {}, false, QJsonObject{{"entities", entities()}});
    add("estate.kinds", {}, false, kinds());
    add("flow.check", {"text"}, false,
        QJsonObject{{"ok", true}, {"flow", "nightly-train"}, {"tasks", 6}, {"errors", QJsonArray()}});
    add("flow.submit", {"text"}, true, QJsonObject{{"run", "R-1"}, {"action", "A-1"}});
    add("flow.list", {}, false, QJsonObject{{"runs", QJsonArray{run("running", 2)}}});
    add("flow.show", {"run"}, false,
        shown(run("stalled", 1),
              {task("land", "done"), task("copy-train", "stalled"), task("gate", "ready")}));
    add("flow.log", {"run", "task"}, false,
        QJsonObject{{"lines", QJsonArray{QJsonObject{
                                  {"at", ago(5)}, {"level", "info"}, {"text", "listed 12 objects"}}}}});
    add("flow.approve", {"run", "task"}, true, QJsonObject{{"action", "A-2"}});
    add("flow.plan_cancel", {"run"}, false, cancelPlan());
    add("flow.cancel", {"run", "planHash"}, true, QJsonObject{{"action", "A-7"}});
    add("flow.plan_reset", {"run"}, false, resetPlan());
    add("flow.reset", {"run", "planHash"}, true, QJsonObject{{"action", "A-7"}});
    add("doctor.run", {"run"}, false, QJsonObject{{"case", caseRow()}});
    add("cases.list", {}, false, QJsonObject{{"cases", QJsonArray{caseRow()}}, {"total", 1}});
    add("keys.list", {}, false, QJsonObject{{"roles", QJsonArray{role()}}});
    add("keys.plan_rotate", {"role"}, false, rotatePlan());
    add("keys.rotate", {"role", "planHash"}, true, QJsonObject{{"action", "A-7"}});
    add("keys.plan_renew", {"role"}, false, renewPlan());
    add("keys.renew", {"role", "planHash"}, true, QJsonObject{{"action", "A-7"}});
    add("audit.list", {}, false,
        QJsonObject{{"records", QJsonArray{QJsonObject{{"seq", 41},
                                                       {"time", ago(3)},
                                                       {"principal", "ada"},
                                                       {"action", "flow.reset"},
                                                       {"class", 2},
                                                       {"objects", QJsonArray{"R-1", "R-1/copy-train"}},
                                                       {"outcome", "verified"}}}},
                    {"next", 0},
                    {"total", 41}});
    add("audit.count", {}, false, QJsonObject{{"matches", 1}, {"next", 0}, {"total", 41}});
    add("audit.verify", {}, false, QJsonObject{{"ok", true}, {"records", 41}, {"head", "ab12"}});
}

void CannedEngine::add(const QString& name, const QStringList& required, bool mutation,
                       const Result<QJsonObject>& usual)
{
    QList<rpc::Field> params;
    for (const QString& field : required) {
        params.append({field, "string", true, "canned"});
    }
    m_answers.insert(name, usual);
    m_engine.table().add({.name = name,
                          .mutation = mutation,
                          .params = params,
                          .handler = [this, name](const rpc::Request& request, const rpc::Reply& reply) {
                              m_calls[name].append(request.params);
                              reply(name == "estate.list" ? filtered(m_answers.value(name), request.params)
                                                          : m_answers.value(name));
                          }});
}

QJsonObject CannedEngine::run(const QString& state, int done)
{
    return {{"id", "R-1"},
            {"flow", "nightly-train"},
            {"state", state},
            {"submittedBy", "ada"},
            {"submittedAt", ago(60)},
            {"startedAt", ago(59)},
            {"endedAt", state == "done" || state == "cancelled" ? QJsonValue(ago(1)) : QJsonValue()},
            {"tasksTotal", 3},
            {"tasksDone", done},
            {"counts", QJsonObject{{"done", done}}},
            {"objectsDone", 5},
            {"objectsTotal", 10},
            {"bytesDone", 512 * 1024},
            {"bytesTotal", 1024 * 1024},
            {"throughputBps", 65536},
            {"etaSeconds", 8},
            {"caseId", state == "stalled" ? QJsonValue("C-1") : QJsonValue()},
            {"connections", QJsonArray{"vega"}}};
}

QJsonObject CannedEngine::task(const QString& name, const QString& state)
{
    QJsonObject row{{"id", "R-1/" + name},
                    {"run", "R-1"},
                    {"task", name},
                    {"kind", name == "gate" ? "approve" : "move"},
                    {"needs", QJsonArray()},
                    {"state", state},
                    {"stateSince", ago(12)},
                    {"attempt", 1},
                    {"fence", 1},
                    {"objectsTotal", 10},
                    {"objectsDone", 5},
                    {"bytesTotal", 1024 * 1024},
                    {"bytesDone", 512 * 1024},
                    {"throughputBps", 0},
                    {"etaSeconds", QJsonValue::Null},
                    {"blocked", QJsonValue::Null},
                    {"error", QJsonValue::Null}};
    if (state == "stalled") {
        row["blocked"] = QJsonObject{{"what", "lock"},
                                     {"object", "train/7"},
                                     {"tries", 9},
                                     {"error", QJsonObject{{"message", "train/7 is locked by client.4711"}}}};
    }
    if (name == "gate") {
        row["message"] = "Publish?";
        row["objectsTotal"] = 0;
        row["bytesTotal"] = 0;
    }
    return row;
}

QJsonObject CannedEngine::shown(const QJsonObject& run, const QJsonArray& tasks)
{
    return {{"run", run}, {"tasks", tasks}, {"tasksTotal", tasks.size()}};
}

QJsonObject CannedEngine::action(const QString& state, const QString& detail, const QJsonArray& steps)
{
    return {{"id", "A-7"},
            {"at", ago(1)},
            {"action", "flow.reset"},
            {"class", 2},
            {"principal", "ada"},
            {"objects", QJsonArray{"R-1"}},
            {"state", state},
            {"detail", detail},
            {"auditSeq", 41},
            {"title", "Reset R-1"},
            {"reason", ""},
            {"endedAt", ""},
            {"steps", steps},
            {"stepsTotal", steps.size()},
            {"stepsEnded", 0}};
}

QJsonObject CannedEngine::resetPlan()
{
    const QJsonObject lock{{"cephPool", "train"},     {"object", "train/7"},         {"lock", "sluice"},
                           {"client", "client.4711"}, {"address", "127.0.0.1:0/42"}, {"alive", false}};
    const QJsonObject task{
        {"task", "copy-train"},
        {"attempt", 1},
        {"fence", 1},
        {"kept", QJsonObject{{"objects", 6}, {"bytes", 6291456}}},
        {"dropped",
         QJsonArray{QJsonObject{{"object", "train/8"}, {"sizeBytes", 4194304}, {"why", "half written"}}}},
        {"locks", QJsonArray{lock}},
        {"fenced", QJsonArray{"127.0.0.1:0/99"}}};
    return {{"plan", QJsonObject{{"action", "flow.reset"},
                                 {"class", 2},
                                 {"run", "R-1"},
                                 {"tasks", QJsonArray{task}},
                                 {"steps", QJsonArray{QJsonObject{{"id", "fence"},
                                                                  {"title", "Fence attempt 1"},
                                                                  {"checkedBy", "blocklist"}}}},
                                 {"touches", QJsonArray{"one task starts again"}},
                                 {"cannotUndo", QJsonArray{"train/8 is removed"}}}},
            {"planHash", "p1"},
            {"stateHash", "s1"}};
}

QJsonObject CannedEngine::cancelPlan()
{
    const QJsonObject task{
        {"task", "copy-train"}, {"attempt", 1}, {"fence", 1}, {"fenced", QJsonArray{"127.0.0.1:0/99"}}};
    return {{"plan", QJsonObject{{"action", "flow.cancel"},
                                 {"class", 2},
                                 {"run", "R-1"},
                                 {"tasks", QJsonArray{task}},
                                 {"steps", QJsonArray{QJsonObject{
                                               {"id", "copy-train"},
                                               {"title", "Kill and fence attempt 1 of copy-train"},
                                               {"checkedBy", "its process is reaped, its client fenced"}}}},
                                 {"touches", QJsonArray{"What is stored stays where it is."}},
                                 {"cannotUndo", QJsonArray{"R-1 cannot go on afterwards"}}}},
            {"planHash", "p3"},
            {"stateHash", "s3"}};
}

QJsonObject CannedEngine::rotatePlan()
{
    return {{"plan", QJsonObject{{"action", "keys.rotate"},
                                 {"class", 2},
                                 {"role", "ingest"},
                                 {"from", "client.ingest.g1"},
                                 {"to", "client.ingest.g2"},
                                 {"overlapMs", 10000},
                                 {"steps", QJsonArray{QJsonObject{{"id", "create"},
                                                                  {"title", "Make client.ingest.g2"},
                                                                  {"checkedBy", "auth get"}}}},
                                 {"touches", QJsonArray{"client.ingest"}},
                                 {"cannotUndo", QJsonArray()}}},
            {"planHash", "p2"},
            {"stateHash", "s2"}};
}

QJsonObject CannedEngine::renewPlan()
{
    QJsonObject answer = rotatePlan();
    QJsonObject plan = answer["plan"].toObject();
    plan["action"] = "keys.renew";
    plan["touches"] =
        QJsonArray{"client.ingest.g1 does not exist on vega any more, so nothing that works is taken away"};
    answer["plan"] = plan;
    answer["planHash"] = "p4";
    return answer;
}

QJsonObject CannedEngine::role(const QJsonObject& rotation)
{
    const QJsonObject generation{{"generation", 1},
                                 {"entity", "client.ingest.g1"},
                                 {"state", "current"},
                                 {"createdAt", ago(7200)},
                                 {"firstUseAt", ago(7100)},
                                 {"revokedAt", QJsonValue::Null},
                                 {"holders", 2}};
    return {{"id", "vega/role/ingest"},
            {"role", "ingest"},
            {"connection", "vega"},
            {"entity", "client.ingest"},
            {"overlapMs", 10000},
            {"generations", QJsonArray{generation}},
            {"rotation", rotation.isEmpty() ? QJsonValue() : QJsonValue(rotation)}};
}

QJsonObject CannedEngine::caseRow()
{
    const QJsonObject lock{
        {"rule", "R18"},
        {"version", 1},
        {"title", "train/7 is locked by a client that is gone"},
        {"verdict", "confirmed"},
        {"distance", 0},
        {"evidence", QJsonArray{QJsonObject{{"text", "no monitor has a session of client.4711"},
                                            {"source", "ceph sessions"},
                                            {"observedAt", ago(2)},
                                            {"entity", "vega/lock/train/train/7/sluice"}}}},
        {"correction", "Break the lock."}};
    const QJsonObject quorum{{"rule", "R5"},
                             {"version", 1},
                             {"title", "Monitor quorum is lost"},
                             {"verdict", "refuted"},
                             {"distance", 3},
                             {"evidence", QJsonArray{QJsonObject{{"text", "3 of 3 monitors in quorum"},
                                                                 {"source", "ceph quorum"},
                                                                 {"observedAt", ago(1)},
                                                                 {"entity", "vega/mon-quorum/vega"}}}},
                             {"correction", ""}};
    return {{"id", "C-1"},
            {"run", "R-1"},
            {"tasks", QJsonArray{"R-1/copy-train"}},
            {"title", "copy-train does not move"},
            {"openedAt", ago(180)},
            {"closedAt", QJsonValue::Null},
            {"phase", "decide"},
            {"summary", "A dead client holds a lock."},
            {"rule", "R18"},
            {"verdict", "confirmed"},
            {"byRun", QJsonArray{QJsonObject{{"run", "R-1"},
                                             {"rule", "R18"},
                                             {"verdict", "confirmed"},
                                             {"summary", "A dead client holds a lock."},
                                             {"findings", QJsonArray{lock}}},
                                 QJsonObject{{"run", "R-2"},
                                             {"rule", "R18"},
                                             {"verdict", "confirmed"},
                                             {"summary", "It holds another one."},
                                             {"findings", QJsonArray{lock}}}}},
            {"findings", QJsonArray{lock, quorum}},
            {"chain", QJsonArray()},
            {"remedy", QJsonObject{{"method", "flow.reset"},
                                   {"title", "Reset the run"},
                                   {"class", 2},
                                   {"steps", QJsonArray{"fence", "break the lock"}}}},
            {"timeline", QJsonArray()}};
}

QJsonObject CannedEngine::engineRow()
{
    return {{"id", "engine"},
            {"version", "0.1.0"},
            {"engineId", "e-test"},
            {"startedAt", ago(3600)},
            {"profile", QJsonObject{{"name", "lab"}, {"colour", "plum"}, {"production", false}}},
            {"singlePerson", true},
            {"acting", false},
            {"notActingWhy", "the disk is full"},
            {"loopLagP99Ms", 1.5},
            {"auditRecords", 41},
            {"auditHead", "ab12"}};
}

QJsonObject CannedEngine::kinds()
{
    const auto field = [](const char* key, const char* type, const char* title) {
        return QJsonObject{{"key", key}, {"type", type}, {"meaning", "canned"}, {"title", title}};
    };
    const QJsonObject volume{
        {"kind", "volume"},
        {"system", "example"},
        {"title", QJsonObject{{"one", "Volume"}, {"many", "Volumes"}}},
        {"meaning", "A volume."},
        {"listed", true},
        {"fields", QJsonArray{field("state", "text", "State"), field("sizeBytes", "bytes", "Size"),
                              field("users", "words", "Users"), field("pace", "ms", "Pace"),
                              field("note", "text", "")}},
        {"state", "state"},
        {"states", QJsonArray()}};
    QJsonArray kinds{volume};
    for (const char* kind : {"auth-entity", "ceph-pool", "lock"}) {
        kinds.append(QJsonObject{{"kind", kind}, {"listed", false}, {"fields", QJsonArray()}});
    }
    return {{"kinds", kinds}};
}

QJsonArray CannedEngine::entities()
{
    return {
        entity("connection", "vega",
               {{"type", "ceph"},
                {"state", "degraded"},
                {"version", "16.2.15"},
                {"lastContactAt", ago(1)},
                {"staleAfterMs", 10000},
                {"canAct", false},
                {"whyNot", "engine e-2 holds the lease"},
                {"lease", QJsonObject{{"caveat", "Make a pool."}}}}),
        entity("health", "vega",
               {{"availability", QJsonObject{{"word", "partly"}, {"why", "no monitor quorum"}}},
                {"redundancy", QJsonObject{{"word", "unknown"}, {"why", ""}}},
                {"posture", QJsonObject{{"word", "urgent"}, {"count", 1}, {"why", "MON_DOWN"}}}}),
        entity("mon-quorum", "vega",
               {{"quorate", false},
                {"needed", 2},
                {"total", 3},
                {"inQuorum", QJsonArray{"a"}},
                {"outside", QJsonArray{"b", "c"}}}),
        entity("mon", "b",
               {{"answers", false},
                {"inQuorum", false},
                {"state", "no answer"},
                {"error", "connection refused"}}),
        entity("osd", "0",
               {{"osdId", 0},
                {"up", true},
                {"in", true},
                {"host", "h1"},
                {"usedBytes", 1048576},
                {"totalBytes", 10485760},
                {"pgCount", 33}},
               372),
        entity(
            "ceph-pool", "archive",
            {{"objects", 600}, {"storedBytes", 1024}, {"size", 3}, {"minSize", 2}, {"figuresAt", ago(400)}}),
        entity("ceph-pool", "unread", {{"size", 3}, {"minSize", 2}}),
        entity("ceph-pool", "landing",
               {{"objects", 12345},
                {"storedBytes", 1048576},
                {"size", 3},
                {"minSize", 2},
                {"quotaBytes", 0},
                {"quotaObjects", 0},
                {"full", false},
                {"fullQuota", false},
                {"nearFull", false}}),
        entity("volume", "vol-1",
               {{"state", "mounted"}, {"sizeBytes", 1048576}, {"users", QJsonArray{"a", "b"}}, {"left", 1}}),
        entity("thing-of-tomorrow", "x\x1b[31my", {{"answer", 42}, {"word", "yes"}})};
}

}  // namespace sluice::test
