#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <memory>
#include <mutex>
#include <optional>

#include "core/clock.h"
#include "s3/transport.h"
#include "s3/types.h"

namespace sluice::s3 {

/// One gateway and the key it is spoken to with.
struct Gateway {
    /// Connection, for errors.
    QString name{};
    /// http://host:port or https://host; no path.
    QString endpoint{};
    QString region{"default"};
    Credentials credentials{};
};

/// S3 with path-style addresses and Signature Version 4. Keys are UTF-8 and never normalised.
/// Errors are those of Transport and errorOf(); none ever holds a query or a key's secret. As long as the
/// gateway asked to be left alone (Retry-After) its refusal is given again and nothing is sent.
/// @thread any; calls block, and may overlap
class Client {
public:
    /// @param transport, clock must outlive the client
    Client(Gateway gateway, Transport& transport, const Clock& clock);

    /// @return ETag: the hex MD5 of the body
    /// @error FailedPrecondition: the condition does not hold
    [[nodiscard]] Result<QString> putObject(const QString& bucket, const QString& key, QByteArrayView body,
                                            const PutOptions& options = {});
    /// A refusal is asked for again with a GET of one byte: the answer to a HEAD has no body to say why.
    [[nodiscard]] Result<ObjectHead> headObject(const QString& bucket, const QString& key);
    /// `length` bytes from `offset`, fewer only at the end of the object.
    /// @param etag if not empty: FailedPrecondition if the object has another by now
    /// @param extras if not null: what else the answer says the object has
    [[nodiscard]] Result<QByteArray> getRange(const QString& bucket, const QString& key, quint64 offset,
                                              quint64 length, const QString& etag = {},
                                              ObjectExtras* extras = nullptr);
    /// In order of key; the next page is asked for with `page.next`.
    [[nodiscard]] Result<ListPage> listObjects(const QString& bucket, const QString& prefix,
                                               const QString& next = {}, int limit = 1000);
    /// @param withinMs how long the answer may take; 0: as long as bytes move
    /// @return "Enabled", "Suspended", or empty if it never had versions
    [[nodiscard]] Result<QString> bucketVersioning(const QString& bucket, qint64 withinMs = 0);
    /// The versions of a bucket, latest or not, in order of key; the next page is asked for with the one
    /// before.
    /// @param withinMs as for bucketVersioning
    [[nodiscard]] Result<VersionPage> listVersions(const QString& bucket, const QString& prefix,
                                                   const PageMarkers& after = {}, qint64 withinMs = 0);
    [[nodiscard]] Result<void> deleteObject(const QString& bucket, const QString& key);
    /// @error AlreadyExists: it belongs to somebody else; making one's own bucket again is no error
    [[nodiscard]] Result<void> createBucket(const QString& bucket);
    /// Whether the gateway answers and knows the key.
    [[nodiscard]] Result<void> probe();
    /// Whether the bucket has a policy.
    [[nodiscard]] Result<bool> hasPolicy(const QString& bucket);
    /// Whether anything answers there, whoever asks and whatever it says.
    [[nodiscard]] Result<void> ping();
    const Gateway& gateway() const { return m_gateway; }

    /// @return upload id
    [[nodiscard]] Result<QString> createUpload(const QString& bucket, const QString& key,
                                               const PutOptions& options = {});
    /// @param number 1 to 10,000  @return ETag of the part
    [[nodiscard]] Result<QString> uploadPart(const QString& bucket, const QString& key,
                                             const QString& uploadId, int number, QByteArrayView body);
    /// @param etags of the parts 1 to n  @return ETag of the object
    [[nodiscard]] Result<QString> completeUpload(const QString& bucket, const QString& key,
                                                 const QString& uploadId, const QStringList& etags);
    [[nodiscard]] Result<void> abortUpload(const QString& bucket, const QString& key,
                                           const QString& uploadId);
    [[nodiscard]] Result<UploadPage> listUploads(const QString& bucket, const QString& prefix,
                                                 const PageMarkers& after = {});

    /// A signed request of the gateway's admin interface: /admin/RESOURCE. @return the body
    [[nodiscard]] Result<QByteArray> admin(const QByteArray& method, const QByteArray& path,
                                           const Query& query, const QString& what);

private:
    struct Call {
        QByteArray method{};
        QString bucket{};
        QString key{};
        Query query{};
        Headers headers{};
        QByteArrayView body{};
        qint64 maxAnswerBytes{16 * 1024 * 1024};
        qint64 withinMs{0};
    };
    static Headers headersOf(const PutOptions& options);
    Result<HttpAnswer> object(const Call& call);
    Result<HttpAnswer> ofBucket(const Call& call);
    /// A page of the bucket's `list` that is asked for by key and id. @param idMarker name of the latter's
    /// parameter
    Result<HttpAnswer> markedPage(const QString& bucket, const QByteArray& list, const QByteArray& idMarker,
                                  const QString& prefix, const PageMarkers& after, qint64 withinMs = 0);
    Result<HttpAnswer> perform(const Call& call, const QByteArray& path, const QString& what);
    QString describe(const QString& bucket, const QString& key) const;
    /// The last refusal, while the gateway is to be left alone.
    std::optional<Error> leftAlone();
    Result<ObjectHead> headByGet(const QString& bucket, const QString& key, const Error& refused);

    Gateway m_gateway;
    Transport& m_transport;
    const Clock& m_clock;
    QByteArray m_origin;
    QByteArray m_host;
    std::mutex m_mutex{};
    std::optional<Error> m_refusal{};
    qint64 m_quietUntilMs{0};
};

/// ETag S3 gives to an object of these parts.
QString multipartEtag(const QList<QByteArray>& partMd5s);

}  // namespace sluice::s3
