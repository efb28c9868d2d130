#pragma once

#include <fcntl.h>
#include <sys/file.h>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtCore/QMap>
#include <QtCore/QSet>
#include <functional>
#include <mutex>
#include <thread>

#include "core/clock.h"
#include "mover/ends.h"
#include "mover/file_ops.h"
#include "mover/move_host.h"

namespace fake {

using namespace sluice;
using namespace sluice::mover;

class ManualClock final : public Clock {
public:
    qint64 nowMs() const override { return m_now; }
    qint64 monotonicMs() const override { return m_now; }
    void pass(qint64 ms) { m_now += ms; }

private:
    qint64 m_now{1000};
};

/// Keeps what a move says; answers commits and look-ups from a manifest in memory.
class Host final : public MoveHost {
public:
    void event(const QString& name, const QJsonObject& params) override
    {
        const std::lock_guard lock(m_mutex);
        m_events.append({name, params});
    }
    Result<QJsonObject> ask(const QString& method, const QJsonObject& params) override
    {
        const std::lock_guard lock(m_mutex);
        if (refusedForNow > 0) {
            --refusedForNow;
            return fail(diskFull());
        }
        if (refusal) {
            return fail(*refusal);
        }
        if (method == QLatin1String("uploads")) {
            uploads.append(params["open"].toArray());
        }
        if (method == QLatin1String("manifest.lookup")) {
            ++lookUps;
            QJsonObject entries;
            for (const QJsonValue& name : params["names"].toArray()) {
                if (manifest.contains(name.toString())) {
                    entries[name.toString()] = manifest[name.toString()];
                }
            }
            return QJsonObject{{"entries", entries}};
        }
        if (method == QLatin1String("manifest.strangers")) {
            QJsonArray names;
            for (const QJsonValue& name : params["names"].toArray()) {
                if (!manifest.contains(name.toString())) {
                    names.append(name);
                }
            }
            return QJsonObject{{"names", names}};
        }
        if (method == QLatin1String("manifest.page")) {
            QJsonArray entries;
            for (auto at = manifest.upperBound(params["after"].toString());
                 at != manifest.end() && entries.size() < 3; ++at) {
                entries.append(*at);
            }
            return QJsonObject{{"entries", entries}, {"last", entries.size() < 3}};
        }
        return QJsonObject();
    }
    void askAsync(const QString&, const QJsonObject& params,
                  std::function<void(Result<QJsonObject>)> answered) override
    {
        Result<QJsonObject> answer = QJsonObject();
        {
            const std::lock_guard lock(m_mutex);
            const QJsonArray entries = params["entries"].toArray();
            largestBatch = std::max(largestBatch, entries.size());
            if (refusal) {
                answer = fail(*refusal);
            } else if (refusedForNow > 0) {
                --refusedForNow;
                answer = fail(diskFull());
            } else {
                for (const QJsonValue& entry : entries) {
                    manifest.insert(entry["name"].toString(), entry.toObject());
                }
            }
        }
        std::thread([answer, answered = std::move(answered)] { answered(answer); }).detach();
    }
    void refuse(int times)
    {
        const std::lock_guard lock(m_mutex);
        refusedForNow = times;
    }
    QList<QJsonObject> events(const QString& name) const
    {
        const std::lock_guard lock(m_mutex);
        QList<QJsonObject> found;
        for (const auto& [event, params] : m_events) {
            if (event == name) {
                found.append(params);
            }
        }
        return found;
    }

    QMap<QString, QJsonObject> manifest{};
    std::optional<Error> refusal{};
    /// So many questions and commits are refused by a full disk.
    int refusedForNow{0};
    qsizetype largestBatch{0};
    int lookUps{0};
    /// Each list of open uploads it was told.
    QList<QJsonArray> uploads{};

    static Error diskFull()
    {
        return {.code = ErrorCode::ResourceExhausted,
                .message = QStringLiteral("the disk is full"),
                .retryable = true};
    }

private:
    mutable std::mutex m_mutex{};
    QList<std::pair<QString, QJsonObject>> m_events{};
};

/// A folder of staged files as its move holds it while it lives.
inline Fd heldAsAtWork(const QString& folder)
{
    Fd fd(::open(folder.toUtf8().constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        fd.reset();
    }
    return fd;
}

/// What a move needs around it.
struct Surroundings {
    Surroundings() = default;
    explicit Surroundings(const Clock& other)
        : progress(other), move{.progress = progress, .stop = stop, .clock = other}
    {
    }
    SystemClock clock{};
    Progress progress{clock};
    StopFlag stop{};
    MoveContext move{.progress = progress, .stop = stop, .clock = clock};
    Host host{};
};

class MemoryObject final : public SourceObject {
public:
    MemoryObject(QByteArray bytes, quint64 version) : m_bytes(std::move(bytes)), m_version(version) {}
    quint64 sizeBytes() const override { return static_cast<quint64>(m_bytes.size()); }
    quint64 version() const override { return m_version; }
    Result<QByteArray> read(quint64 offset, quint64 length, ObjectContext&) override
    {
        return m_bytes.mid(static_cast<qsizetype>(offset), static_cast<qsizetype>(length));
    }
    Result<void> confirm(quint32, ObjectContext&) override
    {
        if (changed) {
            return fail(sourceChanged("x", "the test says so"));
        }
        return {};
    }
    bool hasAttributes() const override { return !plain; }
    Attributes attributes() const override { return attributesOf; }
    bool hasOmap() const override { return !omap.isEmpty(); }
    Attributes contentHeaders() const override { return headers; }
    Result<OmapPage> omapPage(const QByteArray& after, ObjectContext&) override
    {
        OmapPage page;
        for (auto at = omap.upperBound(after); at != omap.end() && page.pairs.size() < 2; ++at) {
            page.pairs.insert(at.key(), at.value());
        }
        page.last = page.pairs.isEmpty() || page.pairs.lastKey() == omap.lastKey();
        return page;
    }
    bool changed{false};
    bool plain{false};
    Attributes attributesOf{};
    Attributes omap{};
    Attributes headers{};

private:
    QByteArray m_bytes;
    quint64 m_version;
};

class MemorySource final : public SourceEnd {
public:
    Result<void> list(const Sink& sink, ObjectContext&) override
    {
        QList<ListedObject> batch;
        for (auto at = objects.constBegin(); at != objects.constEnd(); ++at) {
            batch.append({.name = at.key(),
                          .sizeBytes = static_cast<quint64>(at.value().size()),
                          .version = versions.value(at.key(), 1),
                          .changedAtMs = changedAtMs.value(at.key())});
            if (bad.contains(at.key())) {
                batch.last().bad = bad.value(at.key());
            }
            if (batch.size() == 100 && !sink(std::exchange(batch, {}))) {
                return {};
            }
        }
        sink(batch);
        if (listFails) {
            return fail(*listFails);
        }
        return {};
    }
    Result<std::optional<ListedObject>> find(const QString& name, ObjectContext&) override
    {
        const auto at = objects.constFind(name);
        return at == objects.constEnd()
                   ? std::optional<ListedObject>()
                   : std::optional(ListedObject{
                         .name = name, .sizeBytes = static_cast<quint64>(at->size()), .version = 1});
    }
    QString whyEmpty() const override { return empty; }
    void countVersions(const QString& only, ObjectContext&) override { versionsAskedOf.append(only); }
    void keptUnread(ObjectContext&) override { ++unread; }
    bool versionProvesBytes() const override { return versionProves; }
    quint64 remembered(quint64 version) const override { return version + place; }
    Result<std::unique_ptr<SourceObject>> open(const ListedObject& listed, ObjectContext&) override
    {
        ++opened;
        auto object =
            std::make_unique<MemoryObject>(objects.value(listed.name), versions.value(listed.name, 1));
        object->changed = changed.contains(listed.name);
        object->plain = plain;
        object->attributesOf = attributes.value(listed.name);
        object->omap = omap.value(listed.name);
        return std::unique_ptr<SourceObject>(std::move(object));
    }
    QMap<QString, QByteArray> objects{};
    /// Of those that are not at version 1.
    QMap<QString, quint64> versions{};
    QSet<QString> changed{};
    QMap<QString, Error> bad{};
    QStringList versionsAskedOf{};
    std::atomic<int> unread{0};
    QString empty{};
    QMap<QString, qint64> changedAtMs{};
    QMap<QString, Attributes> attributes{};
    QMap<QString, Attributes> omap{};
    bool versionProves{true};
    /// Its objects have bytes and nothing else.
    bool plain{false};
    /// Another one of the same name has another number.
    quint64 place{0};
    std::optional<Error> listFails{};
    std::atomic<int> opened{0};
};

/// A destination that can be locked, full or moved under the writer.
class MemoryDestination final : public DestinationEnd {
public:
    struct Stored {
        QByteArray bytes{};
        quint64 version{};
        QString mark{};
        bool shell{false};
        QString etag{};
        Attributes attributes{};
        bool hasOmap{false};
    };

    Result<Existing> look(const QString& name, ObjectContext&) override
    {
        const Existing existing = seen(name);
        if (afterLook) {
            afterLook(name);
        }
        return existing;
    }
    Existing seen(const QString& name)
    {
        const std::lock_guard lock(mutex);
        Existing existing;
        if (const auto at = objects.constFind(name); at != objects.constEnd()) {
            existing = {.exists = true,
                        .shell = at->shell,
                        .sizeBytes = static_cast<quint64>(at->bytes.size()),
                        .version = at->version,
                        .etag = at->etag,
                        .partialOf = at->mark,
                        .attributes = at->attributes,
                        .hasOmap = at->hasOmap};
        }
        if (locked.contains(name)) {
            existing.locked =
                Blockage{.what = Obstacle::Lock, .connection = "vega", .object = name, .op = "write"};
        }
        return existing;
    }
    Result<quint32> checksum(const QString& name, const Existing& existing, ObjectContext&) override
    {
        const std::lock_guard lock(mutex);
        if (objects[name].version != existing.version) {
            return fail(moved(name));
        }
        return crc32c(kCrc32cStart, objects[name].bytes);
    }
    Result<std::unique_ptr<ObjectWriter>> open(const QString& name, SourceObject&, const Existing& existing,
                                               ObjectContext&) override
    {
        return std::make_unique<Writer>(*this, name, existing);
    }
    Result<void> fits(const QString& name, quint64 sizeBytes) const override
    {
        if (sizeBytes <= largest) {
            return {};
        }
        return fail(
            Error{.code = ErrorCode::InvalidArgument, .message = name + " is too large", .source = "test"});
    }
    bool keepsAttributes() const override { return keeps; }
    bool versionProvesBytes() const override { return versionProves; }
    quint64 remembered(quint64 version) const override { return version + place; }
    bool createsExclusively() const override { return true; }
    quint64 bufferBytes(quint64 sizeBytes) const override { return sizeBytes; }

    std::mutex mutex{};
    QMap<QString, Stored> objects{};
    QSet<QString> locked{};
    /// Writes of these fail so often with a full pool before they succeed.
    QMap<QString, int> full{};
    /// Called after each look at an object.
    std::function<void(const QString& name)> afterLook{};
    /// Called before an object is put in its place.
    std::function<void(const QString& name)> beforeFinish{};
    /// Called before the first write of an object.
    std::function<void(const QString& name)> beforeWrite{};
    std::atomic<int> writing{0};
    std::atomic<int> mostWriting{0};
    quint64 pieceBytes{1000};
    quint64 largest{1'000'000'000};
    bool keeps{false};
    bool versionProves{true};
    /// As of a source.
    quint64 place{0};

private:
    class Writer final : public ObjectWriter {
    public:
        Writer(MemoryDestination& to, QString name, Existing existing)
            : m_to(to), m_name(std::move(name)), m_existing(std::move(existing))
        {
            const int now = ++m_to.writing;
            int most = m_to.mostWriting;
            while (now > most && !m_to.mostWriting.compare_exchange_weak(most, now)) {
            }
        }
        ~Writer() override { --m_to.writing; }
        quint64 chunkBytes() const override { return m_to.pieceBytes; }
        Result<void> write(const QByteArray& chunk, ObjectContext& context) override
        {
            if (m_bytes.isNull() && m_to.beforeWrite) {
                m_to.beforeWrite(m_name);
            }
            return persist(context, "write", [&]() -> Try<void> {
                const std::lock_guard lock(m_to.mutex);
                if (m_to.full.value(m_name) > 0) {
                    --m_to.full[m_name];
                    return hinder(Blockage{
                        .what = Obstacle::Quota, .connection = "vega", .object = m_name, .op = "write"});
                }
                const auto at = m_to.objects.constFind(m_name);
                const bool there = at != m_to.objects.constEnd();
                if (there != m_existing.exists || (there && at->version != m_existing.version) ||
                    m_to.locked.contains(m_name)) {
                    context.refused();
                    return hinder(moved(m_name));
                }
                m_bytes = m_bytes.isNull() ? (chunk.isNull() ? QByteArray("") : chunk) : m_bytes + chunk;
                return {};
            });
        }
        Result<sluice::mover::Stored> finish(quint32 crc, ObjectContext&) override
        {
            if (m_to.beforeFinish) {
                m_to.beforeFinish(m_name);
            }
            const std::lock_guard lock(m_to.mutex);
            if (crc32c(kCrc32cStart, m_bytes) != crc) {
                return fail(otherBytes(m_name, crc, 0));
            }
            const quint64 version = m_to.objects[m_name].version + 1;
            const QString etag = QStringLiteral("e%1").arg(version);
            m_to.objects[m_name] = {.bytes = m_bytes, .version = version, .etag = etag};
            return sluice::mover::Stored{.version = version, .etag = etag};
        }

    private:
        MemoryDestination& m_to;
        QString m_name;
        Existing m_existing;
        QByteArray m_bytes{};
    };
};

}  // namespace fake
