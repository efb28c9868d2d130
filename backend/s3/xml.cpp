#include "s3/xml.h"

#include <QtCore/QDateTime>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QXmlStreamReader>

#include "core/utf8.h"
#include "s3/uri.h"

namespace sluice::s3 {
namespace {

/// A name as the gateway says it wrote it: as it is, or with encoding-type=url, where '+' is a space.
struct Name {
    QString text{};
    bool notUtf8{false};
};

Name nameOf(const QString& text, bool url)
{
    if (!url) {
        return {.text = text};
    }
    QByteArray plain = text.toUtf8();
    plain.replace('+', ' ');
    const QByteArray bytes = percentDecode(plain);
    const auto name = nameFromBytes(bytes);
    return {.text = name.value_or(shownBytes(bytes)), .notUtf8 = !name};
}

QString unquoted(QString etag)
{
    return etag.remove('"');
}

tl::unexpected<Error> notUnderstood(const QString& why)
{
    return fail(Error{.code = ErrorCode::Internal,
                      .message = QStringLiteral("The gateway's answer was not understood"),
                      .cause = why,
                      .correction = QStringLiteral("See whether the endpoint is an S3 gateway"),
                      .source = QStringLiteral("s3")});
}

/// @return nothing if key or size are missing; the key is not decoded yet
std::optional<ListedObject> readContents(QXmlStreamReader& xml)
{
    ListedObject object;
    bool sized = false;
    while (xml.readNextStartElement()) {
        if (xml.name() == QLatin1String("Key")) {
            object.key = xml.readElementText();
        } else if (xml.name() == QLatin1String("Size")) {
            object.sizeBytes = xml.readElementText().toULongLong(&sized);
        } else if (xml.name() == QLatin1String("ETag")) {
            object.etag = unquoted(xml.readElementText());
        } else if (xml.name() == QLatin1String("LastModified")) {
            object.changedAtMs =
                QDateTime::fromString(xml.readElementText(), Qt::ISODateWithMs).toMSecsSinceEpoch();
        } else {
            xml.skipCurrentElement();
        }
    }
    return sized && !object.key.isEmpty() ? std::optional(object) : std::nullopt;
}

/// @return key of a version that is not the latest, not decoded yet; nothing of the latest
std::optional<QString> readOlderVersion(QXmlStreamReader& xml)
{
    QString key;
    bool latest = true;
    while (xml.readNextStartElement()) {
        if (xml.name() == QLatin1String("Key")) {
            key = xml.readElementText();
        } else if (xml.name() == QLatin1String("IsLatest")) {
            latest = xml.readElementText() != QLatin1String("false");
        } else {
            xml.skipCurrentElement();
        }
    }
    return latest ? std::nullopt : std::optional(key);
}

/// @return whether the element says where the list goes on; the key is not decoded yet
bool readMarker(QXmlStreamReader& xml, const char* idMarker, PageMarkers& page)
{
    if (xml.name() == QLatin1String("IsTruncated")) {
        page.last = xml.readElementText() == QLatin1String("false");
    } else if (xml.name() == QLatin1String("NextKeyMarker")) {
        page.nextKey = xml.readElementText();
    } else if (xml.name() == QLatin1String(idMarker)) {
        page.nextId = xml.readElementText();
    } else {
        return false;
    }
    return true;
}

Upload readUpload(QXmlStreamReader& xml)
{
    Upload upload;
    while (xml.readNextStartElement()) {
        if (xml.name() == QLatin1String("Key")) {
            upload.key = xml.readElementText();
        } else if (xml.name() == QLatin1String("UploadId")) {
            upload.id = xml.readElementText();
        } else {
            xml.skipCurrentElement();
        }
    }
    return upload;
}

}  // namespace

XmlError parseError(const QByteArray& body)
{
    XmlError error;
    QXmlStreamReader xml(body);
    if (!xml.readNextStartElement() || xml.name() != QLatin1String("Error")) {
        // the admin interface answers in JSON: {"Code":"NoSuchUser",…}
        const QJsonObject json = QJsonDocument::fromJson(body).object();
        return {.code = json["Code"].toString(), .message = json["Message"].toString()};
    }
    while (xml.readNextStartElement()) {
        if (xml.name() == QLatin1String("Code")) {
            error.code = xml.readElementText();
        } else if (xml.name() == QLatin1String("Message")) {
            error.message = xml.readElementText();
        } else {
            xml.skipCurrentElement();
        }
    }
    return error;
}

Result<ListPage> parseList(const QByteArray& body)
{
    QXmlStreamReader xml(body);
    if (!xml.readNextStartElement() || xml.name() != QLatin1String("ListBucketResult")) {
        return notUnderstood(QStringLiteral("a list of objects was expected"));
    }
    ListPage page;
    QString truncated;
    qint64 counted = -1;
    bool url = false;
    while (xml.readNextStartElement()) {
        if (xml.name() == QLatin1String("Contents")) {
            auto object = readContents(xml);
            if (!object && !xml.hasError()) {
                return notUnderstood(QStringLiteral("an object of the list has no key or no size"));
            }
            page.objects.append(object.value_or(ListedObject()));
        } else if (xml.name() == QLatin1String("IsTruncated")) {
            truncated = xml.readElementText();
        } else if (xml.name() == QLatin1String("EncodingType")) {
            url = xml.readElementText() == QLatin1String("url");
        } else if (xml.name() == QLatin1String("KeyCount")) {
            counted = xml.readElementText().toLongLong();
        } else if (xml.name() == QLatin1String("NextContinuationToken")) {
            page.next = xml.readElementText();
        } else {
            xml.skipCurrentElement();
        }
    }
    if (xml.hasError()) {
        return notUnderstood(xml.errorString());
    }
    if (counted >= 0 && counted != page.objects.size()) {
        return notUnderstood(
            QStringLiteral("the list says %1 objects and holds %2").arg(counted).arg(page.objects.size()));
    }
    if (truncated == QLatin1String("false")) {
        page.next.clear();
    } else if (truncated != QLatin1String("true")) {
        return notUnderstood(QStringLiteral("the list does not say whether it goes on"));
    } else if (page.next.isEmpty()) {
        return notUnderstood(QStringLiteral("the list goes on, but the token of the next page is missing"));
    }
    for (ListedObject& object : page.objects) {
        const Name name = nameOf(object.key, url);
        object.key = name.text;
        object.notUtf8 = name.notUtf8;
    }
    return page;
}

Result<VersionPage> parseVersions(const QByteArray& body)
{
    QXmlStreamReader xml(body);
    if (!xml.readNextStartElement() || xml.name() != QLatin1String("ListVersionsResult")) {
        return notUnderstood(QStringLiteral("a list of versions was expected"));
    }
    VersionPage page;
    page.last = false;  // a list that does not say whether it goes on may have been cut off
    bool url = false;
    while (xml.readNextStartElement()) {
        if (xml.name() == QLatin1String("Version")) {
            if (const auto key = readOlderVersion(xml)) {
                page.older.append(*key);
            }
        } else if (xml.name() == QLatin1String("EncodingType")) {
            url = xml.readElementText() == QLatin1String("url");
        } else if (!readMarker(xml, "NextVersionIdMarker", page)) {
            xml.skipCurrentElement();
        }
    }
    if (xml.hasError()) {
        return notUnderstood(xml.errorString());
    }
    if (!page.last && page.nextKey.isEmpty()) {
        return notUnderstood(QStringLiteral("the list goes on, but the marker of the next page is missing"));
    }
    page.nextKey = nameOf(page.nextKey, url).text;
    for (QString& key : page.older) {
        key = nameOf(key, url).text;
    }
    return page;
}

Result<QString> parseVersioning(const QByteArray& body)
{
    QXmlStreamReader xml(body);
    if (!xml.readNextStartElement() || xml.name() != QLatin1String("VersioningConfiguration")) {
        return notUnderstood(QStringLiteral("whether the bucket keeps versions was expected"));
    }
    QString status;
    while (xml.readNextStartElement()) {
        if (xml.name() == QLatin1String("Status")) {
            status = xml.readElementText();
        } else {
            xml.skipCurrentElement();
        }
    }
    if (xml.hasError()) {
        return notUnderstood(xml.errorString());
    }
    return status;
}

Result<UploadPage> parseUploads(const QByteArray& body)
{
    QXmlStreamReader xml(body);
    if (!xml.readNextStartElement() || xml.name() != QLatin1String("ListMultipartUploadsResult")) {
        return notUnderstood(QStringLiteral("a list of multipart uploads was expected"));
    }
    UploadPage page;
    bool url = false;
    while (xml.readNextStartElement()) {
        if (xml.name() == QLatin1String("Upload")) {
            page.uploads.append(readUpload(xml));
        } else if (xml.name() == QLatin1String("EncodingType")) {
            url = xml.readElementText() == QLatin1String("url");
        } else if (!readMarker(xml, "NextUploadIdMarker", page)) {
            xml.skipCurrentElement();
        }
    }
    if (xml.hasError()) {
        return notUnderstood(xml.errorString());
    }
    page.nextKey = nameOf(page.nextKey, url).text;
    for (Upload& upload : page.uploads) {
        upload.key = nameOf(upload.key, url).text;
    }
    return page;
}

QString elementText(const QByteArray& body, const char* name)
{
    QXmlStreamReader xml(body);
    while (!xml.atEnd()) {
        if (xml.readNext() == QXmlStreamReader::StartElement && xml.name() == QLatin1String(name)) {
            return xml.readElementText();
        }
    }
    return {};
}

}  // namespace sluice::s3
