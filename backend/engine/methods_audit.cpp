#include "engine/methods_audit.h"

#include "audit/audit_log.h"
#include "audit/record_export.h"
#include "audit/record_search.h"
#include "audit/shown_record.h"
#include "rpc/method_table.h"

namespace sluice::engine {

using audit::AuditLog;
using audit::ExportForm;
using audit::Record;
using audit::RecordSearch;
using rpc::Reply;
using rpc::Request;
using rpc::Role;

namespace {

constexpr int kRecords = 100;
constexpr int kRecordsMax = 1000;

QList<rpc::Field> filterFields()
{
    return {{"by", "string", false, "only of this principal"},
            {"run", "string", false, "only what touches or starts this run"},
            {"object", "string", false, "only what touches this object, or one below it"},
            {"action", "string", false, "only this method, or those of this group: keys"},
            {"outcomes", "strings", false, "only with one of these outcomes"},
            {"since", "string", false, "RFC 3339; not before that"},
            {"until", "string", false, "RFC 3339; before that"},
            {"text", "string", false, "only with each word, or \"phrase\", somewhere in the record"},
            {"before", "integer", false, "only records with a smaller sequence number"},
            {"after", "integer", false, "only records with a greater sequence number"}};
}

Result<audit::RecordQuery> queryOf(const Request& request)
{
    auto filter = audit::RecordFilter::fromJson(request.params);
    if (!filter) {
        return fail(filter.error());
    }
    return audit::RecordQuery{.filter = std::move(*filter),
                              .before = request.params["before"].toInteger(),
                              .after = request.params["after"].toInteger()};
}

int limitOf(const Request& request)
{
    return qBound(1, request.params["limit"].toInt(kRecords), kRecordsMax);
}

void list(AuditLog& log, const Request& request, const Reply& reply)
{
    const auto query = queryOf(request);
    if (!query) {
        reply(fail(query.error()));
        return;
    }
    log.search().find(
        *query, limitOf(request),
        [](const Record& record, const QByteArray&) { return audit::shownRecord(record); }, &log,
        [&log, reply](Result<RecordSearch::Page> page) {
            reply(page ? Result<QJsonObject>(QJsonObject{
                             {"records", page->rows}, {"next", page->next}, {"total", log.count()}})
                       : Result<QJsonObject>(fail(page.error())));
        });
}

void count(AuditLog& log, const Request& request, const Reply& reply)
{
    const auto query = queryOf(request);
    if (!query) {
        reply(fail(query.error()));
        return;
    }
    log.search().count(*query, &log, [&log, reply](Result<RecordSearch::Count> counted) {
        reply(counted ? Result<QJsonObject>(QJsonObject{
                            {"matches", counted->matches}, {"next", counted->next}, {"total", log.count()}})
                      : Result<QJsonObject>(fail(counted.error())));
    });
}

void exportPage(AuditLog& log, const Request& request, const Reply& reply)
{
    auto query = queryOf(request);
    const qsizetype form =
        audit::exportForms().indexOf(request.params["form"].toString(audit::exportForms().first()));
    if (!query || form < 0) {
        reply(fail(
            !query ? query.error()
                   : Error{.code = ErrorCode::InvalidArgument,
                           .message = QStringLiteral("The audit records cannot be exported like that"),
                           .cause =
                               QStringLiteral("there is no form '%1'").arg(request.params["form"].toString()),
                           .correction = QStringLiteral("Give one of: %1.")
                                             .arg(audit::exportForms().join(QStringLiteral(", "))),
                           .source = QStringLiteral("audit")}));
        return;
    }
    query->oldestFirst = true;
    const auto as = static_cast<ExportForm>(form);
    const bool first = request.params["head"].toBool(query->after <= 0);
    log.search().find(
        *query, limitOf(request),
        [as](const Record& record, const QByteArray& body) {
            return QString::fromUtf8(audit::exportLine(as, record, body));
        },
        &log,
        [as, first, reply](Result<RecordSearch::Page> page) {
            if (!page) {
                reply(fail(page.error()));
                return;
            }
            QString text = first ? QString::fromUtf8(audit::exportHead(as)) : QString();
            for (const QJsonValue& line : std::as_const(page->rows)) {
                text += line.toString();
            }
            reply(QJsonObject{{"text", text}, {"records", page->rows.size()}, {"next", page->next}});
        });
}

void verify(AuditLog& log, const Reply& reply)
{
    log.verify(&log, [reply](Result<AuditLog::Verification> found) {
        if (!found) {
            reply(fail(found.error()));
            return;
        }
        QJsonObject result{{"ok", found->ok}, {"records", found->records}, {"head", found->head}};
        if (!found->ok) {
            result["firstBad"] = QJsonObject{{"seq", found->firstBadSeq}, {"why", found->why}};
        } else if (!found->why.isEmpty()) {
            result["remark"] = found->why;
        }
        reply(result);
    });
}

}  // namespace

void addAuditMethods(rpc::MethodTable& table, AuditLog* log)
{
    const QString since = QStringLiteral("0.1");
    const rpc::Field limit{"limit", "integer", false, "100 by default, 1,000 at most"};
    const rpc::Field total{"total", "integer", true, "records of the whole log"};
    table.add({.name = "audit.list",
               .role = Role::Viewer,
               .params = filterFields() << limit,
               .result = {{"records", "array", true, "those that match, newest first"},
                          {"next", "integer", true,
                           "the `before` of the next page; 0: nothing older matches. A page may hold few "
                           "records, or none, when much was looked through for it"},
                          total},
               .since = since,
               .doc = "Audit records, out of the whole log.",
               .handler = [log](const Request& request, Reply reply) { list(*log, request, reply); }});
    table.add({.name = "audit.count",
               .role = Role::Viewer,
               .params = filterFields(),
               .result = {{"matches", "integer", true, "how many match, of those that were looked at"},
                          {"next", "integer", true,
                           "the `before` with which the counting goes on; 0: everything was looked at"},
                          total},
               .since = since,
               .doc = "How many audit records match, a bounded part of the log at a time: add up what the "
                      "calls answer.",
               .handler = [log](const Request& request, Reply reply) { count(*log, request, reply); }});
    table
        .add({.name = "audit.export",
              .role = Role::Viewer,
              .params = filterFields()
                        << rpc::Field{"form", "string", false,
                                      "jsonl (default): as stored and hashed, with the hash; csv: for people"}
                        << rpc::Field{"head", "boolean", false,
                                      "csv: begin with the line of names; by default without `after`"}
                        << limit,
              .result = {{"text", "string", true, "one line per record, oldest first, to be put together"},
                         {"records", "integer", true, "how many lines of records that are"},
                         {"next", "integer", true, "the `after` of the next part; 0: there is no more"}},
              .since = since,
              .doc = "Audit records for a file.",
              .handler = [log](const Request& request, Reply reply) { exportPage(*log, request, reply); }});
    table.add({.name = "audit.verify",
               .role = Role::Viewer,
               .result = {{"ok", "boolean", true, "the chain holds"},
                          {"records", "integer", true, "how many were checked"},
                          {"head", "string", true, "hash of the newest"},
                          {"firstBad", "object", false, "{seq, why}"},
                          {"remark", "string", false, "worth knowing although the chain holds"}},
               .since = since,
               .doc = "Walks the whole chain of audit records.",
               .handler = [log](const Request&, Reply reply) { verify(*log, reply); }});
}

}  // namespace sluice::engine
