#include <QtCore/QFileInfo>
#include <QtCore/QJsonArray>

#include "audit/audit_log.h"
#include "command.h"
#include "context.h"
#include "core/visible_text.h"
#include "table.h"
#include "words.h"

namespace sluice::ctl {
namespace {

constexpr int kVerifyTimeoutMs = 10 * 60 * 1000;

void showVerification(Context& context, const QJsonObject& found)
{
    const bool ok = found["ok"].toBool();
    if (context.json()) {
        context.printJson(found);
    } else if (ok) {
        context.print(QStringLiteral("The chain holds: %1, head %2\n")
                          .arg(counted(found["records"].toInteger(), QStringLiteral("record")),
                               found["head"].toString()));
        if (!found["remark"].toString().isEmpty()) {
            context.print(QStringLiteral("Note: %1\n").arg(found["remark"].toString()));
        }
    } else {
        const QJsonObject bad = found["firstBad"].toObject();
        const qint64 seq = bad["seq"].toInteger();
        context.print(QStringLiteral("The chain does NOT hold. %1: %2\n")
                          .arg(seq > 0 ? QStringLiteral("Record %1").arg(seq) : QStringLiteral("The file"),
                               bad["why"].toString()));
    }
    context.finish(ok ? ExitCode::Ok : ExitCode::NotProven);
}

void verifyFile(Context& context, const QString& file)
{
    if (!QFileInfo(file).isFile()) {
        context.finish(
            Error{.code = ErrorCode::NotFound,
                  .message = QStringLiteral("%1 cannot be checked").arg(file),
                  .cause = QStringLiteral("there is no such file"),
                  .correction = QStringLiteral("Name an audit file, e.g. audit.db in a state folder."),
                  .source = QStringLiteral("sluicectl")});
        return;
    }
    const audit::AuditLog::Verification found = audit::AuditLog::verifyFile(file);
    QJsonObject json{{"ok", found.ok}, {"records", found.records}, {"head", found.head}};
    if (!found.ok) {
        json["firstBad"] = QJsonObject{{"seq", found.firstBadSeq}, {"why", found.why}};
    } else if (!found.why.isEmpty()) {
        json["remark"] = found.why;
    }
    showVerification(context, context.json() ? json : visibleRow(json));
}

}  // namespace

void runAuditVerify(Context& context)
{
    if (context.arguments().has(QStringLiteral("file"))) {
        verifyFile(context, context.arguments().value(QStringLiteral("file")));
        return;
    }
    context.connectThen([&context] {
        context.call(
            QStringLiteral("audit.verify"), {},
            [&context](const QJsonObject& answer) { showVerification(context, answer); }, kVerifyTimeoutMs);
    });
}

void runAuditList(Context& context)
{
    int limit = 0;
    int before = 0;
    if (!context.number(QStringLiteral("limit"), 50, &limit) ||
        !context.number(QStringLiteral("before"), 0, &before)) {
        return;
    }
    QJsonObject params{{"limit", limit}};
    if (before > 0) {
        params["before"] = before;
    }
    context.call(QStringLiteral("audit.list"), params, [&context](const QJsonObject& answer) {
        if (context.json()) {
            context.printJson(answer);
        } else {
            Table table({"SEQ", "TIME", "WHO", "ACTION", "CLASS", "OUTCOME", "OBJECTS"});
            for (const QJsonValue& value : answer["records"].toArray()) {
                table.add({QString::number(value["seq"].toInteger()),
                           when(value["time"].toString(), context.nowMs()), value["principal"].toString(),
                           value["action"].toString(), QString::number(value["class"].toInt()),
                           value["outcome"].toString(), joined(value["objects"], QStringLiteral(" "))});
            }
            context.print(table.isEmpty() ? QStringLiteral("No records.\n") : table.text());
        }
        context.finish(ExitCode::Ok);
    });
}

}  // namespace sluice::ctl
