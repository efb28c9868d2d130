#include "ui/session/record_export.h"

#include "ui/session/engine_client.h"
#include "ui/session/row.h"

namespace sluice::session {
namespace {

constexpr int kPart = 500;

}  // namespace

RecordExport::RecordExport(EngineClient& client, const QString& file, const QJsonObject& filter,
                           QObject* parent)
    : QObject(parent), m_client(client), m_file(file), m_filter(filter)
{
    m_filter[QStringLiteral("form")] = file.endsWith(QLatin1String(".csv"), Qt::CaseInsensitive)
                                           ? QStringLiteral("csv")
                                           : QStringLiteral("jsonl");
    m_filter[QStringLiteral("limit")] = kPart;
}

void RecordExport::start()
{
    if (!m_file.open(QIODevice::WriteOnly)) {
        cannotWrite();
        return;
    }
    part(num(m_filter, u"after"));
}

void RecordExport::part(qint64 after)
{
    QJsonObject params = m_filter;
    if (after > 0) {
        params[QStringLiteral("after")] = after;
    }
    m_client.call(QStringLiteral("audit.export"), params, this, [this](const Result<QJsonObject>& reply) {
        if (reply) {
            take(*reply);
        } else {
            fail(visibleError(reply.error()));
        }
    });
}

void RecordExport::take(const QJsonObject& answer)
{
    // As it came, not as it is shown: these bytes are hashed.
    const QByteArray text = answer[QLatin1String("text")].toString().toUtf8();
    if (m_file.write(text) != text.size()) {
        cannotWrite();
        return;
    }
    m_records += num(answer, u"records");
    if (const qint64 next = num(answer, u"next"); next > 0) {
        Q_EMIT progressed();
        part(next);
        return;
    }
    if (!m_file.commit()) {
        cannotWrite();
        return;
    }
    Q_EMIT finished();
    deleteLater();
}

void RecordExport::fail(const Error& error)
{
    m_file.cancelWriting();
    Q_EMIT failed(error);
    deleteLater();
}

void RecordExport::cannotWrite()
{
    fail(Error{.code = ErrorCode::FailedPrecondition,
               .message = tr("%1 cannot be written").arg(m_file.fileName()),
               .cause = m_file.errorString(),
               .correction = tr("Name another file, or make room"),
               .source = QStringLiteral("sluice")});
}

}  // namespace sluice::session
