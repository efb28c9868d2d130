#include "fake_audit.h"

#include <QtCore/QJsonArray>
#include <algorithm>

#include "audit/record_export.h"
#include "audit/record_filter.h"

namespace sluice::test {
namespace {

constexpr int kCounted = 400;  // by one call

/// Newest first.
QList<audit::Record> matching(const QList<QJsonObject>& rows, const QJsonObject& params)
{
    const audit::RecordMatcher matcher(audit::RecordFilter::fromJson(params).value_or(audit::RecordFilter{}));
    const qint64 before = params["before"].toInteger();
    const qint64 after = params["after"].toInteger();
    QList<audit::Record> found;
    for (const QJsonObject& row : rows) {
        audit::Record record = audit::Record::fromJson(row);
        record.hash = row["hash"].toString();
        if ((before <= 0 || record.seq < before) && record.seq > after && matcher.matches(record)) {
            found.append(record);
        }
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.seq > b.seq; });
    return found;
}

}  // namespace

void answerAudit(FakeEngine& engine, const QList<QJsonObject>& older)
{
    const auto all = [&engine, older] { return engine.rows(QStringLiteral("audit")) + older; };
    engine.answer(QStringLiteral("audit.list"), [all](const QJsonObject& params) -> Result<QJsonObject> {
        const auto found = matching(all(), params);
        const qsizetype limit = params["limit"].toInt(100);
        QJsonArray records;
        for (const audit::Record& record : found.mid(0, limit)) {
            records.append(record.toJson());
        }
        const qint64 next = found.size() > limit ? found[limit - 1].seq : 0;
        return QJsonObject{{"records", records}, {"next", next}, {"total", all().size()}};
    });
    engine.answer(QStringLiteral("audit.count"), [all](const QJsonObject& params) -> Result<QJsonObject> {
        const auto found = matching(all(), params);
        const qint64 next = found.size() > kCounted ? found[kCounted - 1].seq : 0;
        return QJsonObject{{"matches", std::min<qsizetype>(found.size(), kCounted)},
                           {"next", next},
                           {"total", all().size()}};
    });
    engine.answer(QStringLiteral("audit.export"), [all](const QJsonObject& params) -> Result<QJsonObject> {
        auto found = matching(all(), params);
        std::reverse(found.begin(), found.end());
        const qsizetype limit = params["limit"].toInt(100);
        const auto form = audit::ExportForm(audit::exportForms().indexOf(params["form"].toString()));
        QByteArray text = params.contains("after") ? QByteArray() : audit::exportHead(form);
        for (const audit::Record& record : found.mid(0, limit)) {
            text += audit::exportLine(form, record, record.canonicalBody());
        }
        const qint64 next = found.size() > limit ? found[limit - 1].seq : 0;
        return QJsonObject{
            {"text", QString::fromUtf8(text)}, {"records", std::min(found.size(), limit)}, {"next", next}};
    });
}

}  // namespace sluice::test
