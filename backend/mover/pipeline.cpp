#include "mover/pipeline.h"

#include <QtCore/QJsonArray>

#include "core/units.h"
#include "model/object_name.h"
#include "mover/host_ask.h"
#include "mover/workers.h"

namespace sluice::mover {
namespace {

constexpr size_t kQueued = 4096;
constexpr qsizetype kLookedUpAtOnce = 512;

}  // namespace

KnownObject knownFrom(const QJsonObject& json)
{
    const QJsonValue attributes = json["attributes"];
    return {.sizeBytes = static_cast<quint64>(json["size"].toInteger()),
            .crc = static_cast<quint32>(json["crc32c"].toInteger()),
            .version = static_cast<quint64>(json["version"].toInteger()),
            .sourceVersion = static_cast<quint64>(json["srcVersion"].toInteger()),
            .etag = json["etag"].toString(),
            .attributesCrc = attributes.isDouble()
                                 ? std::optional(static_cast<quint32>(attributes.toInteger()))
                                 : std::nullopt};
}

Pipeline::Pipeline(const MoveRequest& request, Ends ends, MoveHost& host, MoveContext& move,
                   quint64 budgetBytes)
    : m_request(request), m_ends(ends), m_host(host), m_move(move), m_bytes(budgetBytes), m_queue(kQueued)
{
}

Result<QHash<QString, KnownObject>> Pipeline::lookUp(const QList<ListedObject>& objects,
                                                     ObjectContext& context)
{
    QJsonArray names;
    for (const ListedObject& object : objects) {
        if (!object.bad) {
            names.append(model::nameOnWire(object.name));
        }
    }
    const auto answer = askHost(m_host, QStringLiteral("manifest.lookup"), {{"names", names}}, context);
    if (!answer) {
        return fail(answer.error());
    }
    const QJsonObject entries = (*answer)["entries"].toObject();
    QHash<QString, KnownObject> known;
    for (auto at = entries.begin(); at != entries.end(); ++at) {
        known.insert(model::nameFromWire(at.key()), knownFrom(at.value().toObject()));
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
            if (at != known.constEnd() && !object.bad) {
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
    if (listed) {
        m_ends.source.countVersions({}, context);
    }
}

void Pipeline::run()
{
    Committer committer(m_host, m_move.progress, m_move.stop);
    ObjectCopy copy(m_request, m_ends.source, m_ends.destination);
    Workers* pool = nullptr;
    const auto work = [&] {
        while (auto next = m_queue.pop()) {
            // before a place: whoever waits for memory must not hold what those need who have it
            const Share share(m_bytes, m_ends.destination.bufferBytes(next->listed.sizeBytes));
            Workers::Place place(*pool);
            if (m_move.stop.raised()) {
                m_queue.abandon();
                return;
            }
            ObjectContext context(m_move, next->listed.name, [&place](bool parked) { place.park(parked); });
            context.yieldsTo([&] { return m_bytes.wanted() || (pool->crowded() && m_queue.hasUntried()); });
            auto copied = copy.run(next->listed, next->known, context);
            if (context.isSetAside()) {
                m_queue.setAside(std::move(next));
                continue;
            }
            if (copied) {
                committer.add(std::move(*copied));
                continue;
            }
            context.withdrawBytes();
            if (!putAside(next->listed.name, copied.error())) {
                m_queue.abandon();
                return;
            }
        }
    };
    Workers workers(m_request.inFlight, work);
    pool = &workers;
    workers.start();
    list();
    workers.join();
    m_host.phase(QStringLiteral("committing"));
    committer.flush();
    judge();
}

bool Pipeline::putAside(const QString& object, const Error& error)
{
    if (m_move.stop.raised() || endsTheMove(error)) {
        m_move.stop.raise(error, object);
        return false;
    }
    m_bad.add(object, error);
    m_move.stop.note(object);
    m_move.progress.notDone();
    m_host.log(QStringLiteral("error"), QStringLiteral("'%1': %2").arg(object, error.toLine()));
    const Progress::Totals totals = m_move.progress.totals();
    if (!m_bad.hopeless() || totals.objects > 0) {
        return true;
    }
    m_move.stop.raise(m_bad.summary(0, m_move.progress.listedObjects()).value_or(error), m_bad.firstObject());
    return false;
}

void Pipeline::judge()
{
    if (m_move.stop.raised()) {
        return;
    }
    const qint64 listed = m_move.progress.listedObjects();
    if (const auto bad = m_bad.summary(m_move.progress.totals().objects, listed)) {
        m_move.stop.raise(*bad, m_bad.firstObject());
    } else if (listed == 0 && !m_request.allowEmpty) {
        m_move.stop.raise(nothingMatched());
    }
}

Error Pipeline::nothingMatched() const
{
    QStringList seen;
    for (const QJsonValue kind : m_move.progress.leftOut()) {
        if (kind["count"].toInteger() == 0) {
            continue;  // whether there is any is not known
        }
        seen.append(QStringLiteral("%1 left out (%2)")
                        .arg(formatCount(kind["count"].toInteger()), kind["what"].toString()));
    }
    QString cause = m_ends.source.whyEmpty();
    if (cause.isEmpty()) {
        cause = seen.isEmpty()
                    ? QStringLiteral("the place is there, and no object in it")
                    : QStringLiteral("nothing in it can be copied: %1").arg(seen.join(QStringLiteral(", ")));
    }
    return Error{
        .code = ErrorCode::NotFound,
        .message = QStringLiteral("There is nothing to copy in %1").arg(m_request.from.toText()),
        .cause = cause,
        .correction = QStringLiteral("Correct the place in the flow; where an empty source is right, set "
                                     "allowEmpty: true"),
        .source = QStringLiteral("mover")};
}

}  // namespace sluice::mover
