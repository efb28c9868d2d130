#include "mover/s3_source.h"

#include "s3/digest.h"

namespace sluice::mover {
namespace {

const QString kRead = QStringLiteral("read");
const QString kList = QStringLiteral("list");

class S3SourceObject final : public SourceObject {
public:
    S3SourceObject(S3Place& place, ListedObject listed) : m_place(place), m_listed(std::move(listed)) {}

    quint64 sizeBytes() const override { return m_listed.sizeBytes; }
    quint64 version() const override { return versionOfEtag(m_listed.etag); }

    Result<QByteArray> read(quint64 offset, quint64 length, ObjectContext& context) override
    {
        auto bytes = persist(context, kRead, [&] { return readOnce(offset, length, context); });
        if (bytes && offset == m_hashed) {
            m_md5.add(*bytes);
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
        const QString found = QString::fromLatin1(m_md5.result().toHex());
        m_hashed = 0;
        if (found != m_listed.etag) {
            return fail(Error{.code = ErrorCode::DataLoss,
                              .message = QStringLiteral("'%1' gave other bytes than were stored").arg(m_place.text(m_listed.name)),
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
        auto bytes = m_place.client().getRange(m_place.bucket(), m_place.key(m_listed.name), offset, length, m_listed.etag);
        if (!bytes && bytes.error().code == ErrorCode::FailedPrecondition) {
            return hinder(sourceChanged(m_place.text(m_listed.name), QStringLiteral("it has another ETag than when it was "
                                                                                    "listed")));
        }
        if (!bytes && bytes.error().code == ErrorCode::NotFound) {
            return hinder(sourceChanged(m_place.text(m_listed.name), QStringLiteral("it was removed after it was listed")));
        }
        if (!bytes) {
            return hinder(s3Hindrance(bytes.error(), m_place.at(m_listed.name), kRead));
        }
        if (static_cast<quint64>(bytes->size()) != length) {
            return hinder(sourceChanged(m_place.text(m_listed.name), QStringLiteral("it became shorter")));
        }
        context.passed(Hop::Read, since);
        return std::move(*bytes);
    }

    S3Place& m_place;
    ListedObject m_listed;
    s3::Md5 m_md5{};
    quint64 m_hashed{0};
};

}  // namespace

Result<void> S3Source::list(const Sink& sink, ObjectContext& context)
{
    QString next;
    do {
        const auto page = persist(context, kList, [&]() -> Try<s3::ListPage> {
            const ObjectContext::Step step(context, kList, m_place->at(QString()));
            auto answer = m_place->client().listObjects(m_place->bucket(), m_place->prefix(), next);
            if (!answer) {
                return hinder(s3Hindrance(answer.error(), m_place->at(QString()), kList));
            }
            return std::move(*answer);
        });
        if (!page) {
            return fail(page.error());
        }
        QList<ListedObject> objects;
        for (const s3::ListedObject& object : page->objects) {
            const QString name = object.key.mid(m_place->prefix().size());
            if (!name.isEmpty()) {
                objects.append({.name = name,
                                .sizeBytes = object.sizeBytes,
                                .version = versionOfEtag(object.etag),
                                .etag = object.etag});
            }
        }
        next = page->next;
        if (!objects.isEmpty() && !sink(std::move(objects))) {
            return {};
        }
    } while (!next.isEmpty());
    return {};
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
            return hinder(sourceChanged(m_place->text(listed.name), QStringLiteral("it was removed after it was listed")));
        }
        if (!head) {
            return hinder(s3Hindrance(head.error(), m_place->at(listed.name), kRead));
        }
        if (head->etag != listed.etag) {
            return hinder(sourceChanged(m_place->text(listed.name), QStringLiteral("it was written after it was listed")));
        }
        return std::make_unique<S3SourceObject>(*m_place, listed);
    });
}

}  // namespace sluice::mover
