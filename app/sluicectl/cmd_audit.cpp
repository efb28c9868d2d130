#include <QtCore/QFileInfo>
#include <QtCore/QJsonArray>
#include <QtCore/QSaveFile>
#include <memory>
#include <optional>

#include "audit/audit_log.h"
#include "command.h"
#include "context.h"
#include "core/moment.h"
#include "core/units.h"
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

constexpr int kShown = 50;
constexpr int kPage = 500;

/// What of the records is asked for; nothing if the command has ended with what is wrong.
std::optional<QJsonObject> queryOf(Context& context)
{
    const Arguments& given = context.arguments();
    QJsonObject query;
    for (const char* name : {"by", "run", "object", "action", "text"}) {
        if (given.has(QLatin1String(name))) {
            query[QLatin1String(name)] = given.value(QLatin1String(name));
        }
    }
    const QStringList outcomes =
        given.options.value(QStringLiteral("outcome")).join(',').split(',', Qt::SkipEmptyParts);
    if (!outcomes.isEmpty()) {
        query["outcomes"] = QJsonArray::fromStringList(outcomes);
    }
    for (const auto& [name, part] : {std::pair{"since", DayPart::Begin}, std::pair{"until", DayPart::End}}) {
        const QString text = given.value(QLatin1String(name));
        const qint64 at = parseMoment(text, context.nowMs(), part);
        if (given.has(QLatin1String(name)) && at <= 0) {
            context.explain(Error{
                .code = ErrorCode::InvalidArgument,
                .message = QStringLiteral("--%1 is no time: %2").arg(QLatin1String(name), text),
                .correction = QStringLiteral("Give 2026-11-19, \"2026-11-19 03:14\" (UTC), RFC 3339, or "
                                             "2h for two hours ago."),
                .source = QStringLiteral("sluicectl")});
            context.finish(ExitCode::Usage);
            return std::nullopt;
        }
        if (at > 0) {
            query[QLatin1String(name)] = toRfc3339(at);
        }
    }
    for (const char* name : {"before", "after"}) {
        int seq = 0;
        if (!context.number(QLatin1String(name), 0, &seq)) {
            return std::nullopt;
        }
        if (seq > 0) {
            query[QLatin1String(name)] = seq;
        }
    }
    return query;
}

struct List {
    QJsonObject filter{};
    int limit{};
    QJsonArray records{};
    qint64 next{};
    qint64 matches{};
    qint64 total{};
};

void show(Context& context, const List& list)
{
    if (context.json()) {
        context.printJson({{"records", list.records},
                           {"next", list.next},
                           {"matches", list.matches},
                           {"total", list.total}});
        context.finish(ExitCode::Ok);
        return;
    }
    Table table({"SEQ", "TIME", "WHO", "ACTION", "CLASS", "OUTCOME", "OBJECTS"});
    for (const QJsonValue& value : list.records) {
        table.add({QString::number(value["seq"].toInteger()), when(value["time"].toString(), context.nowMs()),
                   value["principal"].toString(), value["action"].toString(),
                   QString::number(value["class"].toInt()), value["outcome"].toString(),
                   joined(value["objects"], QStringLiteral(" "))});
    }
    if (!table.isEmpty()) {
        context.print(table.text());
        const qint64 shown = list.records.size();
        if (shown < list.matches || list.matches < list.total) {
            const qint64 last = list.records.last()["seq"].toInteger();
            const QString older =
                shown < list.matches ? QStringLiteral(" Older ones: --before %1").arg(last) : QString();
            context.print(
                QStringLiteral("%1 of %2 that match; %3 in all.%4\n")
                    .arg(formatCount(shown), formatCount(list.matches), formatCount(list.total), older));
        }
    } else {
        context.print(list.total == 0 ? QStringLiteral("No records.\n")
                                      : QStringLiteral("No record matches; %1 searched.\n")
                                            .arg(counted(list.total, QStringLiteral("record"))));
    }
    context.finish(ExitCode::Ok);
}

void count(Context& context, const std::shared_ptr<List>& list, const QJsonObject& params)
{
    context.call(QStringLiteral("audit.count"), params, [&context, list, params](const QJsonObject& answer) {
        list->matches += answer["matches"].toInteger();
        list->total = answer["total"].toInteger();
        QJsonObject rest = params;
        rest["before"] = answer["next"];
        if (answer["next"].toInteger() > 0) {
            count(context, list, rest);
        } else {
            show(context, *list);
        }
    });
}

void page(Context& context, const std::shared_ptr<List>& list, QJsonObject params)
{
    params["limit"] = std::min<int>(list->limit - static_cast<int>(list->records.size()), kPage);
    context.call(QStringLiteral("audit.list"), params, [&context, list, params](const QJsonObject& answer) {
        for (const QJsonValue& record : answer["records"].toArray()) {
            list->records.append(record);
        }
        list->next = answer["next"].toInteger();
        if (list->next > 0 && list->records.size() < list->limit) {
            QJsonObject rest = params;
            rest["before"] = list->next;
            page(context, list, rest);
        } else {
            count(context, list, list->filter);
        }
    });
}

struct Export {
    std::unique_ptr<QSaveFile> file{};
    qint64 records{};
};

Error cannotWrite(const QSaveFile& file)
{
    return Error{.code = ErrorCode::FailedPrecondition,
                 .message = QStringLiteral("%1 cannot be written").arg(file.fileName()),
                 .cause = file.errorString(),
                 .correction = QStringLiteral("Name another file, or make room."),
                 .source = QStringLiteral("sluicectl")};
}

void exportPart(Context& context, const std::shared_ptr<Export>& out, const QJsonObject& params)
{
    context.callRaw(
        QStringLiteral("audit.export"), params, [&context, out, params](const QJsonObject& answer) {
            const QByteArray text = answer["text"].toString().toUtf8();
            out->records += answer["records"].toInteger();
            if (!out->file) {
                context.printBytes(text);
            } else if (out->file->write(text) != text.size()) {
                context.finish(cannotWrite(*out->file));
                return;
            }
            if (answer["next"].toInteger() > 0) {
                QJsonObject rest = params;
                rest.remove(QStringLiteral("head"));
                rest["after"] = answer["next"];
                exportPart(context, out, rest);
                return;
            }
            if (out->file && !out->file->commit()) {
                context.finish(cannotWrite(*out->file));
                return;
            }
            if (out->file) {
                context.remark(
                    QStringLiteral("%1 written to %2\n")
                        .arg(counted(out->records, QStringLiteral("record")), out->file->fileName()));
            }
            context.finish(ExitCode::Ok);
        });
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
    auto query = queryOf(context);
    int limit = 0;
    if (!query || !context.number(QStringLiteral("limit"), kShown, &limit)) {
        return;
    }
    auto list = std::make_shared<List>(List{.filter = *query, .limit = limit});
    page(context, list, *query);
}

void runAuditExport(Context& context)
{
    const auto query = queryOf(context);
    if (!query) {
        return;
    }
    QJsonObject params = *query;
    params["form"] = context.arguments().value(QStringLiteral("form"), QStringLiteral("jsonl"));
    params["limit"] = kPage;
    if (params.contains(QLatin1String("after"))) {
        params["head"] = true;
    }
    auto file = std::make_shared<Export>();
    const QString name = context.arguments().value(QStringLiteral("output"));
    if (!name.isEmpty()) {
        file->file = std::make_unique<QSaveFile>(name);
        if (!file->file->open(QIODevice::WriteOnly)) {
            context.finish(cannotWrite(*file->file));
            return;
        }
    }
    exportPart(context, file, params);
}

}  // namespace sluice::ctl
