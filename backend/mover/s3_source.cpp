#include "mover/s3_source.h"

#include <QtCore/QSet>
#include <algorithm>

#include "mover/s3_version_count.h"
#include "s3/digest.h"

namespace sluice::mover {
namespace {

const QString kRead = QStringLiteral("read");
const QString kList = QStringLiteral("list");
const QString kMetadata = QStringLiteral("metadata");
const QString kTags = QStringLiteral("tags");

class S3SourceObject final : public SourceObject {
public:
    /// @param extras what it has beside its bytes, as far as it is known before they are read
    S3SourceObject(S3Place& place, ListedObject listed, s3::ObjectExtras extras = {})
        : m_place(place), m_listed(std::move(listed)), m_extras(std::move(extras))
    {
    }

    quint64 sizeBytes() const override { return m_listed.sizeBytes; }
    quint64 version() const override { return versionOfEtag(m_listed.etag); }
    Attributes contentHeaders() const override { return m_extras.content; }

    /// A content type alone is nothing that a file or a RADOS object would have lost.
    void countLeftOut(const std::optional<Attributes>& headersThere, ObjectContext& context) override
    {
        bool metadata = m_extras.metadata;
        for (auto at = m_extras.content.begin(); at != m_extras.content.end(); ++at) {
            const bool lost =
                headersThere ? headersThere->value(at.key()) != at.value() : at.key() != "content-type";
            metadata = metadata || lost;
        }
        if (metadata) {
            context.leftOut(kMetadata, 1, m_place.key(m_listed.name));
        }
        if (m_extras.tags) {
            context.leftOut(kTags, 1, m_place.key(m_listed.name));
        }
    }

    Result<QByteArray> read(quint64 offset, quint64 length, ObjectContext& context) override
    {
        auto bytes = persist(context, kRead, [&] { return readOnce(offset, length, context); });
        if (bytes && offset == m_hashed) {
            m_md5->add(*bytes);
            m_hashed += length;
        }
        return bytes;
    }

    Result<void> confirm(quint32, ObjectContext&) override
    {
        // the ETag of an object that came in one piece is its MD5
        if (m_hashed != m_listed.sizeBytes || m_listed.etag.size() != 32) {
            return {};
        }
        const QString found = QString::fromLatin1(m_md5->result().toHex());
        m_md5.emplace();
        m_hashed = 0;
        if (found != m_listed.etag) {
            return fail(Error{
                .code = ErrorCode::DataLoss,
                .message =
                    QStringLiteral("'%1' gave other bytes than were stored").arg(m_place.text(m_listed.name)),
                .cause = QStringLiteral("their MD5 is %1, the ETag %2").arg(found, m_listed.etag),
                .correction = QStringLiteral("Reset the run to read it again; if it comes back, look at the "
                                             "gateway's storage"),
                .source = QStringLiteral("mover")});
        }
        return {};
    }

private:
    Try<QByteArray> readOnce(quint64 offset, quint64 length, ObjectContext& context)
    {
        const qint64 since = ObjectContext::nowUs();
        const ObjectContext::Step step(context, kRead, m_place.at(m_listed.name, length));
        s3::ObjectExtras extras;
        auto bytes = m_place.client().getRange(m_place.bucket(), m_place.key(m_listed.name), offset, length,
                                               m_listed.etag, &extras);
        if (!bytes && bytes.error().code == ErrorCode::FailedPrecondition) {
            return hinder(sourceChanged(m_place.text(m_listed.name),
                                        QStringLiteral("it has another ETag than when it was "
                                                       "listed")));
        }
        if (!bytes && bytes.error().code == ErrorCode::NotFound && !isBucketGone(bytes.error())) {
            return hinder(sourceChanged(m_place.text(m_listed.name),
                                        QStringLiteral("it was removed after it was listed")));
        }
        if (!bytes) {
            return hinder(s3Hindrance(bytes.error(), m_place.at(m_listed.name), kRead));
        }
        if (static_cast<quint64>(bytes->size()) != length) {
            return hinder(sourceChanged(m_place.text(m_listed.name), QStringLiteral("it became shorter")));
        }
        context.passed(Hop::Read, since);
        if (length > 0) {
            m_extras = std::move(extras);
        }
        return std::move(*bytes);
    }

    S3Place& m_place;
    ListedObject m_listed;
    s3::ObjectExtras m_extras;
    std::optional<s3::Md5> m_md5{std::in_place};
    quint64 m_hashed{0};
};

}  // namespace

void S3Source::keptUnread(ObjectContext& context)
{
    if (!m_tells || m_saidUnread.exchange(true)) {
        return;
    }
    for (const QString& kind : {kMetadata, kTags}) {
        context.mayLeaveOutMore(kind,
                                QStringLiteral("objects that an earlier attempt copied are not asked again"));
    }
}

void S3Source::countVersions(const QString& only, ObjectContext& context)
{
    if (m_tells) {
        S3VersionCount(*m_place, m_limits, context).run(only.isEmpty() ? QString() : m_place->key(only));
    }
}

Try<s3::ListPage> S3Source::pageOnce(const QString& prefix, const QString& next, int limit,
                                     ObjectContext& context)
{
    const ObjectContext::Step step(context, kList, m_place->at(QString()));
    auto answer = m_place->client().listObjects(m_place->bucket(), prefix, next, limit);
    if (answer) {
        return std::move(*answer);
    }
    Hindrance hindrance = s3Hindrance(answer.error(), m_place->at(QString()), kList);
    if (const Error* error = std::get_if<Error>(&hindrance); error && error->code == ErrorCode::Internal) {
        return hinder(unreadable(*error));
    }
    return hinder(hindrance);
}

Blockage S3Source::unreadable(Error error) const
{
    error.message = QStringLiteral("%1 cannot be listed").arg(m_place->text({}));
    return Blockage{.what = Obstacle::Unreadable,
                    .connection = m_place->connection(),
                    .object = m_place->at(QString()).object,
                    .op = kList,
                    .error = std::move(error)};
}

std::optional<ListedObject> S3Source::listedOf(const s3::ListedObject& object, ObjectContext& context) const
{
    const QString name = object.key.mid(m_place->prefix().size());
    ListedObject listed{.name = name,
                        .sizeBytes = object.sizeBytes,
                        .version = versionOfEtag(object.etag),
                        .etag = object.etag,
                        .changedAtMs = object.changedAtMs,
                        .bad = {}};
    if (name.isEmpty() && object.sizeBytes == 0) {
        context.leftOut(QStringLiteral("folderMarker"), 1, object.key);
        return std::nullopt;
    }
    if (name.isEmpty() || object.notUtf8) {
        listed.name = name.isEmpty() ? object.key : name;
        listed.bad = Error{
            .code = ErrorCode::InvalidArgument,
            .message =
                QStringLiteral("The name of the object '%1' cannot be copied").arg(m_place->text(name)),
            .cause = object.notUtf8 ? QStringLiteral("it is not UTF-8")
                                    : QStringLiteral("it is the name of the folder itself: nothing of it is "
                                                     "left at the destination"),
            .correction = QStringLiteral("Copy it by hand, or choose a folder without it"),
            .source = QStringLiteral("mover")};
    }
    return listed;
}

Result<void> S3Source::list(const Sink& sink, ObjectContext& context)
{
    QString next;
    QSet<QString> seen;
    do {
        const auto page = persist(context, kList, [&]() -> Try<s3::ListPage> {
            auto found = pageOnce(m_place->prefix(), next, 1000, context);
            // otherwise it would go round for ever, or end before everything was seen
            const auto strange = [this](const s3::ListedObject& object) {
                return !object.notUtf8 && !object.key.startsWith(m_place->prefix());
            };
            if (found && std::any_of(found->objects.begin(), found->objects.end(), strange)) {
                return hinder(unreadable(
                    Error{.code = ErrorCode::Internal,
                          .message = {},
                          .cause = QStringLiteral("the gateway lists keys outside of the folder"),
                          .correction = QStringLiteral("Look at the gateway; the run goes on by itself "
                                                       "once it lists the folder"),
                          .source = QStringLiteral("s3")}));
            }
            if (found && !found->next.isEmpty() && (found->next == next || seen.contains(found->next))) {
                return hinder(unreadable(
                    Error{.code = ErrorCode::Internal,
                          .message = {},
                          .cause = QStringLiteral("the gateway gives the same continuation token "
                                                  "twice: %1")
                                       .arg(found->next),
                          .correction = QStringLiteral("Look at the gateway; the run goes on by itself "
                                                       "once it lists the bucket"),
                          .source = QStringLiteral("s3")}));
            }
            return found;
        });
        if (!page) {
            return fail(page.error());
        }
        QList<ListedObject> objects;
        for (const s3::ListedObject& object : page->objects) {
            if (auto listed = listedOf(object, context)) {
                objects.append(std::move(*listed));
            }
        }
        next = page->next;
        seen.insert(next);
        if (!objects.isEmpty() && !sink(std::move(objects))) {
            return {};
        }
    } while (!next.isEmpty());
    return {};
}

/// The first key that begins with a name is the name itself, if there is such an object.
Result<std::optional<ListedObject>> S3Source::find(const QString& name, ObjectContext& context)
{
    bool denied = false;
    const auto page = persist(context, kList, [&]() -> Try<s3::ListPage> {
        auto found = pageOnce(m_place->key(name), {}, 1, context);
        // a key for what lies in the folder may not look beside it
        denied = !found && isPermission(found.error());
        return denied ? s3::ListPage() : std::move(found);
    });
    if (!page) {
        return fail(page.error());
    }
    if (denied) {
        return findUnlisted(name, context);
    }
    if (page->objects.isEmpty() || page->objects.first().key != m_place->key(name)) {
        return std::optional<ListedObject>();
    }
    return listedOf(page->objects.first(), context);
}

/// A key that may list nothing may still read what is named.
Result<std::optional<ListedObject>> S3Source::findUnlisted(const QString& name, ObjectContext& context)
{
    return persist(context, kRead, [&]() -> Try<std::optional<ListedObject>> {
        const ObjectContext::Step step(context, kRead, m_place->at(name));
        const auto head = m_place->client().headObject(m_place->bucket(), m_place->key(name));
        if (head) {
            return listedOf(s3::ListedObject{.key = m_place->key(name),
                                             .sizeBytes = head->sizeBytes,
                                             .etag = head->etag,
                                             .changedAtMs = head->changedAtMs},
                            context);
        }
        const Hindrance hindrance = s3Hindrance(head.error(), m_place->at(name), kRead);
        if (head.error().code == ErrorCode::NotFound || isPermission(hindrance)) {
            return std::optional<ListedObject>();
        }
        return hinder(hindrance);
    });
}

Result<bool> S3Source::holdsAnything(ObjectContext& context)
{
    bool denied = false;
    const auto page = persist(context, kList, [&]() -> Try<s3::ListPage> {
        auto found = pageOnce(m_place->prefix(), {}, 1, context);
        denied = !found && isPermission(found.error());
        return denied ? s3::ListPage() : std::move(found);
    });
    return !page || denied ? page.map([](const s3::ListPage&) { return false; })
                           : SourceEnd::holdsAnything(context);
}

Result<std::unique_ptr<SourceObject>> S3Source::open(const ListedObject& listed, ObjectContext& context)
{
    if (listed.sizeBytes > 0) {
        return std::make_unique<S3SourceObject>(*m_place, listed);
    }
    // nothing will be read of an empty object, so ask whether it still is what was listed
    return persist(context, kRead, [&]() -> Try<std::unique_ptr<SourceObject>> {
        const ObjectContext::Step step(context, kRead, m_place->at(listed.name));
        const auto head = m_place->client().headObject(m_place->bucket(), m_place->key(listed.name));
        if (!head && head.error().code == ErrorCode::NotFound) {
            return hinder(sourceChanged(m_place->text(listed.name),
                                        QStringLiteral("it was removed after it was listed")));
        }
        if (!head) {
            return hinder(s3Hindrance(head.error(), m_place->at(listed.name), kRead));
        }
        if (head->etag != listed.etag) {
            return hinder(sourceChanged(m_place->text(listed.name),
                                        QStringLiteral("it was written after it was listed")));
        }
        return std::make_unique<S3SourceObject>(*m_place, listed, head->extras);
    });
}

}  // namespace sluice::mover
