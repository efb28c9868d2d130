#include "mover/verify_run.h"

#include <QtCore/QJsonArray>

#include "core/units.h"
#include "model/object_name.h"
#include "mover/bad_objects.h"
#include "mover/host_ask.h"
#include "mover/pipeline.h"
#include "mover/workers.h"

namespace sluice::mover {
namespace {

constexpr size_t kQueued = 4096;
constexpr int kPage = 1000;
constexpr qsizetype kNamed = 50;
constexpr qsizetype kAskedAtOnce = 500;
/// Some gateways tell times in whole seconds.
constexpr qint64 kTimeStepMs = 1000;

QString hex(quint32 crc)
{
    return QStringLiteral("%1").arg(crc, 8, 16, QLatin1Char('0'));
}

}  // namespace

VerifyRun::VerifyRun(const MoveRequest& request, DestinationEnd& destination, MoveHost& host,
                     MoveContext& move, SourceEnd* there)
    : m_request(request),
      m_destination(destination),
      m_host(host),
      m_move(move),
      m_there(there),
      m_queue(kQueued)
{
}

void VerifyRun::page()
{
    ObjectContext context(m_move, QString());
    QString after;
    for (bool last = false; !last;) {
        const auto answer =
            askHost(m_host, QStringLiteral("manifest.page"), {{"after", after}, {"limit", kPage}}, context);
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
            after = value["name"].toString();
            QueuedObject object{.listed = {.name = model::nameFromWire(after)},
                                .known = knownFrom(value.toObject())};
            if (m_move.stop.raised() || !m_queue.push(std::move(object))) {
                return;
            }
        }
        last = (*answer)["last"].toBool() || entries.isEmpty();
    }
    m_move.progress.listingDone();
}

Result<bool> VerifyRun::sameAttributes(const QString& name, const KnownObject& known,
                                       const Existing& existing, ObjectContext& context)
{
    if (!known.attributesCrc || !m_destination.keepsAttributes()) {
        return true;
    }
    if (!existing.hasOmap || !m_there) {
        return existing.hasOmap || attributesChecksum(existing.attributes) == *known.attributesCrc;
    }
    const auto object = m_there->open({.name = name}, context);
    if (!object) {
        return fail(object.error());
    }
    return attributesChecksum(**object, context).map([&known](quint32 crc) {
        return crc == *known.attributesCrc;
    });
}

Result<QString> VerifyRun::judge(const QueuedObject& object, ObjectContext& context)
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
        if (!crc && isMoved(crc.error())) {
            continue;
        }
        if (!crc) {
            return fail(crc.error());
        }
        if (*crc != known.crc) {
            return QStringLiteral("its checksum is %1, not %2").arg(hex(*crc), hex(known.crc));
        }
        return sameAttributes(object.listed.name, known, *existing, context).map([](bool same) {
            return same ? QString()
                        : QStringLiteral("its bytes are the same, its attributes or its omap are not");
        });
    }
}

void VerifyRun::note(QStringList& names, qint64& count, const QString& text)
{
    const std::lock_guard lock(m_mutex);
    ++count;
    if (names.size() < kNamed) {
        names.append(text);
    }
}

void VerifyRun::check()
{
    Workers* pool = nullptr;
    const auto work = [&] {
        while (auto next = m_queue.pop()) {
            Workers::Place place(*pool);
            if (m_move.stop.raised()) {
                m_queue.abandon();
                return;
            }
            const QString name = next->listed.name;
            ObjectContext context(m_move, name, [&place](bool parked) { place.park(parked); });
            context.yieldsTo([&] { return pool->crowded() && m_queue.hasUntried(); });
            auto wrong = judge(*next, context);
            if (context.isSetAside()) {
                m_queue.setAside(std::move(next));
                continue;
            }
            if (!wrong && (m_move.stop.raised() || endsTheMove(wrong.error()))) {
                m_move.stop.raise(wrong.error(), name);
                m_queue.abandon();
                return;
            }
            context.movedBytes(next->known->sizeBytes);
            m_move.progress.committed(1, 0, 0);
            const QString text =
                wrong ? *wrong : QStringLiteral("%1: %2").arg(wrong.error().message, wrong.error().cause);
            if (!text.isEmpty()) {
                note(m_wrong, m_wrongCount, QStringLiteral("'%1': %2").arg(name, text));
                const std::lock_guard lock(m_mutex);
                m_firstObject = m_firstObject.isEmpty() ? name : m_firstObject;
            }
        }
    };
    Workers workers(m_request.inFlight, work);
    pool = &workers;
    workers.start();
    page();
    findAdded();
    m_queue.close();
    workers.join();
}

Result<bool> VerifyRun::isAdded(const ListedObject& listed, ObjectContext& context)
{
    const bool older = m_request.addedSinceMs > 0 && listed.changedAtMs > 0 &&
                       listed.changedAtMs + kTimeStepMs < m_request.addedSinceMs;
    if (older || m_request.othersAllowed) {
        m_move.progress.leftOut(QStringLiteral("others"), 1, listed.name);
        return false;
    }
    if (listed.bad) {
        return true;
    }
    const auto existing = m_destination.look(listed.name, context);
    if (!existing && existing.error().code == ErrorCode::InvalidArgument) {
        return true;  // it is there, under a name that no move could have given it
    }
    if (!existing) {
        return fail(existing.error());
    }
    // what only a lock made is not data
    return existing->exists && !existing->shell;
}

bool VerifyRun::judgeListed(const QList<ListedObject>& objects, ObjectContext& context)
{
    for (qsizetype begin = 0; begin < objects.size(); begin += kAskedAtOnce) {
        QHash<QString, const ListedObject*> asked;
        QJsonArray names;
        for (qsizetype i = begin; i < std::min(objects.size(), begin + kAskedAtOnce); ++i) {
            const QString name = model::nameOnWire(objects[i].name);
            asked.insert(name, &objects[i]);
            names.append(name);
        }
        const auto answer =
            askHost(m_host, QStringLiteral("manifest.strangers"), {{"names", names}}, context);
        if (!answer) {
            m_move.stop.raise(answer.error());
            return false;
        }
        for (const QJsonValue& value : (*answer)["names"].toArray()) {
            const ListedObject* listed = asked.value(value.toString());
            const auto added = listed ? isAdded(*listed, context) : Result<bool>(false);
            if (!added) {
                m_move.stop.raise(added.error(), listed->name);
                return false;
            }
            if (*added) {
                note(m_added, m_addedCount, '\'' + listed->name + '\'');
            }
        }
    }
    return !m_move.stop.raised();
}

void VerifyRun::findAdded()
{
    if (!m_there || m_move.stop.raised()) {
        return;
    }
    ObjectContext context(m_move, QString());
    const auto listed = m_there->list(
        [&](const QList<ListedObject>& objects) { return judgeListed(objects, context); }, context);
    if (!listed) {
        m_move.stop.raise(listed.error());
    }
}

void VerifyRun::run()
{
    check();
    conclude();
}

void VerifyRun::conclude()
{
    if (m_wrongCount == 0 && m_addedCount == 0) {
        return;
    }
    QStringList what;
    QStringList corrections;
    if (m_wrongCount > 0) {
        what.append(QStringLiteral("%1 objects of %2 are not as they were put there")
                        .arg(formatCount(m_wrongCount), formatCount(m_move.progress.totals().objects)));
        corrections.append(QStringLiteral(
            "Find who writes there and stop it, then copy these again with onExisting: replace"));
    }
    QStringList causes = m_wrong;
    if (m_addedCount > 0) {
        what.append(
            QStringLiteral("%1 were added to %2").arg(formatCount(m_addedCount), m_request.to.toText()));
        causes.append(QStringLiteral("added by somebody else since the run began: %1")
                          .arg(m_added.join(QStringLiteral(", "))));
        corrections.append(
            QStringLiteral("Remove what was added, or set others: allow where others write there too"));
    }
    m_move.stop.raise(Error{.code = ErrorCode::Aborted,
                            .message = what.join(QStringLiteral(", ")),
                            .cause = causes.join(QStringLiteral("; ")),
                            .correction = corrections.join(QStringLiteral("; ")),
                            .source = QStringLiteral("mover")},
                      m_wrongCount > 0 ? m_firstObject : m_added.first().mid(1).chopped(1));
}

}  // namespace sluice::mover
