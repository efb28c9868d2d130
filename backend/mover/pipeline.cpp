#include "mover/pipeline.h"

#include <QtCore/QJsonArray>

#include "mover/host_ask.h"
#include "mover/workers.h"

namespace sluice::mover {
namespace {

constexpr size_t kQueued = 4096;
constexpr qsizetype kLookedUpAtOnce = 512;

}  // namespace

KnownObject knownFrom(const QJsonObject& json)
{
    return {.sizeBytes = static_cast<quint64>(json["size"].toInteger()),
            .crc = static_cast<quint32>(json["crc32c"].toInteger()),
            .version = static_cast<quint64>(json["version"].toInteger()),
            .sourceVersion = static_cast<quint64>(json["srcVersion"].toInteger()),
            .etag = json["etag"].toString()};
}

Pipeline::Pipeline(const MoveRequest& request, Ends ends, MoveHost& host, MoveContext& move, quint64 budgetBytes)
    : m_request(request), m_ends(ends), m_host(host), m_move(move), m_bytes(budgetBytes), m_queue(kQueued)
{
}

Result<QHash<QString, KnownObject>> Pipeline::lookUp(const QList<ListedObject>& objects, ObjectContext& context)
{
    QJsonArray names;
    for (const ListedObject& object : objects) {
        names.append(object.name);
    }
    const auto answer = askHost(m_host, QStringLiteral("manifest.lookup"), {{"names", names}}, context);
    if (!answer) {
        return fail(answer.error());
    }
    const QJsonObject entries = (*answer)["entries"].toObject();
    QHash<QString, KnownObject> known;
    for (auto at = entries.begin(); at != entries.end(); ++at) {
        known.insert(at.key(), knownFrom(at.value().toObject()));
    }
    return known;
}

bool Pipeline::enqueue(QList<ListedObject> objects, ObjectContext& context)
{
    qint64 bytes = 0;
    for (const ListedObject& object : objects) {
        bytes += static_cast<qint64>(object.sizeBytes);
    }
    m_move.progress.listed(objects.size(), bytes);
    if (!m_copying) {
        m_copying = true;
        m_host.phase(QStringLiteral("copying"));
    }
    for (qsizetype begin = 0; begin < objects.size(); begin += kLookedUpAtOnce) {
        const QList<ListedObject> part = objects.mid(begin, kLookedUpAtOnce);
        QHash<QString, KnownObject> known;
        if (m_request.resume) {
            auto answer = lookUp(part, context);
            if (!answer) {
                m_move.stop.raise(answer.error());
                return false;
            }
            known = std::move(*answer);
        }
        for (const ListedObject& object : part) {
            const auto at = known.constFind(object.name);
            QueuedObject queued{.listed = object, .known = {}};
            if (at != known.constEnd()) {
                queued.known = *at;
            }
            if (m_move.stop.raised() || !m_queue.push(std::move(queued))) {
                return false;
            }
        }
    }
    return true;
}

void Pipeline::list()
{
    m_host.phase(QStringLiteral("listing"));
    ObjectContext context(m_move, QString());
    const auto sink = [&](QList<ListedObject> objects) { return enqueue(std::move(objects), context); };
    const auto listed = m_ends.source.list(sink, context);
    if (!listed) {
        m_move.stop.raise(listed.error());
    } else {
        m_move.progress.listingDone();
    }
    m_queue.close();
}

void Pipeline::run()
{
    Committer committer(m_host, m_move.progress, m_move.stop);
    ObjectCopy copy(m_request, m_ends.source, m_ends.destination);
    Workers* pool = nullptr;
    const auto work = [&] {
        while (const auto next = m_queue.pop()) {
            Workers::Place place(*pool);
            if (m_move.stop.raised()) {
                m_queue.abandon();
                return;
            }
            const Share share(m_bytes, m_ends.destination.bufferBytes(next->listed.sizeBytes));
            ObjectContext context(m_move, next->listed.name, [&place](bool parked) { place.park(parked); });
            auto copied = copy.run(next->listed, next->known, context);
            if (!copied) {
                m_move.stop.raise(copied.error(), next->listed.name);
                m_queue.abandon();
                return;
            }
            committer.add(std::move(*copied));
        }
    };
    Workers workers(m_request.inFlight, work);
    pool = &workers;
    workers.start();
    list();
    workers.join();
    m_host.phase(QStringLiteral("committing"));
    committer.flush();
}

}  // namespace sluice::mover
