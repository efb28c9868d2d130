#include "mover/verify_run.h"

#include <QtCore/QJsonArray>

#include "mover/host_ask.h"
#include "mover/pipeline.h"
#include "mover/workers.h"

namespace sluice::mover {
namespace {

constexpr size_t kQueued = 4096;
constexpr int kPage = 1000;
constexpr qsizetype kNamed = 5;

}  // namespace

VerifyRun::VerifyRun(const MoveRequest& request, DestinationEnd& destination, MoveHost& host, MoveContext& move)
    : m_request(request), m_destination(destination), m_host(host), m_move(move), m_queue(kQueued)
{
}

void VerifyRun::page()
{
    ObjectContext context(m_move, QString());
    QString after;
    for (bool last = false; !last;) {
        const auto answer = askHost(m_host, QStringLiteral("manifest.page"), {{"after", after}, {"limit", kPage}}, context);
        if (!answer) {
            m_move.stop.raise(answer.error());
            return;
        }
        qint64 bytes = 0;
        const QJsonArray entries = (*answer)["entries"].toArray();
        for (const QJsonValue& value : entries) {
            bytes += value["size"].toInteger();
        }
        m_move.progress.listed(entries.size(), bytes);
        for (const QJsonValue& value : entries) {
            const QString name = value["name"].toString();
            QueuedObject object{.listed = {.name = name}, .known = knownFrom(value.toObject())};
            if (m_move.stop.raised() || !m_queue.push(std::move(object))) {
                return;
            }
            after = name;
        }
        last = (*answer)["last"].toBool() || entries.isEmpty();
    }
    m_move.progress.listingDone();
}

Result<QString> VerifyRun::check(const QueuedObject& object, ObjectContext& context)
{
    const KnownObject& known = *object.known;
    for (;;) {
        const auto existing = m_destination.look(object.listed.name, context);
        if (!existing) {
            return fail(existing.error());
        }
        if (!existing->exists) {
            return QStringLiteral("it is gone");
        }
        if (!existing->partialOf.isEmpty()) {
            return QStringLiteral("%1 began to overwrite it").arg(existing->partialOf);
        }
        if (existing->sizeBytes != known.sizeBytes) {
            return QStringLiteral("it has %1 bytes, not %2").arg(existing->sizeBytes).arg(known.sizeBytes);
        }
        if (existing->etag != known.etag) {
            return QStringLiteral("its ETag is %1, not %2").arg(existing->etag, known.etag);
        }
        const auto crc = m_destination.checksum(object.listed.name, *existing, context);
        if (crc) {
            return *crc == known.crc ? QString()
                                     : QStringLiteral("its checksum is %1, not %2").arg(*crc, 8, 16, QLatin1Char('0')).arg(known.crc, 8, 16, QLatin1Char('0'));
        }
        if (!isMoved(crc.error())) {
            return fail(crc.error());
        }
    }
}

void VerifyRun::run()
{
    Workers* pool = nullptr;
    const auto work = [&] {
        while (const auto next = m_queue.pop()) {
            Workers::Place place(*pool);
            if (m_move.stop.raised()) {
                m_queue.abandon();
                return;
            }
            ObjectContext context(m_move, next->listed.name, [&place](bool parked) { place.park(parked); });
            const auto wrong = check(*next, context);
            if (!wrong) {
                m_move.stop.raise(wrong.error(), next->listed.name);
                m_queue.abandon();
                return;
            }
            context.movedBytes(next->known->sizeBytes);
            m_move.progress.committed(1, 0, 0);
            if (!wrong->isEmpty()) {
                const std::lock_guard lock(m_mutex);
                ++m_wrongCount;
                if (m_wrong.size() < kNamed) {
                    m_wrong.append(QStringLiteral("'%1': %2").arg(next->listed.name, *wrong));
                }
            }
        }
    };
    Workers workers(m_request.inFlight, work);
    pool = &workers;
    workers.start();
    page();
    m_queue.close();
    workers.join();
    if (m_wrongCount > 0) {
        m_move.stop.raise(Error{.code = ErrorCode::Aborted,
                                .message = QStringLiteral("%1 objects of %2 are not as they were put there")
                                               .arg(m_wrongCount)
                                               .arg(m_move.progress.totals().objects),
                                .cause = m_wrong.join(QStringLiteral("; ")),
                                .correction = QStringLiteral("Find who writes there and stop it, then copy these again with "
                                                             "onExisting: replace"),
                                .source = QStringLiteral("mover")},
                          m_wrong.first().section('\'', 1, 1));
    }
}

}  // namespace sluice::mover
