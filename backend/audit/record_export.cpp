#include "audit/record_export.h"

#include <QtCore/QJsonDocument>

#include "core/canonical_json.h"
#include "core/csv.h"

namespace sluice::audit {
namespace {

QByteArray jsonLine(const Record& record, const QByteArray& body)
{
    QByteArray line = body;
    // A body that was changed may be anything; then its bytes are kept in a form that cannot break the lines.
    if (!body.endsWith('}') || body.contains('\n') || !QJsonDocument::fromJson(body).isObject()) {
        line = canonicalJson({{"seq", record.seq}, {"unreadable", QString::fromLatin1(body.toBase64())}});
    }
    line.chop(1);
    return line + ",\"hash\":\"" + record.hash.toUtf8() + "\"}\n";
}

QByteArray csvLine(const Record& record)
{
    return csv::line({QString::number(record.seq), record.time, csv::inert(record.principal),
                      csv::inert(record.role), csv::inert(record.via), csv::inert(record.action),
                      QString::number(record.actionClass), csv::inert(record.outcome),
                      csv::inert(record.objects.join(' ')), csv::inert(record.reason),
                      csv::inert(record.requestId), csv::inert(record.hash)})
        .toUtf8();
}

}  // namespace

QStringList exportForms()
{
    return {QStringLiteral("jsonl"), QStringLiteral("csv")};
}

QByteArray exportHead(ExportForm form)
{
    return form == ExportForm::JsonLines
               ? QByteArray()
               : csv::line({QStringLiteral("seq"), QStringLiteral("time"), QStringLiteral("principal"),
                            QStringLiteral("role"), QStringLiteral("via"), QStringLiteral("action"),
                            QStringLiteral("class"), QStringLiteral("outcome"), QStringLiteral("objects"),
                            QStringLiteral("reason"), QStringLiteral("requestId"), QStringLiteral("hash")})
                     .toUtf8();
}

QByteArray exportLine(ExportForm form, const Record& record, const QByteArray& body)
{
    return form == ExportForm::JsonLines ? jsonLine(record, body) : csvLine(record);
}

}  // namespace sluice::audit
